//! A store that contexts share. What was asked of it is carried out also when whoever asked has died since.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use propusk::error::{AuthError, Code};
use propusk::session::{Input, Op, Place};

use crate::executor::{Event, Owner};
use crate::lies::Lie;
use crate::world::{Context, World};

/// How a store behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Store {
    /// As it should.
    Works,
    /// Every operation fails.
    Fails,
    /// Writing fails: it is full.
    Full,
    /// Reading fails.
    Unreadable,
    /// No operation ends, or comes to anything.
    Hangs,
    /// No operation ends, but it is carried out.
    Mute,
    /// Operations are carried out so many milliseconds late.
    Slow(i64),
    /// Operations are carried out in time, and end so many milliseconds late.
    Dawdles(i64),
}

/// What is stored, and who hears of changes.
#[derive(Default)]
pub struct Stored {
    values: RefCell<BTreeMap<String, String>>,
    /// What each value was before.
    before: RefCell<BTreeMap<String, Option<String>>>,
    watching: RefCell<Vec<(Owner, String)>>,
    /// How often it was read.
    pub reads: Cell<u64>,
    /// How often it was asked to write.
    pub writes: Cell<u64>,
    /// What is read instead of what is there.
    pub reads_as: RefCell<Option<ReadsAs>>,
    /// Whether swaps always find something else.
    pub never_swaps: Cell<bool>,
    /// Whether comparing and writing are two steps.
    pub swaps_in_two_steps: Cell<bool>,
    /// Whether word of several changes may come as one.
    pub merges_notices: Cell<bool>,
}

/// Of how many reads before, and of what is there.
pub type ReadsAs = Box<dyn Fn(u64, Option<String>) -> Option<String>>;

/// What can be asked of a store.
pub(crate) enum Act {
    Get,
    Put(Option<String>),
    Swap(Option<String>, Option<String>),
}

/// One operation.
pub(crate) struct Asked {
    pub(crate) owner: Owner,
    pub(crate) op: Op,
    pub(crate) key: String,
    pub(crate) act: Act,
    /// When whoever asked hears of it, after it is carried out; `None`: never.
    ends_after: Option<i64>,
}

/// Where a value stands.
pub(crate) fn full_key(place: Place, key: &str) -> String {
    [if place == Place::Session { "session " } else { "pending " }, key].concat()
}

impl World {
    /// A context asks its store for something.
    pub(crate) fn ask_store(self: &Rc<Self>, owner: Owner, op: Op, place: Place, key: &str, act: Act) {
        let random = &self.executor.random;
        let (soon, mut ends_after) = (random.between(0, 3), Some(random.between(0, 2)));
        let is_read = matches!(act, Act::Get);
        let count = if is_read { &self.stored.reads } else { &self.stored.writes };
        count.set(count.get() + 1);
        let late = match self.store.get() {
            Store::Works => 0,
            Store::Slow(late) => late,
            Store::Dawdles(late) => {
                ends_after = Some(late);
                0
            }
            Store::Mute => {
                ends_after = None;
                0
            }
            Store::Full if is_read => 0,
            Store::Unreadable if !is_read => 0,
            Store::Hangs => return,
            Store::Full | Store::Unreadable | Store::Fails => {
                let error = AuthError::new(Code::Storage, "the store failed");
                let input = if is_read {
                    Input::Loaded { op, record: Err(error) }
                } else {
                    Input::Swapped { op, done: Err(error) }
                };
                return self.executor.after(soon, Event::Tells { owner, input });
            }
        };
        let asked = Asked { owner, op, key: full_key(place, key), act, ends_after };
        self.executor.after(soon + late, Event::Acts(Box::new(asked)));
    }

    /// A store carries out what it was asked.
    pub(crate) fn acts(self: &Rc<Self>, mut asked: Asked) {
        let current = self.stored.values.borrow().get(&asked.key).cloned();
        let input = match std::mem::replace(&mut asked.act, Act::Get) {
            Act::Get => Input::Loaded { op: asked.op, record: Ok(self.as_read(&asked.key, current)) },
            Act::Put(value) => {
                self.writes(asked.owner, &asked.key, current, value);
                Input::Swapped { op: asked.op, done: Ok(true) }
            }
            Act::Swap(expected, value) => {
                let fits =
                    !self.stored.never_swaps.get() && current == expected || self.lie.get() == Some(Lie::SwapAlways);
                if fits && self.stored.swaps_in_two_steps.get() {
                    asked.act = Act::Put(value);
                    let time = self.executor.random.between(0, 3);
                    return self.executor.after(time, Event::Acts(Box::new(asked)));
                }
                if fits {
                    self.writes(asked.owner, &asked.key, current, value);
                }
                Input::Swapped { op: asked.op, done: Ok(fits || self.lie.get() == Some(Lie::SwapSaysSo)) }
            }
        };
        if let Some(time) = asked.ends_after {
            self.executor.after(time, Event::Tells { owner: asked.owner, input });
        }
    }

    fn as_read(&self, key: &str, current: Option<String>) -> Option<String> {
        if let Some(reads_as) = &*self.stored.reads_as.borrow() {
            return reads_as(self.stored.reads.get(), current);
        }
        match self.lie.get() {
            Some(Lie::LoadLast) => self.stored.before.borrow().get(key).cloned().unwrap_or(current),
            Some(Lie::LoadNothing) if self.executor.random.one_in(8) => None,
            _ => current,
        }
    }

    fn writes(self: &Rc<Self>, owner: Owner, key: &str, before: Option<String>, after: Option<String>) {
        if self.lie.get() == Some(Lie::WriteNothing) {
            return;
        }
        if key.starts_with("session ") {
            self.witness().writes(owner, key, before.as_deref(), after.as_deref());
        }
        self.stored.before.borrow_mut().insert(key.to_owned(), before);
        match after {
            Some(value) => self.stored.values.borrow_mut().insert(key.to_owned(), value),
            None => self.stored.values.borrow_mut().remove(key),
        };
        self.tell_watchers(owner, key);
    }

    /// Lets a context hear of every change by others.
    pub fn watch(&self, context: &Context) {
        let key = full_key(Place::Session, &context.key);
        self.stored.watching.borrow_mut().push((context.host.owner, key));
    }

    fn tell_watchers(self: &Rc<Self>, by: Owner, key: &str) {
        if self.lie.get() == Some(Lie::NoNotices) {
            return;
        }
        for (owner, watched) in self.stored.watching.borrow().iter() {
            if *owner == by || watched != key {
                continue;
            }
            let Some(context) = self.find(*owner) else { continue };
            // One that is still on its way tells of this change too.
            if context.is_noticing.replace(true) && self.stored.merges_notices.get() {
                continue;
            }
            let time = self.executor.random.between(0, 20);
            self.executor.after(time, Event::Notices { owner: *owner });
        }
    }

    /// The one session record, if there is one.
    pub fn record(&self) -> Option<String> {
        let values = self.stored.values.borrow();
        values.iter().find(|(key, _)| key.starts_with("session ")).map(|(_, value)| value.clone())
    }

    /// The record of the account of a context.
    pub fn record_of(&self, context: &Context) -> Option<String> {
        self.stored.values.borrow().get(&full_key(Place::Session, &context.key)).cloned()
    }

    /// What another program does to the session record.
    pub fn put_record(&self, record: Option<&str>) {
        let mut values = self.stored.values.borrow_mut();
        let key = values.keys().find(|key| key.starts_with("session ")).cloned().unwrap();
        match record {
            Some(record) => values.insert(key, record.to_owned()),
            None => values.remove(&key),
        };
    }

    /// What another program puts where a context keeps its session.
    pub fn restore_record(&self, context: &Context, record: &str) {
        self.stored.values.borrow_mut().insert(full_key(Place::Session, &context.key), record.to_owned());
    }

    /// Whether a login waits for its callback.
    pub fn has_pending(&self) -> bool {
        self.stored.values.borrow().keys().any(|key| key.starts_with("pending "))
    }
}
