//! Users who sign in: with a password, with a code besides, or at the provider.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use propusk::error::{Code, Result};
use propusk::session::Reply;

use super::checks::Checks;
use super::life::Life;
use super::plan::{Plan, SignIn};
use crate::calls;
use crate::executor::Owner;
use crate::server::CODE;
use crate::world::{Context, World};

/// Who should be signed in in the end, where that is certain.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    /// The number of a user.
    User(usize),
    Nobody,
    Unclear,
}

/// What is known of the logins of an account.
pub(super) struct Logins {
    pub(super) expected: Cell<Expected>,
    /// Users whose logins are in progress, and in which context.
    under_way: RefCell<Vec<(usize, Owner)>>,
    /// The user who signs in, or out, last.
    pub(super) begun: Cell<usize>,
}

impl Default for Logins {
    fn default() -> Self {
        Self { expected: Cell::new(Expected::Unclear), under_way: RefCell::default(), begun: Cell::new(0) }
    }
}

impl Logins {
    /// Whether nobody is signing in.
    pub(super) fn are_over(&self) -> bool {
        self.under_way.borrow().is_empty()
    }

    /// A context is gone, and with it what it had begun: that is told.
    pub(super) fn loses(&self, owner: Owner) -> bool {
        let mut under_way = self.under_way.borrow_mut();
        let before = under_way.len();
        under_way.retain(|(_, whose)| *whose != owner);
        under_way.len() < before
    }
}

/// One user signs in, in one or several steps.
struct Login {
    checks: Rc<Checks>,
    logins: Rc<Logins>,
    account: usize,
    user: usize,
    was_alone: bool,
    /// Nothing goes wrong that would let an end of before be an excuse for one now.
    is_plain: bool,
    /// Where nothing is stored, logins are counted by a clock that may be wrong.
    is_blind: bool,
}

impl Login {
    fn ends(&self, is_well: bool) {
        self.logins.under_way.borrow_mut().retain(|(user, _)| *user != self.user);
        let is_alone = self.was_alone && self.logins.begun.get() == self.user;
        if !is_well {
            return;
        }
        self.checks.counts_login();
        if is_alone && self.is_plain {
            self.checks.begins_again(self.account);
        }
        let is_certain = is_alone && !self.is_blind;
        self.logins.expected.set(if is_certain { Expected::User(self.user) } else { Expected::Unclear });
    }
}

/// Begins a login in a context.
pub(super) fn begin(
    world: &Rc<World>,
    plan: &Plan,
    checks: &Rc<Checks>,
    logins: &Rc<Logins>,
    life: &mut Life,
    user: usize,
) {
    checks.overtakes(life.context.host.owner, "signs in");
    logins.expected.set(Expected::Unclear);
    let was_alone = logins.are_over();
    logins.under_way.borrow_mut().push((user, life.context.host.owner));
    logins.begun.set(user);
    let login = Rc::new(Login {
        checks: checks.clone(),
        logins: logins.clone(),
        account: life.account,
        user,
        was_alone,
        is_plain: plan.is_store_sure() && !plan.swaps_in_two_steps && !plan.revokes,
        is_blind: plan.clocks || plan.asks || plan.clocks_differ,
    });
    let name = format!("user{user}");
    let context = life.context.clone();
    match plan.sign_in {
        SignIn::Password => {
            let call = calls::login(&context, &name).start();
            life.call_then(checks, "login", None, &call, move |result| login.ends(result.is_ok()));
        }
        SignIn::SecondFactor => {
            let call = calls::login(&context, &name).start();
            let inner = world.clone();
            life.call_then(checks, "login", None, &call, move |result| {
                second_step(&inner, &context, &login, result, true);
            });
        }
        SignIn::Redirect => {
            let call = calls::authorization_url(&context, None).start();
            let inner = world.clone();
            life.call_then(checks, "login", None, &call, move |result| match result {
                Ok(Reply::Url(url)) => comes_back(&inner, &context, &login, &calls::comes_back(url, &name)),
                _ => login.ends(false),
            });
        }
    }
}

/// The user types the code, now and then a wrong one at first.
fn second_step(world: &Rc<World>, context: &Context, login: &Rc<Login>, result: &Result<Reply>, may_err: bool) {
    let asks = |code| matches!(code, Code::SecondFactorRequired | Code::InvalidSecondFactor);
    if !result.as_ref().is_err_and(|error| asks(error.code)) {
        return login.ends(result.is_ok());
    }
    let random = &world.executor.random;
    let code = if may_err && random.one_in(4) { "111111" } else { CODE };
    let (context, login) = (Rc::downgrade(context), login.clone());
    world.executor.later(random.between(0, 300), move |world| {
        let Some(context) = context.upgrade() else { return login.ends(false) };
        login.checks.overtakes(context.host.owner, "types a code");
        let (inner, again, weak) = (world.clone(), login.clone(), Rc::downgrade(&context));
        calls::confirm(&context, code).start().then(move |result| match weak.upgrade() {
            Some(context) => second_step(&inner, &context, &again, result, false),
            None => again.ends(false),
        });
    });
}

/// The user comes back, now and then twice or after somebody who was never sent.
fn comes_back(world: &Rc<World>, context: &Context, login: &Rc<Login>, address: &str) {
    let random = &world.executor.random;
    let time = random.between(0, 300);
    if random.one_in(6) {
        let (weak, forged) = (Rc::downgrade(context), format!("{}?code=evil&state=evil", calls::CALLBACK));
        let checks = login.checks.clone();
        world.executor.later(random.between(0, time), move |_| {
            let Some(context) = weak.upgrade() else { return };
            let call = calls::callback(&context, &forged).start();
            call.then(move |result| {
                if result.is_ok() {
                    checks.fail("a forged callback is taken for a login".to_owned());
                }
            });
        });
    }
    let is_twice = random.one_in(5);
    let (weak, login, address) = (Rc::downgrade(context), login.clone(), address.to_owned());
    world.executor.later(time, move |_| {
        let Some(context) = weak.upgrade() else { return login.ends(false) };
        login.checks.overtakes(context.host.owner, "comes back");
        if is_twice {
            let _ = calls::callback(&context, &address).start();
        }
        calls::callback(&context, &address).start().then(move |result| login.ends(result.is_ok()));
    });
}
