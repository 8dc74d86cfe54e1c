//! A provider is data: what to send, how to read the answer, how to show the credential. The page stays the tree that
//! it was read to, and these are views of it; what a page may hold says the table of [`shape`].

use std::rc::{Rc, Weak};

pub mod builtin;
mod check;
pub mod condition;
pub(crate) mod cut;
pub(crate) mod fields;
mod formats;
mod look;
mod names;
pub mod path;
mod present;
pub mod request;
mod rules;
pub mod scope;
pub mod shape;
pub mod template;

pub use check::{check as check_profile, faults as profile_faults};
pub use condition::Condition;
pub use formats::Format;
pub use look::{AnswerFormat, AnswerShape, Expires, MomentUnit, ProblemShape};
pub use path::{Answer, Path};
pub use present::Presentation;
pub use request::{Basic, BasicEncoding, Body, Fields, RequestTemplate};
pub use scope::{Scope, Secrecy};
pub use template::Template;

use crate::value::Value;

/// How many pages are looked through for one that is the same.
const MOST_SHARED: usize = 16;

/// Longest time between the redirect and its callback, where the profile does not say.
const REDIRECT_LIFETIME: i64 = 600_000;

static NOTHING: Value = Value::Null;

/// Everything that tells one provider from another: a page of the contract's type `ProviderProfile`.
#[derive(Clone)]
pub struct Provider {
    page: Rc<Value>,
}

/// One field that `login` takes.
#[derive(Clone, Copy)]
pub struct Credential<'p> {
    /// Its name.
    pub name: &'p str,
    /// How it must look, where that is known.
    pub format: Option<Format>,
}

/// The way in.
#[derive(Clone, Copy)]
pub enum Login<'p> {
    /// Credentials are sent, a token comes back.
    Request(RequestTemplate<'p>),
    /// The credentials themselves go with every call.
    Direct,
    /// Authorization code: the user goes to the provider and comes back.
    Redirect {
        /// Where the user is sent.
        authorize: AuthorizeTemplate<'p>,
        /// Turns the code into a token.
        exchange: RequestTemplate<'p>,
    },
}

/// The address that the user is sent to.
#[derive(Clone, Copy)]
pub struct AuthorizeTemplate<'p>(&'p Value);

/// The second step of a login.
#[derive(Clone, Copy)]
pub struct SecondFactor<'p>(&'p Value);

/// A question about the credential.
#[derive(Clone, Copy)]
pub struct Check<'p>(&'p Value);

impl Provider {
    /// The provider of a page that was checked, or is built in.
    pub(super) fn of(page: Value) -> Self {
        Self { page: Rc::new(page) }
    }

    /// Takes the page of another client that has the same, since most of what a client holds is its page. `known` are those of
    /// clients that live.
    pub fn share(&mut self, known: &mut Vec<Weak<Value>>) {
        known.retain(|page| page.strong_count() > 0);
        match known.iter().filter_map(Weak::upgrade).find(|page| *page == self.page) {
            Some(page) => self.page = page,
            None if known.len() < MOST_SHARED => known.push(Rc::downgrade(&self.page)),
            None => {}
        }
    }

    #[inline(never)]
    fn part(&self, name: &str) -> &Value {
        self.page.get(name).unwrap_or(&NOTHING)
    }

    /// Name in errors, traces and stored records.
    pub fn id(&self) -> &str {
        self.page.member_text("id").unwrap_or_default()
    }

    /// Where relative addresses start; empty when the caller must say.
    pub fn base_url(&self) -> &str {
        self.page.member_text("baseUrl").unwrap_or_default()
    }

    /// Path that a relative address without a path of its own means, for providers with one API address.
    pub fn endpoint(&self) -> Option<&str> {
        self.page.member_text("endpoint")
    }

    /// Params that have a value.
    #[inline(never)]
    pub fn params(&self) -> Vec<(&str, &str)> {
        texts(self.page.member_members("params"))
    }

    /// The param of that name.
    pub fn param(&self, wanted: &str) -> Option<&str> {
        self.part("params").member_text(wanted).filter(|value| !value.is_empty())
    }

    /// Whether a param of that name may be shown.
    #[inline(never)]
    pub fn param_secrecy(&self, name: &str) -> Secrecy {
        let mut is_secret = is_named_like_a_secret(name);
        for known in self.page.member_items("secretParams") {
            is_secret |= known.as_str() == Some(name);
        }
        if is_secret { Secrecy::Secret } else { Secrecy::Open }
    }

    /// Names of params that are secrets: those that the profile calls so, and the client's.
    pub fn secret_params(&self) -> Vec<&str> {
        let mut names = vec!["client_secret"];
        names.extend(self.page.member_items("secretParams").iter().filter_map(Value::as_str));
        names
    }

    /// The params as they are, and once more for each look of a credential that decides over some of them.
    pub fn variants(&self) -> Vec<Vec<(&str, &str)>> {
        let mut variants = vec![self.params()];
        for rule in self.page.member_items("infer") {
            let mut params = self.params();
            params.append(&mut texts(rule.member_members("params")));
            variants.push(params);
        }
        variants
    }

    /// What `login` must be given.
    #[inline(never)]
    pub fn credentials(&self) -> Vec<Credential<'_>> {
        let mut credentials = Vec::new();
        for name in self.page.member_items("credentials") {
            let name = name.as_str().unwrap_or_default();
            let format = self.part("formats").member_text(name).and_then(Format::parse);
            credentials.push(Credential { name, format });
        }
        credentials
    }

    /// Params that follow from a credential's look, `<digits><digitsThen>...`, as name and value.
    #[inline(never)]
    pub fn inferred(&self, credential: &str, text: &str) -> Vec<(&str, &str)> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let rest = text.get(digits..).unwrap_or_default();
        let mut params = Vec::new();
        for rule in self.page.member_items("infer") {
            let start = rule.member_text("digitsThen").unwrap_or_default();
            if digits > 0 && rule.member_text("credential") == Some(credential) && rest.starts_with(start) {
                params.append(&mut texts(rule.member_members("params")));
            }
        }
        params
    }

    /// The way in.
    #[inline(never)]
    pub fn login(&self) -> Login<'_> {
        let login = self.part("login");
        let part = |name: &str| login.get(name).unwrap_or(&NOTHING);
        match login.member_text("kind") {
            Some("request") => Login::Request(RequestTemplate::new(part("request"))),
            Some("redirect") => Login::Redirect {
                authorize: AuthorizeTemplate(part("authorize")),
                exchange: RequestTemplate::new(part("exchange")),
            },
            _ => Login::Direct,
        }
    }

    /// Whether the login is a redirect.
    pub fn is_redirect(&self) -> bool {
        self.part("login").member_text("kind") == Some("redirect")
    }

    /// Whether the credentials themselves go with every call.
    pub fn is_direct(&self) -> bool {
        self.part("login").member_text("kind") == Some("direct")
    }

    /// The second step of a login, where there is one.
    pub fn second_factor(&self) -> Option<SecondFactor<'_>> {
        self.page.member("secondFactor").map(SecondFactor)
    }

    /// Renewal by refresh token.
    pub fn renew(&self) -> Option<RequestTemplate<'_>> {
        self.page.member("renew").map(RequestTemplate::new)
    }

    /// Revocation at logout.
    pub fn revoke(&self) -> Option<RequestTemplate<'_>> {
        self.page.member("revoke").map(RequestTemplate::new)
    }

    /// Who the credential belongs to.
    pub fn check(&self) -> Option<Check<'_>> {
        self.page.member("check").map(Check)
    }

    /// How a token answer is read.
    pub fn answer(&self) -> AnswerShape<'_> {
        AnswerShape::of(self.part("answer"))
    }

    /// Whether its answers are known to be XML: by the profile, or by a param that asks for it.
    pub fn answers_in_xml(&self) -> bool {
        self.answer().format() == AnswerFormat::Xml || self.param("format") == Some("xml")
    }

    /// How a refusal is read.
    pub fn problem(&self) -> ProblemShape<'_> {
        ProblemShape::of(self.part("problem"))
    }

    /// How the credential goes with calls.
    pub fn present(&self) -> Presentation<'_> {
        Presentation::of(self.part("present"))
    }

    /// Whether there is a token to hand out: with several direct credentials there is none.
    pub fn has_token(&self) -> bool {
        !self.is_direct() || self.page.member_items("credentials").len() == 1
    }

    /// Whether a session can be had again by the login request alone (RFC 6749 section 4.4): nobody has to be asked.
    pub fn renews_by_login(&self) -> bool {
        !self.is_direct() && !self.is_redirect() && self.page.member_items("credentials").is_empty()
    }

    /// The request that logs in, or that turns a code into a token.
    pub fn grant_request(&self) -> Option<RequestTemplate<'_>> {
        match self.login() {
            Login::Request(request) | Login::Redirect { exchange: request, .. } => Some(request),
            Login::Direct => None,
        }
    }

    /// Names (lower case) of the headers of answers that the profile reads: the outside must hand them over, besides
    /// those that every answer is asked for.
    pub fn answer_headers(&self) -> Vec<String> {
        let mut found = Vec::new();
        for part in ["answer", "problem"] {
            headers_below(self.part(part), &mut found);
        }
        for (part, member) in [("check", "subject"), ("secondFactor", "when")] {
            headers_below(self.part(part).get(member).unwrap_or(&NOTHING), &mut found);
        }
        found
    }
}

/// Members that are text and not empty.
fn texts(members: &[(String, Value)]) -> Vec<(&str, &str)> {
    let mut texts = Vec::new();
    for (name, value) in members {
        match value.as_str() {
            None | Some("") => {}
            Some(text) => texts.push((name.as_str(), text)),
        }
    }
    texts
}

fn headers_below(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => {
            for name in Path::new(text).headers() {
                let name = name.to_ascii_lowercase();
                if !found.contains(&name) {
                    found.push(name);
                }
            }
        }
        Value::List(items) => items.iter().for_each(|item| headers_below(item, found)),
        Value::Map(members) => members.iter().for_each(|(_, member)| headers_below(member, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn is_named_like_a_secret(name: &str) -> bool {
    let has = |word: &str| name.as_bytes().windows(word.len()).any(|part| part.eq_ignore_ascii_case(word.as_bytes()));
    let mut is_secret = false;
    for word in ["secret", "password", "token", "key"] {
        is_secret |= has(word);
    }
    is_secret && !has("path")
}

impl<'p> AuthorizeTemplate<'p> {
    /// Address of the authorization endpoint.
    pub fn url(self) -> Template<'p> {
        Template::new(self.0.member_text("url").unwrap_or_default())
    }

    /// Its query.
    pub fn query(self) -> Fields<'p> {
        Fields::of(self.0, "query")
    }

    /// Whether an S256 challenge goes along (RFC 7636).
    pub fn pkce(self) -> bool {
        !self.0.has_flag("pkce", false)
    }

    /// Whether the provider returns `state`.
    pub fn echoes_state(self) -> bool {
        !self.0.has_flag("echoesState", false)
    }

    /// Expected `iss` of the callback (RFC 9207).
    pub fn issuer(self) -> Option<&'p str> {
        self.0.member_text("issuer")
    }

    /// Milliseconds from the redirect to its callback.
    pub fn lifetime(self) -> i64 {
        self.0.get("lifetime").and_then(Value::scalar).and_then(cut::whole).unwrap_or(REDIRECT_LIFETIME)
    }
}

impl<'p> SecondFactor<'p> {
    /// Whether an answer asks for a code: any of the conditions.
    pub fn is_wanted(self, status: u16, answer: &Answer<'_>) -> bool {
        self.0.member_items("when").iter().any(|condition| Condition::new(condition).holds(status, answer))
    }

    /// What `confirm` sends.
    pub fn request(self) -> RequestTemplate<'p> {
        RequestTemplate::new(self.0.get("request").unwrap_or(&NOTHING))
    }
}

impl<'p> Check<'p> {
    /// What is sent.
    pub fn request(self) -> RequestTemplate<'p> {
        RequestTemplate::new(self.0.get("request").unwrap_or(&NOTHING))
    }

    /// Where the owner stands in the answer.
    pub fn subject(self) -> Path<'p> {
        Path::new(self.0.member_text("subject").unwrap_or_default())
    }

    /// Whether the owner must be text.
    pub fn text_only(self) -> bool {
        self.0.has_flag("textOnly", true)
    }
}

#[cfg(test)]
mod tests;
