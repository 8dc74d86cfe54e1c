//! The host of one context: what it sees of the world, and what its program was told.

use std::cell::{Cell, OnceCell, RefCell};
use std::future::pending;
use std::rc::{Rc, Weak};

use propusk::client::signal::{Signal, Work, first, work};
use propusk::client::{Addresses, Change, Client, Credentials, Guard, Host, Kept, Trace};
use propusk::error::{AuthError, Code, Result};
use propusk::protocol::request::Request;
use propusk::protocol::response::Response;

use crate::executor::Owner;
use crate::lock::{self, Locking, Locks};
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

/// What one context sees and tells.
pub struct SimHost {
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
    /// Why `credentials` was called.
    pub asked: RefCell<Vec<Code>>,
    /// What `credentials` gives.
    pub credentials: RefCell<Option<Credentials>>,
    /// The client that this is the host of, where it matters.
    pub client: OnceCell<Weak<Client<SimHost>>>,
}

impl SimHost {
    /// For a new context.
    pub(crate) fn new(world: Rc<World>, owner: Owner) -> Self {
        Self {
            world,
            owner,
            changes: RefCell::default(),
            warnings: RefCell::default(),
            traces: RefCell::default(),
            asked: RefCell::default(),
            credentials: RefCell::default(),
            client: OnceCell::new(),
        }
    }
}

/// Tells when somebody stops waiting for an answer.
struct Waiting<'a> {
    host: &'a SimHost,
    request: &'a Request,
    is_over: Cell<bool>,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if !self.is_over.get() {
            self.host.world.witness().gives_up(self.host.owner, self.request);
        }
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
    type Lock = lock::Held;

    fn now(&self) -> i64 {
        self.world.now()
    }

    fn monotonic(&self) -> Option<i64> {
        self.world.monotonic()
    }

    fn random(&self, bytes: &mut [u8]) -> Result<()> {
        bytes.fill_with(|| self.world.executor.random.next().to_le_bytes()[0]);
        Ok(())
    }

    fn href(&self, address: &str, base: Option<&str>) -> Option<String> {
        Addresses::href(self, address, base)
    }

    async fn send(&self, request: &Request, timeout: i64) -> Result<Response> {
        self.world.witness().sends(self.owner, request);
        let answered: Rc<Signal<Result<Response>>> = Rc::default();
        let asked = request.clone();
        let (world, owner, request, slot) = (self.world.clone(), self.owner, request.clone(), Rc::downgrade(&answered));
        // What is on its way arrives, whoever goes away.
        self.world.executor.spawn(work(async move {
            let (executor, most) = (&world.executor, world.latency.get());
            executor.sleep(executor.random.between(1, most)).await;
            let answer = world.server.receive(&request, executor.elapsed());
            let gate = world.gate.borrow().clone();
            if let Some(gate) = gate {
                gate.wait().await;
            }
            executor.sleep(executor.random.between(1, most)).await;
            let slot = slot.upgrade().filter(|_| world.is_alive(owner));
            let Some(answer) = answer else { return };
            world.witness().answers(owner, &request, &answer, slot.is_some());
            if let Some(slot) = slot {
                slot.set(answer);
            }
        }));
        let waiting = Waiting { host: self, request: &asked, is_over: Cell::new(false) };
        let late = work(async {
            self.world.executor.sleep(timeout).await;
            Err(AuthError::new(Code::Timeout, "no answer in time"))
        });
        let answer = first(work(answered.wait()), late).await;
        waiting.is_over.set(answered.get().is_some());
        answer
    }

    async fn sleep(&self, milliseconds: i64, _idle: bool) {
        self.world.executor.sleep(milliseconds).await;
    }

    fn spawn(&self, task: Work<'static, ()>) {
        self.world.executor.spawn_for(self.owner, task);
    }

    fn has_store(&self) -> bool {
        true
    }

    async fn load(&self, kept: Kept, key: &str) -> Result<Option<String>> {
        self.world.get(self.owner, kept, key).await
    }

    async fn save(&self, kept: Kept, key: &str, value: &str) -> Result<()> {
        self.world.put(self.owner, kept, key, Some(value)).await
    }

    async fn remove(&self, kept: Kept, key: &str) -> Result<()> {
        self.world.put(self.owner, kept, key, None).await
    }

    async fn swap(&self, kept: Kept, key: &str, expected: Option<&str>, value: Option<&str>) -> Result<bool> {
        self.world.swap(self.owner, kept, key, expected, value).await
    }

    async fn lock(&self, key: &str) -> Result<Option<lock::Held>> {
        match self.world.locking.get() {
            Locking::None => Ok(None),
            Locking::Works => Ok(Some(Locks::take(&self.world, self.owner, key).await)),
            Locking::Hangs => pending().await,
        }
    }

    async fn unlock(&self, lock: lock::Held) {
        drop(lock);
    }

    async fn ask_credentials(&self, reason: Code) -> Result<Option<Credentials>> {
        self.asked.borrow_mut().push(reason);
        self.world.executor.sleep(5).await;
        Ok(self.credentials.borrow().clone())
    }

    fn changed(&self, change: Change) {
        self.changes.borrow_mut().push(change.as_str());
        let held = self.client.get().and_then(Weak::upgrade).and_then(|client| client.held());
        self.world.witness().announces(self.owner, change, held.as_deref());
    }

    fn trace(&self, trace: &Trace) {
        self.world.witness().shows(&trace.url);
        let traced = Traced {
            purpose: trace.purpose.as_str(),
            attempt: trace.attempt,
            status: trace.status,
            error: trace.error,
        };
        self.traces.borrow_mut().push(traced);
    }

    fn warn(&self, error: AuthError) {
        self.world.witness().warns(self.owner, &error);
        self.warnings.borrow_mut().push(error);
    }

    fn has(&self, guard: Guard) -> bool {
        self.world.removed.get() != Some(guard)
    }
}
