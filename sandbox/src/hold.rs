//! Requests that wait for a signal, so that tests can decide in which order things happen.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{oneshot, watch};

use crate::journal::Purpose;
use crate::services::Id;

struct Held {
    service: Id,
    purpose: Purpose,
    go: oneshot::Sender<()>,
}

/// The requests that wait.
pub(crate) struct Holds {
    held: Mutex<(u64, BTreeMap<u64, Held>)>,
    changed: watch::Sender<()>,
}

/// The sandbox was reset: whoever waited is cut off.
pub(crate) struct Abandoned;

impl Holds {
    pub(crate) fn new() -> Self {
        Self { held: Mutex::default(), changed: watch::Sender::new(()) }
    }

    fn held(&self) -> MutexGuard<'_, (u64, BTreeMap<u64, Held>)> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until released.
    pub(crate) async fn wait(self: &Arc<Self>, service: Id, purpose: Purpose) -> Result<(), Abandoned> {
        let (go, released) = oneshot::channel();
        let n = {
            let mut held = self.held();
            held.0 += 1;
            let n = held.0;
            held.1.insert(n, Held { service, purpose, go });
            n
        };
        // Also when this future is dropped because the client left.
        let _place = Place { holds: Arc::clone(self), n };
        self.changed.send_replace(());
        released.await.map_err(|_| Abandoned)
    }

    pub(crate) fn count(&self, service: Option<Id>, purpose: Option<Purpose>) -> usize {
        let fits = |held: &&Held| {
            service.is_none_or(|id| id == held.service) && purpose.is_none_or(|purpose| purpose == held.purpose)
        };
        self.held().1.values().filter(fits).count()
    }

    /// Waits until at least so many are held.
    pub(crate) async fn at_least(&self, service: Option<Id>, purpose: Option<Purpose>, wanted: usize) {
        let mut changed = self.changed.subscribe();
        while self.count(service, purpose) < wanted {
            if changed.changed().await.is_err() {
                return;
            }
        }
    }

    /// Lets those go that wait now.
    pub(crate) fn release(&self, service: Option<Id>, purpose: Option<Purpose>) -> usize {
        let mut released = 0;
        let mut held = self.held();
        let waiting = std::mem::take(&mut held.1);
        for (n, one) in waiting {
            let fits = service.is_none_or(|id| id == one.service) && purpose.is_none_or(|asked| asked == one.purpose);
            if !fits {
                held.1.insert(n, one);
            } else if one.go.send(()).is_ok() {
                released += 1;
            }
        }
        released
    }

    /// Cuts everybody off.
    pub(crate) fn abandon(&self) {
        self.held().1.clear();
    }
}

struct Place {
    holds: Arc<Holds>,
    n: u64,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.holds.held().1.remove(&self.n);
        self.holds.changed.send_replace(());
    }
}
