//! Errors over the edge, both ways.

use std::rc::Rc;

use wasm_bindgen::prelude::*;

use super::shell::Shell;
use super::values::to_js;
use crate::error::{AuthError, Code};
use crate::protocol::json::{self, Mode};
use crate::protocol::redact::Redactor;
use crate::provider::cut::pieces;
use crate::value::Value;

/// Longest wait that JavaScript has a number for, milliseconds.
const LONGEST_WAIT: i64 = (1 << 53) - 1;

/// An error that the shell tells: lines of code, message, hint, and "permanent" where it is.
pub(super) fn read(text: &str, cause: JsValue) -> AuthError {
    let mut lines = pieces(text, b'\n');
    let mut line = || lines.next().unwrap_or_default();
    let code = Code::parse(line()).unwrap_or(Code::InvalidResponse);
    let mut error = AuthError::new(code, line());
    let hint = line();
    if !hint.is_empty() {
        error = error.hint_of(&[hint]);
    }
    error.is_permanent = !line().is_empty();
    let cause: Option<Rc<dyn std::any::Any>> = if cause.is_undefined() { None } else { Some(Rc::new(cause)) };
    error.cause(cause)
}

/// The fields of an `AuthError` but its provider and its cause.
pub(super) fn fields(error: &AuthError) -> JsValue {
    to_js(&Value::map([
        ("code", Value::text(error.code.as_str())),
        ("message", Value::text(&*error.message)),
        ("status", error.status.map_or(Value::Null, |status| Value::integer(i64::from(status)))),
        ("providerCode", error.provider_code.clone().into()),
        ("providerMessage", error.provider_message.clone().into()),
        ("retryable", Value::Bool(error.retryable())),
        ("retryAfter", error.retry_after.map_or(Value::Null, |wait| Value::integer(wait.min(LONGEST_WAIT)))),
        ("hint", error.hint.as_deref().map(str::to_owned).into()),
    ]))
}

/// Its cause: an exception of the host, or undefined.
pub(super) fn cause(error: &AuthError) -> JsValue {
    let kept = error.cause.as_ref().and_then(|cause| cause.downcast_ref::<JsValue>());
    kept.cloned().unwrap_or(JsValue::UNDEFINED)
}

/// An exception without the secrets that stand in its texts.
pub(super) fn scrubbed(shell: &Shell, exception: &JsValue, redactor: &Redactor) -> JsValue {
    shell.retold(exception, &scrub(&shell.texts(exception), redactor))
}

/// A JSON list of texts without secrets.
pub(super) fn scrub(texts: &str, redactor: &Redactor) -> String {
    let Ok(Value::List(texts)) = json::read(texts, Mode::Strict) else {
        return String::from("[]");
    };
    let texts = texts.iter().map(|text| Value::String(redactor.scrub(text.as_str().unwrap_or_default())));
    json::write(&Value::List(texts.collect()))
}
