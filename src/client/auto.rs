//! Renewal in the background.

use std::rc::{Rc, Weak};

use super::engine::Client;
use super::host::Host;
use super::signal::{first, work};
use crate::error::Code;

/// Longest sleep: a clock may be set, a machine may sleep, and timers of 2^31 ms overflow. Milliseconds.
const SLICE: i64 = 3_600_000;
/// Shortest and longest pause after a renewal that failed, milliseconds.
const PAUSE: (i64, i64) = (5_000, 300_000);

impl<H: Host> Client<H> {
    /// Starts to watch the current session, where `autoRefresh` asks for it.
    pub(super) fn arm(self: &Rc<Self>) {
        if !self.config.auto_refresh {
            return;
        }
        let Some(held) = self.held() else { return };
        if held.expires_at.is_none() || !self.can_renew(&held) {
            return;
        }
        let generation = self.generation();
        self.host.spawn(work(watch(Rc::downgrade(self), generation)));
    }
}

/// Sleeps and looks, until the session is another one.
async fn watch<H: Host>(client: Weak<Client<H>>, generation: u64) {
    let mut pause = PAUSE.0;
    loop {
        let Some(client) = client.upgrade() else { return };
        if client.open().is_err() || client.generation() != generation {
            return;
        }
        let Some(held) = client.held() else { return };
        let Some(left) = client.remaining(&held) else { return };
        let early = left.saturating_sub(client.margin(&held));
        let wait = if early > 0 {
            early
        } else {
            match client.renew(Code::LoginRequired, None).await {
                Ok(_) => return,
                Err(error) if error.code.retryable() => client.host.warn(error),
                Err(_) => return,
            }
            let wait = pause;
            pause = (pause * 2).min(PAUSE.1);
            wait
        };
        let changed = client.state.borrow().changed.clone();
        first(work(changed.wait()), work(client.host.sleep(wait.min(SLICE), true))).await;
    }
}
