//! How soon after failed renewals the next one may be tried, so that an outage is not made worse by those it hits.

use std::cell::{Cell, RefCell};

use super::engine::Client;
use super::guard::Guard;
use super::host::Host;
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
#[derive(Default)]
pub(super) struct Pace {
    failures: Cell<u32>,
    last: RefCell<Option<Pause>>,
}

struct Pause {
    error: AuthError,
    since: i64,
    length: i64,
}

impl<H: Host> Client<H> {
    fn ticks(&self) -> i64 {
        self.host.monotonic().unwrap_or_else(|| self.host.now())
    }

    /// A renewal has failed. What failed here, with nothing sent, can be tried again at once.
    pub(super) fn renewal_failed(&self, error: &AuthError) {
        let was_sent = error.status.is_some() || matches!(error.code, Code::Network | Code::Timeout);
        if !was_sent || error.code == Code::LoginRequired {
            return;
        }
        let failures = self.pace.failures.get().saturating_add(1);
        self.pace.failures.set(failures);
        let own = if failures < 2 { 0 } else { (FIRST << failures.saturating_sub(2).min(8)).min(LONGEST) };
        let length = own.max(error.retry_after.unwrap_or(0).min(LONGEST_ASKED));
        self.pace.last.replace(Some(Pause { error: error.clone(), since: self.ticks(), length }));
    }

    /// There is another session: what failed before is over.
    pub(super) fn renewal_works(&self) {
        self.pace.failures.set(0);
        self.pace.last.replace(None);
    }

    /// What is left of the pause, milliseconds, and why there is one.
    pub(super) fn cooling(&self) -> Option<(i64, AuthError)> {
        let last = self.pace.last.borrow();
        let pause = last.as_ref().filter(|_| self.host.has(Guard::CoolDown))?;
        let now = self.ticks();
        let left = pause.since.saturating_add(pause.length).saturating_sub(now);
        // A clock that was set back is no reason to wait longer.
        (left > 0 && now >= pause.since).then(|| (left, pause.error.clone()))
    }
}
