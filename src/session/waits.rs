//! What callers wait for.

use super::CallId;

/// One caller.
#[derive(Clone)]
pub(super) struct Call {
    pub(super) id: CallId,
    pub(super) waits: Waits,
}

/// What a caller waits for.
#[derive(Clone)]
pub(super) enum Waits {
    /// the first read of the store.
    Open,
    /// A login or its second step, until it is stored.
    Login,
    /// A session that is good for something.
    Session(Wanted, Until),
    /// The answer of a check.
    Check,
    /// The store to be emptied, and the provider to be told.
    Logout,
    /// A pending login to be stored.
    Url,
    /// A callback to be redeemed, by its digest.
    Callback([u8; 32]),
}

/// Which session a caller wants, and what for.
#[derive(Clone, Copy)]
pub(super) struct Wanted {
    pub(super) purpose: For,
    /// Milliseconds that the token must be valid.
    pub(super) min_validity: i64,
    /// The caller's own `timeout`.
    pub(super) limit: Option<i64>,
    /// Whether one has come already that was too short.
    pub(super) was_short: bool,
}

/// What a caller wants a session for.
#[derive(Clone, Copy)]
pub(super) enum For {
    /// A renewed one, as it comes.
    Renewed,
    /// Its token.
    Token,
    /// To repeat a call that went out with this login, when the session had this number.
    Repeating {
        /// The login.
        login: i64,
        /// The number.
        generation: u32,
    },
    /// To ask whose it is.
    Check,
}

/// What comes before that session.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Until {
    /// The store is read.
    Synced,
    /// The pause after failed renewals is over, or there is another session (then `true`).
    Cooled(bool),
    /// The renewal has ended.
    Renewed,
}

impl Call {
    /// There is another session: no reason to sit out a pause.
    pub(super) fn wake(&mut self) {
        if let Waits::Session(_, Until::Cooled(woken)) = &mut self.waits {
            *woken = true;
        }
    }
}
