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
    waiting: Vec<Waker>,
}

impl<T: Clone> Signal<T> {
    /// A signal that is not set.
    pub const fn new() -> Self {
        Self { state: RefCell::new(State { value: None, waiting: Vec::new() }) }
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
        waiting.into_iter().for_each(Waker::wake);
    }

    /// The value, when it is set.
    pub fn get(&self) -> Option<T> {
        self.state.borrow().value.clone()
    }

    /// Waits for the value.
    pub async fn wait(&self) -> T {
        poll_fn(|context| {
            let mut state = self.state.borrow_mut();
            if let Some(value) = &state.value {
                return Poll::Ready(value.clone());
            }
            if !state.waiting.iter().any(|waker| waker.will_wake(context.waker())) {
                state.waiting.push(context.waker().clone());
            }
            Poll::Pending
        })
        .await
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
