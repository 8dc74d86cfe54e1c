//! Everything outside the sessions: contexts (tabs, processes) that share one store, one lock and one provider.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};

use propusk::error::{AuthError, Code, Result};
use propusk::protocol::form;
use propusk::protocol::json::{self, Mode};
use propusk::protocol::request::{Purpose, Request};
use propusk::protocol::response::Response;
use propusk::session::{Config, Input, Means, Op, Session, Tokens};

use crate::calls::{Call, PASSWORD, login, open};
use crate::context::{Client, Host, Urls};
use crate::executor::{Event, Executor, Owner};
use crate::lies::Lie;
use crate::lock::{Locking, Locks};
use crate::server::Server;
use crate::store::{Store, Stored};
use crate::witness::{Loud, Nobody, Witness};

/// The wall clock at the start.
pub const START: i64 = 1_800_000_000_000;
const SEEDS: u64 = 25;
/// Longer than it takes a context to look into a store that works, milliseconds.
const LOOK: i64 = 100;

/// What calls that need a session come to.
pub type Signed = Result<Rc<Tokens>>;
/// One context.
pub type Context = Rc<Client>;

type Waiting = (Owner, Op, Rc<Request>, Result<Response>);

/// One world. Contexts are made by [`World::context`] and its kin.
pub struct World {
    /// What will happen.
    pub executor: Executor,
    /// The provider.
    pub server: Server,
    /// Whether contexts have a store.
    pub has_store: Cell<bool>,
    /// How the store behaves.
    pub store: Cell<Store>,
    /// What it holds.
    pub stored: Stored,
    /// How the lock behaves.
    pub locking: Cell<Locking>,
    /// Who holds it.
    pub locks: Locks,
    /// Whether contexts have a clock that is never set.
    pub has_monotonic: Cell<bool>,
    /// How far the wall clock has been set from where it would be.
    pub clock_set: Cell<i64>,
    /// For how long the machine has slept: the clock that is never set does not count that.
    pub slept: Cell<i64>,
    /// Longest time that a request or its answer is on its way, milliseconds.
    pub latency: Cell<i64>,
    /// What is not as it is said to be.
    pub lie: Cell<Option<Lie>>,
    gate: RefCell<Option<Vec<Waiting>>>,
    witness: RefCell<Rc<dyn Witness>>,
    /// By owner, from 1.
    contexts: RefCell<Vec<Weak<Client>>>,
    dead: RefCell<Vec<bool>>,
    /// Codes that were redeemed, by the secret that binds each to its login, and by whom.
    redeemed: RefCell<BTreeMap<String, (Owner, String)>>,
}

thread_local! {
    /// Sessions to which nothing has happened yet: options are read once.
    static FRESH: RefCell<BTreeMap<(String, bool, bool), Session>> = const { RefCell::new(BTreeMap::new()) };
}

fn fresh(options: String, can_ask: bool, has_store: bool) -> Session {
    FRESH.with_borrow_mut(|known| {
        let new = known.entry((options, can_ask, has_store)).or_insert_with_key(|(options, ..)| {
            let config = Config::read(&json::read(options, Mode::Strict).unwrap(), can_ask, &Urls).unwrap();
            Session::new(config, Rc::new(Urls), Means { has_store, is_traced: true })
        });
        new.clone()
    })
}

/// Runs a test under many schedules.
pub fn each_seed(test: impl Fn(&Rc<World>)) {
    struct Named(u64);
    impl Drop for Named {
        fn drop(&mut self) {
            if std::thread::panicking() {
                eprintln!("failed with SEED={}", self.0);
            }
        }
    }
    let only = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok());
    for seed in only.map_or(0..SEEDS, |seed: u64| seed..seed + 1) {
        let _named = Named(seed);
        let world = World::new(seed);
        if std::env::var_os("LOUD").is_some() {
            world.show_to(Rc::new(Loud(Rc::downgrade(&world))));
        }
        test(&world);
    }
}

impl World {
    /// A world in which everything works.
    pub fn new(seed: u64) -> Rc<Self> {
        let world = Rc::new(Self {
            executor: Executor::new(seed),
            server: Server::default(),
            has_store: Cell::new(true),
            store: Cell::new(Store::Works),
            stored: Stored::default(),
            locking: Cell::new(Locking::Works),
            locks: Locks::default(),
            has_monotonic: Cell::new(true),
            clock_set: Cell::new(0),
            slept: Cell::new(0),
            latency: Cell::new(20),
            lie: Cell::new(None),
            gate: RefCell::default(),
            witness: RefCell::new(Rc::new(Nobody)),
            contexts: RefCell::default(),
            dead: RefCell::default(),
            redeemed: RefCell::default(),
        });
        world.executor.belongs_to(&world);
        world
    }

    /// A context with the options of a password profile, opened.
    pub fn context(self: &Rc<Self>, options: &str) -> Context {
        self.context_of(PASSWORD, options, false)
    }

    /// A context with a profile of its own, opened.
    pub fn context_of(self: &Rc<Self>, profile: &str, options: &str, can_ask: bool) -> Context {
        let context = self.begin(profile, options, can_ask);
        self.run(open(&context)).unwrap();
        context.host.changes.borrow_mut().clear();
        context
    }

    /// A context that has not read its store yet.
    pub fn begin(self: &Rc<Self>, profile: &str, options: &str, can_ask: bool) -> Context {
        let comma = if options.is_empty() { "" } else { "," };
        let options = format!(r#"{{"provider":{profile}{comma}{options}}}"#);
        self.dead.borrow_mut().push(false);
        let has_store = self.has_store.get();
        let owner = self.dead.borrow().len() as Owner;
        let session = fresh(options, can_ask, has_store);
        let context = Client::new(Host::new(self.clone(), owner), session, has_store);
        self.contexts.borrow_mut().push(Rc::downgrade(&context));
        context
    }

    /// A context that has just signed in, its past forgotten.
    pub fn signed_in(self: &Rc<Self>, options: &str) -> Context {
        let context = self.context(options);
        self.run(login(&context, "user")).unwrap();
        context.host.changes.borrow_mut().clear();
        context
    }

    /// Another context on the same store.
    pub fn restored(self: &Rc<Self>, options: &str) -> Context {
        self.context(options)
    }

    /// A context hears that others may have changed the store, and has the time to look.
    pub fn sync(&self, context: &Context) {
        context.give(Input::Changed);
        self.executor.advance(LOOK);
    }

    /// Timers of a context may have slept; it has the time to look.
    pub fn wake(&self, context: &Context) {
        context.give(Input::Resumed);
        self.executor.advance(LOOK);
    }

    /// Ends a context where it is, as a signal that cannot be caught ends a process.
    pub fn kill(&self, context: &Context) {
        self.is_gone(context.host.owner);
    }

    pub(crate) fn is_gone(&self, owner: Owner) {
        if let Some(dead) = self.dead.borrow_mut().get_mut(owner as usize - 1)
            && !std::mem::replace(dead, true)
        {
            self.leaves_locks(owner);
        }
    }

    /// Whether a context has not been killed.
    pub fn is_alive(&self, owner: Owner) -> bool {
        !self.dead.borrow()[owner as usize - 1]
    }

    /// A context that is alive.
    pub(crate) fn find(&self, owner: Owner) -> Option<Context> {
        if !self.is_alive(owner) {
            return None;
        }
        self.contexts.borrow().get(owner as usize - 1).and_then(Weak::upgrade)
    }

    /// All contexts that are alive.
    pub fn alive(&self) -> Vec<Context> {
        let owners = self.dead.borrow().len() as Owner;
        (1..=owners).filter_map(|owner| self.find(owner)).collect()
    }

    /// Runs a call to its end, as long as that takes.
    pub fn run<T>(&self, call: Call<T>) -> Result<T> {
        self.executor.finish(&call.start())
    }

    /// The wall clock of this machine.
    pub fn now(&self) -> i64 {
        START + self.executor.elapsed() + self.clock_set.get()
    }

    /// The clock that is never set, and that stands still while the machine sleeps.
    pub fn monotonic(&self) -> Option<i64> {
        self.has_monotonic.get().then(|| self.executor.elapsed() - self.slept.get())
    }

    /// Answers wait from now on.
    pub fn hold(&self) {
        self.gate.borrow_mut().get_or_insert_default();
    }

    /// Lets waiting answers through.
    pub fn release(&self) {
        let waiting = self.gate.borrow_mut().take().unwrap_or_default();
        waiting.into_iter().for_each(|waiting| self.comes_back(waiting));
    }

    /// Lets somebody look on.
    pub fn show_to(&self, witness: Rc<dyn Witness>) {
        self.witness.replace(witness);
    }

    /// Who looks on.
    pub fn witness(&self) -> Rc<dyn Witness> {
        self.witness.borrow().clone()
    }

    /// Does what is due.
    pub(crate) fn happens(self: &Rc<Self>, event: Event) {
        match event {
            Event::Arrives { owner, op, request } => {
                if request.purpose == Purpose::Exchange {
                    self.redeems(owner, &request);
                }
                let Some(answer) = self.server.receive(&request, self.executor.elapsed()) else { return };
                let waiting = (owner, op, request, answer);
                match &mut *self.gate.borrow_mut() {
                    Some(gate) => gate.push(waiting),
                    None => self.comes_back(waiting),
                }
            }
            Event::Answers { owner, op, request, answer } => {
                let context = self.find(owner);
                let is_heard = context.as_ref().is_some_and(|context| context.answered(op));
                self.witness().answers(owner, &request, &answer, is_heard);
                let says_it = is_heard || self.lie.get() == Some(Lie::AnswersAllTheSame);
                if let Some(context) = context.filter(|_| says_it) {
                    if self.lie.get() == Some(Lie::Twice) {
                        context.give(Input::Answered { op, answer: answer.clone() });
                    }
                    context.give(Input::Answered { op, answer });
                }
            }
            Event::TimesOut { owner, op } => {
                let Some(context) = self.find(owner) else { return };
                let Some(request) = context.waits_for(op) else { return };
                context.answered(op);
                self.witness().gives_up(owner, &request);
                let late = AuthError::new(Code::Timeout, "no answer in time");
                context.give(Input::Answered { op, answer: Err(late) });
            }
            Event::Acts(asked) => self.acts(*asked),
            Event::Tells { owner, input } => {
                if let Some(context) = self.find(owner) {
                    context.give(input);
                }
            }
            Event::Notices { owner } => {
                if let Some(context) = self.find(owner) {
                    context.is_noticing.set(false);
                    context.give(Input::Changed);
                }
            }
            Event::Fires { owner, timer, number } => {
                if let Some(context) = self.find(owner) {
                    context.fires(timer, number);
                }
            }
            Event::Frees { key, ticket } => self.frees(&key, ticket),
            Event::Does(then) => then(self),
        }
    }

    fn comes_back(&self, (owner, op, request, answer): Waiting) {
        let time = self.executor.random.between(1, self.latency.get());
        self.executor.after(time, Event::Answers { owner, op, request, answer });
    }

    /// A pending login is taken once: what binds a code to its login is sent by one context, with one code.
    fn redeems(&self, owner: Owner, request: &Request) {
        let form = form::decode(request.body.as_deref().unwrap_or_default());
        let field = |wanted: &str| form.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone());
        let code = field("code").unwrap_or_default();
        let binding = field("code_verifier").unwrap_or_else(|| code.clone());
        let mut redeemed = self.redeemed.borrow_mut();
        let known = redeemed.entry(binding).or_insert_with(|| (owner, code.clone()));
        assert!(*known == (owner, code), "a pending login was taken by context {} and by context {owner}", known.0);
    }
}
