//! Everything that lives while the sandbox runs.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::fault::Faults;
use crate::hold::Holds;
use crate::journal::Journal;
use crate::services::{Id, State};
use crate::settings::Settings;

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
pub(crate) struct World {
    pub(crate) desks: Vec<Arc<Desk>>,
    pub(crate) journal: Arc<Journal>,
    pub(crate) faults: Faults,
    pub(crate) holds: Arc<Holds>,
    /// Changes at every reset: whoever hangs on purpose stops then.
    pub(crate) resets: watch::Sender<()>,
    settings: Settings,
}

impl World {
    pub(crate) fn new(settings: Settings, origins: impl IntoIterator<Item = (Id, String)>) -> Self {
        let desks = origins.into_iter().map(|(id, origin)| {
            let state = Mutex::new(State::new(id, &origin, &settings));
            Arc::new(Desk { id, origin, state })
        });
        Self {
            desks: desks.collect(),
            journal: Arc::new(Journal::new(settings.quiet)),
            faults: Faults::default(),
            holds: Arc::new(Holds::new()),
            resets: watch::Sender::new(()),
            settings,
        }
    }

    /// The desks of one service, or all.
    pub(crate) fn desks(&self, service: Option<Id>) -> impl Iterator<Item = &Arc<Desk>> {
        self.desks.iter().filter(move |desk| service.is_none_or(|id| id == desk.id))
    }

    /// Back to the start.
    pub(crate) fn reset(&self) {
        self.faults.clear();
        self.holds.abandon();
        self.resets.send_replace(());
        for desk in &self.desks {
            *desk.state() = State::new(desk.id, &desk.origin, &self.settings);
        }
        self.journal.clear();
    }
}
