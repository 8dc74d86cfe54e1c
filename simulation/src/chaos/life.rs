//! The lives of a context: begun, used, ended, begun again.

use std::cell::Cell;
use std::rc::Rc;

use propusk::error::{Code, Result};
use propusk::session::{Reply, Tokens};

use super::checks::Checks;
use super::plan::Plan;
use crate::calls::{self, Started};
use crate::world::{Context, World};

/// A call that was started.
struct Call {
    what: &'static str,
    is_done: Rc<Cell<bool>>,
}

/// One life of a tab or process.
pub(super) struct Life {
    pub(super) context: Context,
    pub(super) account: usize,
    calls: Vec<Call>,
    /// Nothing is asked of it any more.
    pub(super) is_closed: bool,
}

impl Life {
    /// A context opens the store.
    pub(super) fn begin(world: &Rc<World>, plan: &Plan, checks: &Rc<Checks>, account: usize) -> Self {
        let context = world.begin(plan.profile(), &plan.options_of(account), plan.asks);
        checks.belongs(&context, account);
        // Now and then whoever is asked gives up.
        if plan.asks && !world.executor.random.one_in(4) {
            context.host.credentials.replace(Some(calls::credentials("user0")));
        }
        if plan.clocks_differ {
            context.host.clock_set.set(world.executor.random.between(-600_000, 600_000));
        }
        if plan.watches {
            world.watch(&context);
        }
        let mut life = Self { context, account, calls: Vec::new(), is_closed: false };
        let call = calls::open(&life.context).start();
        life.call(checks, "open", None, &call);
        life
    }

    /// Notes a call whose failure is looked at, and that its caller may leave.
    pub(super) fn call<T: 'static>(
        &mut self,
        checks: &Rc<Checks>,
        what: &'static str,
        left_after: Option<i64>,
        call: &Started<T>,
    ) {
        self.call_then(checks, what, left_after, call, |_| ());
    }

    /// The same, with something to be done with the result.
    pub(super) fn call_then<T: 'static>(
        &mut self,
        checks: &Rc<Checks>,
        what: &'static str,
        left_after: Option<i64>,
        call: &Started<T>,
        then: impl FnOnce(&Result<Reply>) + 'static,
    ) {
        let is_done = Rc::new(Cell::new(false));
        self.calls.push(Call { what, is_done: is_done.clone() });
        let is_left = Rc::new(Cell::new(false));
        let (checks, owner, has_left) = (checks.clone(), self.context.host.owner, is_left.clone());
        if let Some(time) = left_after {
            let leave = call.leaver();
            self.context.host.world.executor.later(time, move |_| {
                is_left.set(true);
                leave();
            });
        }
        call.then(move |result| {
            is_done.set(true);
            if let Err(error) = result
                && !(has_left.get() && error.code == Code::Aborted)
            {
                checks.rejects(owner, what, error);
            }
            then(result);
        });
    }

    /// Calls that have not ended.
    pub(super) fn unfinished(&self) -> Vec<&'static str> {
        self.calls.iter().filter(|call| !call.is_done.get()).map(|call| call.what).collect()
    }

    /// A session of which the caller was promised that it is good now.
    pub(super) fn uses(&mut self, checks: &Rc<Checks>, left_after: Option<i64>, are_clocks_set: bool, is_forced: bool) {
        let context = self.context.clone();
        let fresh = context.look(|session| session.fresh());
        let now = context.now();
        let is_fresh = context.held().is_some()
            && fresh.wall.is_none_or(|end| now.wall < end)
            && fresh.steady.zip(now.steady).is_none_or(|(end, now)| now < end);
        let call = if is_forced { calls::forced(&context) } else { calls::usable(&context, 0) }.start();
        let is_given = call.get().is_some_and(|result| result.is_ok());
        if is_fresh && !is_forced && !is_given && !self.is_closed {
            checks.fail(format!("context {} says that it has a good session, and gives none", context.host.owner));
        }
        let (inner, owner, weak) = (checks.clone(), context.host.owner, Rc::downgrade(&context));
        self.call_then(checks, if is_forced { "forced" } else { "token" }, left_after, &call, move |result| {
            let Some(context) = weak.upgrade() else { return };
            let Ok(Reply::Session(tokens)) = result else { return };
            let left = tokens.remaining(context.now().wall, context.now().steady);
            if !are_clocks_set && left.is_some_and(|left| left < 0) {
                inner.fail(format!("context {owner} was given a token that has expired"));
            }
        });
    }

    /// After an API call was refused.
    pub(super) fn refused(&mut self, checks: &Rc<Checks>, is_repeated: bool) {
        let context = self.context.clone();
        if context.held().is_none() {
            return;
        }
        let login = context.login();
        let call = calls::refused_again(&context, context.generation(), login, is_repeated).start();
        let (inner, owner) = (checks.clone(), context.host.owner);
        let weak = Rc::downgrade(&context);
        self.call_then(checks, "refused", None, &call, move |result| {
            let now: Option<Rc<Tokens>> = weak.upgrade().and_then(|context| context.held());
            if matches!(result, Ok(Reply::Repeat(true))) && now.is_none_or(|now| now.version.login != login) {
                inner.fail(format!("a call of context {owner} is to be repeated as somebody else"));
            }
        });
    }
}
