//! How the credential goes with calls.

use super::cut::whole;
use super::request::{Basic, Fields};
use super::template::Template;
use crate::value::Value;

/// How the credential goes with calls: a view of the profile.
#[derive(Clone, Copy)]
pub struct Presentation<'p>(&'p Value);

impl<'p> Presentation<'p> {
    pub(super) const fn of(present: &'p Value) -> Self {
        Self(present)
    }

    /// Headers.
    pub fn headers(self) -> Fields<'p> {
        Fields::of(self.0, "headers")
    }

    /// Query.
    pub fn query(self) -> Fields<'p> {
        Fields::of(self.0, "query")
    }

    /// HTTP Basic.
    pub fn basic(self) -> Option<Basic<'p>> {
        Basic::of(self.0)
    }

    /// Whether that status of a call means "the token has expired".
    pub fn is_expired(self, status: u16) -> bool {
        match self.0.member("expired") {
            None => status == 401,
            Some(any) => any.items().iter().any(|known| known.scalar().and_then(whole) == Some(status.into())),
        }
    }

    /// Whether a call without a session goes out without a credential.
    pub fn is_optional(self) -> bool {
        self.0.has_flag("optional", true)
    }

    /// Whether each call has something of its own (`{now}`, `{uuid}`), so that what one call showed is not the next's.
    pub fn varies(self) -> bool {
        let names = |template: Template<'_>| template.names("now") || template.names("uuid");
        let differs = |fields: Fields<'p>| fields.iter().any(|(_, template)| names(template));
        differs(self.headers())
            || differs(self.query())
            || self.basic().is_some_and(|basic| names(basic.username) || names(basic.password))
    }
}
