//! Authorization code: pending logins, and their callbacks, each of which is redeemed once.

use std::rc::Rc;

use super::job::At;
use super::job::SignOut;
use super::pending::{self, Pending};
use super::refusals::superseded;
use super::store::not_in_time;
use super::{CallId, Op, Output, Place, Redirected, Reply, Session, Timer, Tokens};
use crate::error::{AuthError, Code, Result};
use crate::protocol::redirect::Callback;
use crate::provider::{self, AuthorizeTemplate, RequestTemplate};

/// How often something else may get into the store between a read and a write.
const MOST_READS: u32 = 8;
/// Longest wait for the store, milliseconds.
const PATIENCE: i64 = 5_000;

/// Redirect logins.
#[derive(Clone, Default)]
pub(super) struct Redirect {
    pub(super) jobs: Vec<Job>,
    in_hand: Option<InHand>,
    pub(super) handled: Vec<Handled>,
}

/// What is done with pending logins, one job at a time.
#[derive(Clone)]
pub(super) enum Job {
    /// One more.
    Add { call: CallId, pending: Box<Pending>, address: String },
    /// One is taken out by its callback.
    Take(Box<Take>),
    /// All go, with a logout.
    Clear(Box<SignOut>),
}

#[derive(Clone)]
pub(super) struct Take {
    pub(super) digest: [u8; 32],
    pub(super) address: String,
    pub(super) callback: Callback,
    pub(super) limit: Option<i64>,
    /// A later login or a logout came before it was redeemed.
    pub(super) is_superseded: bool,
}

#[derive(Clone)]
struct InHand {
    job: Job,
    step: Step,
    op: Option<Op>,
    reads: u32,
}

/// What the job in hand waits for.
#[derive(Clone)]
enum Step {
    Locking,
    Loading,
    /// The store, to be without what is taken; or with what is added.
    Writing(Option<Result<Box<Pending>>>),
    Unlocking(Result<Box<Pending>>),
}

/// A callback that was handled, or is being.
#[derive(Clone)]
pub(super) struct Handled {
    pub(super) digest: [u8; 32],
    pub(super) return_to: Option<String>,
    /// `None` as long as it is redeemed.
    pub(super) result: Option<Result<Redirected>>,
}

impl Redirect {
    pub(super) fn awaits(&self, op: Op) -> bool {
        self.in_hand.as_ref().is_some_and(|in_hand| in_hand.op == Some(op))
    }

    /// Callbacks handled before a logout are not handled again.
    pub(super) fn forget_results(&mut self) {
        self.handled.retain(|handled| handled.result.is_none());
    }

    /// A callback's result counts as long as its session is the current one.
    pub(super) fn forget_others(&mut self, current: Option<&Rc<Tokens>>) {
        self.handled.retain_mut(|handled| match (&mut handled.result, current) {
            (Some(Ok(redirected)), Some(current)) if redirected.tokens.version.login == current.version.login => {
                redirected.tokens = current.clone();
                true
            }
            (Some(Ok(_)), _) => false,
            _ => true,
        });
    }

    /// A later login or a logout comes in the place of callbacks that are not redeemed yet.
    pub(super) fn supersede(&mut self) {
        let in_hand = self.in_hand.iter_mut().map(|in_hand| &mut in_hand.job);
        for job in self.jobs.iter_mut().chain(in_hand) {
            if let Job::Take(take) = job {
                take.is_superseded = true;
            }
        }
    }
}

impl Session {
    pub(super) fn run_redirect(&mut self) {
        while self.redirect.in_hand.is_none() {
            if self.redirect.jobs.is_empty() {
                return;
            }
            let job = self.redirect.jobs.remove(0);
            let is_clear = matches!(job, Job::Clear(_));
            let step = if is_clear { Step::Writing(None) } else { Step::Locking };
            self.redirect.in_hand = Some(InHand { job, step, op: None, reads: 0 });
            if is_clear {
                self.write_pending(None, None);
            } else {
                self.take_lock(Place::Pending, None);
            }
        }
    }

    /// The lock is there, or is gone without.
    pub(super) fn redirect_has_lock(&mut self) {
        match &mut self.redirect.in_hand {
            Some(in_hand) => {
                in_hand.step = Step::Loading;
                self.load_pending();
            }
            None => {
                self.give_back(Place::Pending);
            }
        }
    }

    pub(super) fn load_pending(&mut self) {
        let op = self.pending_op();
        self.out.push(Output::Load { op, place: Place::Pending });
    }

    /// `expected`: what was read; `None`: whatever is there.
    pub(super) fn write_pending(&mut self, expected: Option<Option<String>>, value: Option<String>) {
        let op = self.pending_op();
        let place = Place::Pending;
        self.out.push(match expected {
            Some(expected) => Output::Swap { op, place, expected, value },
            None => Output::Put { op, place, value },
        });
    }

    pub(super) fn pending_op(&mut self) -> Op {
        let op = self.op();
        if let Some(in_hand) = &mut self.redirect.in_hand {
            in_hand.op = Some(op);
        }
        self.set(Timer::StoreDeadline(Place::Pending), PATIENCE);
        op
    }

    pub(super) fn pending_is_late(&mut self) {
        match self.redirect.in_hand.as_ref().map(|in_hand| &in_hand.step) {
            Some(Step::Loading) => self.pending_loaded(Err(not_in_time(At::Reading))),
            Some(Step::Writing(_)) => self.pending_swapped(Err(not_in_time(At::Writing))),
            _ => {}
        }
    }

    pub(super) fn pending_loaded(&mut self, record: Result<Option<String>>) {
        self.stop(Timer::StoreDeadline(Place::Pending));
        let Some(mut in_hand) = self.redirect.in_hand.take() else { return };
        in_hand.op = None;
        let now = self.now.wall;
        match (&in_hand.job, record) {
            (Job::Add { call, .. }, Err(error)) => {
                let call = *call;
                self.give_back(Place::Pending);
                self.settle(call, Err(error));
                self.run_redirect();
            }
            (Job::Add { pending, .. }, Ok(record)) => {
                let mut logins = pending::read(record.as_deref());
                logins.push((**pending).clone());
                in_hand.step = Step::Writing(None);
                self.redirect.in_hand = Some(in_hand);
                self.write_pending(Some(record), pending::write(logins, now));
            }
            (Job::Take(take), Ok(record)) if !take.is_superseded => {
                let mut logins = pending::read(record.as_deref());
                let found = self.matching(&take.callback, &logins);
                let (at, found) = match found {
                    Ok(at) => (Some(at), None),
                    Err((at, error)) => (at, Some(error)),
                };
                let taken = at.filter(|at| *at < logins.len()).map(|at| Box::new(logins.remove(at)));
                let outcome = match (taken, found) {
                    (Some(taken), None) => Ok(taken),
                    (taken, error) => {
                        let error = error.unwrap_or_else(unexpected);
                        if taken.is_none() {
                            self.redirect.in_hand = Some(in_hand);
                            return self.unlock_pending(Err(error));
                        }
                        Err(error)
                    }
                };
                in_hand.step = Step::Writing(Some(outcome));
                self.redirect.in_hand = Some(in_hand);
                self.write_pending(Some(record), pending::write(logins, now));
            }
            (Job::Take(_), record) => {
                self.redirect.in_hand = Some(in_hand);
                self.unlock_pending(Err(record.err().unwrap_or_else(superseded)));
            }
            (Job::Clear(_), _) => self.redirect.in_hand = Some(in_hand),
        }
    }

    pub(super) fn pending_swapped(&mut self, done: Result<bool>) {
        self.stop(Timer::StoreDeadline(Place::Pending));
        let Some(mut in_hand) = self.redirect.in_hand.take() else { return };
        in_hand.op = None;
        if matches!(done, Ok(false)) && !matches!(in_hand.job, Job::Clear(_)) && in_hand.reads < MOST_READS {
            in_hand.reads = in_hand.reads.saturating_add(1);
            in_hand.step = Step::Loading;
            self.redirect.in_hand = Some(in_hand);
            return self.load_pending();
        }
        let done = done.and_then(|done| if done { Ok(()) } else { Err(overtaken()) });
        match (in_hand.job.clone(), in_hand.step.clone()) {
            (Job::Add { call, address, .. }, _) => {
                self.give_back(Place::Pending);
                self.settle(call, done.map(|()| Reply::Url(address)));
            }
            (Job::Clear(sign_out), _) => {
                if let Err(error) = done {
                    self.warn_of_store(error);
                }
                self.signed_out_here(&sign_out);
            }
            (Job::Take(_), Step::Writing(Some(outcome))) => {
                self.redirect.in_hand = Some(in_hand);
                return self.unlock_pending(done.and(outcome));
            }
            (Job::Take(_), _) => {}
        }
        self.run_redirect();
    }

    pub(super) fn unlock_pending(&mut self, outcome: Result<Box<Pending>>) {
        if let Some(in_hand) = &mut self.redirect.in_hand {
            in_hand.step = Step::Unlocking(outcome);
        }
        if self.give_back(Place::Pending) {
            self.redirect_is_unlocked();
        }
    }

    /// The lock is given back: what was taken is redeemed.
    pub(super) fn redirect_is_unlocked(&mut self) {
        match self.redirect.in_hand.take() {
            Some(InHand { job: Job::Take(take), step: Step::Unlocking(outcome), .. }) => match outcome {
                Ok(_) | Err(_) if take.is_superseded => self.refuse_callback(*take, superseded()),
                Ok(pending) => self.redeem(*take, *pending),
                Err(error) => self.refuse_callback(*take, error),
            },
            Some(in_hand) => {
                let is_locking = matches!(in_hand.step, Step::Locking);
                self.redirect.in_hand = Some(in_hand);
                if is_locking {
                    self.take_lock(Place::Pending, None);
                }
                return;
            }
            None => {}
        }
        self.run_redirect();
    }

    /// With a logout all pending logins go.
    pub(super) fn clear_pending(&mut self, sign_out: SignOut) {
        self.redirect.jobs.push(Job::Clear(Box::new(sign_out)));
        self.run_redirect();
    }

    /// `close`: nobody waits for a redirect any more.
    pub(super) fn abandon_redirects(&mut self) {
        self.redirect = Redirect::default();
        self.stop(Timer::StoreDeadline(Place::Pending));
        self.give_back(Place::Pending);
    }
}

pub(super) fn redirect_login(config: &super::Config) -> Result<(AuthorizeTemplate<'_>, RequestTemplate<'_>, &str)> {
    match (config.provider.login(), &config.redirect_uri) {
        (provider::Login::Redirect { authorize, exchange }, Some(uri)) => Ok((authorize, exchange, uri)),
        _ => {
            let message = [config.provider.id(), " does not sign in by redirect"];
            Err(AuthError::of(Code::Unsupported, &message).hint("Call `login`."))
        }
    }
}

fn overtaken() -> AuthError {
    AuthError::new(Code::Storage, "the store has other pending logins each time that they are to be written")
        .hint("Try again. If it stays so, look at the store of the option `storage`.")
}

pub(super) fn unexpected() -> AuthError {
    AuthError::new(Code::RedirectUnexpected, "a callback that no login of this browser awaits")
        .hint("Nothing was sent. Start the login again in the same browser and tab.")
}
