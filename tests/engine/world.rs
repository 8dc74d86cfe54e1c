//! Everything outside the engine: contexts (tabs, processes) that share one store, one lock and one provider.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::future::{Future, pending};
use std::rc::Rc;

use propusk::client::signal::Signal;
use propusk::client::{Client, Config, Held, Kept};
use propusk::error::{AuthError, Code, Result};
use propusk::protocol::json::{self, Mode};

use crate::calls::{PASSWORD, login};
use crate::executor::Executor;
use crate::host::SimHost;
use crate::server::Server;

/// The wall clock at the start.
pub(crate) const START: i64 = 1_800_000_000_000;
const SEEDS: u64 = 25;

pub(crate) type Session = Result<Rc<Held>>;
pub(crate) type Context = Rc<Client<SimHost>>;

/// How the store behaves.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Store {
    Works,
    Fails,
    Hangs,
}

pub(crate) struct World {
    pub(crate) executor: Executor,
    pub(crate) server: Server,
    pub(crate) store: Cell<Store>,
    pub(crate) has_lock: Cell<bool>,
    pub(crate) has_monotonic: Cell<bool>,
    /// How far the wall clock has been set from where it would be.
    pub(crate) clock_set: Cell<i64>,
    values: RefCell<BTreeMap<String, String>>,
    pub(crate) locked: RefCell<BTreeSet<String>>,
    pub(crate) unlocked: RefCell<Rc<Signal<()>>>,
    /// While set, answers wait on their way back.
    pub(crate) gate: RefCell<Option<Rc<Signal<()>>>>,
}

/// Runs a test under many schedules.
pub(crate) fn each_seed(test: impl Fn(&Rc<World>)) {
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
    fn new(seed: u64) -> Rc<Self> {
        Rc::new(Self {
            executor: Executor::new(seed),
            server: Server::default(),
            store: Cell::new(Store::Works),
            has_lock: Cell::new(true),
            has_monotonic: Cell::new(true),
            clock_set: Cell::new(0),
            values: RefCell::default(),
            locked: RefCell::default(),
            unlocked: RefCell::default(),
            gate: RefCell::default(),
        })
    }

    /// A context with the options of a password profile.
    pub(crate) fn context(self: &Rc<Self>, options: &str) -> Context {
        self.context_of(PASSWORD, options, false)
    }

    pub(crate) fn context_of(self: &Rc<Self>, profile: &str, options: &str, can_ask: bool) -> Context {
        let comma = if options.is_empty() { "" } else { "," };
        let options = format!(r#"{{"provider":{profile}{comma}{options}}}"#);
        let host = SimHost::new(self.clone());
        let config = Config::read(&json::read(&options, Mode::Strict).unwrap(), can_ask, &host).unwrap();
        Client::new(host, config)
    }

    /// A context that has just signed in, its past forgotten.
    pub(crate) fn signed_in(self: &Rc<Self>, options: &str) -> Context {
        let context = self.context(options);
        self.run(login(&context, "user")).unwrap();
        context.host.changes.borrow_mut().clear();
        context
    }

    /// Another context on the same store.
    pub(crate) fn restored(self: &Rc<Self>, options: &str) -> Context {
        let context = self.context(options);
        let client = context.clone();
        self.run(async move { client.restore().await });
        context
    }

    /// Runs a call to its end, as long as that takes.
    pub(crate) fn run<T: Clone + 'static>(&self, call: impl Future<Output = T> + 'static) -> T {
        let result = self.executor.start(call);
        self.executor.finish(&result)
    }

    pub(crate) fn now(&self) -> i64 {
        START + self.executor.elapsed() + self.clock_set.get()
    }

    /// Answers wait from now on.
    pub(crate) fn hold(&self) {
        *self.gate.borrow_mut() = Some(Rc::default());
    }

    /// Lets waiting answers through.
    pub(crate) fn release(&self) {
        if let Some(gate) = self.gate.borrow_mut().take() {
            gate.set(());
        }
    }

    /// The one session record, if there is one.
    pub(crate) fn record(&self) -> Option<String> {
        let values = self.values.borrow();
        values.iter().find(|(key, _)| key.starts_with("session ")).map(|(_, value)| value.clone())
    }

    /// What another program does to the session record.
    pub(crate) fn put_record(&self, record: Option<&str>) {
        let mut values = self.values.borrow_mut();
        let key = values.keys().find(|key| key.starts_with("session ")).cloned().unwrap();
        match record {
            Some(record) => values.insert(key, record.to_owned()),
            None => values.remove(&key),
        };
    }

    pub(crate) fn has_pending(&self) -> bool {
        self.values.borrow().keys().any(|key| key.starts_with("pending "))
    }

    pub(crate) async fn store<T>(
        &self,
        kept: Kept,
        key: &str,
        act: impl FnOnce(&mut BTreeMap<String, String>, String) -> T,
    ) -> Result<T> {
        let key = [if kept == Kept::Session { "session " } else { "pending " }, key].concat();
        self.executor.sleep(i64::try_from(self.executor.random.below(4)).unwrap()).await;
        match self.store.get() {
            Store::Works => Ok(act(&mut self.values.borrow_mut(), key)),
            Store::Fails => Err(AuthError::new(Code::Storage, "the store failed")),
            Store::Hangs => pending().await,
        }
    }
}
