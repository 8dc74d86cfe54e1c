//! A value that many wait for and that is set once.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Poll, Waker};

/// Set once, read by any number of waiters.
pub struct Signal<T> {
    state: RefCell<State<T>>,
}

struct State<T> {
    value: Option<T>,
    waiting: Vec<(u64, Waker)>,
    next: u64,
}

impl<T: Clone> Signal<T> {
    /// A signal that is not set.
    pub const fn new() -> Self {
        Self { state: RefCell::new(State { value: None, waiting: Vec::new(), next: 0 }) }
    }

    /// Sets the value; what was set first stays.
    pub fn set(&self, value: T) {
        let waiting = {
            let mut state = self.state.borrow_mut();
            if state.value.is_some() {
                return;
            }
            state.value = Some(value);
            std::mem::take(&mut state.waiting)
        };
        waiting.into_iter().for_each(|(_, waker)| waker.wake());
    }

    /// The value, when it is set.
    pub fn get(&self) -> Option<T> {
        self.state.borrow().value.clone()
    }

    /// Waits for the value.
    pub async fn wait(&self) -> T {
        let waiter = Waiter { signal: self, id: self.register() };
        poll_fn(|context| {
            let mut state = self.state.borrow_mut();
            if let Some(value) = &state.value {
                return Poll::Ready(value.clone());
            }
            match state.waiting.iter_mut().find(|(id, _)| *id == waiter.id) {
                Some((_, waker)) => waker.clone_from(context.waker()),
                None => state.waiting.push((waiter.id, context.waker().clone())),
            }
            Poll::Pending
        })
        .await
    }

    fn register(&self) -> u64 {
        let mut state = self.state.borrow_mut();
        state.next = state.next.wrapping_add(1);
        state.next
    }
}

/// Leaves no trace of itself: a signal may outlive millions of those who waited for it.
struct Waiter<'a, T> {
    signal: &'a Signal<T>,
    id: u64,
}

impl<T> Drop for Waiter<'_, T> {
    fn drop(&mut self) {
        self.signal.state.borrow_mut().waiting.retain(|(id, _)| *id != self.id);
    }
}

impl<T: Clone> Default for Signal<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// A future on the heap: one shape for all, so that what handles futures stands in the module once.
pub type Work<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// Puts a future on the heap.
pub fn work<'a, T>(future: impl Future<Output = T> + 'a) -> Work<'a, T> {
    Box::pin(future)
}

/// Whichever is ready first; the other one is dropped, and with it what it was doing. When both are, the first one.
pub async fn first<T>(mut one: Work<'_, T>, mut other: Work<'_, T>) -> T {
    poll_fn(|context| match one.as_mut().poll(context) {
        Poll::Pending => other.as_mut().poll(context),
        ready => ready,
    })
    .await
}
