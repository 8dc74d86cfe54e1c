//! The host of one context: what it sees of the world, and what its program was told.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::pending;
use std::rc::Rc;

use propusk::client::signal::{Work, first, work};
use propusk::client::{Addresses, Change, Credentials, Host, Kept, Trace};
use propusk::error::{AuthError, Code, Result};
use propusk::protocol::request::Request;
use propusk::protocol::response::Response;

use crate::world::World;

/// One request as the caller's trace showed it.
#[derive(Debug, PartialEq)]
pub(crate) struct Traced {
    pub(crate) purpose: &'static str,
    pub(crate) attempt: u32,
    pub(crate) status: Option<u16>,
    pub(crate) error: Option<Code>,
}

pub(crate) struct SimHost {
    pub(crate) world: Rc<World>,
    pub(crate) changes: RefCell<Vec<&'static str>>,
    pub(crate) warnings: RefCell<Vec<AuthError>>,
    pub(crate) traces: RefCell<Vec<Traced>>,
    /// Why `credentials` was called.
    pub(crate) asked: RefCell<Vec<Code>>,
    /// What `credentials` gives.
    pub(crate) credentials: RefCell<Option<Credentials>>,
}

impl SimHost {
    pub(crate) fn new(world: Rc<World>) -> Self {
        Self {
            world,
            changes: RefCell::default(),
            warnings: RefCell::default(),
            traces: RefCell::default(),
            asked: RefCell::default(),
            credentials: RefCell::default(),
        }
    }
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

    async fn unlock(&self, lock: Lock) {
        drop(lock);
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

    async fn woken(&self) {
        pending().await
    }

    async fn ask_credentials(&self, reason: Code) -> Result<Option<Credentials>> {
        self.asked.borrow_mut().push(reason);
        self.world.executor.sleep(5).await;
        Ok(self.credentials.borrow().clone())
    }

    fn changed(&self, change: Change) {
        self.changes.borrow_mut().push(change.as_str());
    }

    fn trace(&self, trace: &Trace) {
        let traced = Traced {
            purpose: trace.purpose.as_str(),
            attempt: trace.attempt,
            status: trace.status,
            error: trace.error,
        };
        self.traces.borrow_mut().push(traced);
    }

    fn warn(&self, error: AuthError) {
        self.warnings.borrow_mut().push(error);
    }
}
