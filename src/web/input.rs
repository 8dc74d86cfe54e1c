//! Inputs of the machine, from numbers and texts.

use std::rc::Rc;

use wasm_bindgen::prelude::*;

use super::inner::Inner;
use super::numbers::input as what;
use super::{fault, transport};
use crate::error::Result;
use crate::protocol::json::{self, Mode};
use crate::provider::cut::integer;
use crate::secret::Secret;
use crate::session::{Credentials, GivenTokens, Input, Timer};
use crate::value::Value;

/// What comes with an input.
pub(super) struct Given {
    /// The number of a call, an operation or a timer.
    pub(super) id: f64,
    pub(super) number: f64,
    pub(super) other: f64,
    pub(super) flag: bool,
    pub(super) text: Option<String>,
    pub(super) cause: JsValue,
}

impl Given {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "as the shell was given it")]
    fn id(&self) -> u32 {
        self.id as u32
    }

    fn text(&mut self) -> String {
        self.text.take().unwrap_or_default()
    }

    /// The outcome of an operation.
    fn outcome<T>(&mut self, well: impl FnOnce(&mut Self) -> T) -> Result<T> {
        if self.flag { Err(fault::read(&self.text(), self.cause.clone())) } else { Ok(well(self)) }
    }
}

/// A number that there may be.
#[expect(clippy::cast_possible_truncation, reason = "whole milliseconds")]
fn whole(number: f64) -> Option<i64> {
    number.is_finite().then_some(number as i64)
}

/// The input of that number; nothing where nobody waits for it any more.
pub(super) fn read(inner: &Rc<Inner>, number: u32, mut given: Given) -> Option<Input> {
    let id = given.id();
    let limit = whole(given.other);
    Some(match number {
        what::OPEN => Input::Open { call: id },
        what::LOGIN => Input::Login { call: id, credentials: credentials(&given.text()), limit },
        what::CONFIRM => Input::Confirm { call: id, code: Secret::new(given.text()), limit },
        what::SET_SESSION => Input::SetSession { call: id, tokens: Box::new(tokens(&given.text())) },
        what::CHECK => Input::Check { call: id, limit },
        what::REFRESH => Input::Refresh { call: id, limit },
        what::TOKEN => {
            let min_validity = whole(given.number).unwrap_or_default();
            Input::Token { call: id, min_validity, force: given.flag, limit }
        }
        what::REFUSED => {
            let generation = whole(given.number).and_then(|number| u32::try_from(number).ok()).unwrap_or_default();
            let login = whole(given.other).unwrap_or_default();
            Input::Refused { call: id, generation, login, repeated: given.flag }
        }
        what::ACCEPTED => Input::Accepted,
        what::LOGOUT => Input::Logout { call: id, revoke: given.flag, limit },
        what::AUTHORIZATION_URL => Input::AuthorizationUrl { call: id, return_to: given.text },
        what::CALLBACK => Input::Callback { call: id, address: given.text(), limit },
        what::ABANDON => Input::Abandon { call: id },
        what::RESUMED => Input::Resumed,
        what::CHANGED => Input::Changed,
        what::CLOSE => Input::Close,
        what::ANSWERED => {
            let unsent = inner.unsent.borrow().iter().position(|(op, _)| *op == id);
            let unsent = unsent.map(|at| Err(inner.unsent.borrow_mut().swap_remove(at).1));
            Input::Answered { op: id, answer: unsent.or_else(|| inner.jobs.answer(id))? }
        }
        what::LOADED => Input::Loaded { op: id, record: given.outcome(|given| given.text.take()) },
        what::SWAPPED => Input::Swapped { op: id, done: given.outcome(|given| given.number != 0.0) },
        what::LOCKED => Input::Locked { op: id, lock: given.outcome(|given| given.number != 0.0) },
        what::UNLOCKED => Input::Unlocked { op: id },
        what::GIVEN => {
            let credentials = given.outcome(|given| given.text.take().map(|text| credentials(&text)));
            Input::Given { op: id, credentials }
        }
        what::FIRED if given.id < 0.0 => late(inner, -given.id, given.number)?,
        what::FIRED => Input::Fired { timer: Timer::of_number(given.id)? },
        _ => return None,
    })
}

/// The deadline of a request: it was to be answered within `timeout`.
fn late(inner: &Rc<Inner>, op: f64, timeout: f64) -> Option<Input> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "as the shell was given it")]
    let op = op as u32;
    let error = transport::late(whole(timeout)?);
    inner.jobs.end(op).then_some(Input::Answered { op, answer: Err(error) })
}

/// Names and values.
fn credentials(text: &str) -> Credentials {
    let Ok(Value::List(pairs)) = json::read(text, Mode::Strict) else { return Vec::new() };
    let pair = |pair: Value| match pair {
        Value::List(pair) => match <[Value; 2]>::try_from(pair) {
            Ok([Value::String(name), Value::String(value)]) => Some((name, Secret::new(value))),
            _ => None,
        },
        _ => None,
    };
    pairs.into_iter().filter_map(pair).collect()
}

/// The argument of `setSession`, whose members the shell has looked at.
fn tokens(text: &str) -> GivenTokens {
    let given = json::read(text, Mode::Strict).unwrap_or(Value::Null);
    let member = |name: &str| given.get(name).and_then(Value::as_str).map(str::to_owned);
    let scope = match given.get("scope") {
        Some(Value::List(words)) => words.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    GivenTokens {
        access_token: Secret::new(member("accessToken").unwrap_or_default()),
        refresh_token: member("refreshToken").map(Secret::new),
        expires_at: given.get("expiresAt").and_then(Value::scalar).and_then(integer),
        subject: member("subject"),
        scope,
        api_base: member("apiBase"),
        details: given.get("details").cloned().unwrap_or_else(|| Value::Map(Vec::new())),
    }
}
