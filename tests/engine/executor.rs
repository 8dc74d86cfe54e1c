//! Runs tasks one at a time in an order that a seed decides, and moves a virtual clock when all of them wait.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::rc::{Rc, Weak};
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake, Waker};

use propusk::client::signal::{Signal, Work, work};

/// Polls after which a run counts as one that never ends.
const MOST_POLLS: u64 = 5_000_000;

/// Numbers that a seed decides (SplitMix64).
pub(crate) struct Random(Cell<u64>);

impl Random {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(Cell::new(seed))
    }

    pub(crate) fn next(&self) -> u64 {
        let state = self.0.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.0.set(state);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end.max(1)).unwrap()).unwrap()
    }
}

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

pub(crate) struct Executor {
    tasks: RefCell<Vec<Option<Work<'static, ()>>>>,
    queue: Arc<Mutex<Vec<usize>>>,
    timers: RefCell<Vec<(i64, Weak<Signal<()>>)>>,
    elapsed: Cell<i64>,
    polls: Cell<u64>,
    pub(crate) random: Random,
}

impl Executor {
    pub(crate) fn new(seed: u64) -> Self {
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
    pub(crate) fn elapsed(&self) -> i64 {
        self.elapsed.get()
    }

    pub(crate) fn spawn(&self, task: Work<'static, ()>) {
        let mut tasks = self.tasks.borrow_mut();
        self.queue.lock().unwrap().push(tasks.len());
        tasks.push(Some(task));
    }

    /// Starts a call; the signal gives its result.
    pub(crate) fn start<T: Clone + 'static>(&self, call: impl Future<Output = T> + 'static) -> Rc<Signal<T>> {
        let (done, result) = {
            let done = Rc::new(Signal::new());
            (done.clone(), done)
        };
        self.spawn(work(async move { done.set(call.await) }));
        result
    }

    pub(crate) async fn sleep(&self, milliseconds: i64) {
        assert!(milliseconds < 1 << 31, "a timer of {milliseconds} ms overflows in JavaScript");
        let fired = Rc::new(Signal::new());
        self.timers.borrow_mut().push((self.elapsed() + milliseconds.max(0), Rc::downgrade(&fired)));
        fired.wait().await;
    }

    /// Runs everything that can run without time passing.
    pub(crate) fn settle(&self) {
        while self.step() {}
    }

    /// Lets time pass.
    pub(crate) fn advance(&self, milliseconds: i64) {
        let end = self.elapsed() + milliseconds;
        self.until(end, &|| false);
        self.elapsed.set(end);
        self.fire();
        self.settle();
    }

    /// Runs until the call has its result, as long as that takes.
    pub(crate) fn finish<T: Clone>(&self, result: &Signal<T>) -> T {
        self.until(i64::MAX, &|| result.get().is_some());
        result.get().expect("everything waits, and nothing will ever happen")
    }

    fn until(&self, end: i64, done: &dyn Fn() -> bool) {
        while !done() {
            if self.step() {
                continue;
            }
            match self.next_timer() {
                Some(moment) if moment <= end => self.elapsed.set(self.elapsed().max(moment)),
                _ => return,
            }
            self.fire();
        }
    }

    fn step(&self) -> bool {
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
        if let Some(mut task) = taken {
            let waker = Waker::from(Arc::new(Ready { task: next, queue: self.queue.clone() }));
            if task.as_mut().poll(&mut Context::from_waker(&waker)).is_pending() {
                self.tasks.borrow_mut()[next] = Some(task);
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
    pub(crate) fn sleeping(&self) -> usize {
        self.next_timer();
        self.timers.borrow().len()
    }
}
