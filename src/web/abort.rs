//! The caller's `AbortSignal`: it ends the caller's wait, and nothing else.

use std::rc::Rc;

use js_sys::{Array, Function, global};
use wasm_bindgen::prelude::*;
use web_sys::{AbortController, AbortSignal};

use super::bridge::{Failure, get};
use crate::client::signal::{Signal, Work, first, work};
use crate::error::AuthError;

/// A signal of the caller, if there is one.
#[derive(Clone)]
pub(super) struct Abort(Option<AbortSignal>);

impl Abort {
    /// Reads a `signal` member.
    pub(super) fn read(value: &JsValue) -> Result<Self, AuthError> {
        if value.is_undefined() || value.is_null() {
            return Ok(Self(None));
        }
        let fits = get(value, "aborted").as_bool().is_some() && get(value, "addEventListener").is_function();
        if fits {
            Ok(Self(Some(value.clone().unchecked_into())))
        } else {
            Err(AuthError::input("signal", "an AbortSignal"))
        }
    }

    /// A signal for a request of ours: aborted by the caller's signal, or by `controller`. Where the two can't be joined
    /// the caller's own counts.
    pub(super) fn joined(&self, controller: &AbortController) -> AbortSignal {
        let Some(signal) = &self.0 else { return controller.signal() };
        let both = Array::of2(signal, &controller.signal());
        let class = get(&global(), "AbortSignal");
        let joined = get(&class, "any").dyn_into::<Function>().ok().and_then(|any| any.call1(&class, &both).ok());
        joined.map_or_else(|| signal.clone(), JsCast::unchecked_into)
    }

    /// Whether there is a signal, and it has been aborted.
    pub(super) fn is_aborted(&self) -> bool {
        self.0.as_ref().is_some_and(AbortSignal::aborted)
    }

    /// The reason, when it has been aborted.
    pub(super) fn check(&self) -> Result<(), Failure> {
        match &self.0 {
            Some(signal) if signal.aborted() => Err(Failure::Aborted(signal.reason())),
            _ => Ok(()),
        }
    }

    /// Ends with the signal's reason as soon as it is aborted.
    pub(super) async fn guard<T>(&self, doing: Work<'_, Result<T, AuthError>>) -> Result<T, Failure> {
        self.check()?;
        let Some(signal) = &self.0 else {
            return doing.await.map_err(Failure::Auth);
        };
        let listener = Listener::new(signal);
        let aborted = work(async {
            listener.aborted.wait().await;
            Err(Failure::Aborted(signal.reason()))
        });
        first(aborted, work(async { doing.await.map_err(Failure::Auth) })).await
    }
}

/// Listens until dropped.
struct Listener<'a> {
    signal: &'a AbortSignal,
    closure: Closure<dyn FnMut()>,
    aborted: Rc<Signal<()>>,
}

impl<'a> Listener<'a> {
    fn new(signal: &'a AbortSignal) -> Self {
        let aborted: Rc<Signal<()>> = Rc::default();
        let inner = aborted.clone();
        let closure = Closure::new(move || inner.set(()));
        let _ = signal.add_event_listener_with_callback("abort", closure.as_ref().unchecked_ref());
        Self { signal, closure, aborted }
    }
}

impl Drop for Listener<'_> {
    fn drop(&mut self) {
        let _ = self.signal.remove_event_listener_with_callback("abort", self.closure.as_ref().unchecked_ref());
    }
}
