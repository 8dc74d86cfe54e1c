//! What the engine needs of the outside. The browser, Node and a simulated world each give their own.

use std::future::Future;

use super::guard::Guard;
use super::signal::Work;
use crate::error::{AuthError, Code, Result};
use crate::protocol::request::{Purpose, Request};
use crate::protocol::response::Response;
use crate::secret::Secret;

/// Why `session` changed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Somebody signed in.
    Login,
    /// The session was renewed.
    Refresh,
    /// Another context that shares the store changed it.
    Sync,
    /// The renewal was refused for good.
    Expire,
    /// Somebody signed out.
    Logout,
}

impl Change {
    /// The word that listeners get.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Refresh => "refresh",
            Self::Sync => "sync",
            Self::Expire => "expire",
            Self::Logout => "logout",
        }
    }
}

/// What is kept in a store.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// The session.
    Session,
    /// A login whose callback is awaited.
    PendingLogin,
}

/// One request as a caller's trace sees it.
pub struct Trace {
    /// What it was for.
    pub purpose: Purpose,
    /// Its method.
    pub method: String,
    /// Its address, secrets masked.
    pub url: String,
    /// Status, when an answer came.
    pub status: Option<u16>,
    /// Milliseconds.
    pub duration: i64,
    /// 1 for the first try.
    pub attempt: u32,
    /// What came of it.
    pub error: Option<Code>,
}

/// Credentials as `login` takes them: names and values.
pub type Credentials = Vec<(String, Secret)>;

/// The outside. Futures may be dropped at any point; that ends what they were doing.
pub trait Host: 'static {
    /// A lock on a key; dropping it gives the lock back.
    type Lock: 'static;

    /// Our clock, milliseconds since the Unix epoch.
    fn now(&self) -> i64;

    /// Milliseconds of a clock that is never set; `None` where only [`now`](Self::now) counts.
    fn monotonic(&self) -> Option<i64>;

    /// Fills in random bytes of cryptographic quality.
    fn random(&self, bytes: &mut [u8]) -> Result<()>;

    /// An absolute address as the URL standard writes it, a relative one below `base`.
    fn href(&self, address: &str, base: Option<&str>) -> Option<String>;

    /// Sends a request and reads the whole answer, in at most `timeout` milliseconds: `network`, `timeout` or
    /// `invalid_response` (over 1 MiB, or no answer of the fetch standard).
    fn send(&self, request: &Request, timeout: i64) -> impl Future<Output = Result<Response>>;

    /// Waits; does not keep the process alive when `idle`.
    fn sleep(&self, milliseconds: i64, idle: bool) -> impl Future<Output = ()>;

    /// Runs a task to its end, whoever goes away.
    fn spawn(&self, task: Work<'static, ()>);

    /// Whether sessions outlive the client.
    fn has_store(&self) -> bool;

    /// Reads a value: `storage` when the store fails.
    fn load(&self, kept: Kept, key: &str) -> impl Future<Output = Result<Option<String>>>;

    /// Writes a value: `storage` when the store fails.
    fn save(&self, kept: Kept, key: &str, value: &str) -> impl Future<Output = Result<()>>;

    /// Removes a value: `storage` when the store fails.
    fn remove(&self, kept: Kept, key: &str) -> impl Future<Output = Result<()>>;

    /// Puts `value` in the place of `expected`, `None` being no value, and says whether that was there: in one step,
    /// where the store can.
    fn swap(
        &self,
        kept: Kept,
        key: &str,
        expected: Option<&str>,
        value: Option<&str>,
    ) -> impl Future<Output = Result<bool>>;

    /// The lock on a key in every context that shares the store; `None` where the store has no lock. May never end:
    /// the engine bounds the wait.
    fn lock(&self, key: &str) -> impl Future<Output = Result<Option<Self::Lock>>>;

    /// Gives a lock back, and waits until others can have it: no caller's function runs before.
    fn unlock(&self, lock: Self::Lock) -> impl Future<Output = ()>;

    /// Asks the caller's `credentials` function; `None` when it gives up.
    fn ask_credentials(&self, reason: Code) -> impl Future<Output = Result<Option<Credentials>>>;

    /// The session has changed.
    fn changed(&self, change: Change);

    /// A request has ended.
    fn trace(&self, trace: &Trace);

    /// Trouble that the client worked around.
    fn warn(&self, error: AuthError);

    /// Whether the engine takes that precaution. It does; a simulation takes one away to see what happens.
    fn has(&self, guard: Guard) -> bool {
        let _ = guard;
        true
    }
}
