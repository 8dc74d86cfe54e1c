//! Runs tasks one at a time in an order that a seed decides, and moves a virtual clock when all of them wait.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::rc::{Rc, Weak};
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake, Waker};

use propusk::client::signal::{Signal, Work, work};

use crate::random::Random;

/// Polls after which a run counts as one that never ends.
const MOST_POLLS: u64 = 5_000_000;

/// Whose task it is: the world's, or that of one life of a context.
pub type Owner = u64;

/// The world's own tasks: what happens outside all contexts, and goes on when one of them dies.
pub const WORLD: Owner = 0;

struct Ready {
    task: usize,
    queue: Arc<Mutex<Vec<usize>>>,
}

impl Wake for Ready {
    fn wake(self: Arc<Self>) {
        let mut queue = self.queue.lock().unwrap();
        if !queue.contains(&self.task) {
            queue.push(self.task);
        }
    }
}

type Task = (Owner, Work<'static, ()>);

/// Tasks, timers, and the clock.
pub struct Executor {
    tasks: RefCell<Vec<Option<Task>>>,
    queue: Arc<Mutex<Vec<usize>>>,
    timers: RefCell<Vec<(i64, Weak<Signal<()>>)>>,
    elapsed: Cell<i64>,
    polls: Cell<u64>,
    /// Decides what runs next.
    pub random: Random,
}

impl Executor {
    /// Nothing runs yet.
    pub fn new(seed: u64) -> Self {
        Self {
            tasks: RefCell::default(),
            queue: Arc::default(),
            timers: RefCell::default(),
            elapsed: Cell::new(0),
            polls: Cell::new(0),
            random: Random::new(seed),
        }
    }

    /// Milliseconds since the start, on a clock that is never set.
    pub fn elapsed(&self) -> i64 {
        self.elapsed.get()
    }

    /// Starts a task of the world.
    pub fn spawn(&self, task: Work<'static, ()>) {
        self.spawn_for(WORLD, task);
    }

    /// Starts a task that ends with its owner.
    pub fn spawn_for(&self, owner: Owner, task: Work<'static, ()>) {
        let mut tasks = self.tasks.borrow_mut();
        self.queue.lock().unwrap().push(tasks.len());
        tasks.push(Some((owner, task)));
    }

    /// Starts a call; the signal gives its result.
    pub fn start<T: Clone + 'static>(&self, call: impl Future<Output = T> + 'static) -> Rc<Signal<T>> {
        self.start_for(WORLD, call)
    }

    /// The same for a call that ends with its owner.
    pub fn start_for<T: Clone + 'static>(
        &self,
        owner: Owner,
        call: impl Future<Output = T> + 'static,
    ) -> Rc<Signal<T>> {
        let done = Rc::new(Signal::new());
        let result = done.clone();
        self.spawn_for(owner, work(async move { done.set(call.await) }));
        result
    }

    /// Ends all tasks of an owner where they are.
    pub fn kill(&self, owner: Owner) {
        let mut killed = Vec::new();
        for task in self.tasks.borrow_mut().iter_mut() {
            if task.as_ref().is_some_and(|(whose, _)| *whose == owner) {
                killed.push(task.take());
            }
        }
        drop(killed);
    }

    /// Ends all tasks.
    pub fn clear(&self) {
        let tasks = self.tasks.take();
        drop(tasks);
    }

    /// Waits.
    pub async fn sleep(&self, milliseconds: i64) {
        assert!(milliseconds < 1 << 31, "a timer of {milliseconds} ms overflows in JavaScript");
        let fired = Rc::new(Signal::new());
        self.timers.borrow_mut().push((self.elapsed() + milliseconds.max(0), Rc::downgrade(&fired)));
        fired.wait().await;
    }

    /// Runs everything that can run without time passing.
    pub fn settle(&self) {
        while self.step() {}
    }

    /// Lets time pass.
    pub fn advance(&self, milliseconds: i64) {
        let end = self.elapsed() + milliseconds;
        self.until(end, &|| false);
        self.elapsed.set(end);
        self.fire();
        self.settle();
    }

    /// Lets time pass while nothing runs, as when a machine sleeps: what was due meanwhile is due afterwards.
    pub fn sleep_through(&self, milliseconds: i64) {
        self.elapsed.set(self.elapsed() + milliseconds);
    }

    /// Runs until the call has its result, as long as that takes.
    pub fn finish<T: Clone>(&self, result: &Signal<T>) -> T {
        self.until(i64::MAX, &|| result.get().is_some());
        result.get().expect("everything waits, and nothing will ever happen")
    }

    fn until(&self, end: i64, done: &dyn Fn() -> bool) {
        while !done() {
            if !self.step() && !self.pass(end) {
                return;
            }
        }
    }

    /// Moves the clock to the next timer, if that is due by `end`, and fires it.
    pub fn pass(&self, end: i64) -> bool {
        match self.next_timer() {
            Some(moment) if moment <= end => {
                self.elapsed.set(self.elapsed().max(moment));
                self.fire();
                true
            }
            _ => false,
        }
    }

    /// Runs one task that can go on; false when all wait.
    pub fn step(&self) -> bool {
        let next = {
            let mut queue = self.queue.lock().unwrap();
            if queue.is_empty() {
                return false;
            }
            let chosen = self.random.below(queue.len());
            queue.swap_remove(chosen)
        };
        self.polls.set(self.polls.get() + 1);
        assert!(self.polls.get() < MOST_POLLS, "the tasks never come to rest");
        let taken = self.tasks.borrow_mut()[next].take();
        if let Some((owner, mut task)) = taken {
            let waker = Waker::from(Arc::new(Ready { task: next, queue: self.queue.clone() }));
            if task.as_mut().poll(&mut Context::from_waker(&waker)).is_pending() {
                self.tasks.borrow_mut()[next] = Some((owner, task));
            }
        }
        true
    }

    /// Timers whose sleeper went away do not count.
    fn next_timer(&self) -> Option<i64> {
        let mut timers = self.timers.borrow_mut();
        timers.retain(|(_, fired)| fired.strong_count() > 0);
        timers.iter().map(|(moment, _)| *moment).min()
    }

    fn fire(&self) {
        let now = self.elapsed();
        let due: Vec<_> = self.timers.borrow().iter().filter(|(moment, _)| *moment <= now).cloned().collect();
        self.timers.borrow_mut().retain(|(moment, _)| *moment > now);
        for (_, fired) in due {
            if let Some(fired) = fired.upgrade() {
                fired.set(());
            }
        }
    }

    /// How many sleep.
    pub fn sleeping(&self) -> usize {
        self.next_timer();
        self.timers.borrow().len()
    }
}
