//! What will happen, one event at a time: by virtual time, and by a seed where several are due at once.

use std::cell::{Cell, OnceCell, RefCell};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::rc::{Rc, Weak};

use propusk::error::Result;
use propusk::protocol::request::Request;
use propusk::protocol::response::Response;
use propusk::session::{Input, Op, Timer};

use crate::calls::{Call, Started};
use crate::random::Random;
use crate::store::Asked;
use crate::world::World;

/// Events after which a run counts as one that never ends.
const MOST_EVENTS: u64 = 2_000_000;

/// One life of a context.
pub type Owner = u64;

/// What a test thinks of.
pub(crate) type Doing = Box<dyn FnOnce(&Rc<World>)>;

/// What is due at a moment.
pub(crate) enum Event {
    /// A request comes to the provider, whoever has gone away since.
    Arrives { owner: Owner, op: Op, request: Rc<Request> },
    /// Its answer comes back.
    Answers { owner: Owner, op: Op, request: Rc<Request>, answer: Result<Response> },
    /// It is waited for no longer.
    TimesOut { owner: Owner, op: Op },
    /// A store carries out what it was asked.
    Acts(Box<Asked>),
    /// A context learns of something.
    Tells { owner: Owner, input: Input },
    /// A context learns that others have changed the store.
    Notices { owner: Owner },
    /// A timer of a context is due, unless it was set again or stopped.
    Fires { owner: Owner, timer: Timer, number: u64 },
    /// A lock whose holder died is free.
    Frees { key: String, ticket: u64 },
    /// Something else.
    Does(Doing),
}

struct Due {
    at: i64,
    order: u64,
    event: Event,
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        (self.at, self.order) == (other.at, other.order)
    }
}

impl Eq for Due {}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Due {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        Reverse((self.at, self.order)).cmp(&Reverse((other.at, other.order)))
    }
}

/// Events, and the clock.
pub struct Executor {
    world: OnceCell<Weak<World>>,
    due: RefCell<BinaryHeap<Due>>,
    elapsed: Cell<i64>,
    events: Cell<u64>,
    /// Decides what happens next.
    pub random: Random,
}

impl Executor {
    /// Nothing is due yet.
    pub fn new(seed: u64) -> Self {
        Self {
            world: OnceCell::new(),
            due: RefCell::default(),
            elapsed: Cell::new(0),
            events: Cell::new(0),
            random: Random::new(seed),
        }
    }

    /// Tells whose events these are.
    pub(crate) fn belongs_to(&self, world: &Rc<World>) {
        let _ = self.world.set(Rc::downgrade(world));
    }

    /// Milliseconds since the start, on a clock that is never set.
    pub fn elapsed(&self) -> i64 {
        self.elapsed.get()
    }

    /// Lets something happen later.
    pub(crate) fn after(&self, milliseconds: i64, event: Event) {
        let at = self.elapsed().saturating_add(milliseconds.max(0));
        self.due.borrow_mut().push(Due { at, order: self.random.next(), event });
    }

    /// The same for what a test thinks of.
    pub fn later(&self, milliseconds: i64, then: impl FnOnce(&Rc<World>) + 'static) {
        self.after(milliseconds, Event::Does(Box::new(then)));
    }

    /// Starts a call.
    pub fn start<T>(&self, call: Call<T>) -> Started<T> {
        call.start()
    }

    /// Forgets what is due.
    pub fn clear(&self) {
        let due = self.due.take();
        drop(due);
    }

    /// Does all that is due without time passing.
    pub fn settle(&self) {
        while self.step(self.elapsed()) {}
    }

    /// Lets time pass.
    pub fn advance(&self, milliseconds: i64) {
        let end = self.elapsed() + milliseconds;
        while self.step(end) {}
        self.elapsed.set(end);
    }

    /// Lets time pass while nothing happens, as when a machine sleeps: what was due meanwhile is due afterwards.
    pub fn sleep_through(&self, milliseconds: i64) {
        self.elapsed.set(self.elapsed() + milliseconds);
    }

    /// Goes on until the call has its result, as long as that takes.
    pub fn finish<T>(&self, call: &Started<T>) -> Result<T> {
        while !call.is_over() {
            assert!(self.step(i64::MAX), "a call waits, and nothing will ever happen");
        }
        call.get().expect("it is over")
    }

    /// Does the next thing that is due by `end`, at its time; false when there is none.
    pub fn step(&self, end: i64) -> bool {
        let next = {
            let mut due = self.due.borrow_mut();
            if due.peek().is_none_or(|next| next.at > end) {
                return false;
            }
            due.pop()
        };
        let Some(Due { at, event, .. }) = next else { return false };
        self.elapsed.set(self.elapsed().max(at));
        self.events.set(self.events.get() + 1);
        assert!(self.events.get() < MOST_EVENTS, "the contexts never come to rest");
        if let Some(world) = self.world.get().and_then(Weak::upgrade) {
            world.happens(event);
        }
        true
    }

    /// How many timers are set in contexts that are alive.
    pub fn sleeping(&self) -> usize {
        let world = self.world.get().and_then(Weak::upgrade);
        world.map_or(0, |world| world.alive().iter().map(|context| context.timers()).sum())
    }
}
