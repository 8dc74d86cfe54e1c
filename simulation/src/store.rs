//! A store that contexts share. What was asked of it is carried out also when whoever asked has died since.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::pending;
use std::rc::{Rc, Weak};

use propusk::client::signal::work;
use propusk::client::{Client, Kept};
use propusk::error::{AuthError, Code, Result};

use crate::executor::Owner;
use crate::host::SimHost;
use crate::world::World;

/// How a store behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Store {
    /// As it should.
    Works,
    /// Every operation fails.
    Fails,
    /// Writing fails: it is full.
    Full,
    /// No operation ends.
    Hangs,
    /// Operations are carried out so many milliseconds late.
    Slow(i64),
}

/// What is stored, and who hears of changes.
#[derive(Default)]
pub struct Stored {
    values: RefCell<BTreeMap<String, String>>,
    watching: RefCell<Vec<(Owner, Weak<Client<SimHost>>)>>,
    /// Whether comparing and writing are two steps.
    pub swaps_in_two_steps: Cell<bool>,
}

/// What can be asked of a store.
enum Act {
    Get,
    Put(Option<String>),
    Swap(Option<String>, Option<String>),
}

impl World {
    /// Reads a value.
    pub async fn get(self: &Rc<Self>, owner: Owner, kept: Kept, key: &str) -> Result<Option<String>> {
        self.ask(owner, kept, key, Act::Get).await.map(|(value, _)| value)
    }

    /// Writes a value, or none.
    pub async fn put(self: &Rc<Self>, owner: Owner, kept: Kept, key: &str, value: Option<&str>) -> Result<()> {
        self.ask(owner, kept, key, Act::Put(value.map(str::to_owned))).await.map(drop)
    }

    /// Writes a value, or none, in the place of another one.
    pub async fn swap(
        self: &Rc<Self>,
        owner: Owner,
        kept: Kept,
        key: &str,
        expected: Option<&str>,
        value: Option<&str>,
    ) -> Result<bool> {
        if self.stored.swaps_in_two_steps.get() {
            if self.get(owner, kept, key).await?.as_deref() != expected {
                return Ok(false);
            }
            return self.put(owner, kept, key, value).await.map(|()| true);
        }
        let act = Act::Swap(expected.map(str::to_owned), value.map(str::to_owned));
        self.ask(owner, kept, key, act).await.map(|(_, is_done)| is_done)
    }

    async fn ask(self: &Rc<Self>, owner: Owner, kept: Kept, key: &str, act: Act) -> Result<(Option<String>, bool)> {
        let key = [if kept == Kept::Session { "session " } else { "pending " }, key].concat();
        let world = self.clone();
        let ended = self.executor.start(async move {
            let mode = world.store.get();
            world.executor.sleep(world.executor.random.between(0, 3)).await;
            let is_write = !matches!(act, Act::Get);
            match mode {
                Store::Works => {}
                Store::Slow(late) => world.executor.sleep(late).await,
                Store::Full if !is_write => {}
                Store::Full | Store::Fails => return Err(AuthError::new(Code::Storage, "the store failed")),
                Store::Hangs => pending().await,
            }
            let done = world.act(owner, &key, act);
            world.executor.sleep(world.executor.random.between(0, 2)).await;
            Ok(done)
        });
        ended.wait().await
    }

    fn act(self: &Rc<Self>, owner: Owner, key: &str, act: Act) -> (Option<String>, bool) {
        let before = self.stored.values.borrow().get(key).cloned();
        let after = match act {
            Act::Get => return (before, true),
            Act::Swap(expected, _) if before != expected => return (before, false),
            Act::Put(value) | Act::Swap(_, value) => value,
        };
        if key.starts_with("session ") {
            self.witness().writes(owner, before.as_deref(), after.as_deref());
        }
        match after {
            Some(value) => self.stored.values.borrow_mut().insert(key.to_owned(), value),
            None => self.stored.values.borrow_mut().remove(key),
        };
        self.tell_watchers();
        (before, true)
    }

    /// Lets a context hear of every change, by whomever.
    pub fn watch(&self, client: &Rc<Client<SimHost>>) {
        self.stored.watching.borrow_mut().push((client.host.owner, Rc::downgrade(client)));
    }

    fn tell_watchers(self: &Rc<Self>) {
        let watching = self.stored.watching.borrow();
        for (owner, client) in watching.iter().filter(|(owner, _)| self.is_alive(*owner)) {
            let (world, client) = (self.clone(), client.clone());
            self.executor.spawn_for(
                *owner,
                work(async move {
                    world.executor.sleep(world.executor.random.between(0, 20)).await;
                    if let Some(client) = client.upgrade() {
                        client.sync().await;
                    }
                }),
            );
        }
    }

    /// The one session record, if there is one.
    pub fn record(&self) -> Option<String> {
        let values = self.stored.values.borrow();
        values.iter().find(|(key, _)| key.starts_with("session ")).map(|(_, value)| value.clone())
    }

    /// What another program does to the session record.
    pub fn put_record(&self, record: Option<&str>) {
        let mut values = self.stored.values.borrow_mut();
        let key = values.keys().find(|key| key.starts_with("session ")).cloned().unwrap();
        match record {
            Some(record) => values.insert(key, record.to_owned()),
            None => values.remove(&key),
        };
    }

    /// What another program puts where a context keeps its session.
    pub fn restore_record(&self, context: &Rc<Client<SimHost>>, record: &str) {
        let key = ["session ", &context.config.store_key()].concat();
        self.stored.values.borrow_mut().insert(key, record.to_owned());
    }

    /// Whether a login waits for its callback.
    pub fn has_pending(&self) -> bool {
        self.stored.values.borrow().keys().any(|key| key.starts_with("pending "))
    }
}
