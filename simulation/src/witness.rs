//! Whoever looks on, and judges.

use std::rc::Weak;

use propusk::error::AuthError;
use propusk::protocol::request::Request;
use propusk::protocol::response::Response;
use propusk::session::{Change, Tokens};

use crate::executor::Owner;
use crate::world::World;

/// Told of what happens in a world. Does nothing about it by itself.
pub trait Witness {
    /// A request leaves a context.
    fn sends(&self, _owner: Owner, _request: &Request) {}

    /// Nobody in the context waits for an answer any more.
    fn gives_up(&self, _owner: Owner, _request: &Request) {}

    /// An answer arrives; `is_heard`: somebody still waits for it.
    fn answers(&self, _owner: Owner, _request: &Request, _answer: &Result<Response, AuthError>, _is_heard: bool) {}

    /// A session record changes in the store.
    fn writes(&self, _owner: Owner, _key: &str, _before: Option<&str>, _after: Option<&str>) {}

    /// A context tells its program that the session has changed.
    fn announces(&self, _owner: Owner, _change: Change, _tokens: Option<&Tokens>) {}

    /// A context warns of trouble that it works around.
    fn warns(&self, _owner: Owner, _warning: &AuthError) {}

    /// A context shows a text: of an error, a warning or a trace.
    fn shows(&self, _text: &str) {}

    /// Anything, for whoever reads along.
    fn notes(&self, _owner: Owner, _what: &dyn Fn() -> String) {}
}

/// Looks the other way.
pub struct Nobody;

impl Witness for Nobody {}

/// Reads along.
pub struct Loud(pub Weak<World>);

impl Witness for Loud {
    fn notes(&self, owner: Owner, what: &dyn Fn() -> String) {
        let elapsed = self.0.upgrade().map_or(0, |world| world.executor.elapsed());
        println!("{elapsed:>9} ms  context {owner} {}", what());
    }
}
