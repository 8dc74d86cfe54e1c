//! What the JavaScript shell gives to the module, and how errors go back to it.

use std::any::Any;
use std::rc::Rc;

use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::{AbortController, AbortSignal};

use super::store::TokenStore;
use crate::error::AuthError;
use crate::protocol::redact::Redactor;

#[wasm_bindgen]
extern "C" {
    /// The shell's side.
    #[wasm_bindgen(typescript_type = "Bridge")]
    #[derive(Clone)]
    pub type Bridge;

    /// Makes an `AuthError` of its fields.
    #[wasm_bindgen(method)]
    fn error(this: &Bridge, fields: &Object) -> JsValue;

    /// Freezes a value and all that it holds.
    #[wasm_bindgen(method)]
    pub(super) fn freeze(this: &Bridge, value: &JsValue) -> JsValue;

    /// An exception as it is when it holds none of the texts, else a copy without them.
    #[wasm_bindgen(method)]
    fn cause(this: &Bridge, exception: &JsValue, secrets: &Array) -> JsValue;

    /// What every request of ours has in its `RequestInit`; hosts differ in what they know.
    #[wasm_bindgen(method, getter, js_name = requestInit)]
    pub(super) fn request_init(this: &Bridge) -> Object;

    /// The browser's store for `session` or `local`, or null.
    #[wasm_bindgen(method, js_name = browserStore)]
    pub(super) fn browser_store(this: &Bridge, name: &str) -> Promise;

    /// Asks a store that has `withLock` for its lock on a key.
    #[wasm_bindgen(method)]
    pub(super) fn ask(this: &Bridge, store: &TokenStore, key: &str) -> Asked;

    /// Calls back when the page wakes; gives the function that stops it.
    #[wasm_bindgen(method, js_name = onWake)]
    pub(super) fn on_wake(this: &Bridge, listener: &JsValue) -> Function;

    /// Calls back when a signal is aborted; gives the function that stops it.
    #[wasm_bindgen(method, js_name = onAbort)]
    pub(super) fn on_abort(this: &Bridge, signal: &AbortSignal, callback: &JsValue) -> Function;

    /// Lets a signal abort a request of ours; null where the two signals are better joined.
    #[wasm_bindgen(method)]
    pub(super) fn follow(this: &Bridge, signal: &AbortSignal, controller: &AbortController) -> Option<Following>;

    /// A signal that is followed.
    pub(super) type Following;

    /// Not any more.
    #[wasm_bindgen(method)]
    pub(super) fn stop(this: &Following);

    /// Only as long as somebody can read this body.
    #[wasm_bindgen(method, js_name = untilGone)]
    pub(super) fn until_gone(this: &Following, body: &JsValue);

    /// A lock that was asked for.
    pub(super) type Asked;

    /// Whether it was given, as soon as that is known.
    #[wasm_bindgen(method, getter)]
    pub(super) fn granted(this: &Asked) -> Promise;

    /// Gives it back, or leaves the queue.
    #[wasm_bindgen(method)]
    pub(super) fn leave(this: &Asked) -> Promise;
}

/// Why a call rejects.
pub(super) enum Failure {
    /// With an `AuthError`.
    Auth(AuthError),
    /// With the reason of the caller's signal.
    Aborted(JsValue),
}

impl From<AuthError> for Failure {
    fn from(error: AuthError) -> Self {
        Self::Auth(error)
    }
}

impl Failure {
    /// What the promise rejects with.
    pub(super) fn into_js(self, bridge: &Bridge, provider: Option<&str>) -> JsValue {
        match self {
            Self::Auth(error) => error_to_js(&error, bridge, provider),
            Self::Aborted(reason) => reason,
        }
    }
}

/// An `AuthError` of the shell.
pub(super) fn error_to_js(error: &AuthError, bridge: &Bridge, provider: Option<&str>) -> JsValue {
    let fields = Object::new();
    let text = |text: Option<&str>| text.map_or(JsValue::NULL, JsValue::from_str);
    set(&fields, "code", &error.code.as_str().into());
    set(&fields, "message", &JsValue::from_str(&error.message));
    set(&fields, "provider", &text(provider));
    set(&fields, "status", &error.status.map_or(JsValue::NULL, JsValue::from));
    set(&fields, "providerCode", &text(error.provider_code.as_deref()));
    set(&fields, "providerMessage", &text(error.provider_message.as_deref()));
    set(&fields, "retryable", &error.code.retryable().into());
    set(&fields, "retryAfter", &error.retry_after.map_or(JsValue::NULL, number));
    set(&fields, "hint", &text(error.hint.as_deref()));
    if let Some(cause) = error.cause.as_ref().and_then(|cause| cause.downcast_ref::<JsValue>()) {
        set(&fields, "cause", cause);
    }
    bridge.error(&fields)
}

/// An exception for `AuthError::cause`, without the secrets of the request that it came from.
pub(super) fn cause(bridge: &Bridge, exception: &JsValue, redactor: &Redactor) -> Option<Rc<dyn Any>> {
    let secrets: Array = redactor.forms().iter().map(|form| JsValue::from_str(form)).collect();
    Some(Rc::new(bridge.cause(exception, &secrets)))
}

/// Sets a member of an object of ours.
pub(super) fn set(object: &Object, name: &str, value: &JsValue) {
    // A fresh plain object takes every member.
    let _ = Reflect::set(object, &JsValue::from_str(name), value);
}

/// A member, whatever the value is; undefined where it has none or a getter throws.
pub(super) fn get(value: &JsValue, name: &str) -> JsValue {
    if value.is_null() || value.is_undefined() {
        return JsValue::UNDEFINED;
    }
    Reflect::get(value, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}

/// A count of milliseconds as JavaScript has it.
#[expect(clippy::cast_precision_loss, reason = "moments and durations stay below 2^53")]
pub(super) fn number(milliseconds: i64) -> JsValue {
    JsValue::from_f64(milliseconds as f64)
}
