//! How soon after failed renewals the next one may be tried, so that an outage is not made worse by those it hits.

use super::Session;
use crate::error::{AuthError, Code};

/// Pause after the second failure in a row; it doubles with each further one, milliseconds. After the first there is
/// none: what failed for a moment may work at once.
const FIRST: i64 = 1_000;
/// Longest pause, milliseconds.
const LONGEST: i64 = 60_000;
/// Longest pause that a provider's `Retry-After` can ask for, milliseconds.
const LONGEST_ASKED: i64 = 300_000;
/// Up to this a call waits for the pause to end; a longer one rejects at once, milliseconds.
pub(super) const LONGEST_INSIDE: i64 = 5_000;

/// Failures in a row, and what came of the last one.
#[derive(Clone, Default)]
pub(super) struct Backoff {
    failures: u32,
    last: Option<Pause>,
}

#[derive(Clone)]
struct Pause {
    error: AuthError,
    since: i64,
    length: i64,
}

impl Backoff {
    /// There is another session: what failed before is over.
    pub(super) fn works(&mut self) {
        *self = Self::default();
    }
}

impl Session {
    /// The clock of pauses: the steady one, where there is one.
    pub(super) fn ticks(&self) -> i64 {
        self.now.steady.unwrap_or(self.now.wall)
    }

    /// A renewal has failed. What failed here, with nothing sent, can be tried again at once.
    pub(super) fn renewal_failed(&mut self, error: &AuthError) {
        let was_sent = error.status.is_some() || matches!(error.code, Code::Network | Code::Timeout);
        if !was_sent || error.code == Code::LoginRequired {
            return;
        }
        let failures = self.backoff.failures.saturating_add(1);
        let own = if failures < 2 { 0 } else { (FIRST << failures.saturating_sub(2).min(8)).min(LONGEST) };
        let length = own.max(error.retry_after.unwrap_or(0).min(LONGEST_ASKED));
        self.backoff = Backoff { failures, last: Some(Pause { error: error.clone(), since: self.ticks(), length }) };
    }

    /// What is left of the pause, milliseconds, and why there is one.
    pub(super) fn cooling(&self) -> Option<(i64, AuthError)> {
        let pause = self.backoff.last.as_ref()?;
        let now = self.ticks();
        let left = pause.since.saturating_add(pause.length).saturating_sub(now);
        // A clock that was set back is no reason to wait longer.
        (left > 0 && now >= pause.since).then(|| (left, pause.error.clone()))
    }
}
