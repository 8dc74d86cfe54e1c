//! What a session asks of the outside, and what it tells.

use std::rc::Rc;

use super::ids::{CallId, Op, Place};
use super::input::Timer;
use super::tokens::Tokens;
use crate::error::{AuthError, Code, Result};
use crate::protocol::answer::Owner;
use crate::protocol::request::{Purpose, Request};

/// Why `session` changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    /// Somebody signed in.
    Login,
    /// The session was renewed.
    Refresh,
    /// A stored session was read at the start.
    Restore,
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
            Self::Restore => "restore",
            Self::Sync => "sync",
            Self::Expire => "expire",
            Self::Logout => "logout",
        }
    }
}

/// One request as a caller's trace sees it.
#[derive(Clone)]
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

/// What a finished redirect login gives.
#[derive(Clone)]
pub struct Redirected {
    /// The session.
    pub tokens: Rc<Tokens>,
    /// Where the app wanted to go.
    pub return_to: Option<String>,
}

/// What a call gives when it goes well.
#[derive(Clone)]
pub enum Reply {
    /// `open`, `logout`.
    Done,
    /// `login`, `confirm`, `setSession`, `refresh`, `token`.
    Session(Rc<Tokens>),
    /// `refused`: whether the call is worth repeating with the session as it is now.
    Repeat(bool),
    /// `check`.
    Owner(Owner),
    /// `authorizationUrl`.
    Url(String),
    /// `callback`.
    Redirected(Redirected),
    /// `callback`: the address is none.
    NoCallback,
}

/// What is to be done, in the order in which it stands.
#[derive(Clone)]
pub enum Output {
    /// Send a request and read its whole answer, in at most `timeout` milliseconds.
    Send {
        /// For [`Answered`](super::Input::Answered).
        op: Op,
        /// What.
        request: Request,
        /// Milliseconds.
        timeout: i64,
    },
    /// Nobody waits for that request's answer.
    Cancel {
        /// Which.
        op: Op,
    },
    /// Read the store.
    Load {
        /// For [`Loaded`](super::Input::Loaded).
        op: Op,
        /// What.
        place: Place,
    },
    /// Put a value in the place of the one that was read, `None` being none: in one step, where the store can.
    Swap {
        /// For [`Swapped`](super::Input::Swapped).
        op: Op,
        /// What.
        place: Place,
        /// What must be there.
        expected: Option<String>,
        /// What comes there.
        value: Option<String>,
    },
    /// Put a value, or none, whatever is there.
    Put {
        /// For [`Swapped`](super::Input::Swapped).
        op: Op,
        /// What.
        place: Place,
        /// What comes there.
        value: Option<String>,
    },
    /// Ask for the lock.
    Lock {
        /// For [`Locked`](super::Input::Locked).
        op: Op,
        /// Of what.
        place: Place,
    },
    /// Give it back, or leave its queue.
    Unlock {
        /// The number of the `Lock`.
        op: Op,
    },
    /// Ask the caller's `credentials`.
    Ask {
        /// For [`Given`](super::Input::Given).
        op: Op,
        /// Why.
        reason: Code,
    },
    /// Fire that timer in so many milliseconds, instead of when it was set for before.
    Set {
        /// Which.
        timer: Timer,
        /// Milliseconds.
        after: i64,
    },
    /// Don't.
    Stop {
        /// Which.
        timer: Timer,
    },
    /// A caller's promise.
    Settle {
        /// Whose.
        call: CallId,
        /// What it gets.
        result: Result<Reply>,
    },
    /// The session is another one: listeners are told.
    Show {
        /// Why.
        change: Change,
    },
    /// That address was a callback: where it is the page's, it is cleaned.
    CleanAddress {
        /// As it was given.
        address: String,
    },
    /// A request has ended.
    Trace(Trace),
    /// The caller's `onWarning`.
    Warn(AuthError),
    /// The client has ended: nothing of it is used any more.
    Wipe,
}
