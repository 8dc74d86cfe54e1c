//! One context (a tab, a process): a session, and the shell that does what it says.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use propusk::error::{AuthError, Code, Result};
use propusk::protocol::request::Request;
use propusk::session::{Addresses, CallId, Credentials, Input, Now, Op, Output, Reply, Session, Timer, Tokens};

use crate::executor::{Event, Owner};
use crate::invariants::{Seen, Watch};
use crate::lies::Lie;
use crate::store::Act;
use crate::words;
use crate::world::World;

/// One request as the caller's trace showed it.
#[derive(Debug, PartialEq)]
pub struct Traced {
    /// What it was for.
    pub purpose: &'static str,
    /// 1 for the first try.
    pub attempt: u32,
    /// Status, when an answer came.
    pub status: Option<u16>,
    /// What came of it.
    pub error: Option<Code>,
}

/// What one context sees of the world, and what its program was told.
pub struct Host {
    /// Where it lives.
    pub world: Rc<World>,
    /// Tells this life of the context apart from all others.
    pub owner: Owner,
    /// Changes that were told.
    pub changes: RefCell<Vec<&'static str>>,
    /// Warnings that were told.
    pub warnings: RefCell<Vec<AuthError>>,
    /// Requests that were told of.
    pub traces: RefCell<Vec<Traced>>,
    /// Addresses that were to be cleaned, each with the number of requests that had been sent by then.
    pub cleaned: RefCell<Vec<(String, usize)>>,
    /// Why `credentials` was called.
    pub asked: RefCell<Vec<Code>>,
    /// What `credentials` gives.
    pub credentials: RefCell<Option<Credentials>>,
    /// How long it takes to do so; `None`: for ever.
    pub thinks: Cell<Option<i64>>,
    /// How far the clock of this context is from that of the world.
    pub clock_set: Cell<i64>,
}

impl Host {
    pub(crate) fn new(world: Rc<World>, owner: Owner) -> Self {
        Self {
            world,
            owner,
            changes: RefCell::default(),
            warnings: RefCell::default(),
            traces: RefCell::default(),
            cleaned: RefCell::default(),
            asked: RefCell::default(),
            credentials: RefCell::default(),
            thinks: Cell::new(Some(5)),
            clock_set: Cell::new(0),
        }
    }
}

/// The URL standard.
pub struct Urls;

impl Addresses for Urls {
    fn href(&self, address: &str, base: Option<&str>) -> Option<String> {
        match base {
            None => url::Url::parse(address),
            Some(base) => url::Url::parse(base).and_then(|base| base.join(address)),
        }
        .ok()
        .map(String::from)
    }

    fn page(&self) -> Option<String> {
        None
    }
}

type Then = Box<dyn FnOnce(&Result<Reply>)>;

/// Where the result of a call comes to.
#[derive(Default)]
pub(crate) struct Slot {
    pub(crate) result: RefCell<Option<Result<Reply>>>,
    pub(crate) then: RefCell<Option<Then>>,
}

impl Slot {
    pub(crate) fn set(&self, result: Result<Reply>) {
        let then = self.then.take();
        if let Some(then) = then {
            then(&result);
        }
        self.result.borrow_mut().get_or_insert(result);
    }
}

/// A context.
pub struct Client {
    /// What it sees and tells.
    pub host: Host,
    /// Where its session stands in the store.
    pub key: String,
    session: RefCell<Session>,
    watch: RefCell<Watch>,
    inbox: RefCell<VecDeque<Input>>,
    is_busy: Cell<bool>,
    calls: RefCell<BTreeMap<CallId, Rc<Slot>>>,
    next_call: Cell<CallId>,
    requests: RefCell<BTreeMap<Op, Rc<Request>>>,
    timers: RefCell<Vec<(Timer, u64)>>,
    /// Those that were stopped, where they fire all the same.
    stopped: RefCell<Vec<(Timer, u64)>>,
    next_timer: Cell<u64>,
    pub(crate) is_noticing: Cell<bool>,
}

impl Client {
    pub(crate) fn new(host: Host, session: Session, has_store: bool) -> Rc<Self> {
        Rc::new(Self {
            key: session.config().store_key(),
            watch: RefCell::new(Watch::new(has_store)),
            session: RefCell::new(session),
            host,
            inbox: RefCell::default(),
            is_busy: Cell::new(false),
            calls: RefCell::default(),
            next_call: Cell::new(0),
            requests: RefCell::default(),
            timers: RefCell::default(),
            stopped: RefCell::default(),
            next_timer: Cell::new(0),
            is_noticing: Cell::new(false),
        })
    }

    /// The session.
    pub fn held(&self) -> Option<Rc<Tokens>> {
        self.session.borrow().tokens().cloned()
    }

    /// Counts changes of the session.
    pub fn generation(&self) -> u32 {
        self.session.borrow().generation()
    }

    /// Which login the session comes from.
    pub fn login(&self) -> i64 {
        self.session.borrow().login()
    }

    /// Looks into the session.
    pub fn look<T>(&self, look: impl FnOnce(&Session) -> T) -> T {
        look(&self.session.borrow())
    }

    /// Closes the client.
    pub fn close(self: &Rc<Self>) {
        self.give(Input::Close);
    }

    /// The moment as this context sees it.
    pub fn now(&self) -> Now {
        let world = &self.host.world;
        let mut random = [0; 32];
        if world.lie.get() != Some(Lie::NoRandom) {
            for chunk in random.chunks_exact_mut(8) {
                chunk.copy_from_slice(&world.executor.random.next().to_le_bytes());
            }
        }
        let jump = match world.lie.get() {
            Some(Lie::ClockJumps) => world.executor.random.between(-12, 12) * 3_600_000,
            _ => 0,
        };
        let wall = world.now() + self.host.clock_set.get() + jump;
        Now { wall, steady: world.monotonic(), random: Some(random) }
    }

    /// How many timers are set.
    pub fn timers(&self) -> usize {
        self.timers.borrow().len()
    }

    /// A call begins.
    pub(crate) fn call(self: &Rc<Self>, input: impl FnOnce(CallId) -> Input) -> (CallId, Rc<Slot>) {
        let call = self.next_call.get() + 1;
        self.next_call.set(call);
        let slot = Rc::<Slot>::default();
        self.calls.borrow_mut().insert(call, slot.clone());
        self.give(input(call));
        (call, slot)
    }

    /// A caller goes away.
    pub(crate) fn abandon(self: &Rc<Self>, call: CallId) {
        let slot = self.calls.borrow_mut().remove(&call);
        if let Some(slot) = slot {
            slot.set(Err(AuthError::new(Code::Aborted, "by the caller")));
            self.give(Input::Abandon { call });
        }
    }

    /// Something happens. What it leads to is done, and what arises meanwhile comes after it.
    pub fn give(self: &Rc<Self>, input: Input) {
        let world = &self.host.world;
        self.inbox.borrow_mut().push_back(input);
        if self.is_busy.replace(true) {
            return;
        }
        loop {
            let next = self.inbox.borrow_mut().pop_front();
            let Some(input) = next.filter(|_| world.is_alive(self.host.owner)) else { break };
            let now = self.now();
            let seen = Seen::of(&input);
            world.witness().notes(self.host.owner, &|| format!("<- {}", words::input(&input)));
            let outputs = self.session.borrow_mut().step(now, input);
            for output in &outputs {
                world.witness().notes(self.host.owner, &|| format!("   -> {}", words::output(output)));
            }
            let is_kept = self.watch.borrow_mut().step(&seen, &outputs, &self.session.borrow());
            if let Err(what) = is_kept {
                panic!("context {}: {what}", self.host.owner);
            }
            outputs.into_iter().for_each(|output| self.perform(output));
        }
        self.is_busy.set(false);
    }

    fn perform(self: &Rc<Self>, output: Output) {
        let (world, owner) = (&self.host.world, self.host.owner);
        let key = self.key.as_str();
        match output {
            Output::Send { op, request, timeout } => self.send(op, request, timeout),
            Output::Cancel { op } => {
                let request = self.requests.borrow_mut().remove(&op);
                if let Some(request) = request {
                    world.witness().gives_up(owner, &request);
                }
            }
            Output::Load { op, place } => world.ask_store(owner, op, place, key, Act::Get),
            Output::Swap { op, place, expected, value } => {
                world.ask_store(owner, op, place, key, Act::Swap(expected, value));
            }
            Output::Put { op, place, value } => world.ask_store(owner, op, place, key, Act::Put(value)),
            Output::Lock { op, place } => world.lock(owner, op, &crate::store::full_key(place, key)),
            Output::Unlock { op } => world.unlock(owner, op),
            Output::Ask { op, reason } => {
                self.host.asked.borrow_mut().push(reason);
                if let Some(time) = self.host.thinks.get() {
                    let credentials = Ok(self.host.credentials.borrow().clone());
                    world.executor.after(time, Event::Tells { owner, input: Input::Given { op, credentials } });
                }
            }
            Output::Set { timer, after } => self.set(timer, after),
            Output::Stop { timer } => {
                let stopped = self.timers.borrow_mut().extract_if(.., |(known, _)| *known == timer).collect::<Vec<_>>();
                if world.lie.get() == Some(Lie::TimersFireAnyway) {
                    self.stopped.borrow_mut().extend(stopped);
                }
            }
            Output::Settle { call, result } => {
                let slot = self.calls.borrow_mut().remove(&call);
                if let Some(slot) = slot {
                    slot.set(result);
                }
            }
            Output::Show { change } => {
                self.host.changes.borrow_mut().push(change.as_str());
                world.witness().announces(owner, change, self.held().as_deref());
            }
            Output::CleanAddress { address } => {
                let sent = world.server.log.borrow().len();
                self.host.cleaned.borrow_mut().push((address, sent));
            }
            Output::Trace(trace) => {
                world.witness().shows(&trace.url);
                self.host.traces.borrow_mut().push(Traced {
                    purpose: trace.purpose.as_str(),
                    attempt: trace.attempt,
                    status: trace.status,
                    error: trace.error,
                });
            }
            Output::Warn(error) => {
                world.witness().warns(owner, &error);
                self.host.warnings.borrow_mut().push(error);
            }
            Output::Wipe => {}
        }
    }

    fn send(self: &Rc<Self>, op: Op, request: Request, timeout: i64) {
        let (world, owner) = (&self.host.world, self.host.owner);
        world.witness().sends(owner, &request);
        let request = Rc::new(request);
        self.requests.borrow_mut().insert(op, request.clone());
        let time = world.executor.random.between(1, world.latency.get());
        world.executor.after(time, Event::Arrives { owner, op, request });
        world.executor.after(timeout, Event::TimesOut { owner, op });
    }

    fn set(self: &Rc<Self>, timer: Timer, after: i64) {
        let world = &self.host.world;
        assert!(after < 1 << 31, "a timer of {after} ms overflows in JavaScript");
        let number = self.next_timer.get() + 1;
        self.next_timer.set(number);
        let mut timers = self.timers.borrow_mut();
        timers.retain(|(known, _)| *known != timer);
        timers.push((timer, number));
        let after = match (world.lie.get(), timer) {
            (Some(Lie::NoPauses), Timer::RenewalPause)
            | (Some(Lie::NoBackoff), Timer::Call(_))
            | (Some(Lie::NoPatience), Timer::StoreDeadline(_)) => 0,
            _ => after,
        };
        world.executor.after(after, Event::Fires { owner: self.host.owner, timer, number });
    }

    /// A timer is due, unless it was set again or stopped.
    pub(crate) fn fires(self: &Rc<Self>, timer: Timer, number: u64) {
        let due = |timers: &RefCell<Vec<(Timer, u64)>>| {
            let at = timers.borrow().iter().position(|(_, known)| *known == number);
            at.map(|at| timers.borrow_mut().swap_remove(at)).is_some()
        };
        if due(&self.timers) || due(&self.stopped) {
            self.give(Input::Fired { timer });
        }
    }

    /// A request that is waited for.
    pub(crate) fn waits_for(&self, op: Op) -> Option<Rc<Request>> {
        self.requests.borrow().get(&op).cloned()
    }

    /// A request was answered, or it was waited for long enough; says whether anybody waited.
    pub(crate) fn answered(self: &Rc<Self>, op: Op) -> bool {
        self.requests.borrow_mut().remove(&op).is_some()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.host.world.is_gone(self.host.owner);
    }
}
