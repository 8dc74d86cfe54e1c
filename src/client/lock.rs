//! The lock of a store, while a refresh token is out.

use super::engine::Client;
use super::guard::Guard;
use super::host::Host;
use super::signal::{first, work};
use crate::error::{AuthError, Code};

/// Longest time that a refresh request takes under a lock, unless `timeout` is a good deal longer, milliseconds.
const HOLDING: i64 = 24_000;
/// A lock is waited for as long as its holder's request may take, and this much longer, milliseconds.
const SLACK: i64 = 2_000;
/// Shortest patience with a lock, milliseconds.
const PATIENCE: i64 = 10_000;
/// Those who wait in vain go on at different moments within this, so that one finds what another has stored; milliseconds.
const SPREAD: i64 = 2_500;
/// A lock that was not given in time is not waited for as long again, milliseconds.
const LOST: i64 = 2_000;

impl<H: Host> Client<H> {
    /// The lock that all have in common who share the store, if it can be had. It only saves requests: correctness rests
    /// on reading the store again.
    pub(super) async fn take_lock(&self, limit: Option<i64>) -> Option<H::Lock> {
        if !self.host.has(Guard::Lock) {
            return None;
        }
        let patience = self.holding(limit).saturating_add(SLACK).max(PATIENCE);
        let patience = if self.lock_is_dead.get() { LOST } else { patience };
        let patience = patience.saturating_add(self.jitter(SPREAD).unwrap_or_default());
        let key = self.config.store_key();
        let late = work(async {
            self.host.sleep(patience, false).await;
            Err(AuthError::new(Code::Storage, "`withLock` of the store did not give the lock in time")
                .hint("The renewal goes on without it; two contexts may renew at the same moment."))
        });
        let lock = first(work(self.host.lock(&key)), late).await;
        let was_lost = self.lock_is_lost.replace(lock.is_err());
        self.lock_is_dead.set(self.lock_is_dead.get() && lock.is_err());
        let lock = lock.unwrap_or_else(|error| {
            // Once an outage.
            if !was_lost {
                self.warn_of_store(error);
            }
            None
        });
        if lock.is_some() {
            self.hold_reports();
        }
        lock
    }

    /// How long a refresh request may take, so that whoever waits for the lock need not wait much longer than usual.
    pub(super) fn holding(&self, limit: Option<i64>) -> i64 {
        let timeout = limit.unwrap_or(self.config.timeout);
        timeout.min(HOLDING.max(timeout / 5 * 4))
    }

    /// Gives the lock back: listeners and the caller's other functions are not called under it.
    pub(super) async fn give_back(&self, lock: &mut Option<H::Lock>) {
        if let Some(lock) = lock.take() {
            self.host.unlock(lock).await;
        }
        self.release_reports();
    }
}
