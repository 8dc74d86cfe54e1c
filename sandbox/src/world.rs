//! Everything that lives while the sandbox runs.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use tokio::sync::watch;

use crate::control;
use crate::fault::{Fault, Faults};
use crate::hold::Holds;
use crate::host::Host;
use crate::journal::{Entry, Journal};
use crate::options::Defaults;
use crate::services::{Id, State};

/// One service and its state.
pub(crate) struct Desk {
    pub(crate) id: Id,
    origin: String,
    state: Mutex<State>,
}

impl Desk {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The services, and what they share.
pub struct World {
    pub(crate) host: Host,
    pub(crate) desks: Vec<Arc<Desk>>,
    pub(crate) journal: Arc<Journal>,
    pub(crate) faults: Faults,
    pub(crate) holds: Arc<Holds>,
    /// Changes at every reset: whoever hangs on purpose stops then.
    resets: watch::Sender<()>,
    defaults: Defaults,
}

impl World {
    /// The services at `origins`, in the order of [`Id::ALL`].
    pub fn new(host: Host, defaults: Defaults, origins: impl IntoIterator<Item = String>) -> Self {
        let desks = Id::ALL.into_iter().zip(origins).map(|(id, origin)| {
            let state = Mutex::new(State::new(id, &origin, &defaults, host));
            Arc::new(Desk { id, origin, state })
        });
        Self {
            host,
            desks: desks.collect(),
            journal: Arc::new(Journal::new(host.log)),
            faults: Faults::default(),
            holds: Arc::new(Holds::new()),
            resets: watch::Sender::new(()),
            defaults,
        }
    }

    /// The desks of one service, or all.
    pub(crate) fn desks(&self, service: Option<Id>) -> impl Iterator<Item = &Arc<Desk>> {
        self.desks.iter().filter(move |desk| service.is_none_or(|id| id == desk.id))
    }

    /// What answers at the control port.
    pub fn control(self: &Arc<Self>) -> Router {
        control::router(Arc::clone(self))
    }

    /// The requests to one service, or to all, in order of arrival.
    #[must_use]
    pub fn requests(&self, service: Option<Id>) -> Vec<Entry> {
        self.journal.entries(service)
    }

    /// Spoils answers: `{service, purpose, times, kinds}` as JSON, of which `purpose` and `times` may be null: any, and
    /// for ever.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn fault(&self, given: &str) -> Result<(), String> {
        Fault::of_kinds(given).map(|fault| self.faults.add(fault))
    }

    /// Access tokens issued till now, of one service or all, are refused from now on.
    pub fn expire(&self, service: Option<Id>) {
        self.desks(service).for_each(|desk| desk.state().expire());
    }

    /// And refresh tokens as well.
    pub fn revoke(&self, service: Option<Id>) {
        self.desks(service).for_each(|desk| desk.state().revoke());
    }

    /// Back to the start.
    pub fn reset(&self) {
        self.faults.clear();
        self.holds.abandon();
        self.resets.send_replace(());
        for desk in &self.desks {
            *desk.state() = State::new(desk.id, &desk.origin, &self.defaults, self.host);
        }
        self.journal.clear();
    }

    /// Waits for the next reset.
    pub fn until_reset(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut resets = self.resets.subscribe();
        async move { drop(resets.changed().await) }
    }
}
