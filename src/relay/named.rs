//! The requests that a profile names, each with its path on the relay.

use super::knowledge::{Field, Kind, Knowledge};
use super::pattern::Pattern;
use crate::error::{AuthError, Code, Result};
use crate::protocol::url::Url;
use crate::protocol::{form, redirect, url};
use crate::provider::{Body, Login, Provider, RequestTemplate, Template};
use crate::session::{Addresses, Config};
use crate::value::Value;

/// What a request is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// The browser goes there.
    Authorize,
    /// Tokens are had, or given back.
    Token,
    /// Asks who the credential belongs to.
    Check,
}

/// A request that may pass.
pub(super) struct Named {
    pub(super) purpose: Purpose,
    pub(super) method: &'static str,
    /// What stands before the path.
    base: String,
    path: Pattern,
    /// Of the address as well.
    pub(super) query: Vec<Field>,
    pub(super) headers: Vec<Field>,
    pub(super) authorization: Option<Kind>,
    pub(super) body: Shape,
    /// What the profile calls its body.
    pub(super) media: String,
    pub(super) knowledge: Knowledge,
    /// Whether a secret of the relay's goes along.
    pub(super) has_secret: bool,
    /// Whether it has to be as the profile describes it, field by field: it gives tokens, or says whose server this is.
    pub(super) is_strict: bool,
}

/// What a body consists of.
pub(super) enum Shape {
    Empty,
    Form(Vec<Field>),
    /// The profile's template.
    Json(Value),
}

/// Reads the requests of one provider.
struct Reader<'a, A> {
    config: &'a Config,
    addresses: &'a A,
    knowledge: Knowledge,
}

/// All requests that the profile names. Where the look of a credential decides over a param, each of its values counts.
pub(super) fn all(config: &Config, addresses: &impl Addresses) -> Result<Vec<Named>> {
    let provider = &config.provider;
    let mut all: Vec<Named> = Vec::new();
    for params in provider.variants() {
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        let knowledge = Knowledge {
            params: params.into_iter().map(owned).collect(),
            secrets: provider.secret_params().into_iter().map(str::to_owned).collect(),
        };
        Reader { config, addresses, knowledge }.read(provider, &mut all)?;
    }
    Ok(all)
}

impl<A: Addresses> Reader<'_, A> {
    fn read(&self, provider: &Provider, all: &mut Vec<Named>) -> Result<()> {
        match provider.login() {
            Login::Direct => {}
            Login::Request(request) => all.push(self.request(Purpose::Token, request, "login.request")?),
            Login::Redirect { authorize, exchange } => {
                let (base, path, query) = self.address(authorize.url(), "login.authorize.url")?;
                // The browser goes there by itself.
                if path.has_secret() {
                    return Err(AuthError::of(
                        Code::InvalidConfig,
                        &["`login.authorize.url` of the provider must not hold a secret, since the browser sees it"],
                    )
                    .hint("Leave the secret out of the address of the user's page; the code exchange sends it."));
                }
                all.push(Named {
                    purpose: Purpose::Authorize,
                    method: "GET",
                    base,
                    path,
                    query,
                    headers: Vec::new(),
                    authorization: None,
                    body: Shape::Empty,
                    media: String::new(),
                    knowledge: self.knowledge.clone(),
                    has_secret: false,
                    is_strict: false,
                });
                let whole = redirect::exchange(exchange, authorize.pkce());
                all.push(self.request(Purpose::Token, RequestTemplate::new(&whole), "login.exchange")?);
            }
        }
        if let Some(second) = provider.second_factor() {
            all.push(self.request(Purpose::Token, second.request(), "secondFactor.request")?);
        }
        if let Some(renew) = provider.renew() {
            all.push(self.request(Purpose::Token, renew, "renew")?);
        }
        if let Some(revoke) = provider.revoke() {
            all.push(self.request(Purpose::Token, revoke, "revoke")?);
        }
        if let Some(check) = provider.check() {
            all.push(self.request(Purpose::Check, check.request(), "check.request")?);
        }
        Ok(())
    }

    fn request(&self, purpose: Purpose, template: RequestTemplate<'_>, place: &str) -> Result<Named> {
        let at = |member: &str| [place, ".", member].concat();
        let (base, path, mut query) = self.address(template.url(), &at("url"))?;
        query.append(&mut self.knowledge.fields(template.query(), &at("query"))?);
        let mut headers = self.knowledge.headers(template.headers(), &at("headers"))?;
        let mut authorization = None;
        let mut media = String::new();
        headers.retain(|Field { name, kind }| {
            if name.eq_ignore_ascii_case("authorization") {
                authorization = Some(kind.clone());
            } else if let (true, Kind::Literal(text) | Kind::Known(text)) =
                (name.eq_ignore_ascii_case("content-type"), kind)
            {
                media.clone_from(text);
            }
            !["authorization", "content-type"].iter().any(|own| name.eq_ignore_ascii_case(own))
        });
        if let Some(basic) = template.basic() {
            authorization = Some(self.knowledge.basic(basic, &at("basic"))?);
        }
        let mut has_secret = false;
        let (body, usual) = match template.body() {
            Body::Empty => (Shape::Empty, ""),
            Body::Form(fields) => {
                (Shape::Form(self.knowledge.fields(fields, &at("form"))?), "application/x-www-form-urlencoded")
            }
            Body::Json(json) => {
                has_secret = self.look_through(json, &at("json"))?;
                (Shape::Json(json.clone()), "application/json")
            }
        };
        if media.is_empty() {
            media.push_str(usual);
        }
        let is_secret = |kind: &Kind| matches!(kind, Kind::Secret(Some(_)));
        let in_form: &[Field] = if let Shape::Form(fields) = &body { fields } else { &[] };
        has_secret |= authorization.as_ref().is_some_and(is_secret);
        has_secret |= query.iter().chain(&headers).chain(in_form).any(|field| is_secret(&field.kind));
        has_secret |= path.has_secret();
        let is_strict = has_secret || purpose == Purpose::Token;
        let knowledge = self.knowledge.clone();
        Ok(Named {
            purpose,
            method: template.method(),
            base,
            path,
            query,
            headers,
            authorization,
            body,
            media,
            knowledge,
            has_secret,
            is_strict,
        })
    }

    /// Refuses what could not be filled in later, and says whether a secret of the relay's stands in it.
    fn look_through(&self, json: &Value, place: &str) -> Result<bool> {
        let mut has_secret = false;
        match json {
            Value::String(text) => {
                has_secret = matches!(self.knowledge.kind(Template::new(text), place)?, Kind::Secret(Some(_)));
            }
            Value::List(items) => {
                for item in items {
                    has_secret |= self.look_through(item, place)?;
                }
            }
            Value::Map(members) => {
                for (name, member) in members {
                    has_secret |= self.look_through(member, &[place, ".", name].concat())?;
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
        Ok(has_secret)
    }

    /// What stands before the path, the path, and the fields of the address's own query.
    fn address(&self, template: Template<'_>, place: &str) -> Result<(String, Pattern, Vec<Field>)> {
        let (mut path, more, query) = Pattern::read(template, &self.knowledge, place)?;
        let mut base = self.config.base_url.clone();
        if url::is_absolute(path.start()) {
            let wrong = || {
                AuthError::of(
                    Code::InvalidConfig,
                    &["`", place, "` of the provider must be an address, or a path below `baseUrl`"],
                )
                .hint("An absolute address is http(s), without user name.")
            };
            let href = self.addresses.href(path.start(), None).ok_or_else(wrong)?;
            let absolute = Url::split(&href).filter(|url| url.is_http() && !url.has_userinfo()).ok_or_else(wrong)?;
            if absolute.is_insecure() && !self.config.allow_insecure {
                return Err(AuthError::of(
                    Code::InsecureUrl,
                    &["`", place, "` of the provider is an http: address of another machine, so that secrets could be read on the way"],
                )
                .hint("Use https:, or set `allowInsecure: true` for a network that you trust."));
            }
            let below = href.strip_prefix(&base).filter(|rest| rest.starts_with('/'));
            match below {
                Some(below) => path.restart(below),
                None => {
                    base = absolute.origin();
                    path.restart(absolute.path);
                }
            }
        }
        path.trim_start();
        let mut fields = Vec::new();
        for pair in more.iter().map(String::as_str).chain(query.split('&')) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            if !name.is_empty() {
                let kind = match self.knowledge.kind(Template::new(value), place)? {
                    Kind::Literal(text) => Kind::Literal(form::decoded(&text)),
                    other => other,
                };
                fields.push(Field { name: form::decoded(name), kind });
            }
        }
        Ok((base, path, fields))
    }
}

impl Named {
    /// Whether it is the relay alone that says it: secrets, and beside one all that the relay knows, since a secret is of the
    /// client that the relay is.
    pub(super) const fn is_own(&self, kind: &Kind) -> bool {
        match kind {
            Kind::Secret(_) => true,
            Kind::Known(_) => self.has_secret,
            Kind::Literal(_) | Kind::Page => false,
        }
    }

    /// What the page has written into the path; `None` where the decoded path is another.
    pub(super) fn written(&self, path: &str, is_plain: bool) -> Option<Vec<String>> {
        if self.path.is_open() && !is_plain {
            return None;
        }
        self.path.written(path)
    }

    /// Where the request goes, without a query.
    pub(super) fn address(&self, written: &[String]) -> String {
        url::below(&self.base, &self.path.sent(written))
    }
}
