//! Outputs of the machine, as the shell is told them.

use std::rc::Rc;

use wasm_bindgen::prelude::*;

use super::inner::Inner;
use super::numbers::output as what;
use super::values::{number, to_js};
use super::{fault, transport};
use crate::error::AuthError;
use crate::protocol::redirect;
use crate::session::{Output, Place, Redirected, Reply, Tokens, Trace};
use crate::value::Value;

/// Tells one; requests are sent here.
pub(super) fn tell(inner: &Rc<Inner>, output: Output) {
    let shell = &inner.shell;
    let plain = |what: u32, id: f64, number: f64, value: &JsValue| {
        shell.tell(what, id, number, value, &JsValue::UNDEFINED);
    };
    let bare = |what: u32, id: u32| plain(what, f64::from(id), 0.0, &JsValue::UNDEFINED);
    let at = |what: u32, op: u32, place: Place, value: &JsValue| {
        plain(what, f64::from(op), if place == Place::Pending { 1.0 } else { 0.0 }, value);
    };
    let failed = |what: u32, id: u32, error: &AuthError| {
        shell.tell(what, f64::from(id), 0.0, &fault::fields(error), &fault::cause(error));
    };
    match output {
        Output::Send { op, request, timeout } => transport::send(inner, op, request, timeout),
        Output::Cancel { op } => {
            inner.jobs.end(op);
            plain(what::STOP, -f64::from(op), 0.0, &JsValue::UNDEFINED);
        }
        Output::Load { op, place } => at(what::LOAD, op, place, &JsValue::UNDEFINED),
        Output::Swap { op, place, expected, value } => {
            at(what::SWAP, op, place, &to_js(&Value::List(vec![expected.into(), value.into()])));
        }
        Output::Put { op, place, value } => at(what::PUT, op, place, &to_js(&value.into())),
        Output::Lock { op, place } => at(what::LOCK, op, place, &JsValue::UNDEFINED),
        Output::Unlock { op } => bare(what::UNLOCK, op),
        Output::Ask { op, reason } => plain(what::ASK, f64::from(op), 0.0, &reason.as_str().into()),
        Output::Set { timer, after } => {
            let kind = if timer.is_idle() { what::SET_IDLE } else { what::SET };
            plain(kind, timer.number(), number(Some(after)), &JsValue::UNDEFINED);
        }
        Output::Stop { timer } => plain(what::STOP, timer.number(), 0.0, &JsValue::UNDEFINED),
        Output::Settle { call, result: Ok(reply) } => settle(inner, call, reply),
        Output::Settle { call, result: Err(error) } => failed(what::REJECT, call, &error),
        Output::Show { change } => {
            let tokens = inner.session.borrow().tokens().cloned();
            let session = tokens.map_or(Value::Null, |tokens| inner.shown(&tokens));
            let shown = Value::map([("reason", Value::text(change.as_str())), ("session", session)]);
            plain(what::SHOW, 0.0, 0.0, &to_js(&shown));
        }
        Output::CleanAddress { address } => {
            let cleaned = redirect::cleaned(&address);
            plain(what::CLEAN, 0.0, 0.0, &to_js(&Value::List(vec![Value::String(address), Value::String(cleaned)])));
        }
        Output::Trace(trace) => plain(what::TRACE, 0.0, 0.0, &to_js(&traced(trace))),
        Output::Warn(error) => failed(what::WARN, 0, &error),
        Output::Wipe => bare(what::WIPE, 0),
    }
}

fn settle(inner: &Rc<Inner>, call: u32, reply: Reply) {
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
    inner.shell.tell(kind, f64::from(call), 0.0, &to_js(&value), &JsValue::UNDEFINED);
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
