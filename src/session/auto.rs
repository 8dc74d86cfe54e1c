//! Renewal in the background, where `autoRefresh` asks for it.

use super::renewal::State;
use super::{Session, Timer};
use crate::error::{AuthError, Code};

/// Longest sleep: a clock may be set, a machine may sleep, and timers of 2^31 ms overflow. Milliseconds.
const SLICE: i64 = 3_600_000;
/// Shortest and longest pause after a renewal that failed, milliseconds.
const PAUSE: (i64, i64) = (5_000, 300_000);
/// No token younger than this is renewed in the background, however short its life, milliseconds.
const YOUNGEST: i64 = 500;

#[derive(Clone, Default)]
pub(super) struct Auto {
    /// Whether the renewal in progress is also the background's.
    waits: bool,
    /// The last pause after a failure; 0 before the first.
    pause: i64,
}

impl Session {
    /// Begins to watch the current session.
    pub(super) fn arm(&mut self) {
        self.auto = Auto::default();
        self.stop(Timer::Refresh);
        if let Some(early) = self.time_to_refresh() {
            self.set(Timer::Refresh, early.clamp(0, SLICE));
        }
    }

    /// Milliseconds until the session is to be renewed; `None`: never.
    fn time_to_refresh(&self) -> Option<i64> {
        let tokens = self.tokens().filter(|tokens| self.config.auto_refresh && self.is_renewable(tokens))?;
        let left = self.remaining(tokens)?;
        let age = self.now.wall.saturating_sub(tokens.obtained_at).max(0);
        Some(left.saturating_sub(self.margin(tokens)).max(YOUNGEST.saturating_sub(age)))
    }

    pub(super) fn refresh_is_due(&mut self) {
        match self.time_to_refresh() {
            None => {}
            Some(early) if early > 0 => self.set(Timer::Refresh, early.min(SLICE)),
            Some(_) => {
                self.auto.waits = true;
                if matches!(self.renewal.state, State::Idle) {
                    self.begin_renewal(Code::LoginRequired, None);
                }
            }
        }
    }

    /// The renewal has failed, and the session is the same.
    pub(super) fn refresh_failed(&mut self, error: &AuthError) {
        if !std::mem::take(&mut self.auto.waits) || matches!(error.code, Code::Aborted | Code::Closed) {
            return;
        }
        self.auto.pause = self.auto.pause.saturating_mul(2).clamp(PAUSE.0, PAUSE.1);
        self.warn(error.clone());
        let wait = error.retry_after.unwrap_or(0).max(self.auto.pause);
        self.set(Timer::Refresh, wait.min(SLICE));
    }
}
