//! Open, closing, closed.

use super::{Input, Output, Session, Timer};
use crate::error::{AuthError, Code};

/// How long what must get into the store goes on after `close`, milliseconds.
const LINGER: i64 = 5_000;

/// Whether the client is in use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Lifecycle {
    Open,
    /// Nobody waits any more, but a refresh token is out or a logout is on its way to the store: whoever opens that next
    /// needs what comes of it.
    Closing,
    Closed,
}

impl Lifecycle {
    pub(super) fn is_open(self) -> bool {
        self == Self::Open
    }
}

impl Session {
    pub(super) fn close(&mut self) {
        let waiting: Vec<_> = self.calls.iter().map(|call| call.id).collect();
        for call in waiting {
            self.settle(call, Err(closed()));
        }
        self.abandon_login();
        self.abandon_checks();
        self.abandon_redirects();
        self.store.retain_what_must_end(self.renewal.must_end());
        self.renewal.deferred.retain(|output| matches!(output, Output::Trace(_)));
        if !self.renewal.must_end() {
            self.drop_renewal();
        }
        for timer in [Timer::Refresh, Timer::Resync, Timer::Sync] {
            self.stop(timer);
        }
        self.lifecycle = Lifecycle::Closing;
        if self.is_needed() {
            self.set(Timer::CloseDeadline, LINGER);
        } else {
            self.end();
        }
    }

    fn is_needed(&self) -> bool {
        self.means.has_store && (self.renewal.must_end() || self.store.is_busy())
    }

    /// Nothing is left to be done for the store.
    pub(super) fn end_if_idle(&mut self) {
        if self.lifecycle == Lifecycle::Closing && !self.is_needed() {
            self.end();
        }
    }

    /// The end: operations, timers and secrets go.
    pub(super) fn end(&mut self) {
        self.drop_renewal();
        self.lifecycle = Lifecycle::Closed;
        while let Some(exchange) = self.exchanges.first().map(|exchange| exchange.id) {
            self.cancel(exchange);
        }
        while let Some(timer) = self.timers.first().copied() {
            self.stop(timer);
        }
        self.account = Default::default();
        self.login = Default::default();
        self.redirect = Default::default();
        self.store = Default::default();
        self.backoff = Default::default();
        self.out.push(Output::Wipe);
    }

    /// Calls after `close` are told so; of operations only what must end is still heard.
    pub(super) fn take_after_close(&mut self, input: Input) {
        if let Some(call) = input.call() {
            return self.out.push(Output::Settle { call, result: Err(closed()) });
        }
        match (self.lifecycle, input) {
            // A lock that comes after all is given back.
            (_, input @ Input::Locked { .. }) => self.take_answer(input),
            (Lifecycle::Closed, _) => {}
            (_, input) => self.take_answer(input),
        }
    }
}

fn closed() -> AuthError {
    AuthError::new(Code::Closed, "the client was closed").hint("Create a new one with `AuthClient.create`.")
}
