//! Everything outside the engine: contexts (tabs, processes) that share one store, one lock and one provider.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::future::Future;
use std::rc::Rc;

use propusk::client::signal::Signal;
use propusk::client::{Client, Config, Guard, Held};
use propusk::error::Result;
use propusk::protocol::json::{self, Mode};

use crate::calls::{PASSWORD, login};
use crate::executor::{Executor, Owner};
use crate::host::SimHost;
use crate::lock::{Locking, Locks};
use crate::server::Server;
use crate::store::{Store, Stored};
use crate::witness::{Nobody, Witness};

/// The wall clock at the start.
pub const START: i64 = 1_800_000_000_000;
const SEEDS: u64 = 25;

/// What calls that need a session come to.
pub type Session = Result<Rc<Held>>;
/// One client.
pub type Context = Rc<Client<SimHost>>;

/// One world. Contexts are made by [`World::context`] and its kin.
pub struct World {
    /// Runs everything.
    pub executor: Executor,
    /// The provider.
    pub server: Server,
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
    /// The precaution that the engine does without.
    pub removed: Cell<Option<Guard>>,
    /// While set, answers wait on their way back.
    pub gate: RefCell<Option<Rc<Signal<()>>>>,
    witness: RefCell<Rc<dyn Witness>>,
    dead: RefCell<BTreeSet<Owner>>,
    owners: Cell<Owner>,
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
        test(&World::new(seed));
    }
}

impl World {
    /// A world in which everything works.
    pub fn new(seed: u64) -> Rc<Self> {
        Rc::new(Self {
            executor: Executor::new(seed),
            server: Server::default(),
            store: Cell::new(Store::Works),
            stored: Stored::default(),
            locking: Cell::new(Locking::Works),
            locks: Locks::default(),
            has_monotonic: Cell::new(true),
            clock_set: Cell::new(0),
            slept: Cell::new(0),
            latency: Cell::new(20),
            removed: Cell::new(None),
            gate: RefCell::default(),
            witness: RefCell::new(Rc::new(Nobody)),
            dead: RefCell::default(),
            owners: Cell::new(0),
        })
    }

    /// A context with the options of a password profile.
    pub fn context(self: &Rc<Self>, options: &str) -> Context {
        self.context_of(PASSWORD, options, false)
    }

    /// A context with a profile of its own.
    pub fn context_of(self: &Rc<Self>, profile: &str, options: &str, can_ask: bool) -> Context {
        let comma = if options.is_empty() { "" } else { "," };
        let options = format!(r#"{{"provider":{profile}{comma}{options}}}"#);
        self.owners.set(self.owners.get() + 1);
        let host = SimHost::new(self.clone(), self.owners.get());
        let config = Config::read(&json::read(&options, Mode::Strict).unwrap(), can_ask, &host).unwrap();
        Client::new(host, config)
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
        let context = self.context(options);
        let client = context.clone();
        self.run(async move { client.restore().await });
        context
    }

    /// Ends a context where it is, as a signal that cannot be caught ends a process.
    pub fn kill(&self, context: &Context) {
        let owner = context.host.owner;
        self.dead.borrow_mut().insert(owner);
        self.executor.kill(owner);
    }

    /// Whether a context has not been killed.
    pub fn is_alive(&self, owner: Owner) -> bool {
        !self.dead.borrow().contains(&owner)
    }

    /// Runs a call to its end, as long as that takes.
    pub fn run<T: Clone + 'static>(&self, call: impl Future<Output = T> + 'static) -> T {
        let result = self.executor.start(call);
        self.executor.finish(&result)
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
        *self.gate.borrow_mut() = Some(Rc::default());
    }

    /// Lets waiting answers through.
    pub fn release(&self) {
        if let Some(gate) = self.gate.borrow_mut().take() {
            gate.set(());
        }
    }

    /// Lets somebody look on.
    pub fn show_to(&self, witness: Rc<dyn Witness>) {
        self.witness.replace(witness);
    }

    /// Who looks on.
    pub fn witness(&self) -> Rc<dyn Witness> {
        self.witness.borrow().clone()
    }
}
