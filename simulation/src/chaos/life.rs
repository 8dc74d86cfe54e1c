//! The lives of a context: begun, used, ended, begun again.

use std::cell::Cell;
use std::rc::Rc;

use propusk::client::signal::{Signal, first, work};
use propusk::error::{AuthError, Code, Result};

use super::checks::Checks;
use super::plan::Plan;
use crate::calls;
use crate::world::{Context, Session, World};

/// A call that was started.
struct Call {
    what: &'static str,
    is_done: Rc<Cell<bool>>,
}

/// One life of a tab or process.
pub(super) struct Life {
    pub(super) context: Context,
    calls: Vec<Call>,
    /// Nothing is asked of it any more.
    pub(super) is_closed: bool,
}

impl Life {
    /// A context opens the store.
    pub(super) fn begin(world: &Rc<World>, plan: &Plan) -> Self {
        let context = world.context_of(calls::PASSWORD, &plan.options, plan.asks);
        // Now and then whoever is asked gives up.
        if plan.asks && !world.executor.random.one_in(4) {
            context.host.credentials.replace(Some(calls::credentials("user0")));
        }
        let _ = context.host.client.set(Rc::downgrade(&context));
        if plan.watches {
            world.watch(&context);
        }
        let mut life = Self { context, calls: Vec::new(), is_closed: false };
        let client = life.context.clone();
        life.start(world, "restore", async move { client.restore().await });
        life
    }

    /// Starts something in the context.
    pub(super) fn start(&mut self, world: &World, what: &'static str, call: impl Future<Output = ()> + 'static) {
        let is_done = Rc::new(Cell::new(false));
        self.calls.push(Call { what, is_done: is_done.clone() });
        world.executor.spawn_for(
            self.context.host.owner,
            work(async move {
                call.await;
                is_done.set(true);
            }),
        );
    }

    /// Starts a call whose failure is looked at, and that its caller may leave.
    pub(super) fn call(
        &mut self,
        world: &Rc<World>,
        checks: &Rc<Checks>,
        what: &'static str,
        left_after: Option<i64>,
        call: impl Future<Output = Session> + 'static,
    ) {
        let (checks, inner, context) = (checks.clone(), world.clone(), self.context.clone());
        self.start(world, what, async move {
            let leaving = work(async {
                match left_after {
                    Some(time) => inner.executor.sleep(time).await,
                    None => Signal::new().wait().await,
                }
                Err(AuthError::new(Code::Closed, "the caller went away"))
            });
            if let Err(error) = first(leaving, work(context.until_closed(work(call)))).await {
                checks.rejects(context.host.owner, what, &error);
            }
        });
    }

    /// Calls that have not ended.
    pub(super) fn unfinished(&self) -> Vec<&'static str> {
        self.calls.iter().filter(|call| !call.is_done.get()).map(|call| call.what).collect()
    }

    /// A session of which the caller was promised that it is good now.
    pub(super) async fn usable(context: Context, checks: Rc<Checks>, are_clocks_set: bool, is_forced: bool) -> Session {
        let result: Session = context.usable(0, is_forced, None).await;
        if let Ok(held) = &result {
            let left = held.remaining(context.host.world.now(), context.host.world.monotonic());
            if !are_clocks_set && left.is_some_and(|left| left < 0) {
                checks.fail(format!("context {} was given a token that has expired", context.host.owner));
            }
        }
        result
    }

    /// After an API call was refused.
    pub(super) async fn refused(context: Context) -> Session {
        let nobody = || AuthError::new(Code::LoginRequired, "nobody is signed in");
        let (sent, generation) = (context.held().ok_or_else(nobody)?, context.generation());
        let is_worth_it: Result<bool> = context.after_refusal(&sent, generation).await;
        is_worth_it?;
        context.held().ok_or_else(nobody)
    }
}
