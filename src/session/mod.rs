//! What happens over time, as a machine: signing in, one renewal for everybody, callbacks, retries, giving up.
//!
//! [`Session`] holds what one client knows. It has getters and one mutation, [`step`](Session::step): an [`Input`] goes
//! in, [`Output`]s come out. It does no I/O, reads no clock and draws no random numbers: these come with the input, and
//! the outside does what the outputs say.
//!
//! Rules for a shell: after each `step` it performs all outputs in their order, with nothing borrowed; inputs that arise
//! meanwhile (a listener, a store or a `credentials` function that calls back) are queued, never nested. Every operation
//! has a number, and an answer whose number is not awaited any more is dropped, so a shell need not take care of that.

mod account;
mod address;
mod asking;
mod audit;
mod authorize;
mod auto;
mod backoff;
mod brake;
mod callback;
mod calls;
pub mod config;
mod exchange;
mod grant;
mod ids;
mod input;
mod job;
mod jobs;
mod lifecycle;
mod lock;
mod login;
mod logout;
mod obtain;
mod output;
mod pending;
mod redirect;
mod refusals;
mod renewal;
mod store;
mod timers;
pub mod tokens;
mod values;
pub mod version;
mod waits;

use std::rc::Rc;

use sha2::{Digest, Sha256};

pub use audit::Audit;
pub use config::{Addresses, Config, check_provider};
pub use ids::{CallId, Credentials, Op, Place};
pub use input::{GivenTokens, Input, Now, Timer};
pub use output::{Change, Output, Redirected, Reply, Trace};
pub use tokens::Tokens;

use account::Account;
use auto::Auto;
use backoff::Backoff;
use brake::Brake;
use exchange::Exchange;
use lifecycle::Lifecycle;
use lock::Lock;
use login::Login;
use redirect::Redirect;
use renewal::Renewal;
use store::Store;
use waits::Call;

/// What the outside can do.
#[derive(Clone, Copy, Default)]
pub struct Means {
    /// Whether there is a store; else sessions end with the client.
    pub has_store: bool,
    /// Whether anybody hears traces.
    pub is_traced: bool,
}

/// How long the session can be used as it is, on each clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fresh {
    /// Until that moment of our clock; `None`: no end is known.
    pub wall: Option<i64>,
    /// Until that reading of the steady clock; `None`: only `wall` counts.
    pub steady: Option<i64>,
    /// How much earlier than its end that is.
    pub margin: i64,
    /// Its whole life: no clock that was set back makes it longer.
    pub life: Option<i64>,
}

/// One account at one provider, signed in or not.
#[derive(Clone)]
pub struct Session {
    config: Rc<Config>,
    addresses: Rc<dyn Addresses>,
    means: Means,
    /// The moment of the input in hand.
    now: Now,
    /// How often chance was asked in this step.
    draws: u32,
    out: Vec<Output>,
    last_op: Op,
    timers: Vec<Timer>,
    lifecycle: Lifecycle,
    account: Account,
    calls: Vec<Call>,
    exchanges: Vec<Exchange>,
    login: Login,
    renewal: Renewal,
    redirect: Redirect,
    store: Store,
    session_lock: Lock,
    pending_lock: Lock,
    backoff: Backoff,
    brake: Brake,
    auto: Auto,
}

impl Session {
    /// Nobody is signed in, and nothing is read: see [`Input::Open`].
    pub fn new(config: Config, addresses: Rc<dyn Addresses>, means: Means) -> Self {
        Self {
            config: Rc::new(config),
            addresses,
            means,
            now: Now { wall: 0, steady: None, random: None },
            draws: 0,
            out: Vec::new(),
            last_op: 0,
            timers: Vec::new(),
            lifecycle: Lifecycle::Open,
            account: Account::default(),
            calls: Vec::new(),
            exchanges: Vec::new(),
            login: Login::Idle,
            renewal: Renewal::default(),
            redirect: Redirect::default(),
            store: Store::default(),
            session_lock: Lock::default(),
            pending_lock: Lock::default(),
            backoff: Backoff::default(),
            brake: Brake::default(),
            auto: Auto::default(),
        }
    }

    /// One input, and what follows from it.
    #[inline(never)]
    pub fn step(&mut self, now: Now, input: Input) -> Vec<Output> {
        self.now = now;
        self.draws = 0;
        if self.lifecycle.is_open() {
            self.take(input)
        } else {
            self.take_after_close(input)
        }
        self.run_jobs();
        self.wake_paused();
        self.run_jobs();
        self.end_if_idle();
        std::mem::take(&mut self.out)
    }

    fn take(&mut self, input: Input) {
        match input {
            Input::Open { call } => self.open(call),
            Input::Login { call, credentials, limit } => self.begin_login(call, credentials, limit),
            Input::Confirm { call, code, limit } => self.confirm(call, &code, limit),
            Input::SetSession { call, tokens } => self.set_session(call, *tokens),
            Input::Check { call, limit } => self.check(call, limit),
            Input::Refresh { call, limit } => self.refresh(call, limit),
            Input::Token { call, min_validity, force, limit } => self.token(call, min_validity, force, limit),
            Input::Refused { call, generation, login, repeated } => self.refused(call, generation, login, repeated),
            Input::Accepted => self.brake.release(),
            Input::Logout { call, revoke, limit } => self.logout(call, revoke, limit),
            Input::AuthorizationUrl { call, return_to } => self.authorization_url(call, return_to),
            Input::Callback { call, address, limit } => self.callback(call, &address, limit),
            Input::Abandon { call } => self.abandon(call),
            Input::Resumed => self.resumed(),
            Input::Changed => self.changed(),
            Input::Close => self.close(),
            other => self.take_answer(other),
        }
    }

    /// What is heard of operations, also after `close`.
    fn take_answer(&mut self, input: Input) {
        match input {
            Input::Answered { op, answer } => self.answered(op, answer),
            Input::Loaded { op, record } => self.loaded(op, record),
            Input::Swapped { op, done } => self.swapped(op, done),
            Input::Locked { op, lock } => self.locked(op, lock),
            Input::Unlocked { op } => self.unlocked(op),
            Input::Given { op, credentials } => self.given(op, credentials),
            Input::Fired { timer } => self.fired(timer),
            _ => {}
        }
    }

    /// Options.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The session as it is known here; what is shown of it follows with [`Output::Show`].
    pub fn tokens(&self) -> Option<&Rc<Tokens>> {
        self.account.tokens.as_ref()
    }

    /// Counts changes of the session.
    pub fn generation(&self) -> u32 {
        self.account.generation
    }

    /// Which login the session comes from; 0 without one.
    pub fn login(&self) -> i64 {
        self.tokens().map_or(0, |tokens| tokens.version.login)
    }

    /// The number of the next operation.
    fn op(&mut self) -> Op {
        self.last_op = self.last_op.wrapping_add(1);
        self.last_op
    }

    /// Chance: each time other bytes, made of those of this step.
    fn draw(&mut self) -> Option<[u8; 32]> {
        let random = self.now.random?;
        self.draws = self.draws.wrapping_add(1);
        let mut hash = Sha256::new();
        hash.update(random);
        hash.update(self.draws.to_le_bytes());
        Some(hash.finalize().into())
    }

    /// From nothing to `most`, at random.
    fn jitter(&mut self, most: i64) -> i64 {
        let [low, high, ..] = self.draw().unwrap_or_default();
        most.saturating_mul(i64::from(u16::from_le_bytes([low, high]))) / i64::from(u16::MAX)
    }
}
