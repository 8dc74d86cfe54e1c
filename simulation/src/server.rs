//! A provider that rotates refresh tokens, notices when one is used twice, and can be told what to answer.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use propusk::error::{AuthError, Code};
use propusk::protocol::form;
use propusk::protocol::request::{Purpose, Request};
use propusk::protocol::response::Response;

/// What happens to a request.
#[derive(Clone)]
pub enum Reply {
    /// The provider itself answers.
    Real,
    /// This answer comes instead; the provider does not see the request.
    Answer(Response),
    /// The connection breaks before the provider sees the request.
    Broken,
    /// No answer ever comes, and the provider does not see the request.
    Silence,
    /// The provider carries the request out, and this comes back in the place of its answer.
    Spoilt(Response),
    /// The provider carries the request out, and the connection breaks.
    Lost,
    /// The provider carries the request out, and no answer ever comes.
    Mute,
}

impl Reply {
    /// An answer in the place of the provider's.
    pub fn new(status: u16, headers: &[(&str, &str)], body: &str) -> Self {
        Self::Answer(response(status, headers, body))
    }

    /// One without a body.
    pub fn status(status: u16) -> Self {
        Self::new(status, &[], "")
    }

    /// One with an error code.
    pub fn error(status: u16, code: &str) -> Self {
        Self::new(status, &[("content-type", "application/json")], &format!(r#"{{"error":"{code}"}}"#))
    }
}

/// An answer.
pub fn response(status: u16, headers: &[(&str, &str)], body: &str) -> Response {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Response { status, headers, body: body.as_bytes().to_vec(), xml: None }
}

/// The second factor.
pub const CODE: &str = "000000";

/// What the provider does when a spent refresh token comes again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reuse {
    /// It ends the whole family: somebody stole the token.
    Revokes,
    /// It refuses the token.
    Refused,
    /// It gives the same answer again.
    Forgiven,
}

/// One request as the network saw it.
#[derive(Clone)]
pub struct Seen {
    /// When it came, on the clock that is never set.
    pub at: i64,
    /// What it was for.
    pub purpose: Purpose,
    /// Its form.
    pub form: Vec<(String, String)>,
}

impl Seen {
    /// A field of the form.
    pub fn field(&self, wanted: &str) -> Option<&str> {
        self.form.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str())
    }
}

/// The refresh tokens that came of one login.
struct Family {
    user: String,
    current: u32,
    /// Each with the one that came in its place.
    spent: Vec<(u32, u32)>,
    /// Access tokens that came without a refresh token.
    others: Vec<u32>,
    is_revoked: bool,
}

/// The provider.
pub struct Server {
    /// `expires_in` as JSON text; `None` leaves it out.
    pub lifetime: RefCell<Option<String>>,
    /// Whether a renewal answers with a new refresh token.
    pub rotates: Cell<bool>,
    /// Whether a login needs a second factor: [`CODE`].
    pub second_factor: Cell<bool>,
    /// What becomes of a refresh token that comes again.
    pub reuse: Cell<Reuse>,
    /// Requests in order of arrival.
    pub log: RefCell<Vec<Seen>>,
    /// How often a spent refresh token came again.
    pub reuses: Cell<u32>,
    script: RefCell<VecDeque<Reply>>,
    /// What happens when the script is over.
    pub otherwise: RefCell<Reply>,
    families: RefCell<Vec<Family>>,
    /// Whose sessions were revoked, and by which token.
    pub revoked: RefCell<Vec<(String, String)>>,
    issued: Cell<u32>,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            lifetime: RefCell::new(Some("3600".to_owned())),
            rotates: Cell::new(true),
            second_factor: Cell::new(false),
            reuse: Cell::new(Reuse::Revokes),
            log: RefCell::default(),
            reuses: Cell::new(0),
            script: RefCell::default(),
            otherwise: RefCell::new(Reply::Real),
            families: RefCell::default(),
            revoked: RefCell::default(),
            issued: Cell::new(0),
        }
    }
}

impl Server {
    /// What the next requests get, in order.
    pub fn script(&self, replies: impl IntoIterator<Item = Reply>) {
        self.script.borrow_mut().extend(replies);
    }

    /// From now on the provider itself answers.
    pub fn script_is_over(&self) {
        self.script.borrow_mut().clear();
        *self.otherwise.borrow_mut() = Reply::Real;
    }

    /// How long access tokens live, in seconds.
    pub fn lives(&self, seconds: &str) {
        *self.lifetime.borrow_mut() = Some(seconds.to_owned());
    }

    /// Requests of that purpose so far.
    pub fn count(&self, purpose: Purpose) -> usize {
        self.log.borrow().iter().filter(|seen| seen.purpose == purpose).count()
    }

    /// When each request of that purpose came.
    pub fn moments(&self, purpose: Purpose) -> Vec<i64> {
        self.log.borrow().iter().filter(|seen| seen.purpose == purpose).map(|seen| seen.at).collect()
    }

    /// Refuses every refresh token from now on.
    pub fn revoke_all(&self) {
        self.families.borrow_mut().iter_mut().for_each(|family| family.is_revoked = true);
    }

    /// Who signed in, of a token of either kind.
    pub fn user_of(&self, token: &str) -> Option<String> {
        let family = self.family_of(token)?;
        self.families.borrow().get(family).map(|family| family.user.clone())
    }

    /// Which login a token came of.
    pub fn family_of(&self, token: &str) -> Option<usize> {
        let number = number_of(token)?;
        self.families.borrow().iter().position(|family| family.has(number))
    }

    /// The refresh token that came in the place of another one.
    pub fn successor_of(&self, token: &str) -> Option<String> {
        let number = number_of(token)?;
        let families = self.families.borrow();
        let (_, next) = families.iter().flat_map(|family| &family.spent).find(|(spent, _)| *spent == number)?;
        Some(format!("refresh-{next}"))
    }

    /// `None`: no answer ever comes.
    pub fn receive(&self, request: &Request, at: i64) -> Option<Result<Response, AuthError>> {
        let form = form::decode(request.body.as_deref().unwrap_or_default());
        let seen = Seen { at, purpose: request.purpose, form };
        self.log.borrow_mut().push(seen.clone());
        let scripted = self.script.borrow_mut().pop_front();
        let broken = || AuthError::new(Code::Network, "the connection broke");
        match scripted.unwrap_or_else(|| self.otherwise.borrow().clone()) {
            Reply::Real => Some(Ok(self.answer(&seen))),
            Reply::Answer(response) => Some(Ok(response)),
            Reply::Broken => Some(Err(broken())),
            Reply::Silence => None,
            Reply::Spoilt(response) => {
                self.answer(&seen);
                Some(Ok(response))
            }
            Reply::Lost => {
                self.answer(&seen);
                Some(Err(broken()))
            }
            Reply::Mute => {
                self.answer(&seen);
                None
            }
        }
    }

    fn answer(&self, seen: &Seen) -> Response {
        let (status, body) = match (seen.purpose, seen.field("refresh_token")) {
            (Purpose::Revoke, _) => {
                self.revoke(seen.field("token").unwrap_or_default());
                (200, String::new())
            }
            (Purpose::Check, _) => (200, r#"{"id":"u1"}"#.to_owned()),
            (Purpose::Refresh, Some(token)) => self.renew(token),
            (Purpose::Login | Purpose::Confirm, _)
                if self.second_factor.get() && seen.field("factor") != Some(CODE) =>
            {
                (400, r#"{"error":"mfa_required"}"#.to_owned())
            }
            _ => {
                let number = self.number();
                // Whoever comes back from a redirect is named by the code.
                let user = seen.field("username").or_else(|| seen.field("code")).unwrap_or_default().to_owned();
                let family = Family { user, current: number, spent: Vec::new(), others: Vec::new(), is_revoked: false };
                self.families.borrow_mut().push(family);
                (200, self.grant(number, true))
            }
        };
        response(status, &[("content-type", "application/json")], &body)
    }

    fn renew(&self, token: &str) -> (u16, String) {
        // A provider may repeat what it was sent.
        let refused = || (400, format!(r#"{{"error":"invalid_grant","error_description":"{token} is not good"}}"#));
        let Some(number) = number_of(token) else { return refused() };
        let mut families = self.families.borrow_mut();
        let Some(family) = families.iter_mut().find(|family| family.has(number)) else { return refused() };
        if family.is_revoked {
            return refused();
        }
        if let Some((_, next)) = family.spent.iter().find(|(spent, _)| *spent == number) {
            match self.reuse.get() {
                Reuse::Forgiven => return (200, self.grant(*next, true)),
                Reuse::Refused => return refused(),
                Reuse::Revokes => {
                    family.is_revoked = true;
                    self.reuses.set(self.reuses.get() + 1);
                    return refused();
                }
            }
        }
        let next = self.number();
        if !self.rotates.get() {
            family.others.push(next);
            return (200, self.grant(next, false));
        }
        family.spent.push((std::mem::replace(&mut family.current, next), next));
        (200, self.grant(next, true))
    }

    fn revoke(&self, token: &str) {
        let family = self.family_of(token);
        if let Some(family) = family.and_then(|at| {
            self.families.borrow_mut().get_mut(at).map(|family| {
                family.is_revoked = true;
                family.user.clone()
            })
        }) {
            self.revoked.borrow_mut().push((family, token.to_owned()));
        }
    }

    fn number(&self) -> u32 {
        self.issued.set(self.issued.get() + 1);
        self.issued.get()
    }

    fn grant(&self, number: u32, has_refresh: bool) -> String {
        let mut body = format!(r#"{{"access_token":"access-{number}","token_type":"bearer""#);
        if let Some(lifetime) = self.lifetime.borrow().as_ref() {
            body += &format!(r#","expires_in":{lifetime}"#);
        }
        if has_refresh {
            body += &format!(r#","refresh_token":"refresh-{number}""#);
        }
        body + "}"
    }
}

impl Family {
    fn has(&self, number: u32) -> bool {
        self.current == number || self.spent.iter().any(|(spent, _)| *spent == number) || self.others.contains(&number)
    }
}

/// Tokens are numbered: both that were given out together have the same number.
fn number_of(token: &str) -> Option<u32> {
    token.rsplit('-').next()?.parse().ok()
}
