//! What is done with the stored session, one job at a time: each reads, compares, and writes only in the place of what it
//! has read.

use std::rc::Rc;

use super::account::Found;
use super::job::{At, InHand, Job};
use super::refusals::signed_out;
use super::waits::Waits;
use super::{CallId, Change, Reply, Session};

/// How often something else may get into the store between a read and a write before the write goes ahead.
const MOST_READS: u32 = 8;

impl Session {
    /// The first input.
    pub(super) fn open(&mut self, call: CallId) {
        self.wait(call, Waits::Open);
        self.store.jobs.push(Job::Open);
    }

    /// Begins what can be begun.
    pub(super) fn run_jobs(&mut self) {
        while self.store.in_hand.is_none() {
            if self.store.jobs.is_empty() {
                return;
            }
            let job = self.store.jobs.remove(0);
            if matches!(job, Job::Sync) && self.renewal.is_busy() {
                // A renewal reads the store itself, before it sends and before it writes.
                self.store.is_sync_wanted = true;
                continue;
            }
            self.store.in_hand = Some(InHand { job, op: None, at: At::Reading, removes: false, login: None, reads: 0 });
            self.read_store();
        }
    }

    /// The store was read, or could not be (then `seen` is `None`).
    pub(super) fn store_was_read(&mut self, found: Found, seen: Option<Option<String>>) {
        let Some(mut in_hand) = self.store.in_hand.take() else { return };
        let is_blind = seen.is_none() && self.means.has_store;
        let is_unsynced = matches!(found, Found::Newer(_) | Found::Gone);
        let value = match &mut in_hand.job {
            Job::Nothing => return,
            Job::Open => return self.opened(found),
            Job::Reread => return self.renewal_reread(found),
            Job::Sync => return self.synced_with(in_hand, found, seen),
            Job::Renewed(_) | Job::Forget(_) | Job::End if is_unsynced => {
                return self.renewal_is_behind(in_hand.job, found);
            }
            Job::Renewed(_) | Job::Forget(_) | Job::End if matches!(found, Found::Foreign { .. }) => {
                // Memory serves: of what is there nobody here knows whose it is.
                self.fell_out_of_sync();
                self.store.in_hand = Some(in_hand);
                return self.written(true);
            }
            Job::Renewed(_) | Job::Forget(_) if is_blind && self.store.is_silent() => {
                // Not overwritten some time later: what cannot be seen may be newer. A later sync mends it.
                self.store.in_hand = Some(in_hand);
                return self.written(true);
            }
            Job::End if is_blind => {
                self.fell_out_of_sync();
                self.store.in_hand = Some(in_hand);
                return self.written(true);
            }
            Job::End => None,
            Job::Renewed(tokens) | Job::Forget(tokens) => Some(tokens.clone()),
            Job::SignIn(sign_in) if sign_in.is_superseded => return,
            Job::SignIn(sign_in) => {
                if let Found::Newer(stored) = &found {
                    self.account.know(stored.version);
                }
                sign_in.tokens.version = self.account.next_login(self.now.wall);
                Some(Rc::new(sign_in.tokens.clone()))
            }
            Job::SignOut(sign_out) => {
                if let Found::Newer(stored) = found {
                    // Another context may have renewed it, unheard: what is revoked is the newest.
                    self.account.know(stored.version);
                    sign_out.before = Some(stored);
                }
                if self.account.tokens.is_none() {
                    self.account.forget_logins();
                }
                let current = self.account.tokens.clone();
                self.store.in_hand = Some(in_hand);
                // Whatever is there.
                return self.put(None, current.as_deref());
            }
        };
        self.store.in_hand = Some(in_hand);
        self.put(seen, value.as_deref());
    }

    fn finish_job(&mut self) -> Job {
        self.store.in_hand.take().map_or(Job::Nothing, |in_hand| in_hand.job)
    }

    /// What was to be written is in the store, or memory serves. False: something else is there by now.
    pub(super) fn written(&mut self, done: bool) {
        let Some(in_hand) = &mut self.store.in_hand else { return };
        if !done && !matches!(in_hand.job, Job::Nothing) {
            in_hand.reads = in_hand.reads.saturating_add(1);
            if in_hand.reads < MOST_READS {
                return self.read_store();
            }
            let tokens = match &in_hand.job {
                Job::Renewed(tokens) | Job::Forget(tokens) => Some(tokens.clone()),
                Job::SignIn(sign_in) => Some(Rc::new(sign_in.tokens.clone())),
                Job::End => None,
                _ => self.account.tokens.clone(),
            };
            return self.put(None, tokens.as_deref());
        }
        match self.finish_job() {
            job @ (Job::Renewed(_) | Job::Forget(_) | Job::End) => self.renewal_is_stored(job),
            Job::SignIn(sign_in) => {
                let tokens = sign_in.tokens.clone();
                self.login_is_stored(*sign_in, tokens);
            }
            Job::SignOut(sign_out) => self.store_is_empty(*sign_out),
            Job::Sync => self.synced_for_callers(),
            Job::Open | Job::Reread | Job::Nothing => {}
        }
    }

    fn opened(&mut self, found: Found) {
        if let Found::Newer(tokens) = found
            && self.generation() == 0
            && !self.store.is_signing_out()
        {
            self.replace_session(Some(tokens), Change::Restore);
        }
        let waits = |call: &super::Call| matches!(call.waits, Waits::Open);
        while let Some(id) = self.calls.iter().find(|call| waits(call)).map(|call| call.id) {
            self.settle(id, Ok(Reply::Done));
        }
    }

    fn synced_with(&mut self, in_hand: InHand, found: Found, seen: Option<Option<String>>) {
        if self.store.is_signing_out() || self.renewal.is_busy() || seen.is_none() {
            // What is in the store goes with a logout that was begun; a renewal reads itself, and a sync follows it.
            self.store.is_sync_wanted |= self.renewal.is_busy();
            return self.synced_for_callers();
        }
        if matches!(found, Found::Foreign { .. }) {
            return self.synced_for_callers();
        }
        if matches!(found, Found::Older) {
            let current = self.account.tokens.clone();
            self.store.in_hand = Some(in_hand);
            return self.put(seen, current.as_deref());
        }
        let is_asking = self.renewal.is_asking();
        match found {
            Found::Newer(newer) => {
                // Credentials that are being asked for may still be needed.
                let is_good = self.is_good(&newer);
                self.replace_session(Some(newer), Change::Sync);
                if is_good && is_asking {
                    self.finish_renewal(Ok(()));
                }
            }
            Found::Gone => {
                self.replace_session(None, Change::Sync);
                if is_asking {
                    self.finish_renewal(Err(signed_out()));
                }
            }
            _ => {}
        }
        self.store_is_synced();
        self.synced_for_callers();
    }
}
