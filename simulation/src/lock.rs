//! The lock of a store: given to one at a time, and passed on a while after its holder died.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use propusk::client::signal::{Signal, work};

use crate::executor::Owner;
use crate::world::World;

/// How long the lock of a holder that died stays taken, milliseconds.
pub const LEASE: i64 = 5_000;

/// How the lock behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Locking {
    /// The store has none.
    None,
    /// It is given to one at a time.
    Works,
    /// It is never given.
    Hangs,
}

/// Who holds which key.
#[derive(Default)]
pub struct Locks {
    holders: RefCell<BTreeMap<String, u64>>,
    tickets: Cell<u64>,
    freed: RefCell<Rc<Signal<()>>>,
}

impl Locks {
    /// Waits for the key.
    pub async fn take(world: &Rc<World>, owner: Owner, key: &str) -> Held {
        let locks = &world.locks;
        while locks.holders.borrow().contains_key(key) {
            let freed = locks.freed.borrow().clone();
            freed.wait().await;
        }
        let ticket = locks.tickets.get() + 1;
        locks.tickets.set(ticket);
        locks.holders.borrow_mut().insert(key.to_owned(), ticket);
        Held { world: world.clone(), owner, key: key.to_owned(), ticket }
    }

    /// Takes the lock away from whoever holds it, who does not notice.
    pub fn steal(&self) {
        self.holders.borrow_mut().clear();
        self.freed.take().set(());
    }

    fn free(&self, key: &str, ticket: u64) {
        let is_holders = self.holders.borrow().get(key) == Some(&ticket);
        if is_holders {
            self.holders.borrow_mut().remove(key);
            self.freed.take().set(());
        }
    }
}

/// Gives the lock back when dropped; a context that died does not get to do that.
pub struct Held {
    world: Rc<World>,
    owner: Owner,
    key: String,
    ticket: u64,
}

impl Drop for Held {
    fn drop(&mut self) {
        if self.world.is_alive(self.owner) {
            return self.world.locks.free(&self.key, self.ticket);
        }
        let (world, key, ticket) = (self.world.clone(), std::mem::take(&mut self.key), self.ticket);
        self.world.executor.spawn(work(async move {
            world.executor.sleep(LEASE).await;
            world.locks.free(&key, ticket);
        }));
    }
}
