//! The lock of a store: given to one at a time, in the order of asking, and passed on a while after its holder died.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use propusk::error::{AuthError, Code};
use propusk::session::{Input, Op};

use crate::executor::{Event, Owner};
use crate::lies::Lie;
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
    /// It is given, and whoever gives it back hears nothing of that.
    KeepsSilent,
    /// Asking for it fails.
    Fails,
}

/// Who holds which key, and who waits for it.
#[derive(Default)]
pub struct Locks {
    keys: RefCell<BTreeMap<String, Key>>,
    tickets: Cell<u64>,
}

#[derive(Default)]
struct Key {
    /// With a ticket of its own, by which a lease that ends late is told.
    holder: Option<(Owner, Op, u64)>,
    waiting: VecDeque<(Owner, Op)>,
}

impl World {
    /// A context asks for a key.
    pub(crate) fn lock(self: &Rc<Self>, owner: Owner, op: Op, key: &str) {
        let lock = match self.locking.get() {
            _ if self.lie.get() == Some(Lie::LockForAll) => Ok(true),
            Locking::None => Ok(false),
            Locking::Fails => Err(AuthError::new(Code::Storage, "the lock failed")),
            Locking::Hangs => return,
            Locking::Works | Locking::KeepsSilent => {
                self.locks.keys.borrow_mut().entry(key.to_owned()).or_default().waiting.push_back((owner, op));
                return self.pass_on(key);
            }
        };
        self.executor.after(0, Event::Tells { owner, input: Input::Locked { op, lock } });
    }

    /// A context gives a key back, or waits for it no longer.
    pub(crate) fn unlock(self: &Rc<Self>, owner: Owner, op: Op) {
        let mut freed = None;
        let mut was_waiting = false;
        for (key, state) in self.locks.keys.borrow_mut().iter_mut() {
            let before = state.waiting.len();
            state.waiting.retain(|waiter| *waiter != (owner, op));
            was_waiting |= state.waiting.len() < before;
            if state.holder.is_some_and(|(holder, held, _)| (holder, held) == (owner, op)) {
                state.holder = None;
                freed = Some(key.clone());
            }
        }
        if was_waiting || self.locking.get() == Locking::Hangs {
            return;
        }
        // Also one that was stolen, or that everybody was given.
        if self.locking.get() != Locking::KeepsSilent {
            let time = self.executor.random.between(0, 2);
            self.executor.after(time, Event::Tells { owner, input: Input::Unlocked { op } });
        }
        if let Some(key) = freed {
            self.pass_on(&key);
        }
    }

    fn pass_on(self: &Rc<Self>, key: &str) {
        let next = {
            let mut keys = self.locks.keys.borrow_mut();
            let Some(state) = keys.get_mut(key).filter(|state| state.holder.is_none()) else { return };
            let Some((owner, op)) = state.waiting.pop_front() else { return };
            let ticket = self.locks.tickets.get() + 1;
            self.locks.tickets.set(ticket);
            state.holder = Some((owner, op, ticket));
            (owner, op)
        };
        let time = self.executor.random.between(0, 1);
        let input = Input::Locked { op: next.1, lock: Ok(true) };
        self.executor.after(time, Event::Tells { owner: next.0, input });
    }

    /// Takes the lock away from whoever holds it, who does not notice.
    pub fn steal_lock(self: &Rc<Self>) {
        let keys: Vec<String> = self.locks.keys.borrow().keys().cloned().collect();
        for key in keys {
            if let Some(state) = self.locks.keys.borrow_mut().get_mut(&key) {
                state.holder = None;
            }
            self.pass_on(&key);
        }
    }

    /// A context has died: it waits no longer, and what it holds is passed on when its lease is over.
    pub(crate) fn leaves_locks(&self, owner: Owner) {
        for (key, state) in self.locks.keys.borrow_mut().iter_mut() {
            state.waiting.retain(|(waiter, _)| *waiter != owner);
            if let Some((holder, _, ticket)) = state.holder
                && holder == owner
            {
                self.executor.after(LEASE, Event::Frees { key: key.clone(), ticket });
            }
        }
    }

    pub(crate) fn frees(self: &Rc<Self>, key: &str, ticket: u64) {
        if let Some(state) = self.locks.keys.borrow_mut().get_mut(key)
            && state.holder.is_some_and(|(_, _, held)| held == ticket)
        {
            state.holder = None;
        }
        self.pass_on(key);
    }
}
