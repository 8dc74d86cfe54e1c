//! The store's locks: of the session, while a refresh token is out, and of pending logins, while one is taken. A lock only
//! saves requests: correctness rests on reading the store again.

use super::{Op, Output, Place, Session, Timer};
use crate::error::{AuthError, Code, Result};

/// Longest time that a refresh request takes under a lock, unless `timeout` is a good deal longer, milliseconds.
const HOLDING: i64 = 24_000;
/// A lock is waited for as long as its holder's request may take, and this much longer, milliseconds.
const SLACK: i64 = 2_000;
/// Shortest and longest patience with a lock, before the spread, milliseconds.
const PATIENCE: (i64, i64) = (10_000, 26_500);
/// Those who wait in vain go on at different moments within this, so that one finds what another has stored; milliseconds.
const SPREAD: i64 = 2_500;
/// A lock that was not given in time is not waited for as long again, milliseconds.
const LOST: i64 = 2_000;
/// Longest wait for a lock to be given back, milliseconds.
const RELEASE: i64 = 1_000;

#[derive(Clone, Default)]
pub(super) struct Lock {
    pub(super) state: LockState,
    /// While it is not given.
    is_lost: bool,
    /// Work went well without it: then nobody holds it who is still at work.
    is_dead: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(super) enum LockState {
    #[default]
    Free,
    Waiting(Op),
    Held(Op),
    /// Given back, but the store may not have done its part.
    Returning(Op),
}

impl Lock {
    pub(super) fn is_held(&self) -> bool {
        matches!(self.state, LockState::Held(_))
    }

    /// What was to be done under it went well.
    pub(super) fn was_not_needed(&mut self) {
        self.is_dead = self.is_lost;
    }
}

impl Session {
    fn lock_of(&mut self, place: Place) -> &mut Lock {
        match place {
            Place::Session => &mut self.session_lock,
            Place::Pending => &mut self.pending_lock,
        }
    }

    /// Asks for a lock; whose it is hears of it, also when it does not come.
    pub(super) fn take_lock(&mut self, place: Place, limit: Option<i64>) {
        if matches!(self.lock_of(place).state, LockState::Returning(_)) {
            // As soon as it is given back.
            return;
        }
        let patience = match place {
            Place::Session => self.holding(limit).saturating_add(SLACK).clamp(PATIENCE.0, PATIENCE.1),
            // Nothing is sent under it.
            Place::Pending => PATIENCE.0,
        };
        let patience = if self.lock_of(place).is_dead { LOST } else { patience };
        let patience = patience.saturating_add(self.jitter(SPREAD));
        let op = self.op();
        self.lock_of(place).state = LockState::Waiting(op);
        self.out.push(Output::Lock { op, place });
        self.set(Timer::LockDeadline(place), patience);
    }

    /// How long a refresh request may take, so that whoever waits for the lock need not wait much longer than usual.
    pub(super) fn holding(&self, limit: Option<i64>) -> i64 {
        let timeout = limit.unwrap_or(self.config.timeout);
        timeout.min(HOLDING.max(timeout / 5 * 4))
    }

    pub(super) fn locked(&mut self, op: Op, lock: Result<bool>) {
        let place = [Place::Session, Place::Pending]
            .into_iter()
            .find(|place| self.lock_of(*place).state == LockState::Waiting(op));
        match place {
            Some(place) => self.lock_is_decided(place, op, lock),
            // Nobody waits for it any more.
            None if lock.is_ok_and(|held| held) => self.out.push(Output::Unlock { op }),
            None => {}
        }
    }

    fn lock_is_decided(&mut self, place: Place, op: Op, given: Result<bool>) {
        self.stop(Timer::LockDeadline(place));
        let lock = self.lock_of(place);
        lock.state = if matches!(given, Ok(true)) { LockState::Held(op) } else { LockState::Free };
        let was_lost = std::mem::replace(&mut lock.is_lost, given.is_err());
        lock.is_dead = lock.is_dead && given.is_err();
        if let Err(error) = given
            && !was_lost
        {
            // Once an outage.
            self.warn_of_store(error);
        }
        match place {
            Place::Session => self.renewal_has_lock(),
            Place::Pending => self.redirect_has_lock(),
        }
    }

    /// The deadline of a wait: without the lock, then.
    pub(super) fn lock_is_late(&mut self, place: Place) {
        match self.lock_of(place).state {
            LockState::Waiting(op) => {
                self.out.push(Output::Unlock { op });
                let error = AuthError::new(Code::Storage, "`withLock` of the store did not give the lock in time")
                    .hint("The renewal goes on without it; two contexts may renew at the same moment.");
                self.lock_is_decided(place, op, Err(error));
            }
            LockState::Returning(_) => self.lock_is_back(place),
            LockState::Free | LockState::Held(_) => {}
        }
    }

    /// Gives a lock back, or signs_out its queue. True: others may have it now.
    pub(super) fn give_back(&mut self, place: Place) -> bool {
        match self.lock_of(place).state {
            LockState::Free => true,
            LockState::Returning(_) => false,
            LockState::Waiting(op) => {
                self.lock_of(place).state = LockState::Free;
                self.stop(Timer::LockDeadline(place));
                self.out.push(Output::Unlock { op });
                true
            }
            LockState::Held(op) => {
                self.lock_of(place).state = LockState::Returning(op);
                self.out.push(Output::Unlock { op });
                self.set(Timer::LockDeadline(place), RELEASE);
                false
            }
        }
    }

    pub(super) fn unlocked(&mut self, op: Op) {
        for place in [Place::Session, Place::Pending] {
            if self.lock_of(place).state == LockState::Returning(op) {
                self.stop(Timer::LockDeadline(place));
                self.lock_is_back(place);
            }
        }
    }

    fn lock_is_back(&mut self, place: Place) {
        self.lock_of(place).state = LockState::Free;
        match place {
            Place::Session => self.renewal_is_unlocked(),
            Place::Pending => self.redirect_is_unlocked(),
        }
    }
}
