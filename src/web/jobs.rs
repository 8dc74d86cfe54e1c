//! Requests under way: each ends by itself, or is ended from outside.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use web_sys::AbortController;

use super::answer::Came;
use crate::session::Op;

/// Requests whose answers are awaited.
#[derive(Default)]
pub(super) struct Jobs(RefCell<Vec<(Op, Rc<Job>)>>);

/// One of them.
pub(super) struct Job {
    controller: AbortController,
    answer: RefCell<Option<Came>>,
    is_over: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

impl Jobs {
    /// Notes a request that `controller` aborts.
    pub(super) fn start(&self, op: Op, controller: AbortController) -> Rc<Job> {
        let job = Rc::new(Job {
            controller,
            answer: RefCell::default(),
            is_over: Cell::new(false),
            waker: RefCell::default(),
        });
        self.0.borrow_mut().push((op, job.clone()));
        job
    }

    /// Its answer, once; nothing while there is none, or when nobody waits for it.
    pub(super) fn answer(&self, op: Op) -> Option<Came> {
        let answer = self.0.borrow().iter().find(|(known, _)| *known == op)?.1.answer.take()?;
        self.0.borrow_mut().retain(|(known, _)| *known != op);
        Some(answer)
    }

    /// Whether a request is under way, and was not answered.
    pub(super) fn is_out(&self, op: Op) -> bool {
        self.0.borrow().iter().any(|(known, job)| *known == op && !job.is_over.get())
    }

    /// Ends a request, whose answer nobody wants any more.
    pub(super) fn end(&self, op: Op) {
        let mut ended = None;
        self.0.borrow_mut().retain(|(known, job)| {
            if *known == op {
                ended = Some(job.clone());
            }
            *known != op
        });
        if let Some(job) = ended {
            job.answer.take();
            job.end();
        }
    }
}

impl Drop for Jobs {
    fn drop(&mut self) {
        self.0.borrow().iter().for_each(|(_, job)| job.end());
    }
}

impl Job {
    /// Takes the answer, unless the job is over; says whether it was taken.
    pub(super) fn answered(&self, answer: Came) -> bool {
        if self.is_over.replace(true) {
            return false;
        }
        self.answer.replace(Some(answer));
        true
    }

    fn end(&self) {
        if !self.is_over.replace(true) {
            self.controller.abort();
            if let Some(waker) = self.waker.take() {
                waker.wake();
            }
        }
    }

    /// Does it until it ends, or is ended: whatever it holds is let go of then, also when the host never settles.
    pub(super) fn run(self: Rc<Self>, doing: impl Future<Output = ()> + 'static) -> impl Future<Output = ()> {
        Running { job: self, doing: Some(Box::pin(doing)) }
    }
}

struct Running {
    job: Rc<Job>,
    doing: Option<Pin<Box<dyn Future<Output = ()>>>>,
}

impl Future for Running {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.job.is_over.get() {
            self.doing = None;
            return Poll::Ready(());
        }
        self.job.waker.replace(Some(context.waker().clone()));
        let Some(doing) = &mut self.doing else { return Poll::Ready(()) };
        doing.as_mut().poll(context)
    }
}
