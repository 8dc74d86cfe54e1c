//! One schedule: things happen at random moments, then everything works again, and all must come to rest and agree.

use std::cell::Cell;
use std::rc::Rc;

use propusk::client::Guard;
use propusk::client::signal::{Work, work};
use propusk::error::Result;

use super::Tally;
use super::checks::{Checks, read};
use super::life::Life;
use super::plan::Plan;
use crate::calls;
use crate::executor::Executor;
use crate::lock::Locking;
use crate::server::{Reply, response};
use crate::store::Store;
use crate::world::{Context, Session, World};

/// Time in which everything ends when everything works: a lock's patience, a request, its pauses; milliseconds.
const REST: i64 = 60_000;
const HOUR: i64 = 3_600_000;

struct Run {
    world: Rc<World>,
    plan: Rc<Plan>,
    checks: Rc<Checks>,
    lives: Vec<Life>,
    /// Who should be signed in in the end, where that is certain.
    expected: Rc<Cell<Expected>>,
    /// Logins in progress.
    logins: Rc<Cell<usize>>,
    /// The user who signs in, or out, last.
    begun: Rc<Cell<usize>>,
    users: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Expected {
    /// The number of a user.
    User(usize),
    Nobody,
    Unclear,
}

pub(super) fn run(seed: u64, removed: Option<Guard>, is_loud: bool) -> Result<Tally, String> {
    let plan = Rc::new(Plan::of(seed));
    let world = World::new(seed);
    world.removed.set(removed);
    world.locking.set(plan.locking);
    world.server.reuse.set(plan.reuse);
    *world.server.lifetime.borrow_mut() = plan.lifetime.map(str::to_owned);
    world.stored.swaps_in_two_steps.set(plan.swaps_in_two_steps);
    let checks = Checks::new(&world, plan.clone(), is_loud);
    world.show_to(checks.clone());
    let mut run = Run {
        world: world.clone(),
        plan,
        checks: checks.clone(),
        lives: Vec::new(),
        expected: Rc::new(Cell::new(Expected::User(0))),
        logins: Rc::default(),
        begun: Rc::default(),
        users: 0,
    };
    run.begin();
    for _ in 0..run.plan.events {
        run.pass();
        run.happen();
    }
    run.end();
    // Tasks hold the world, and the world holds the tasks.
    world.executor.clear();
    checks.failure().map_or_else(|| Ok(checks.tally()), Err)
}

impl Run {
    fn executor(&self) -> &Executor {
        &self.world.executor
    }

    fn one_in(&self, times: usize) -> bool {
        self.executor().random.one_in(times)
    }

    /// Somebody signs in before anything goes wrong; then the others come.
    fn begin(&mut self) {
        self.lives.push(Life::begin(&self.world, &self.plan));
        self.sign_in(0);
        self.executor().advance(2000);
        while self.lives.len() < self.plan.contexts {
            let life = Life::begin(&self.world, &self.plan);
            self.lives.push(life);
        }
        self.executor().advance(100);
    }

    /// Some time passes, now and then long enough for tokens to end.
    fn pass(&mut self) {
        let time = match self.executor().random.below(8) {
            0..=3 => self.executor().random.between(0, 30),
            4 | 5 => self.executor().random.between(0, 1500),
            6 => self.executor().random.between(1000, 10_000),
            _ => self.executor().random.between(10_000, 90_000),
        };
        let end = self.executor().elapsed() + time;
        loop {
            if self.executor().step() {
                if self.plan.kills && self.one_in(300) {
                    self.kill();
                }
            } else if !self.executor().pass(end) {
                break;
            }
            if self.checks.failure().is_some() {
                return;
            }
        }
        self.executor().sleep_through(end - self.executor().elapsed());
    }

    fn happen(&mut self) {
        let which = self.executor().random.below(self.lives.len());
        match self.executor().random.below(20) {
            0..=8 => self.use_one(which),
            9 => (0..self.lives.len()).for_each(|which| self.use_one(which)),
            10 | 11 if self.plan.network_fails => self.spoil_network(),
            12 if self.plan.network_fails => {
                let most = if self.plan.is_lock_sure() { 2000 } else { 200 };
                self.world.latency.set(self.executor().random.between(1, most));
            }
            13 if self.plan.store_fails => self.spoil_store(),
            14 if self.plan.is_lock_stolen => self.world.locks.steal(),
            15 if self.plan.clocks => self.set_clocks(),
            16 if self.plan.users => self.sign_in(which),
            17 if self.plan.users && self.one_in(3) => self.sign_out(which),
            18 => self.close(which),
            19 if self.plan.revokes => {
                self.checks.is_over.set(true);
                self.world.server.revoke_all();
            }
            _ => {
                let client = self.lives[which].context.clone();
                self.lives[which].start(&self.world, "wake", async move { client.wake().await });
            }
        }
    }

    fn use_one(&mut self, which: usize) {
        let random = &self.world.executor.random;
        let left_after = random.one_in(6).then(|| random.between(0, 60));
        let kind = random.below(6);
        let context = self.lives[which].context.clone();
        let (checks, clocks) = (self.checks.clone(), !self.plan.is_store_sure());
        let (what, call): (_, Work<'static, Session>) = match kind {
            0..=2 => ("usable", Box::pin(Life::usable(context, checks, clocks, false))),
            3 => ("forced", Box::pin(Life::usable(context, checks, clocks, true))),
            4 => ("refresh", Box::pin(calls::refresh(&context))),
            _ => ("refused", Box::pin(Life::refused(context))),
        };
        self.lives[which].call(&self.world, &self.checks, what, left_after, call);
    }

    fn spoil_network(&self) {
        let html = response(502, &[("content-type", "text/html")], "<html>Bad gateway</html>");
        let cut = response(200, &[("content-type", "application/json")], r#"{"access_token":"access-99","expi"#);
        let replies = [
            Reply::Broken,
            Reply::Lost,
            Reply::Silence,
            Reply::Mute,
            Reply::status(429),
            Reply::new(429, &[("retry-after", "2")], ""),
            Reply::status(500),
            Reply::error(503, "invalid_grant"),
            Reply::Answer(html.clone()),
            Reply::Spoilt(html),
            Reply::Spoilt(cut),
        ];
        let random = &self.executor().random;
        let count = 1 + random.below(4);
        self.world.server.script((0..count).map(|_| random.pick(&replies).clone()));
    }

    fn spoil_store(&self) {
        let modes = [Store::Fails, Store::Full, Store::Hangs, Store::Slow(7000), Store::Slow(500), Store::Works];
        let mode = *self.executor().random.pick(&modes);
        self.checks.note(&|| format!("store: {mode:?}"));
        self.world.store.set(mode);
    }

    fn set_clocks(&self) {
        let world = &self.world;
        let time = [HOUR, 24 * HOUR][self.executor().random.below(2)];
        match self.executor().random.below(3) {
            0 => world.clock_set.set(world.clock_set.get() + time),
            1 => world.clock_set.set(world.clock_set.get() - time),
            _ => {
                if self.one_in(2) {
                    world.slept.set(world.slept.get() + time);
                }
                self.executor().sleep_through(time);
            }
        }
    }

    fn sign_in(&mut self, which: usize) {
        let user = self.users;
        self.users += 1;
        self.checks.overtakes(self.lives[which].context.host.owner, "signs in");
        self.expected.set(Expected::Unclear);
        self.logins.set(self.logins.get() + 1);
        let (expected, logins) = (self.expected.clone(), self.logins.clone());
        // Where nothing is stored, logins are counted by a clock that may be wrong.
        let is_blind = self.plan.clocks || self.plan.asks;
        let login = calls::login(&self.lives[which].context, &format!("user{user}"));
        let (begun, was_alone) = (self.begun.clone(), self.logins.get() == 1);
        self.begun.set(user);
        let is_plain = self.plan.is_store_sure() && !self.plan.swaps_in_two_steps && !self.plan.revokes;
        let checks = self.checks.clone();
        let call = async move {
            let result: Session = login.await;
            logins.set(logins.get().saturating_sub(1));
            let is_alone = was_alone && begun.get() == user;
            if result.is_ok() {
                if is_alone && is_plain {
                    checks.begins_again();
                }
                expected.set(if is_alone && !is_blind { Expected::User(user) } else { Expected::Unclear });
            }
            result
        };
        self.lives[which].call(&self.world, &self.checks, "login", None, call);
    }

    fn sign_out(&mut self, which: usize) {
        self.checks.overtakes(self.lives[which].context.host.owner, "signs out");
        self.checks.is_over.set(true);
        self.expected.set(if self.logins.get() == 0 && self.plan.is_store_sure() {
            Expected::Nobody
        } else {
            Expected::Unclear
        });
        self.begun.set(usize::MAX);
        let logout = calls::logout(&self.lives[which].context);
        let context = self.lives[which].context.clone();
        self.lives[which].start(&self.world, "logout", async move {
            let _: Result<()> = context.until_closed(work(logout)).await;
        });
    }

    /// A context ends in an orderly way, and another begins.
    fn close(&mut self, which: usize) {
        self.checks.overtakes(self.lives[which].context.host.owner, "closes");
        self.ends(which);
        self.checks.goes(self.lives[which].context.host.owner);
        self.lives[which].context.close();
        self.lives[which].is_closed = true;
        let next = Life::begin(&self.world, &self.plan);
        let ended = std::mem::replace(&mut self.lives[which], next);
        self.executor().settle();
        for what in ended.unfinished().into_iter().filter(|what| !matches!(*what, "wake" | "restore")) {
            self.checks.fail(format!("`{what}` waits on after `close`"));
        }
    }

    /// A context ends where it is, and another begins.
    fn kill(&mut self) {
        let which = self.executor().random.below(self.lives.len());
        self.ends(which);
        self.checks.kills(self.lives[which].context.host.owner);
        self.world.kill(&self.lives[which].context);
        self.lives[which] = Life::begin(&self.world, &self.plan);
    }

    /// What a context had begun may stay undone.
    fn ends(&self, which: usize) {
        let unfinished = self.lives[which].unfinished();
        if unfinished.iter().any(|what| matches!(*what, "login" | "logout")) {
            self.logins.set(0);
            self.expected.set(Expected::Unclear);
        }
        if self.plan.swaps_in_two_steps || !self.plan.is_store_sure() || !self.plan.watches {
            // It might have had to mend what another one wrote over its own.
            self.expected.set(Expected::Unclear);
        }
    }

    /// Everything works again, and all come to rest.
    fn end(&mut self) {
        self.checks.note(&|| "everything works again".to_owned());
        self.world.store.set(Store::Works);
        self.world.server.script_is_over();
        self.world.latency.set(20);
        if self.world.locking.get() == Locking::Hangs {
            self.world.locking.set(Locking::None);
        }
        self.executor().advance(REST);
        // One after the other, each seeing what the ones before it did; a renewal in the background may come in between.
        for _ in 0..8 {
            for life in &mut self.lives {
                let client = life.context.clone();
                life.start(&self.world, "sync", async move { client.sync().await });
                self.world.executor.advance(317);
            }
            if self.lives.iter().all(|life| self.disagreement(&life.context).is_none()) {
                break;
            }
        }
        for life in &self.lives {
            if let Some(what) = self.disagreement(&life.context) {
                self.checks.fail(what);
            }
            self.is_as_expected(&life.context);
        }
        self.executor().advance(REST);
        for life in &self.lives {
            for what in life.unfinished() {
                self.checks.fail(format!("`{what}` of context {} never ends", life.context.host.owner));
            }
        }
        for life in &self.lives {
            life.context.close();
        }
        self.executor().advance(10_000);
        if self.executor().sleeping() > 0 {
            self.checks.fail(format!("{} timers are left after `close`", self.executor().sleeping()));
        }
    }

    /// How what a context holds differs from what the store holds.
    fn disagreement(&self, context: &Context) -> Option<String> {
        let held = context.held();
        let stored = self.world.record().as_deref().and_then(read);
        let is_same = match (held.as_ref().and_then(|held| held.access_token.as_ref()), &stored) {
            (Some(token), Some(stored)) => stored.tokens.iter().any(|stored| stored == token.expose()),
            (None, None) => true,
            _ => false,
        };
        let versions = (held.map(|held| held.version), stored.map(|stored| stored.version));
        (!is_same)
            .then(|| format!("context {} and the store hold different sessions: {versions:?}", context.host.owner))
    }

    fn is_as_expected(&self, context: &Context) {
        let owner = context.host.owner;
        let held = context.held();
        let token = held.as_ref().and_then(|held| held.access_token.as_ref());
        let Some(user) = token.and_then(|token| self.world.server.user_of(token.expose())) else {
            if matches!(self.expected.get(), Expected::User(_)) && !self.checks.is_over.get() {
                self.checks.fail(format!("nobody is signed in in context {owner} after the last login"));
            }
            return;
        };
        match self.expected.get() {
            Expected::Nobody => {
                self.checks.fail(format!("{user} is signed in in context {owner} after the last logout"));
            }
            // Where that session has ended, whoever did not hear of its beginning may still have an older one.
            Expected::User(number) if user != format!("user{number}") && !self.checks.is_over.get() => {
                self.checks.fail(format!("{user} is signed in in context {owner} instead of user{number}"));
            }
            Expected::User(_) | Expected::Unclear => {}
        }
    }
}
