//! The engine's outside, in a browser or in Node.

use std::cell::{OnceCell, RefCell};
use std::future::Future;

use js_sys::{Date, Function, Promise, global};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::Crypto;

use super::bridge::{Bridge, cause, error_to_js, get, number, set};
use super::page::Urls;
use super::store::{Lock, Store, Watch};
use super::transport::{Transport, silence};
use super::{credentials, timer, wake};
use crate::client::signal::Work;
use crate::client::{Addresses, Change, Credentials, Host, Kept, Trace};
use crate::error::{AuthError, Code, Result};
use crate::protocol::json::{self, Mode};
use crate::protocol::redact::Redactor;
use crate::protocol::request::Request;
use crate::protocol::response::Response;
use crate::secret::Secret;
use crate::value::Value;

/// Functions that the caller gave.
#[derive(Default)]
pub(super) struct Callbacks {
    pub(super) now: Option<Function>,
    pub(super) credentials: Option<Function>,
    pub(super) on_trace: Option<Function>,
    pub(super) on_warning: Option<Function>,
}

/// The outside of one client.
pub(super) struct WebHost {
    pub(super) bridge: Bridge,
    pub(super) provider: String,
    pub(super) transport: Transport,
    pub(super) callbacks: Callbacks,
    /// `None`: sessions end with the client.
    pub(super) sessions: Option<Store>,
    /// `None`: pending logins are where the sessions are.
    pub(super) pending: Option<Store>,
    /// Called after each change of the session.
    pub(super) on_change: OnceCell<Box<dyn Fn(Change)>>,
    pub(super) watch: RefCell<Option<Watch>>,
    /// What was last read from the store of sessions or written to it: what its exceptions may tell.
    pub(super) record: RefCell<Option<Secret>>,
}

impl WebHost {
    /// The store of sessions or of pending logins.
    fn store(&self, kept: Kept) -> Option<&Store> {
        match kept {
            Kept::Session => self.sessions.as_ref(),
            Kept::PendingLogin => self.pending.as_ref().or(self.sessions.as_ref()),
        }
    }

    /// A failure of the store without the secrets that a store may put into its exceptions.
    fn scrubbed(&self, mut error: AuthError, value: &str) -> AuthError {
        let mut redactor = Redactor::default();
        let record = self.record.borrow();
        for text in [Some(value), record.as_ref().map(Secret::expose)].into_iter().flatten() {
            redactor.add(text);
            let record = json::read(text, Mode::Strict).unwrap_or(Value::Null);
            for name in ["access", "refresh", "state", "verifier"] {
                redactor.add(record.get(name).and_then(Value::as_str).unwrap_or_default());
            }
        }
        error.message = redactor.scrub(&error.message);
        if let Some(exception) = error.cause.take().as_ref().and_then(|kept| kept.downcast_ref::<JsValue>()) {
            error.cause = cause(&self.bridge, exception, &redactor);
        }
        error
    }

    fn note(&self, kept: Kept, record: Option<&str>) {
        if let (Kept::Session, Some(record)) = (kept, record) {
            self.record.replace(Some(Secret::new(record)));
        }
    }

    /// Makes `changed` be called when another context changed the session under `key`: `storage` when the store fails.
    pub(super) fn watch(&self, key: &str, changed: impl FnMut() + 'static) -> Result<()> {
        let Some(store) = &self.sessions else { return Ok(()) };
        let watch = store.watch(key, changed).map_err(|error| self.scrubbed(error, ""))?;
        self.watch.replace(watch);
        Ok(())
    }

    /// Ends when the page is shown again, comes back from the back/forward cache, or the network is back: timers may have
    /// slept. Never, where nothing tells.
    pub(super) fn woken(&self) -> impl Future<Output = ()> {
        wake::woken(&self.bridge)
    }
}

impl Host for WebHost {
    type Lock = Lock;

    #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970")]
    fn now(&self) -> i64 {
        let given = self.callbacks.now.as_ref().and_then(|now| now.call0(&JsValue::UNDEFINED).ok()?.as_f64());
        given.filter(|now| now.is_finite()).unwrap_or_else(Date::now) as i64
    }

    #[expect(clippy::cast_possible_truncation, reason = "milliseconds since the start")]
    fn monotonic(&self) -> Option<i64> {
        if self.callbacks.now.is_some() {
            return None;
        }
        let performance = get(&global(), "performance");
        let now: Function = get(&performance, "now").dyn_into().ok()?;
        now.call0(&performance).ok()?.as_f64().map(|now| now as i64)
    }

    fn random(&self, bytes: &mut [u8]) -> Result<()> {
        let crypto = get(&global(), "crypto");
        if !get(&crypto, "getRandomValues").is_function() {
            return Err(AuthError::new(Code::Unsupported, "this host has no crypto.getRandomValues"));
        }
        let crypto: Crypto = crypto.unchecked_into();
        let filled = crypto.get_random_values_with_u8_array(bytes);
        filled.map(drop).map_err(|_| AuthError::new(Code::Unsupported, "crypto.getRandomValues failed"))
    }

    fn href(&self, address: &str, base: Option<&str>) -> Option<String> {
        Urls.href(address, base)
    }

    fn send(&self, request: &Request, timeout: i64) -> impl Future<Output = Result<Response>> {
        self.transport.send(request, timeout)
    }

    fn sleep(&self, milliseconds: i64, idle: bool) -> impl Future<Output = ()> {
        timer::sleep(milliseconds, idle)
    }

    fn spawn(&self, task: Work<'static, ()>) {
        spawn_local(task);
    }

    fn has_store(&self) -> bool {
        self.sessions.is_some()
    }

    async fn load(&self, kept: Kept, key: &str) -> Result<Option<String>> {
        match self.store(kept) {
            Some(store) => {
                let record = store.get(key).await.map_err(|error| self.scrubbed(error, ""))?;
                self.note(kept, record.as_deref());
                Ok(record)
            }
            None => Ok(None),
        }
    }

    async fn save(&self, kept: Kept, key: &str, value: &str) -> Result<()> {
        self.note(kept, Some(value));
        match self.store(kept) {
            Some(store) => store.set(key, value).await.map_err(|error| self.scrubbed(error, value)),
            None => Ok(()),
        }
    }

    async fn remove(&self, kept: Kept, key: &str) -> Result<()> {
        match self.store(kept) {
            Some(store) => store.delete(key).await.map_err(|error| self.scrubbed(error, "")),
            None => Ok(()),
        }
    }

    async fn swap(&self, kept: Kept, key: &str, expected: Option<&str>, value: Option<&str>) -> Result<bool> {
        let Some(store) = self.store(kept) else { return Ok(expected.is_none()) };
        self.note(kept, value);
        let swapped = store.swap(key, expected, value).await;
        swapped.map_err(|error| self.scrubbed(error, value.or(expected).unwrap_or_default()))
    }

    async fn lock(&self, key: &str) -> Result<Option<Lock>> {
        match &self.sessions {
            Some(store) => store.lock(key, &self.bridge).await.map_err(|error| self.scrubbed(error, "")),
            None => Ok(None),
        }
    }

    fn unlock(&self, lock: Lock) -> impl Future<Output = ()> {
        lock.release()
    }

    fn ask_credentials(&self, reason: Code) -> impl Future<Output = Result<Option<Credentials>>> {
        // Called here and not in the future: what the function does at once is told apart from what others do meanwhile.
        let asked =
            self.callbacks.credentials.as_ref().map(|ask| ask.call1(&JsValue::UNDEFINED, &reason.as_str().into()));
        async move {
            let failed = |exception: JsValue| {
                AuthError::new(Code::LoginRequired, "the function `credentials` failed")
                    .cause(Some(std::rc::Rc::new(exception)))
            };
            let Some(given) = asked else { return Ok(None) };
            let value = JsFuture::from(Promise::resolve(&given.map_err(failed)?)).await.map_err(failed)?;
            if value.is_null() || value.is_undefined() {
                return Ok(None);
            }
            credentials::read(&value, "credentials").map(Some)
        }
    }

    fn changed(&self, change: Change) {
        if let Some(on_change) = self.on_change.get() {
            on_change(change);
        }
    }

    fn trace(&self, trace: &Trace) {
        let Some(on_trace) = &self.callbacks.on_trace else {
            return;
        };
        let record = js_sys::Object::new();
        set(&record, "provider", &JsValue::from_str(&self.provider));
        set(&record, "purpose", &trace.purpose.as_str().into());
        set(&record, "method", &JsValue::from_str(&trace.method));
        set(&record, "url", &JsValue::from_str(&trace.url));
        set(&record, "status", &trace.status.map_or(JsValue::NULL, JsValue::from));
        set(&record, "duration", &number(trace.duration));
        set(&record, "attempt", &trace.attempt.into());
        set(&record, "error", &trace.error.map_or(JsValue::NULL, |code| code.as_str().into()));
        // What a callback throws does not disturb the client.
        silence(on_trace.call1(&JsValue::UNDEFINED, &record));
    }

    fn warn(&self, error: AuthError) {
        if let Some(on_warning) = &self.callbacks.on_warning {
            let error = error_to_js(&error, &self.bridge, Some(&self.provider));
            silence(on_warning.call1(&JsValue::UNDEFINED, &error));
        }
    }
}
