//! One at a time, in the order of asking: writes to the store.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use super::signal::Signal;

/// A queue for one place.
#[derive(Default)]
pub(super) struct Turns {
    taken: Cell<bool>,
    waiting: RefCell<VecDeque<Rc<Signal<()>>>>,
}

/// The place, until dropped.
pub(super) struct Turn<'a> {
    turns: &'a Turns,
}

/// Gives the place on when a waiter goes away after it was called.
struct Waiting<'a> {
    turns: &'a Turns,
    called: Rc<Signal<()>>,
    is_over: Cell<bool>,
}

impl Turns {
    /// Waits for the place.
    pub(super) async fn take(&self) -> Turn<'_> {
        if self.taken.replace(true) {
            let waiting = Waiting { turns: self, called: Rc::default(), is_over: Cell::new(false) };
            self.waiting.borrow_mut().push_back(waiting.called.clone());
            waiting.called.wait().await;
            waiting.is_over.set(true);
        }
        Turn { turns: self }
    }

    fn next(&self) {
        let next = self.waiting.borrow_mut().pop_front();
        match next {
            Some(called) => called.set(()),
            None => self.taken.set(false),
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.turns.next();
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if self.is_over.get() {
            return;
        }
        if self.called.get().is_some() {
            self.turns.next();
        } else {
            self.turns.waiting.borrow_mut().retain(|other| !Rc::ptr_eq(other, &self.called));
        }
    }
}
