//! Memory and the store come to agree: on what other contexts wrote, and on what did not come to stay.

use std::rc::Rc;

use super::engine::{Client, signed_out};
use super::host::{Change, Host};
use super::renewal::Renewal;
use super::signal::{first, work};
use super::store::{MOST_LOOKS, Stored};

/// Pauses between attempts to make the store hold what memory holds, doubling, milliseconds.
const MENDING: (i64, i64) = (1_000, 60_000);
/// Pause between two looks for changes that a store tells of, milliseconds.
const SYNC_PAUSE: i64 = 20;

impl<H: Host> Client<H> {
    /// Takes over a session that the store holds.
    pub async fn restore(self: &Rc<Self>) {
        let generation = self.generation();
        if let Stored::Newer(held) = self.look(None).await.stored
            && self.generation() == generation
        {
            self.remember(&held, Change::Sync);
            self.state.borrow_mut().held = Some(held);
            self.arm();
        }
    }

    /// Looks for what other contexts did, soon after it is told of: one look at a time, and one after it, however often
    /// that is told.
    pub async fn heed_changes(self: &Rc<Self>) {
        self.shelf.is_sync_wanted.set(true);
        if self.shelf.is_syncing.replace(true) {
            return;
        }
        while self.shelf.is_sync_wanted.replace(false) && self.open().is_ok() {
            self.sync().await;
            if self.shelf.is_sync_wanted.get() {
                self.host.sleep(SYNC_PAUSE, true).await;
            }
        }
        self.shelf.is_syncing.set(false);
    }

    /// Takes over what another context wrote; writes again what did not come to stay.
    pub async fn sync(self: &Rc<Self>) {
        for _ in 0..MOST_LOOKS {
            // A renewal looks into the store itself, before it sends and before it writes.
            if let Some(renewal) = self.busy_renewal() {
                let _ = renewal.result.wait().await;
            }
            // What is being written is no news.
            let _turn = self.writes.take().await;
            let generation = self.generation();
            let held = self.held();
            let look = self.look(held.as_deref()).await;
            // What is in the store goes with a logout that was begun.
            if self.open().is_err() || self.leaving.get() > 0 {
                return;
            }
            if self.generation() != generation || self.busy_renewal().is_some() {
                continue;
            }
            match look.stored {
                Stored::Same => {}
                Stored::Newer(newer) => {
                    // Credentials that are being asked for may still be needed.
                    if self.is_good(&newer) {
                        self.settle_renewal(Ok(()));
                    }
                    self.adopt(Some(newer), Change::Sync);
                }
                Stored::Gone => {
                    self.settle_renewal(Err(signed_out()));
                    self.adopt(None, Change::Sync);
                }
                Stored::Older => {
                    if !self.put(look.record, held.as_deref()).await {
                        continue;
                    }
                }
            }
            return;
        }
    }

    /// The renewal in progress, unless it waits for somebody to give credentials, which may take its time.
    fn busy_renewal(&self) -> Option<Rc<Renewal>> {
        self.state.borrow().renewal.clone().filter(|renewal| !renewal.asking.get())
    }

    /// Whether the store does not hold what memory holds.
    pub(super) fn lags(&self) -> bool {
        self.shelf.lags.get()
    }

    /// The store does not hold what memory holds: that is seen to, now and then, until it does or the client is closed.
    pub(super) fn lag(self: &Rc<Self>) {
        self.shelf.lags.set(true);
        // What hangs is looked at when it ends.
        let is_in_vain = self.shelf.hangs.get() || self.open().is_err();
        if is_in_vain || self.shelf.is_mending.replace(true) {
            return;
        }
        let client = self.clone();
        self.host.spawn(work(async move {
            let mut pause = MENDING.0;
            while client.lags() && !client.store_hangs() && client.open().is_ok() {
                let closed = work(async { drop(client.closed.wait().await) });
                first(closed, work(client.host.sleep(pause, true))).await;
                pause = (pause * 2).min(MENDING.1);
                client.sync().await;
            }
            client.shelf.is_mending.set(false);
        }));
    }
}
