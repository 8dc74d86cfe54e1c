//! One schedule: things happen at random moments, then everything works again, and all must come to rest and agree, by
//! themselves.

use std::rc::Rc;

use propusk::session::Input;

use super::Tally;
use super::checks::{ACCOUNTS, Checks};
use super::life::Life;
use super::plan::Plan;
use super::sign_in::{self, Expected, Logins};
use crate::calls;
use crate::executor::Executor;
use crate::lies::Lie;
use crate::lock::Locking;
use crate::record::Record;
use crate::server::{Reply, response};
use crate::store::Store;
use crate::world::{Context, World};

/// Time in which everything ends when everything works: a lock's patience, a request, its pauses; milliseconds.
const REST: i64 = 60_000;
const HOUR: i64 = 3_600_000;

struct Run {
    world: Rc<World>,
    plan: Rc<Plan>,
    checks: Rc<Checks>,
    lives: Vec<Life>,
    logins: [Rc<Logins>; ACCOUNTS],
    users: usize,
}

pub(super) fn run(seed: u64, lie: Option<Lie>, is_loud: bool) -> Result<Tally, String> {
    let plan = Rc::new(Plan::of(seed));
    let world = World::new(seed);
    world.lie.set(lie);
    world.locking.set(plan.locking);
    world.server.reuse.set(plan.reuse);
    world.server.rotates.set(plan.rotates);
    world.server.second_factor.set(plan.sign_in == super::plan::SignIn::SecondFactor);
    *world.server.lifetime.borrow_mut() = plan.lifetime.map(str::to_owned);
    world.stored.swaps_in_two_steps.set(plan.swaps_in_two_steps);
    world.stored.merges_notices.set(plan.merges_notices);
    let checks = Checks::new(&world, plan.clone(), is_loud);
    world.show_to(checks.clone());
    let mut run = Run {
        world: world.clone(),
        plan,
        checks: checks.clone(),
        lives: Vec::new(),
        logins: Default::default(),
        users: 0,
    };
    run.begin();
    for _ in 0..run.plan.events {
        run.pass();
        run.happen();
        if checks.failure().is_some() {
            break;
        }
    }
    if checks.failure().is_none() {
        run.end();
    }
    // What is due holds contexts, and those hold the world.
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
        self.life(0);
        self.executor().advance(10);
        self.sign_in(0);
        self.executor().advance(2000);
        while self.lives.len() < self.plan.contexts {
            self.life(0);
        }
        if self.plan.two_accounts {
            self.life(1);
            self.executor().advance(10);
            self.sign_in(self.lives.len() - 1);
        }
        self.executor().advance(100);
    }

    fn life(&mut self, account: usize) {
        let life = Life::begin(&self.world, &self.plan, &self.checks, account);
        self.lives.push(life);
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
        while self.executor().step(end) {
            if self.plan.kills && self.one_in(80) {
                self.kill();
            }
            if self.checks.failure().is_some() {
                return;
            }
        }
        self.executor().sleep_through(end - self.executor().elapsed());
    }

    fn happen(&mut self) {
        let which = self.executor().random.below(self.lives.len());
        match self.executor().random.below(21) {
            0..=8 => self.use_one(which),
            9 => (0..self.lives.len()).for_each(|which| self.use_one(which)),
            10 | 11 if self.plan.network_fails => self.spoil_network(),
            12 if self.plan.network_fails => {
                let most = if self.plan.is_lock_sure() { 2000 } else { 200 };
                self.world.latency.set(self.executor().random.between(1, most));
            }
            13 if self.plan.store_fails => self.spoil_store(),
            14 if self.plan.is_lock_stolen => self.world.steal_lock(),
            15 if self.plan.clocks => self.set_clocks(),
            16 if self.plan.users => self.sign_in(which),
            17 if self.plan.users && self.one_in(3) => self.sign_out(which),
            18 => self.close(which),
            19 if self.plan.revokes => {
                (0..ACCOUNTS).for_each(|account| self.checks.ends(account));
                self.world.server.revoke_all();
            }
            20 => self.lives[which].context.give(Input::Accepted),
            _ => self.lives[which].context.give(Input::Resumed),
        }
    }

    fn use_one(&mut self, which: usize) {
        let random = &self.world.executor.random;
        let left_after = random.one_in(6).then(|| random.between(0, 60));
        let kind = random.below(8);
        let is_repeated = random.one_in(4);
        let (checks, clocks) = (self.checks.clone(), !self.plan.is_store_sure() || self.plan.clocks_differ);
        let life = &mut self.lives[which];
        match kind {
            0..=2 => life.uses(&checks, left_after, clocks, false),
            3 => life.uses(&checks, left_after, clocks, true),
            4 => {
                let call = calls::refresh(&life.context).start();
                life.call(&checks, "refresh", left_after, &call);
            }
            5 => {
                let call = calls::check(&life.context).start();
                life.call(&checks, "check", left_after, &call);
            }
            _ => life.refused(&checks, is_repeated),
        }
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
        let modes = [
            Store::Fails,
            Store::Full,
            Store::Unreadable,
            Store::Hangs,
            Store::Mute,
            Store::Slow(7000),
            Store::Slow(500),
            Store::Dawdles(7000),
            Store::Works,
        ];
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
        let life = &mut self.lives[which];
        let logins = self.logins[life.account].clone();
        sign_in::begin(&self.world, &self.plan, &self.checks, &logins, life, user);
    }

    fn sign_out(&mut self, which: usize) {
        let life = &mut self.lives[which];
        self.checks.overtakes(life.context.host.owner, "signs out");
        self.checks.ends(life.account);
        let logins = &self.logins[life.account];
        let is_certain = logins.are_over() && self.plan.is_store_sure();
        logins.expected.set(if is_certain { Expected::Nobody } else { Expected::Unclear });
        logins.begun.set(usize::MAX);
        let call = calls::logout(&life.context).start();
        life.call(&self.checks, "logout", None, &call);
    }

    /// A context ends in an orderly way, and another begins.
    fn close(&mut self, which: usize) {
        self.checks.overtakes(self.lives[which].context.host.owner, "closes");
        self.ends(which);
        self.checks.goes(self.lives[which].context.host.owner);
        self.lives[which].context.close();
        self.lives[which].is_closed = true;
        let next = Life::begin(&self.world, &self.plan, &self.checks, self.lives[which].account);
        let ended = std::mem::replace(&mut self.lives[which], next);
        for what in ended.unfinished() {
            self.checks.fail(format!("`{what}` waits on after `close`"));
        }
        // It goes on for a moment, though the program has let go of it.
        let lingering = ended.context;
        self.executor().later(10_000, move |world| {
            let owner = lingering.host.owner;
            assert!(lingering.timers() == 0, "context {owner} has timers ten seconds after `close`");
            world.kill(&lingering);
        });
    }

    /// A context ends where it is, and another begins.
    fn kill(&mut self) {
        let which = self.executor().random.below(self.lives.len());
        self.ends(which);
        self.checks.kills(self.lives[which].context.host.owner);
        self.world.kill(&self.lives[which].context);
        self.lives[which] = Life::begin(&self.world, &self.plan, &self.checks, self.lives[which].account);
    }

    /// What a context had begun may stay undone.
    fn ends(&self, which: usize) {
        let life = &self.lives[which];
        let logins = &self.logins[life.account];
        let has_lost = logins.loses(life.context.host.owner) || life.unfinished().contains(&"logout");
        // It might have had to mend what another one wrote over its own.
        let might_mend = self.plan.swaps_in_two_steps || !self.plan.is_store_sure() || !self.plan.watches;
        if has_lost || might_mend {
            logins.expected.set(Expected::Unclear);
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
        self.all_agree();
        for life in &self.lives {
            self.is_as_expected(life);
        }
        let (written, sent) = (self.world.stored.writes.get(), self.world.server.log.borrow().len());
        self.executor().advance(REST);
        let written = self.world.stored.writes.get() - written;
        let sent = self.world.server.log.borrow().len() - sent;
        if written > 20 + 10 * sent as u64 {
            self.checks.fail(format!("{written} writes in a minute in which nothing happens"));
        }
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

    /// A renewal in the background may come in between: then a moment later. Only where nobody hears of changes do pages
    /// come to the front first, one after the other.
    fn all_agree(&self) {
        let disagreement = || self.lives.iter().find_map(|life| self.disagreement(&life.context));
        for _ in 0..if self.plan.watches { 30 } else { 8 } {
            for life in self.lives.iter().filter(|_| !self.plan.watches) {
                life.context.give(Input::Resumed);
                self.executor().advance(317);
            }
            if disagreement().is_none() {
                return;
            }
            self.executor().advance(37);
        }
        if let Some(what) = disagreement() {
            self.checks.fail(what);
        }
    }

    /// How what a context holds differs from what the store holds.
    fn disagreement(&self, context: &Context) -> Option<String> {
        let held = context.held();
        let stored = self.world.record_of(context).as_deref().and_then(Record::read);
        let is_same = match (held.as_ref().and_then(|held| held.access_token.as_ref()), &stored) {
            (Some(token), Some(stored)) => stored.tokens.iter().any(|stored| stored == token.expose()),
            (None, None) => true,
            _ => false,
        };
        let versions = (held.map(|held| held.version), stored.map(|stored| stored.version));
        (!is_same)
            .then(|| format!("context {} and the store hold different sessions: {versions:?}", context.host.owner))
    }

    fn is_as_expected(&self, life: &Life) {
        let owner = life.context.host.owner;
        let expected = self.logins[life.account].expected.get();
        let is_over = self.checks.is_over(life.account);
        let held = life.context.held();
        let token = held.as_ref().and_then(|held| held.access_token.as_ref());
        let Some(user) = token.and_then(|token| self.world.server.user_of(token.expose())) else {
            if matches!(expected, Expected::User(_)) && !is_over {
                self.checks.fail(format!("nobody is signed in in context {owner} after the last login"));
            }
            return;
        };
        match expected {
            Expected::Nobody => {
                self.checks.fail(format!("{user} is signed in in context {owner} after the last logout"));
            }
            // Where that session has ended, whoever did not hear of its beginning may still have an older one.
            Expected::User(number) if user != format!("user{number}") && !is_over => {
                self.checks.fail(format!("{user} is signed in in context {owner} instead of user{number}"));
            }
            Expected::User(_) | Expected::Unclear => {}
        }
    }
}
