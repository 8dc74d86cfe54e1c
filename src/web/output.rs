//! Outputs of the machine, as the shell is told them.

use std::rc::Rc;

use wasm_bindgen::prelude::*;

use super::inner::Inner;
use super::numbers::output as what;
use super::transport::Ready;
use super::values::{number, to_js};
use super::{fault, transport};
use crate::error::AuthError;
use crate::protocol::redirect;
use crate::session::{Op, Output, Place, Redirected, Reply, Timer, Tokens, Trace};
use crate::value::Value;

/// What is left to do of an output.
pub(super) enum Told {
    /// The shell is told.
    Shell { what: u32, id: f64, number: f64, value: JsValue, cause: JsValue },
    /// A request is sent.
    Send { op: Op, ready: Ready, timeout: i64 },
    /// A request is ended.
    Cancel { op: Op },
}

impl Told {
    pub(super) fn plain(what: u32, id: u32, value: JsValue) -> Self {
        Self::Shell { what, id: id.into(), number: 0.0, value, cause: JsValue::UNDEFINED }
    }

    fn bare(what: u32, id: u32) -> Self {
        Self::plain(what, id, JsValue::UNDEFINED)
    }

    fn at(what: u32, op: Op, place: Place, value: JsValue) -> Self {
        let number = if place == Place::Pending { 1.0 } else { 0.0 };
        Self::Shell { what, id: op.into(), number, value, cause: JsValue::UNDEFINED }
    }

    fn timer(what: u32, timer: Timer, after: f64) -> Self {
        Self::Shell { what, id: timer.number(), number: after, value: JsValue::UNDEFINED, cause: JsValue::UNDEFINED }
    }

    fn failed(what: u32, id: u32, error: &AuthError) -> Self {
        Self::Shell { what, id: id.into(), number: 0.0, value: fault::fields(error), cause: fault::cause(error) }
    }

    /// Does it.
    pub(super) fn perform(self, inner: &Rc<Inner>) {
        match self {
            Self::Shell { what, id, number, value, cause } => inner.shell.tell(what, id, number, &value, &cause),
            Self::Send { op, ready, timeout } => transport::send(inner, op, ready, timeout),
            Self::Cancel { op } => {
                inner.jobs.end(op);
                inner.shell.tell(what::STOP, -f64::from(op), 0.0, &JsValue::UNDEFINED, &JsValue::UNDEFINED);
            }
        }
    }
}

/// An output in values of the host.
pub(super) fn told(inner: &Inner, output: Output) -> Told {
    match output {
        Output::Send { op, request, timeout } => match Ready::new(inner, request) {
            Ok(ready) => Told::Send { op, ready, timeout },
            Err(error) => {
                inner.unsent.borrow_mut().push((op, error));
                Told::bare(what::ANSWER, op)
            }
        },
        Output::Cancel { op } => Told::Cancel { op },
        Output::Load { op, place } => Told::at(what::LOAD, op, place, JsValue::UNDEFINED),
        Output::Swap { op, place, expected, value } => {
            Told::at(what::SWAP, op, place, to_js(&Value::List(vec![expected.into(), value.into()])))
        }
        Output::Put { op, place, value } => Told::at(what::PUT, op, place, to_js(&value.into())),
        Output::Lock { op, place } => Told::at(what::LOCK, op, place, JsValue::UNDEFINED),
        Output::Unlock { op } => Told::bare(what::UNLOCK, op),
        Output::Ask { op, reason } => Told::plain(what::ASK, op, reason.as_str().into()),
        Output::Set { timer, after } => {
            let kind = if timer.is_idle() { what::SET_IDLE } else { what::SET };
            Told::timer(kind, timer, number(Some(after)))
        }
        Output::Stop { timer } => Told::timer(what::STOP, timer, 0.0),
        Output::Settle { call, result: Ok(reply) } => settled(inner, call, reply),
        Output::Settle { call, result: Err(error) } => Told::failed(what::REJECT, call, &error),
        Output::Show { change } => {
            let tokens = inner.session.borrow().tokens().cloned();
            let session = tokens.map_or(Value::Null, |tokens| inner.shown(&tokens));
            let shown = Value::map([("reason", Value::text(change.as_str())), ("session", session)]);
            Told::plain(what::SHOW, 0, to_js(&shown))
        }
        Output::CleanAddress { address } => {
            let cleaned = redirect::cleaned(&address);
            let both = Value::List(vec![Value::String(address), Value::String(cleaned)]);
            Told::plain(what::CLEAN, 0, to_js(&both))
        }
        Output::Trace(trace) => Told::plain(what::TRACE, 0, to_js(&traced(trace))),
        Output::Warn(error) => Told::failed(what::WARN, 0, &error),
        Output::Wipe => Told::bare(what::WIPE, 0),
    }
}

fn settled(inner: &Inner, call: u32, reply: Reply) -> Told {
    // The session that is shown is an object already, and is the one that callers get.
    let shown = |tokens: &Rc<Tokens>| {
        let is_current = inner.session.borrow().tokens().is_some_and(|current| Rc::ptr_eq(current, tokens));
        if is_current { Value::Null } else { inner.shown(tokens) }
    };
    let (kind, value) = match reply {
        Reply::Session(tokens) => (what::SETTLE_SESSION, shown(&tokens)),
        Reply::Redirected(Redirected { tokens, return_to }) => {
            (what::SETTLE_REDIRECTED, Value::map([("session", shown(&tokens)), ("returnTo", return_to.into())]))
        }
        Reply::Done => (what::SETTLE, Value::Null),
        Reply::NoCallback => (what::SETTLE, Value::Null),
        Reply::Repeat(repeat) => (what::SETTLE, Value::Bool(repeat)),
        Reply::Url(address) => (what::SETTLE, Value::String(address)),
        Reply::Owner(owner) => {
            (what::SETTLE, Value::map([("subject", Value::String(owner.subject)), ("details", owner.details)]))
        }
    };
    Told::plain(kind, call, to_js(&value))
}

fn traced(trace: Trace) -> Value {
    Value::map([
        ("purpose", Value::text(trace.purpose.as_str())),
        ("method", Value::String(trace.method)),
        ("url", Value::String(trace.url)),
        ("status", trace.status.map_or(Value::Null, |status| Value::integer(i64::from(status)))),
        ("duration", Value::integer(trace.duration)),
        ("attempt", Value::integer(i64::from(trace.attempt))),
        ("error", trace.error.map_or(Value::Null, |code| Value::text(code.as_str()))),
    ])
}
