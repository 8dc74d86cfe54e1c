//! Inputs of the machine, from numbers and texts.

use std::rc::Rc;

use wasm_bindgen::prelude::*;

use super::inner::Inner;
use super::numbers::input as what;
use super::output::Told;
use super::{fault, output, prepared};
use crate::error::{AuthError, Code, Result};
use crate::protocol::json::{self, Mode};
use crate::provider::cut::{decimal, integer};
use crate::secret::Secret;
use crate::session::{Credentials, GivenTokens, Input, Output, Timer};
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

/// What follows from an input. Until it returns nothing is done that could not be undone: on a page, the module comes in two
/// halves, and where this takes something of the second it begins anew when that is there.
#[inline(never)]
pub(super) fn take(inner: &Rc<Inner>, number: u32, given: Given) -> Vec<Told> {
    let late = (number == what::FIRED && given.id < 0.0).then(|| request_of(&given));
    let Some(input) = read(inner, number, given) else { return Vec::new() };
    let outputs = inner.step(input);
    let mut told = Vec::with_capacity(outputs.len());
    told.extend(late.map(|op| output::told(inner, Output::Cancel { op })));
    if inner.prepared.get().is_none() {
        told.extend(prepared::told(inner, None));
    }
    // Nothing is borrowed any more when these are told.
    for output in outputs {
        told.extend(prepared::told(inner, Some(&output)));
        told.push(output::told(inner, output));
    }
    told
}

/// The request whose deadline a timer is: it counts below zero.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "as the shell was given it")]
fn request_of(given: &Given) -> u32 {
    -given.id as u32
}

/// The input of that number; nothing where nobody waits for it any more.
fn read(inner: &Rc<Inner>, number: u32, mut given: Given) -> Option<Input> {
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
            let answer = match unsent {
                Some(at) => Err(inner.unsent.borrow_mut().swap_remove(at).1),
                None => inner.jobs.answer(id)?.read(inner),
            };
            Input::Answered { op: id, answer }
        }
        what::LOADED => Input::Loaded { op: id, record: given.outcome(|given| given.text.take()) },
        what::SWAPPED => Input::Swapped { op: id, done: given.outcome(|given| given.number != 0.0) },
        what::LOCKED => Input::Locked { op: id, lock: given.outcome(|given| given.number != 0.0) },
        what::UNLOCKED => Input::Unlocked { op: id },
        what::GIVEN => {
            let credentials = given.outcome(|given| given.text.take().map(|text| credentials(&text)));
            Input::Given { op: id, credentials }
        }
        what::FIRED if given.id < 0.0 => late(inner, request_of(&given), given.number)?,
        what::FIRED => Input::Fired { timer: Timer::of_number(given.id)? },
        _ => return None,
    })
}

/// The deadline of a request: it was to be answered within `timeout`. One that was answered meanwhile is not late.
#[inline(never)]
fn late(inner: &Rc<Inner>, op: u32, timeout: f64) -> Option<Input> {
    if !inner.jobs.is_out(op) {
        return None;
    }
    let timeout = whole(timeout)?;
    let error = AuthError::of(Code::Timeout, &["the provider did not answer within ", &decimal(timeout), " ms"])
        .hint("Try again, or raise the option `timeout`.");
    Some(Input::Answered { op, answer: Err(error) })
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
