//! A provider that rotates refresh tokens, notices when one is used twice, and can be told what to answer.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use propusk::error::{AuthError, Code};
use propusk::protocol::form;
use propusk::protocol::request::{Purpose, Request};
use propusk::protocol::response::Response;

/// What happens to a request.
#[derive(Clone)]
pub(crate) enum Reply {
    /// The provider itself answers.
    Real,
    /// This answer comes instead; the provider does not see the request.
    Answer(Response),
    /// The connection breaks before the provider sees the request.
    Broken,
    /// No answer ever comes.
    Silence,
}

impl Reply {
    pub(crate) fn new(status: u16, headers: &[(&str, &str)], body: &str) -> Self {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self::Answer(Response { status, headers, body: body.as_bytes().to_vec() })
    }

    pub(crate) fn status(status: u16) -> Self {
        Self::new(status, &[], "")
    }

    pub(crate) fn error(status: u16, code: &str) -> Self {
        Self::new(status, &[("content-type", "application/json")], &format!(r#"{{"error":"{code}"}}"#))
    }
}

/// One request as the network saw it.
#[derive(Clone)]
pub(crate) struct Seen {
    pub(crate) at: i64,
    pub(crate) purpose: Purpose,
    pub(crate) form: Vec<(String, String)>,
}

impl Seen {
    pub(crate) fn field(&self, wanted: &str) -> Option<&str> {
        self.form.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str())
    }
}

#[derive(Default)]
struct Family {
    current: String,
    spent: Vec<String>,
    is_revoked: bool,
}

pub(crate) struct Server {
    /// `expires_in` as JSON text; `None` leaves it out.
    pub(crate) lifetime: RefCell<Option<String>>,
    /// Whether a renewal answers with a new refresh token.
    pub(crate) rotates: Cell<bool>,
    pub(crate) log: RefCell<Vec<Seen>>,
    /// How often a spent refresh token came again.
    pub(crate) reuses: Cell<u32>,
    script: RefCell<VecDeque<Reply>>,
    /// What happens when the script is over.
    pub(crate) otherwise: RefCell<Reply>,
    families: RefCell<Vec<Family>>,
    issued: Cell<u32>,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            lifetime: RefCell::new(Some("3600".to_owned())),
            rotates: Cell::new(true),
            log: RefCell::default(),
            reuses: Cell::new(0),
            script: RefCell::default(),
            otherwise: RefCell::new(Reply::Real),
            families: RefCell::default(),
            issued: Cell::new(0),
        }
    }
}

impl Server {
    /// What the next requests get, in order.
    pub(crate) fn script(&self, replies: impl IntoIterator<Item = Reply>) {
        self.script.borrow_mut().extend(replies);
    }

    pub(crate) fn lives(&self, seconds: &str) {
        *self.lifetime.borrow_mut() = Some(seconds.to_owned());
    }

    /// Requests of that purpose so far.
    pub(crate) fn count(&self, purpose: Purpose) -> usize {
        self.log.borrow().iter().filter(|seen| seen.purpose == purpose).count()
    }

    /// When each request of that purpose came.
    pub(crate) fn moments(&self, purpose: Purpose) -> Vec<i64> {
        self.log.borrow().iter().filter(|seen| seen.purpose == purpose).map(|seen| seen.at).collect()
    }

    /// Refuses every refresh token from now on.
    pub(crate) fn revoke_all(&self) {
        self.families.borrow_mut().iter_mut().for_each(|family| family.is_revoked = true);
    }

    /// `None`: no answer ever comes.
    pub(crate) fn receive(&self, request: &Request, at: i64) -> Option<Result<Response, AuthError>> {
        let form = form::decode(request.body.as_deref().unwrap_or_default());
        let seen = Seen { at, purpose: request.purpose, form };
        self.log.borrow_mut().push(seen.clone());
        let scripted = self.script.borrow_mut().pop_front();
        match scripted.unwrap_or_else(|| self.otherwise.borrow().clone()) {
            Reply::Real => Some(Ok(self.answer(&seen))),
            Reply::Answer(response) => Some(Ok(response)),
            Reply::Broken => Some(Err(AuthError::new(Code::Network, "the connection broke"))),
            Reply::Silence => None,
        }
    }

    fn answer(&self, seen: &Seen) -> Response {
        let (status, body) = match (seen.purpose, seen.field("refresh_token")) {
            (Purpose::Revoke, _) => (200, String::new()),
            (Purpose::Check, _) => (200, r#"{"id":"u1"}"#.to_owned()),
            (Purpose::Refresh, Some(token)) => self.renew(token),
            _ => {
                let number = self.number();
                let current = format!("refresh-{number}");
                self.families.borrow_mut().push(Family { current: current.clone(), ..Family::default() });
                (200, self.grant(number, Some(&current)))
            }
        };
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        Response { status, headers, body: body.into_bytes() }
    }

    fn renew(&self, token: &str) -> (u16, String) {
        let refused = || (400, r#"{"error":"invalid_grant"}"#.to_owned());
        let mut families = self.families.borrow_mut();
        if let Some(family) = families.iter_mut().find(|family| family.spent.iter().any(|spent| spent == token)) {
            family.is_revoked = true;
            self.reuses.set(self.reuses.get() + 1);
            return refused();
        }
        let Some(family) = families.iter_mut().find(|family| family.current == token && !family.is_revoked) else {
            return refused();
        };
        let number = self.number();
        if !self.rotates.get() {
            return (200, self.grant(number, None));
        }
        let next = format!("refresh-{number}");
        family.spent.push(std::mem::replace(&mut family.current, next.clone()));
        (200, self.grant(number, Some(&next)))
    }

    fn number(&self) -> u32 {
        self.issued.set(self.issued.get() + 1);
        self.issued.get()
    }

    fn grant(&self, number: u32, refresh: Option<&str>) -> String {
        let mut body = format!(r#"{{"access_token":"access-{number}","token_type":"bearer""#);
        if let Some(lifetime) = self.lifetime.borrow().as_ref() {
            body += &format!(r#","expires_in":{lifetime}"#);
        }
        if let Some(refresh) = refresh {
            body += &format!(r#","refresh_token":"{refresh}""#);
        }
        body + "}"
    }
}
