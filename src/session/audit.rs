//! What tests may know of the inside.

use super::lifecycle::Lifecycle;
use super::lock::LockState;
use super::login::Login;
use super::renewal::State;
use super::{Session, Timer};

/// A look inside, for those who check what must always hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audit {
    /// Whether the store is known, or taken, to hold what memory holds.
    pub is_synced: bool,
    /// Whether something is still to be done with the store.
    pub has_jobs: bool,
    /// Whether the client has ended.
    pub is_closed: bool,
    /// Whether it was closed, and only what must be stored goes on.
    pub is_closing: bool,
    /// Whether any secret is kept.
    pub has_secret: bool,
    /// Whether the store failed, or was silent, when it was last asked for the same.
    pub is_store_failing: bool,
    /// Whether a refresh token is out, or the login that renews.
    pub is_renewal_out: bool,
    /// Whether a renewal is in progress.
    pub is_renewing: bool,
    /// Callers who wait.
    pub waiting: usize,
    /// Requests under way or to be repeated.
    pub exchanges: usize,
    /// Timers that are set.
    pub timers: Vec<Timer>,
    /// Each region's state, by the names that the map of the project has.
    pub states: [(&'static str, &'static str); 6],
}

impl Session {
    /// A look inside.
    pub fn audit(&self) -> Audit {
        Audit {
            is_synced: !self.store.is_unsynced,
            has_jobs: self.store.is_busy(),
            is_closed: self.lifecycle == Lifecycle::Closed,
            is_closing: self.lifecycle == Lifecycle::Closing,
            has_secret: self.account.tokens.is_some()
                || !matches!(self.login, Login::Idle)
                || !self.exchanges.is_empty()
                || self.store.is_busy(),
            is_store_failing: self.store.is_failing(),
            is_renewal_out: self.renewal.exchange().is_some(),
            is_renewing: !matches!(self.renewal.state, State::Idle),
            waiting: self.calls.len(),
            exchanges: self.exchanges.len(),
            timers: self.timers.clone(),
            states: self.states(),
        }
    }

    fn states(&self) -> [(&'static str, &'static str); 6] {
        let lifecycle = match self.lifecycle {
            Lifecycle::Open => "Open",
            Lifecycle::Closing => "Closing",
            Lifecycle::Closed => "Closed",
        };
        let account = if self.account.tokens.is_some() { "SignedIn" } else { "SignedOut" };
        let login = match self.login {
            _ if self.store.is_signing_in() => "Storing",
            Login::Idle => "Idle",
            Login::Sending { .. } => "Sending",
            Login::AwaitingSecondFactor { .. } => "AwaitingSecondFactor",
            Login::Confirming { .. } => "Confirming",
            Login::Exchanging { .. } => "Exchanging",
        };
        let store = match (self.store.is_busy(), self.store.is_failing(), self.store.is_unsynced) {
            (_, true, _) => "Failing",
            (_, _, true) => "Behind",
            (true, ..) => "Busy",
            (false, ..) => "Idle",
        };
        let lock = match self.session_lock.state {
            LockState::Free => "Free",
            LockState::Waiting(_) => "Waiting",
            LockState::Held(_) => "Held",
            LockState::Returning(_) => "Returning",
        };
        [
            ("Lifecycle", lifecycle),
            ("Account", account),
            ("Renewal", self.renewal.state.name()),
            ("Login", login),
            ("Store", store),
            ("Lock", lock),
        ]
    }
}
