//! Everything outside the engine: contexts (tabs, processes) that share one store, one lock and one provider.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::future::{Future, pending};
use std::rc::Rc;

use propusk::client::signal::{Signal, Work, first, work};
use propusk::client::{Addresses, Change, Client, Config, Credentials, Held, Host, Kept, Trace};
use propusk::error::{AuthError, Code, Result};
use propusk::protocol::json::{self, Mode};
use propusk::protocol::request::{Purpose, Request};
use propusk::protocol::response::Response;
use propusk::secret::Secret;

use crate::executor::Executor;
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
    locked: RefCell<BTreeSet<String>>,
    unlocked: RefCell<Rc<Signal<()>>>,
    /// While set, answers wait on their way back.
    gate: RefCell<Option<Rc<Signal<()>>>>,
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
        let host = SimHost {
            world: self.clone(),
            changes: RefCell::default(),
            warnings: RefCell::default(),
            traces: RefCell::default(),
            asked: RefCell::default(),
            credentials: RefCell::default(),
        };
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

    async fn store<T>(
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

pub(crate) struct SimHost {
    pub(crate) world: Rc<World>,
    pub(crate) changes: RefCell<Vec<&'static str>>,
    pub(crate) warnings: RefCell<Vec<AuthError>>,
    pub(crate) traces: RefCell<Vec<(Purpose, u32, Option<u16>, Option<Code>)>>,
    /// Why `credentials` was called.
    pub(crate) asked: RefCell<Vec<Code>>,
    /// What `credentials` gives.
    pub(crate) credentials: RefCell<Option<Credentials>>,
}

/// Gives the lock back.
pub(crate) struct Lock {
    world: Rc<World>,
    key: String,
}

impl Drop for Lock {
    fn drop(&mut self) {
        self.world.locked.borrow_mut().remove(&self.key);
        self.world.unlocked.take().set(());
    }
}

impl Addresses for SimHost {
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

impl Host for SimHost {
    type Lock = Lock;

    fn now(&self) -> i64 {
        self.world.now()
    }

    fn monotonic(&self) -> Option<i64> {
        self.world.has_monotonic.get().then(|| self.world.executor.elapsed())
    }

    fn random(&self, bytes: &mut [u8]) -> Result<()> {
        bytes.fill_with(|| self.world.executor.random.next().to_le_bytes()[0]);
        Ok(())
    }

    fn href(&self, address: &str, base: Option<&str>) -> Option<String> {
        Addresses::href(self, address, base)
    }

    async fn send(&self, request: &Request, timeout: i64) -> Result<Response> {
        let world = &self.world;
        let answer = work(async {
            world.executor.sleep(i64::try_from(1 + world.executor.random.below(20)).unwrap()).await;
            let answer = world.server.receive(request, world.executor.elapsed());
            let gate = world.gate.borrow().clone();
            if let Some(gate) = gate {
                gate.wait().await;
            }
            world.executor.sleep(i64::try_from(1 + world.executor.random.below(20)).unwrap()).await;
            match answer {
                Some(answer) => answer,
                None => pending().await,
            }
        });
        let late = work(async {
            world.executor.sleep(timeout).await;
            Err(AuthError::new(Code::Timeout, "no answer in time"))
        });
        first(answer, late).await
    }

    async fn sleep(&self, milliseconds: i64, _idle: bool) {
        self.world.executor.sleep(milliseconds).await;
    }

    fn spawn(&self, task: Work<'static, ()>) {
        self.world.executor.spawn(task);
    }

    fn has_store(&self) -> bool {
        true
    }

    async fn load(&self, kept: Kept, key: &str) -> Result<Option<String>> {
        self.world.store(kept, key, |values, key| values.get(&key).cloned()).await
    }

    async fn save(&self, kept: Kept, key: &str, value: &str) -> Result<()> {
        self.world.store(kept, key, |values, key| drop(values.insert(key, value.to_owned()))).await
    }

    async fn remove(&self, kept: Kept, key: &str) -> Result<()> {
        self.world.store(kept, key, |values, key| drop(values.remove(&key))).await
    }

    async fn take(&self, kept: Kept, key: &str, expected: &str) -> Result<bool> {
        let take = |values: &mut BTreeMap<String, String>, key: String| {
            let is_same = values.get(&key).is_some_and(|value| value == expected);
            is_same && values.remove(&key).is_some()
        };
        self.world.store(kept, key, take).await
    }

    async fn lock(&self, key: &str) -> Result<Option<Lock>> {
        if !self.world.has_lock.get() {
            return Ok(None);
        }
        while !self.world.locked.borrow_mut().insert(key.to_owned()) {
            let unlocked = self.world.unlocked.borrow().clone();
            unlocked.wait().await;
        }
        Ok(Some(Lock { world: self.world.clone(), key: key.to_owned() }))
    }

    async fn ask_credentials(&self, reason: Code) -> Result<Option<Credentials>> {
        self.asked.borrow_mut().push(reason);
        self.world.executor.sleep(5).await;
        Ok(self.credentials.borrow().clone())
    }

    fn changed(&self, change: Change) {
        self.changes.borrow_mut().push(change.as_str());
    }

    fn trace(&self, trace: &Trace<'_>) {
        self.traces.borrow_mut().push((trace.purpose, trace.attempt, trace.status, trace.error));
    }

    fn warn(&self, error: AuthError) {
        self.warnings.borrow_mut().push(error);
    }
}

/// A password profile with renewal and revocation.
pub(crate) const PASSWORD: &str = r#"{
    "id": "p", "baseUrl": "https://p.test", "credentials": ["username", "password"],
    "login": { "kind": "request", "request": { "url": "/token", "form": { "username": "{username}", "password": "{password}" } } },
    "renew": { "url": "/token", "form": { "refresh_token": "{refresh_token}" } },
    "revoke": { "url": "/revoke", "form": { "token": "{refresh_token}" } },
    "check": { "request": { "method": "GET", "url": "/me" }, "subject": "id" },
    "present": { "headers": { "Authorization": "Bearer {access_token}" } }
}"#;

pub(crate) fn credentials(name: &str) -> Credentials {
    vec![("username".to_owned(), Secret::new(name)), ("password".to_owned(), Secret::new("pass-word"))]
}

pub(crate) fn login(context: &Context, name: &str) -> impl Future<Output = Session> + use<> {
    let (client, credentials) = (context.clone(), credentials(name));
    async move { client.login(credentials, None).await }
}

pub(crate) fn refresh(context: &Context) -> impl Future<Output = Session> + use<> {
    let client = context.clone();
    async move { client.refresh(None).await }
}

pub(crate) fn usable(context: &Context, min_validity: i64) -> impl Future<Output = Session> + use<> {
    let client = context.clone();
    async move { client.usable(min_validity, false, None).await }
}

pub(crate) fn logout(context: &Context) -> impl Future<Output = Result<()>> + use<> {
    let client = context.clone();
    async move { client.logout(true, None).await }
}

/// The access token of a session.
pub(crate) fn token(session: &Session) -> String {
    session.as_ref().unwrap().access_token.as_ref().unwrap().expose().to_owned()
}

/// The access token that the context holds.
pub(crate) fn held(context: &Context) -> Option<String> {
    context.held().map(|held| token(&Ok(held)))
}

pub(crate) fn code<T>(result: &Result<T>) -> Option<Code> {
    result.as_ref().err().map(|error| error.code)
}
