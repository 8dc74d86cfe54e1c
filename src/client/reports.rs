//! Traces and warnings. While a lock is held they wait: no caller's function runs under it.

use std::cell::{Cell, RefCell};

use super::engine::Client;
use super::host::{Host, Trace};
use crate::error::AuthError;

/// What waits to be told.
#[derive(Default)]
pub(super) struct Reports {
    wait: Cell<bool>,
    waiting: RefCell<Vec<Report>>,
}

enum Report {
    Trace(Trace),
    Warning(AuthError),
}

impl<H: Host> Client<H> {
    /// A request has ended.
    pub fn trace(&self, trace: Trace) {
        self.report(Report::Trace(trace));
    }

    /// Trouble that the client worked around.
    pub fn warn(&self, error: AuthError) {
        self.report(Report::Warning(error));
    }

    fn report(&self, report: Report) {
        if self.reports.wait.get() {
            self.reports.waiting.borrow_mut().push(report);
            return;
        }
        match report {
            Report::Trace(trace) => self.host.trace(&trace),
            Report::Warning(error) => self.host.warn(error),
        }
    }

    /// A lock is held from now on.
    pub(super) fn hold_reports(&self) {
        self.reports.wait.set(true);
    }

    /// No lock is held any more.
    pub(super) fn release_reports(&self) {
        self.reports.wait.set(false);
        let waiting = self.reports.waiting.take();
        waiting.into_iter().for_each(|report| self.report(report));
    }
}
