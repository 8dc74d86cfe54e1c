//! What is to be done with the stored session, one job at a time.

use std::rc::Rc;

use super::{CallId, Op, Tokens};

/// What a store may fail at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum At {
    Reading,
    Writing,
}

/// A logout on its way to the store.
#[derive(Clone)]
pub(super) struct SignOut {
    pub(super) call: CallId,
    pub(super) revoke: bool,
    pub(super) limit: Option<i64>,
    /// The newest session that is known to end.
    pub(super) before: Option<Rc<Tokens>>,
}

/// One job.
#[derive(Clone)]
pub(super) enum Job {
    /// The first read.
    Open,
    /// A second read for the renewal, before a refresh token is sent, or believed to be refused.
    Reread,
    /// The store and memory come to agree.
    Sync,
    /// A renewed session comes in the place of the one before.
    Renewed(Rc<Tokens>),
    /// The session without its refresh token, which was refused, comes in its place.
    Forget(Rc<Tokens>),
    /// The session ends: its renewal was refused for good.
    End,
    /// A new login, as the newest one of all.
    SignIn(Box<SignIn>),
    /// The store is emptied.
    SignOut(Box<SignOut>),
    /// What is in hand is nobody's any more; its operation comes to its end.
    Nothing,
}

/// A login that is to be stored.
#[derive(Clone)]
pub(super) struct SignIn {
    pub(super) call: CallId,
    /// The callback that it comes from, by its digest.
    pub(super) callback: Option<[u8; 32]>,
    pub(super) tokens: Tokens,
    pub(super) is_superseded: bool,
}

impl SignIn {
    pub(super) fn of_call(call: CallId, tokens: Tokens) -> Self {
        Self { call, callback: None, tokens, is_superseded: false }
    }

    pub(super) fn of_callback(digest: [u8; 32], tokens: Tokens) -> Self {
        Self { call: 0, callback: Some(digest), tokens, is_superseded: false }
    }
}

/// The job that is under way.
#[derive(Clone)]
pub(super) struct InHand {
    pub(super) job: Job,
    /// The operation that is out.
    pub(super) op: Option<Op>,
    pub(super) at: At,
    /// Whether what is written is nothing.
    pub(super) removes: bool,
    /// The login that is written.
    pub(super) login: Option<i64>,
    pub(super) reads: u32,
}

impl Job {
    /// What the store is compared with.
    pub(super) fn against<'a>(&'a self, current: Option<&'a Rc<Tokens>>) -> Option<&'a Rc<Tokens>> {
        match self {
            Self::Open | Self::SignIn(_) => None,
            Self::SignOut(sign_out) => sign_out.before.as_ref(),
            _ => current,
        }
    }

    /// Whether the renewal waits for it.
    pub(super) fn is_renewals(&self) -> bool {
        matches!(self, Self::Reread | Self::Renewed(_) | Self::Forget(_) | Self::End)
    }
}
