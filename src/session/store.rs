//! The stored session: its operations, one at a time, each with a deadline, and how well the store works. Memory serves
//! when it does not: silence and failure are one state, mended alike.

use super::account::Found;
use super::job::{At, InHand, Job, SignIn};
use super::refusals::unreadable;
use super::{Op, Output, Place, Session, Timer, Tokens};
use crate::error::{AuthError, Code, Result};

/// Longest wait for a store, milliseconds: as long as it works, and once it was found to hang.
const PATIENCE: (i64, i64) = (5_000, 1_000);
/// Pauses between attempts to make the store hold what memory holds, doubling, milliseconds.
const RESYNC: (i64, i64) = (1_000, 30_000);
/// Pause between two syncs after changes that a store tells of, milliseconds.
const SYNC_PAUSE: i64 = 20;
/// How long the effect of a write is reckoned with that was not heard of again, milliseconds.
const LATE: i64 = 600_000;
const IN_MEMORY: &str =
    "The client goes on in memory: what changes until the store works again, a logout as well, is lost when it ends.";

/// What the client knows of its store, and what it has yet to do there.
#[derive(Clone, Default)]
pub(super) struct Store {
    /// A handful at most.
    pub(super) jobs: Vec<Job>,
    pub(super) in_hand: Option<InHand>,
    health: Health,
    /// Operations that were not waited for any longer, but may still have their effect.
    late: Vec<Late>,
    /// The last operation that was asked for when a late removal was heard of, until a later read finds something.
    emptied: Option<Op>,
    /// Set while the store may not hold what memory holds.
    pub(super) is_unsynced: bool,
    /// Whether it was last seen to hold what this version cannot read.
    is_foreign: bool,
    /// The last pause between attempts to mend that; 0 before the first.
    pause: i64,
    /// Another sync is wanted once the renewal has ended.
    pub(super) is_sync_wanted: bool,
}

/// How well the store works.
#[derive(Clone, Copy, Default)]
struct Health {
    /// What the store failed at, until it does that again.
    fails_at: Option<At>,
    /// Whether it was silent when it was last asked.
    is_silent: bool,
}

#[derive(Clone, Copy)]
struct Late {
    op: Op,
    /// Whether it writes, and whether it empties the store.
    writes: bool,
    removes: bool,
    since: i64,
}

impl Store {
    /// Whether the session may be in the store, unread.
    pub(super) fn is_unread(&self) -> bool {
        self.health.fails_at == Some(At::Reading)
    }

    pub(super) fn is_silent(&self) -> bool {
        self.health.is_silent
    }

    pub(super) fn is_failing(&self) -> bool {
        self.health.fails_at.is_some() || self.health.is_silent
    }

    pub(super) fn is_busy(&self) -> bool {
        self.in_hand.is_some() || !self.jobs.is_empty()
    }

    /// Whether a removal of our own may have come to the store unheard: then that it is empty says nothing of other
    /// contexts. One removal explains that once; else two contexts might write and remove for ever.
    pub(super) fn take_late_removal(&mut self) -> bool {
        let removal = self.late.iter_mut().find(|late| late.removes);
        self.emptied.take().is_some() || removal.map(|late| late.removes = false).is_some()
    }

    fn has_late_writes(&self) -> bool {
        self.late.iter().any(|late| late.writes)
    }

    /// Whether a logout is on its way to the store, and with it what it holds.
    pub(super) fn is_signing_out(&self) -> bool {
        let signs_out = |job: &Job| matches!(job, Job::SignOut(_));
        self.jobs.iter().any(signs_out) || self.in_hand.as_ref().is_some_and(|in_hand| signs_out(&in_hand.job))
    }

    /// Whether a login is being stored, or is about to be.
    pub(super) fn is_signing_in(&self) -> bool {
        let signs_in = |job: &Job| matches!(job, Job::SignIn(_));
        self.jobs.iter().any(signs_in) || self.in_hand.as_ref().is_some_and(|in_hand| signs_in(&in_hand.job))
    }

    /// Logins that were to be stored after what is in hand.
    pub(super) fn take_queued_logins(&mut self) -> Vec<SignIn> {
        let mut taken = Vec::new();
        self.jobs.retain(|job| match job {
            Job::SignIn(sign_in) => {
                taken.push((**sign_in).clone());
                false
            }
            _ => true,
        });
        taken
    }

    /// The login that is being stored; it goes to its end and is nobody's.
    pub(super) fn supersede_login_in_hand(&mut self) -> Option<SignIn> {
        match self.in_hand.as_mut().map(|in_hand| &mut in_hand.job) {
            Some(Job::SignIn(sign_in)) => {
                sign_in.is_superseded = true;
                Some((**sign_in).clone())
            }
            _ => None,
        }
    }

    /// What the renewal wanted of the store is not wanted any more.
    pub(super) fn drop_renewal_jobs(&mut self) {
        self.jobs.retain(|job| !job.is_renewals());
        if let Some(in_hand) = self.in_hand.as_mut().filter(|in_hand| in_hand.job.is_renewals()) {
            in_hand.job = Job::Nothing;
        }
    }

    /// After `close` only logouts, and what the renewal must still do, go on.
    pub(super) fn retain_what_must_end(&mut self, with_renewal: bool) {
        let must_end = |job: &Job| match job {
            Job::SignOut(_) => true,
            job => with_renewal && job.is_renewals(),
        };
        self.jobs.retain(must_end);
        if let Some(in_hand) = self.in_hand.as_mut().filter(|in_hand| !must_end(&in_hand.job)) {
            in_hand.job = Job::Nothing;
        }
    }
}

impl Session {
    /// Begins to read the store for the job in hand.
    pub(super) fn read_store(&mut self) {
        let Some(in_hand) = &self.store.in_hand else { return };
        let against = in_hand.job.against(self.tokens());
        if !self.means.has_store || against.is_some_and(|tokens| !tokens.can_be_stored()) {
            return self.store_was_read(Found::Same, None);
        }
        let op = self.store_op(At::Reading, false);
        self.out.push(Output::Load { op, place: Place::Session });
    }

    /// Puts a session, or nothing, in the place of the record that was read, where one was.
    pub(super) fn put(&mut self, seen: Option<Option<String>>, tokens: Option<&Tokens>) {
        let record = tokens.filter(|tokens| tokens.can_be_stored()).map(|tokens| tokens.to_record(&self.config));
        if !self.means.has_store || record.is_none() && matches!(seen, Some(None)) {
            return self.written(true);
        }
        let op = self.store_op(At::Writing, record.is_none());
        if let Some(in_hand) = &mut self.store.in_hand {
            in_hand.login = record.as_ref().and(tokens).map(|tokens| tokens.version.login);
        }
        let place = Place::Session;
        self.out.push(match seen {
            Some(expected) => Output::Swap { op, place, expected, value: record },
            None => Output::Put { op, place, value: record },
        });
    }

    fn store_op(&mut self, at: At, removes: bool) -> Op {
        let op = self.op();
        if let Some(in_hand) = &mut self.store.in_hand {
            (in_hand.op, in_hand.at, in_hand.removes) = (Some(op), at, removes);
        }
        let patience = if self.store.health.is_silent { PATIENCE.1 } else { PATIENCE.0 };
        self.set(Timer::StoreDeadline(Place::Session), patience);
        op
    }

    /// Whether an answer is the one that is awaited; then what it was asked at.
    fn is_awaited(&mut self, op: Op) -> bool {
        let Some(in_hand) = self.store.in_hand.as_mut().filter(|in_hand| in_hand.op == Some(op)) else {
            return false;
        };
        in_hand.op = None;
        self.stop(Timer::StoreDeadline(Place::Session));
        true
    }

    pub(super) fn loaded(&mut self, op: Op, record: Result<Option<String>>) {
        if !self.is_awaited(op) {
            return if self.redirect.awaits(op) { self.pending_loaded(record) } else { self.came_late(op) };
        }
        match record {
            Ok(record) => {
                self.store_works(At::Reading);
                if record.is_some() && self.store.emptied.is_some_and(|since| op > since) {
                    self.store.emptied = None;
                }
                let tokens = self.tokens().cloned();
                let against = match &self.store.in_hand {
                    Some(in_hand) => in_hand.job.against(tokens.as_ref()).cloned(),
                    None => None,
                };
                let found = self.compare(record.as_deref(), against.as_deref());
                self.warn_of_foreign(&found);
                self.store_was_read(found, Some(record));
            }
            Err(error) => {
                self.store_failed(At::Reading, error);
                self.store_was_read(Found::Unknown, None);
            }
        }
    }

    pub(super) fn swapped(&mut self, op: Op, done: Result<bool>) {
        if !self.is_awaited(op) {
            return if self.redirect.awaits(op) { self.pending_swapped(done) } else { self.came_late(op) };
        }
        match done {
            Ok(done) => {
                self.store_works(At::Writing);
                if done && let Some(in_hand) = &self.store.in_hand {
                    self.account.stored_login = in_hand.login;
                    self.store_is_synced();
                }
                self.written(done);
            }
            Err(error) => {
                self.store_failed(At::Writing, error);
                // Memory serves.
                self.written(true);
            }
        }
    }

    /// The store's deadline.
    pub(super) fn store_is_late(&mut self, place: Place) {
        if place == Place::Pending {
            return self.pending_is_late();
        }
        let Some(in_hand) = &mut self.store.in_hand else { return };
        let (Some(op), at, removes) = (in_hand.op.take(), in_hand.at, in_hand.removes) else { return };
        let late = Late { op, writes: at == At::Writing, removes, since: self.now.wall };
        self.store.late.push(late);
        self.store.health.is_silent = true;
        self.store_failed(at, not_in_time(at));
        match at {
            At::Reading => self.store_was_read(Found::Unknown, None),
            At::Writing => self.written(true),
        }
    }

    /// The end of an operation that was not waited for any longer: what it did is looked at.
    fn came_late(&mut self, op: Op) {
        let Some(at) = self.store.late.iter().position(|late| late.op == op) else { return };
        let late = self.store.late.remove(at);
        self.store.health.is_silent = false;
        if late.removes {
            // That the store is empty is our own doing, also where a read that is out has still found something.
            self.account.stored_login = None;
            self.store.emptied = Some(self.last_op);
        }
        self.begin_sync();
    }

    fn store_works(&mut self, at: At) {
        self.store.health.is_silent = false;
        if self.store.health.fails_at == Some(at) {
            self.store.health.fails_at = None;
        }
    }

    fn store_failed(&mut self, at: At, error: AuthError) {
        let remedy = error.hint.as_deref().unwrap_or_default();
        let parts = [remedy, if remedy.is_empty() { "" } else { " " }, IN_MEMORY];
        let error = error.clone().hint_of(&parts);
        self.warn_of_store(error);
        self.store.health.fails_at = self.store.health.fails_at.or(Some(at));
        self.fell_out_of_sync();
    }

    /// What cannot be read is told once, until something else is there.
    fn warn_of_foreign(&mut self, found: &Found) {
        let was_foreign = std::mem::replace(&mut self.store.is_foreign, false);
        if let Found::Foreign { is_newer } = *found {
            self.store.is_foreign = true;
            if !was_foreign {
                self.warn(unreadable(is_newer));
            }
        }
    }

    /// Trouble with the store is told once an outage.
    pub(super) fn warn_of_store(&mut self, error: AuthError) {
        if self.store.health.fails_at.is_some() {
            return;
        }
        let is_renewals = self.store.in_hand.as_ref().is_none_or(|in_hand| in_hand.job.is_renewals());
        if is_renewals || !self.lifecycle.is_open() {
            return self.warn(error);
        }
        // A login is shown whoever has the lock, and what is not stored of it is told before.
        self.out.push(Output::Warn(error));
    }

    /// The caller's `onWarning`, which is not called under the renewal's lock.
    pub(super) fn warn(&mut self, error: AuthError) {
        if !self.lifecycle.is_open() {
            return;
        }
        if self.renewal_is_locked() {
            self.renewal.deferred.push(Output::Warn(error));
        } else {
            self.out.push(Output::Warn(error));
        }
    }

    /// The store may not hold what memory holds: that is seen to, now and then, until it does.
    pub(super) fn fell_out_of_sync(&mut self) {
        self.store.is_unsynced = true;
        if self.lifecycle.is_open() && !self.is_set(Timer::Resync) {
            self.store.pause = RESYNC.0;
            self.set(Timer::Resync, RESYNC.0);
        }
    }

    /// The store holds what memory holds.
    pub(super) fn store_is_synced(&mut self) {
        self.store.is_unsynced = false;
        if !self.store.has_late_writes() {
            self.stop(Timer::Resync);
        }
    }

    /// A moment to see whether the two agree.
    pub(super) fn resync(&mut self) {
        let now = self.now.wall;
        self.store.late.retain(|late| (0..LATE).contains(&now.saturating_sub(late.since)));
        if !self.lifecycle.is_open() || !self.store.is_unsynced && !self.store.has_late_writes() {
            return;
        }
        self.store.pause = self.store.pause.saturating_mul(2).clamp(RESYNC.0, RESYNC.1);
        self.set(Timer::Resync, self.store.pause);
        self.begin_sync();
    }

    /// The store tells that another context may have changed it: one sync at a time, and one after it, however often
    /// that is told.
    pub(super) fn changed(&mut self) {
        let is_looking = self.store.in_hand.as_ref().is_some_and(|in_hand| matches!(in_hand.job, Job::Sync));
        if !is_looking {
            self.begin_sync();
        } else if !self.is_set(Timer::Sync) {
            self.set(Timer::Sync, SYNC_PAUSE);
        }
    }

    /// Takes over what another context wrote, and writes again what did not come to stay.
    pub(super) fn begin_sync(&mut self) {
        if !self.lifecycle.is_open() || self.store.jobs.iter().any(|job| matches!(job, Job::Sync)) {
            return;
        }
        self.store.jobs.push(Job::Sync);
    }

    pub(super) fn resumed(&mut self) {
        if self.is_set(Timer::Refresh) {
            self.refresh_is_due();
        }
        self.changed();
    }
}

pub(super) fn not_in_time(at: At) -> AuthError {
    let doing = if at == At::Reading { "`get`" } else { "`set` or `delete`" };
    AuthError::of(Code::Storage, &[doing, " of the store did not end in time"])
}
