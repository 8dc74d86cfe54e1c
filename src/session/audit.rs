//! What tests may know of the inside.

use super::lifecycle::Lifecycle;
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
}

impl Session {
    /// A look inside.
    pub fn audit(&self) -> Audit {
        Audit {
            is_synced: !self.store.is_behind,
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
        }
    }
}
