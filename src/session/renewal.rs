//! One renewal for everybody who waits for it.
//!
//! The lock is taken, the store is read again, the refresh token is sent, what comes back is stored, then shown. A refusal
//! is doubted first: another context may have been faster. Without a refresh token, or when it is refused, `credentials`
//! may help, or the login's own request where params suffice for it.

use super::account::Found;
use super::job::Job;
use super::refusals::{signed_out, superseded, unreadable};
use super::{Change, Credentials, Op, Output, Place, Session, Timer, Tokens};
use crate::error::{AuthError, Code, Result};

/// Pauses between attempts to read a store that has just begun to fail, milliseconds.
const FAILURE_REREADS: [i64; 2] = [200, 800];
/// How often other contexts' sessions, each to be renewed itself, may come in between.
const MOST_ROUNDS: u32 = 8;
/// Pauses between reads of the store after a refusal: another context may have been faster, and still be writing.
const REFUSAL_REREADS: [i64; 4] = [0, 100, 300, 600];

/// The renewal in progress.
#[derive(Clone, Default)]
pub(super) struct Renewal {
    pub(super) state: State,
    pub(super) with: With,
    pub(super) reason: Option<Code>,
    pub(super) limit: Option<i64>,
    pub(super) attempt: u32,
    pub(super) rounds: u32,
    /// The refresh token's refusal, while other ways are tried.
    pub(super) refusal: Option<AuthError>,
    /// Which session `credentials` are asked for.
    pub(super) asked_for: u32,
    /// What is told once the lock is given back.
    pub(super) deferred: Vec<Output>,
}

/// What it waits for.
#[derive(Clone, Default)]
pub(super) enum State {
    #[default]
    Idle,
    /// The lock.
    Locking,
    /// The store, for the `tries`-th time.
    Rereading { tries: usize, was_unread: bool },
    /// The answer.
    Sending { exchange: u32 },
    /// The store, after a refusal, or the pause before the next read.
    Doubting { refusal: AuthError, reads: usize },
    /// The pause before the request is repeated.
    Pausing,
    /// `credentials`; `None` while the lock is being given back.
    Asking { op: Option<Op> },
    /// The store, to take what came back.
    Storing,
    /// The store, to be emptied.
    Ending { refusal: AuthError },
    /// The store, to forget a refused refresh token.
    Forgetting { error: AuthError },
    /// The lock, to be given back.
    Finishing { result: Result<()> },
}

/// What is sent.
#[derive(Clone, Default)]
pub(super) enum With {
    #[default]
    RefreshToken,
    /// What `credentials` gave.
    Credentials(Credentials),
    /// The login's own request, for which params suffice.
    Params,
}

impl State {
    /// The name that the map of the project has.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Idle => "Idle",
            Self::Locking => "Locking",
            Self::Rereading { .. } => "Rereading",
            Self::Sending { .. } => "Sending",
            Self::Doubting { .. } => "Doubting",
            Self::Pausing => "Pausing",
            Self::Asking { .. } => "Asking",
            Self::Storing => "Storing",
            Self::Ending { .. } => "Ending",
            Self::Forgetting { .. } => "Forgetting",
            Self::Finishing { .. } => "Finishing",
        }
    }
}

impl Renewal {
    pub(super) fn is_idle(&self) -> bool {
        matches!(self.state, State::Idle)
    }

    pub(super) fn is_asking(&self) -> bool {
        matches!(self.state, State::Asking { .. })
    }

    /// Whether it uses the store and the session; not while somebody is waited for who may take long.
    pub(super) fn is_busy(&self) -> bool {
        !matches!(self.state, State::Idle | State::Asking { .. } | State::Finishing { .. })
    }

    /// Whether a refresh token is out, and until what comes of it is in the store.
    pub(super) fn must_end(&self) -> bool {
        matches!(self.state, State::Sending { .. } | State::Storing | State::Ending { .. })
    }

    /// The exchange that is out.
    pub(super) fn exchange(&self) -> Option<u32> {
        match self.state {
            State::Sending { exchange } => Some(exchange),
            _ => None,
        }
    }
}

impl Session {
    /// Whether nothing of the renewal may be told yet.
    pub(super) fn renewal_is_locked(&self) -> bool {
        use super::lock::LockState::{Held, Returning};
        matches!(self.session_lock.state, Held(_) | Returning(_))
    }

    pub(super) fn begin_renewal(&mut self, reason: Code, limit: Option<i64>) {
        let deferred = std::mem::take(&mut self.renewal.deferred);
        self.renewal = Renewal { reason: Some(reason), limit, attempt: 1, deferred, ..Renewal::default() };
        let Some(tokens) = self.tokens().cloned() else { return self.finish_renewal(Err(signed_out())) };
        self.renew_with_what_there_is(&tokens);
    }

    pub(super) fn renew_with_what_there_is(&mut self, tokens: &Tokens) {
        if self.has_refresh(tokens) {
            self.renewal.with = With::RefreshToken;
        } else if self.config.can_ask {
            return self.ask_credentials();
        } else {
            self.renewal.with = With::Params;
        }
        self.lock_for_renewal();
    }

    pub(super) fn lock_for_renewal(&mut self) {
        self.renewal.state = State::Locking;
        if self.session_lock.is_held() {
            return self.reread();
        }
        if self.means.has_store {
            self.take_lock(Place::Session, self.renewal.limit);
        } else {
            self.reread();
        }
    }

    /// The lock is there, or is gone without.
    pub(super) fn renewal_has_lock(&mut self) {
        if matches!(self.renewal.state, State::Locking) {
            self.reread();
        } else {
            self.give_back(Place::Session);
        }
    }

    pub(super) fn reread(&mut self) {
        let was_unread = self.store.is_unread();
        self.renewal.state = State::Rereading { tries: 0, was_unread };
        self.store.jobs.push(Job::Reread);
    }

    /// The pause is over.
    pub(super) fn renewal_goes_on(&mut self) {
        match self.renewal.state {
            State::Rereading { .. } | State::Doubting { .. } => self.store.jobs.push(Job::Reread),
            State::Pausing => self.lock_for_renewal(),
            _ => {}
        }
    }

    /// The store was read.
    pub(super) fn renewal_reread(&mut self, found: Found) {
        match (std::mem::take(&mut self.renewal.state), found) {
            (State::Rereading { .. } | State::Doubting { .. }, found @ (Found::Newer(_) | Found::Gone)) => {
                self.give_way(found);
            }
            // The token may be spent by now, and the session renewed in a form that cannot be read here.
            (State::Rereading { .. } | State::Doubting { .. }, Found::Foreign { is_newer: true })
                if matches!(self.renewal.with, With::RefreshToken) =>
            {
                self.finish_renewal(Err(unreadable(true)));
            }
            (State::Rereading { tries, was_unread }, Found::Unknown) => {
                let pause = FAILURE_REREADS.get(tries).filter(|_| !was_unread && !self.store.is_silent());
                match pause {
                    Some(pause) => {
                        self.renewal.state = State::Rereading { tries: tries.saturating_add(1), was_unread };
                        self.set(Timer::RenewalPause, *pause);
                    }
                    None => self.send_renewal(),
                }
            }
            (State::Rereading { .. }, _) => self.send_renewal(),
            (State::Doubting { refusal, reads }, _) => {
                match REFUSAL_REREADS.get(reads).filter(|_| self.means.has_store) {
                    Some(pause) => {
                        self.renewal.state = State::Doubting { refusal, reads: reads.saturating_add(1) };
                        self.set(Timer::RenewalPause, *pause);
                    }
                    None => self.believe(refusal),
                }
            }
            (other, _) => self.renewal.state = other,
        }
    }

    /// Takes what another context wrote: a session, which may have to be renewed itself, or that somebody signed out.
    pub(super) fn give_way(&mut self, found: Found) {
        let Found::Newer(newer) = found else {
            self.replace_session(None, Change::Sync);
            return self.finish_renewal(Err(signed_out()));
        };
        let is_good = self.is_good(&newer);
        self.replace_session(Some(newer.clone()), Change::Sync);
        if is_good {
            return self.finish_renewal(Ok(()));
        }
        self.renewal.rounds = self.renewal.rounds.saturating_add(1);
        if self.renewal.rounds > MOST_ROUNDS.saturating_add(self.config.retries) {
            let error = AuthError::new(Code::Storage, "the store gives another session each time that it is read")
                .hint("Check the store: what was set under a key must be what `get` gives.");
            return self.finish_renewal(Err(error));
        }
        if matches!(self.renewal.with, With::Credentials(_)) {
            return self.send_renewal();
        }
        self.renewal.refusal = None;
        if self.has_refresh(&newer) {
            self.renewal.with = With::RefreshToken;
            return self.send_renewal();
        }
        self.renew_with_what_there_is(&newer);
    }

    /// Its result, told as soon as the lock is given back.
    pub(super) fn finish_renewal(&mut self, result: Result<()>) {
        self.stop(Timer::AskDeadline);
        self.renewal.state = State::Finishing { result };
        if self.give_back(Place::Session) {
            self.renewal_is_unlocked();
        }
    }

    /// The lock is given back: what waited for that goes on.
    pub(super) fn renewal_is_unlocked(&mut self) {
        self.tell_deferred();
        match std::mem::take(&mut self.renewal.state) {
            State::Finishing { result } => self.renewal_is_over(result),
            State::Asking { op: None } => self.ask_now(),
            State::Locking => self.lock_for_renewal(),
            other => self.renewal.state = other,
        }
    }

    pub(super) fn tell_deferred(&mut self) {
        let deferred = std::mem::take(&mut self.renewal.deferred);
        self.out.extend(deferred);
    }

    pub(super) fn renewal_is_over(&mut self, result: Result<()>) {
        if let Err(error) = &result {
            self.renewal_failed(error);
            self.refresh_failed(error);
        }
        self.renewal_ended_for_callers(&result);
        if std::mem::take(&mut self.store.is_sync_wanted) {
            self.begin_sync();
        }
    }

    /// A login or logout comes in the place of a renewal in progress.
    pub(super) fn supersede_renewal(&mut self) {
        if matches!(self.renewal.state, State::Idle) {
            return;
        }
        self.drop_renewal();
        self.renewal_ended_for_callers(&Err(superseded()));
    }

    /// Ends it without a word.
    pub(super) fn drop_renewal(&mut self) {
        if let Some(exchange) = self.renewal.exchange() {
            self.cancel(exchange);
        }
        self.renewal.state = State::Idle;
        self.renewal.with = With::default();
        self.renewal.refusal = None;
        self.stop(Timer::RenewalPause);
        self.stop(Timer::AskDeadline);
        self.store.drop_renewal_jobs();
        if self.give_back(Place::Session) {
            self.tell_deferred();
        }
    }
}
