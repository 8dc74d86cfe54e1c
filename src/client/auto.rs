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
/// No token younger than this is renewed in the background, however short its life, milliseconds.
const YOUNGEST: i64 = 500;

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
        let age = client.host.now().saturating_sub(held.obtained_at).max(0);
        let early = left.saturating_sub(client.margin(&held)).max(YOUNGEST.saturating_sub(age));
        let wait = if early > 0 {
            early
        } else {
            let Err(error) = client.renew(Code::LoginRequired, None).await else { return };
            let is_over = client.generation() != generation || client.open().is_err();
            if is_over || matches!(error.code, Code::Aborted | Code::Closed) {
                return;
            }
            let wait = error.retry_after.unwrap_or(0).max(pause);
            pause = (pause * 2).min(PAUSE.1);
            client.warn(error);
            wait
        };
        let (changed, woken) = (client.state.borrow().changed.clone(), client.woken.borrow().clone());
        let due = first(work(woken.wait()), work(client.host.sleep(wait.min(SLICE), true)));
        first(work(changed.wait()), work(due)).await;
    }
}
