//! The stored session: read, compared, replaced; memory serves when the store fails.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::engine::Client;
use super::guard::Guard;
use super::held::Held;
use super::host::{Host, Kept};
use super::signal::{Signal, Work, first, work};
use super::version::Version;
use crate::error::{AuthError, Code, Result};

/// Longest wait for a store, milliseconds: as long as it works, and once it was found to hang.
const PATIENCE: (i64, i64) = (5_000, 1_000);
const IN_MEMORY: &str =
    "The client goes on in memory: what changes until the store works again, a logout as well, is lost when it ends.";
/// How long a renewal that is under way goes on after `close`, so that its tokens get into the store, milliseconds.
pub(super) const LINGER: i64 = 5_000;
/// How often something else may get into the store between a look and a write before the write goes ahead.
pub(super) const MOST_LOOKS: u32 = 8;

/// What a store may fail at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    Reading,
    Writing,
}

/// What the client knows of its store.
#[derive(Default)]
pub(super) struct Shelf {
    /// What the store failed at, until it does that again.
    fails_at: Cell<Option<At>>,
    /// Whether it was found to hang.
    pub(super) hangs: Cell<bool>,
    /// The login of which it is known to have held a session: then an empty store means that somebody signed out.
    pub(super) has_held: Cell<Option<i64>>,
    /// The newest login that is known.
    pub(super) newest: Cell<i64>,
    /// Logins that are known, and up to which renewal they are over: those are not taken from the store any more. Each
    /// for itself: another machine's clock, which numbers its logins, may be behind.
    pub(super) over: RefCell<Vec<Version>>,
    /// Set while the store does not hold what memory holds.
    pub(super) lags: Cell<bool>,
    /// Set while somebody sees to that.
    pub(super) is_mending: Cell<bool>,
    /// Set while a look for changes is under way, and while another one is wanted after it.
    pub(super) is_syncing: Cell<bool>,
    pub(super) is_sync_wanted: Cell<bool>,
}

/// What the store holds, against what memory holds.
pub(super) enum Stored {
    /// The same, or nothing that could be used.
    Same,
    /// A newer session, which another context wrote.
    Newer(Rc<Held>),
    /// Something older, or nothing yet: what memory holds has not come there.
    Older,
    /// Nothing any more: another context signed out.
    Gone,
}

/// A look into the store.
pub(super) struct Look {
    pub(super) stored: Stored,
    /// What was read, as it was; `None` when nothing could be read.
    pub(super) record: Option<Option<String>>,
}

impl<H: Host> Client<H> {
    /// Whether the session may be in the store, unread.
    pub(super) fn is_unread(&self) -> bool {
        self.shelf.fails_at.get() == Some(At::Reading)
    }

    /// Whether the store was found to hang: it is not worth asking it again at once.
    pub(super) fn store_hangs(&self) -> bool {
        self.shelf.hangs.get()
    }

    /// Compares the store with what memory holds.
    pub(super) async fn look(&self, held: Option<&Held>) -> Look {
        if !self.host.has_store() || held.is_some_and(|held| !held.can_be_stored()) {
            return Look { stored: Stored::Same, record: None };
        }
        let key = self.config.store_key();
        let loaded = self.patiently(At::Reading, work(self.host.load(Kept::Session, &key))).await;
        let Ok(record) = loaded else { return Look { stored: Stored::Same, record: None } };
        let stored = match (&record, held) {
            (None, None) => Stored::Same,
            (None, Some(held)) if self.shelf.has_held.get() == Some(held.version.login) => Stored::Gone,
            (None, Some(_)) => Stored::Older,
            (Some(record), held) => self.compare(record, held),
        };
        Look { stored, record: Some(record) }
    }

    fn compare(&self, record: &str, held: Option<&Held>) -> Stored {
        let read = Held::from_record(record, &self.config, self.host.now(), self.host.monotonic());
        let Some(mut stored) = read else { return Stored::Same };
        let is_older = match held {
            Some(held)
                if stored.same_tokens(held)
                    && (stored.version <= held.version || stored.expires_at == held.expires_at) =>
            {
                self.shelf.has_held.set(Some(stored.version.login));
                self.shelf.lags.set(false);
                return Stored::Same;
            }
            Some(held) => stored.version < held.version,
            None => self.is_over(stored.version),
        };
        if is_older {
            return Stored::Older;
        }
        // Options may have changed since it was written.
        stored.api_base = self.accepted_base(stored.api_base.take());
        Stored::Newer(Rc::new(stored))
    }

    /// Writes `held` in the place of `before`, unless the store has come to hold something newer, or nothing: then that
    /// is told, and nothing is written.
    pub(super) async fn replace(self: &Rc<Self>, before: &Held, held: Option<&Held>) -> Stored {
        let looks = if self.host.has(Guard::Compare) { MOST_LOOKS } else { 0 };
        for _ in 0..looks {
            let look = self.look(Some(before)).await;
            if matches!(look.stored, Stored::Newer(_) | Stored::Gone) {
                return look.stored;
            }
            if look.record.is_none() && self.host.has_store() && (held.is_none() || self.store_hangs()) {
                // What cannot be seen is not removed, nor overwritten some time later: it may be newer. A later look mends it.
                self.lag();
                return Stored::Same;
            }
            if self.put(look.record, held).await {
                return Stored::Same;
            }
        }
        self.put(None, held).await;
        Stored::Same
    }

    /// Writes a new login, as the newest one of all that are known here or stored.
    pub(super) async fn put_login(self: &Rc<Self>, mut held: Held) -> Rc<Held> {
        for _ in 0..MOST_LOOKS {
            let look = self.look(None).await;
            if let Stored::Newer(stored) = &look.stored {
                self.know(stored);
            }
            held.version = Version::of_login(self.host.now(), self.newest_login());
            self.know(&held);
            if self.open().is_err() {
                // Nobody waits for this login any more, and others may have come since.
                return Rc::new(held);
            }
            if self.put(look.record, Some(&held)).await {
                return Rc::new(held);
            }
        }
        self.put(None, Some(&held)).await;
        Rc::new(held)
    }

    /// Empties the store for a logout, and takes note of what was there, lest it come back; unless somebody has signed in
    /// here since.
    pub(super) async fn empty(self: &Rc<Self>, before: Option<&Held>) -> Option<Rc<Held>> {
        let mut newest = None;
        if self.held().is_none() {
            if let Stored::Newer(stored) = self.look(before).await.stored {
                self.know(&stored);
                newest = Some(stored);
            }
            self.forget_logins();
        }
        self.put_current().await;
        newest
    }

    /// Writes what memory holds now, whatever the store holds.
    pub(super) async fn put_current(self: &Rc<Self>) {
        let held = self.held();
        self.put(None, held.as_deref()).await;
    }

    /// Puts a session, or nothing, in the place of the record that was read, where one was. False: something else is
    /// there by now.
    pub(super) async fn put(self: &Rc<Self>, seen: Option<Option<String>>, held: Option<&Held>) -> bool {
        if !self.host.has_store() {
            return true;
        }
        let record = held.filter(|held| held.can_be_stored()).map(|held| held.to_record(&self.config));
        if record.is_none() && matches!(seen, Some(None)) {
            return true;
        }
        let login = record.as_ref().and_then(|_| Some(held?.version.login));
        // On its own: a write that takes too long is not called back, and what it does in the end is looked at.
        let done: Rc<Signal<Result<bool>>> = Rc::default();
        let (client, waiting, is_removal) = (self.clone(), Rc::downgrade(&done), record.is_none());
        self.host.spawn(work(async move {
            let key = client.config.store_key();
            let (host, kept) = (&client.host, Kept::Session);
            let result = match (seen, record) {
                (Some(seen), record) => host.swap(kept, &key, seen.as_deref(), record.as_deref()).await,
                (None, Some(record)) => host.save(kept, &key, &record).await.map(|()| true),
                (None, None) => host.remove(kept, &key).await.map(|()| true),
            };
            if let Some(done) = waiting.upgrade() {
                return done.set(result);
            }
            client.shelf.hangs.set(false);
            if is_removal {
                // That the store is empty is our own doing.
                client.shelf.has_held.set(None);
            }
            client.sync().await;
        }));
        let result = self.patiently(At::Writing, work(done.wait())).await;
        match result {
            Ok(true) => {
                self.shelf.lags.set(false);
                if login.is_some() {
                    self.shelf.has_held.set(login);
                }
                true
            }
            Ok(false) => false,
            // Memory serves.
            Err(_) => {
                self.lag();
                true
            }
        }
    }

    /// Waits for the session's store.
    async fn patiently<T>(&self, at: At, asked: Work<'_, Result<T>>) -> Result<T> {
        let result = self.in_time(at, asked).await;
        match &result {
            Ok(_) => {
                if self.shelf.fails_at.get() == Some(at) {
                    self.shelf.fails_at.set(None);
                }
            }
            Err(error) if self.open().is_ok() => {
                let remedy = error.hint.as_deref().unwrap_or_default();
                let parts = [remedy, if remedy.is_empty() { "" } else { " " }, IN_MEMORY];
                self.warn_of_store(error.clone().hint_of(&parts));
                self.shelf.fails_at.set(self.shelf.fails_at.get().or(Some(at)));
            }
            Err(_) => {}
        }
        result
    }

    /// Trouble with the store is told once an outage.
    pub fn warn_of_store(&self, error: AuthError) {
        if self.shelf.fails_at.get().is_none() {
            self.warn(error);
        }
    }

    /// Waits for a store, but not for ever, and not long after `close`.
    pub(super) async fn in_time<T>(&self, at: At, asked: Work<'_, Result<T>>) -> Result<T> {
        let patience = if self.shelf.hangs.get() { PATIENCE.1 } else { PATIENCE.0 };
        let late = work(async {
            if self.open().is_ok() {
                first(work(self.host.sleep(patience, false)), work(async { drop(self.closed.wait().await) })).await;
            }
            if self.open().is_err() {
                self.host.sleep(LINGER, true).await;
            }
            Ok(None)
        });
        let asked = work(async { asked.await.map(Some) });
        let answer = first(asked, late).await;
        self.shelf.hangs.set(matches!(answer, Ok(None)));
        answer?.ok_or_else(|| {
            let doing = if at == At::Reading { "`get`" } else { "`set` or `delete`" };
            AuthError::of(Code::Storage, &[doing, " of the store did not end in time"])
        })
    }
}
