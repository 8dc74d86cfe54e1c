//! The stored session: read, written and removed in turn; memory serves when the store fails.

use std::rc::Rc;

use super::engine::Client;
use super::held::Held;
use super::host::{Change, Host, Kept};
use super::signal::{Work, first, work};
use crate::error::{AuthError, Code, Result};

/// What a store may fail at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    Reading,
    Writing,
}

/// What a look into the store shows, against what memory holds.
pub(super) enum Stored {
    /// The same, or nothing that could be used.
    Same,
    /// Another session, which another context wrote.
    Newer(Rc<Held>),
    /// Nothing: another context signed out.
    Gone,
}

impl<H: Host> Client<H> {
    /// Takes over a session that the store holds.
    pub async fn restore(self: &Rc<Self>) {
        if let Some(held) = self.read_store().await.flatten() {
            self.state.borrow_mut().held = Some(held);
            self.arm();
        }
    }

    /// Takes over what another context wrote.
    pub async fn sync(self: &Rc<Self>) {
        // A renewal looks into the store itself, before it sends and before it writes.
        let renewal = self.state.borrow().renewal.clone();
        if let Some(renewal) = renewal {
            let _ = renewal.result.wait().await;
        }
        let generation = self.generation();
        let held = self.held();
        let stored = self.look(held.as_deref()).await;
        if self.generation() != generation || self.open().is_err() {
            return;
        }
        match stored {
            Stored::Same => {}
            Stored::Newer(newer) => {
                self.overtake_renewal();
                self.adopt(Some(newer), Change::Sync);
            }
            Stored::Gone => {
                self.overtake_renewal();
                self.adopt(None, Change::Sync);
            }
        }
    }

    /// Compares the store with what memory holds.
    pub(super) async fn look(&self, held: Option<&Held>) -> Stored {
        if !self.host.has_store() || self.store_lags.get() || held.is_some_and(|held| !held.can_be_stored()) {
            return Stored::Same;
        }
        match (self.read_store().await, held) {
            (None, _) | (Some(None), None) => Stored::Same,
            (Some(None), Some(_)) => Stored::Gone,
            (Some(Some(stored)), Some(held)) if stored.same_tokens(held) => Stored::Same,
            (Some(Some(stored)), _) => Stored::Newer(stored),
        }
    }

    /// `None`: the store failed, or holds something that is no session of this client. `Some(None)`: it is empty.
    async fn read_store(&self) -> Option<Option<Rc<Held>>> {
        let key = self.config.store_key();
        let loaded = self.unless_closed(work(self.host.load(Kept::Session, &key))).await;
        if loaded.is_ok() {
            self.store_works(At::Reading);
        }
        match loaded {
            Ok(None) => Some(None),
            Ok(Some(record)) => {
                let held = Held::from_record(&record, &self.config, self.host.now(), self.host.monotonic());
                held.map(|mut held| {
                    // Options may have changed since it was written.
                    held.api_base = self.accepted_base(held.api_base.take());
                    Some(Rc::new(held))
                })
            }
            Err(error) => {
                self.store_failed(At::Reading, error);
                None
            }
        }
    }

    /// Writes what memory holds now: the session, or nothing.
    pub(super) async fn write_store(&self, held: Option<&Held>) {
        if !self.host.has_store() {
            return;
        }
        let key = self.config.store_key();
        let result = match held.filter(|held| held.can_be_stored()) {
            Some(held) => {
                let record = held.to_record(&self.config);
                self.unless_closed(work(self.host.save(Kept::Session, &key, &record))).await
            }
            None => self.unless_closed(work(self.host.remove(Kept::Session, &key))).await,
        };
        match result {
            Ok(()) => {
                self.store_lags.set(false);
                self.store_works(At::Writing);
            }
            Err(error) => {
                self.store_failed(At::Writing, error);
                self.store_lags.set(true);
            }
        }
    }

    /// What a store was asked for has been asked for, also when the client is closed; only the wait ends.
    async fn unless_closed<T>(&self, asked: Work<'_, Result<T>>) -> Result<T> {
        first(asked, work(async { Err(self.closed.wait().await) })).await
    }

    /// Warns once an outage.
    fn store_failed(&self, at: At, error: AuthError) {
        if error.code == Code::Closed {
            return;
        }
        if self.store_fails_at.get().is_none() {
            self.store_fails_at.set(Some(at));
            self.warn(error.hint("The client goes on in memory: the session is lost when it ends."));
        }
    }

    fn store_works(&self, at: At) {
        if self.store_fails_at.get() == Some(at) {
            self.store_fails_at.set(None);
        }
    }
}
