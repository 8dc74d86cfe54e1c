//! What happens over time, as a machine: signing in, one renewal for everybody, callbacks, retries, giving up.
//!
//! [`Session`] holds what one client knows. It has getters and one mutation, [`step`](Session::step): an [`Input`] goes
//! in, [`Output`]s come out. It does no I/O, reads no clock and draws no random numbers: these come with the input, and
//! the outside does what the outputs say.
//!
//! Rules for a shell: after each `step` it performs all outputs in their order, with nothing borrowed; inputs that arise
//! meanwhile (a listener, a store or a `credentials` function that calls back) are queued, never nested. Every operation
//! has a number, and an answer whose number is not awaited any more is dropped, so a shell need not take care of that.

pub mod config;
mod input;
mod output;
pub mod tokens;
pub mod version;

use std::rc::Rc;

pub use config::{Addresses, Config};
pub use input::{CallId, Credentials, GivenTokens, Input, Now, Op, Reason, Timer};
pub use output::{Change, Output, Place, Redirected, Reply, Trace};
pub use tokens::Tokens;

use crate::error::Result;
use crate::protocol::request::Credential;

/// What the outside can do.
#[derive(Clone, Copy, Default)]
pub struct Means {
    /// Whether there is a store; else sessions end with the client.
    pub has_store: bool,
    /// Whether pending logins are kept somewhere, also where sessions are not.
    pub keeps_pending: bool,
    /// Whether anybody hears traces.
    pub is_traced: bool,
}

/// How long the session can be used as it is, on each clock.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fresh {
    /// Until that moment of our clock; `None`: no end is known.
    pub wall: Option<i64>,
    /// Until that reading of the steady clock; `None`: only `wall` counts.
    pub steady: Option<i64>,
}

/// One account at one provider, signed in or not.
#[derive(Clone)]
pub struct Session {
    config: Rc<Config>,
    addresses: Rc<dyn Addresses>,
    means: Means,
    tokens: Option<Rc<Tokens>>,
    generation: u32,
}

impl Session {
    /// Nobody is signed in, and nothing is read: see [`Input::Open`].
    pub fn new(config: Config, addresses: Rc<dyn Addresses>, means: Means) -> Self {
        Self { config: Rc::new(config), addresses, means, tokens: None, generation: 0 }
    }

    /// One input, and what follows from it.
    pub fn step(&mut self, now: Now, input: Input) -> Vec<Output> {
        let _ = (now, input, self.means, &self.addresses);
        Vec::new()
    }

    /// Options.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The session as it is known here; what is shown of it follows with [`Output::Show`].
    pub fn tokens(&self) -> Option<&Rc<Tokens>> {
        self.tokens.as_ref()
    }

    /// Counts changes of the session.
    pub fn generation(&self) -> u32 {
        self.generation
    }

    /// Which login the session comes from; 0 without one.
    pub fn login(&self) -> i64 {
        self.tokens.as_ref().map_or(0, |tokens| tokens.version.login)
    }

    /// Whether a session can be had again without the user.
    pub fn is_renewable(&self, tokens: &Tokens) -> bool {
        let _ = tokens;
        false
    }

    /// Until when the current session can be used without asking the machine.
    pub fn fresh(&self) -> Fresh {
        Fresh { wall: None, steady: None }
    }

    /// How the credential of the current session goes with calls; nothing without a session.
    pub fn credential(&self) -> Result<Credential> {
        Ok(Credential { headers: Vec::new(), query: Vec::new() })
    }

    /// Where relative addresses of calls start.
    pub fn api_base(&self) -> &str {
        &self.config.base_url
    }

    /// Where the credential may go: the base URL's origin, the API base's, and those that the caller allows.
    pub fn origins(&self) -> Vec<String> {
        Vec::new()
    }
}
