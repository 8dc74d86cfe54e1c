//! The caller's `AbortSignal`: it ends the caller's wait, and nothing else.

use std::rc::Rc;

use js_sys::{Array, Function, global};
use wasm_bindgen::prelude::*;
use web_sys::{AbortController, AbortSignal};

use super::bridge::{Bridge, Failure, Following, get};
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

    /// Makes the caller's signal abort a request of ours: followed, or joined with the request's own; where the host can
    /// do neither, the caller's own counts.
    pub(super) fn follow(&self, bridge: &Bridge, controller: &AbortController) -> Followed {
        let Some(signal) = &self.0 else { return Followed { signal: controller.signal(), following: None } };
        if let Some(following) = bridge.follow(signal, controller) {
            return Followed { signal: controller.signal(), following: Some(following) };
        }
        let both = Array::of2(signal, &controller.signal());
        let class = get(&global(), "AbortSignal");
        let joined = get(&class, "any").dyn_into::<Function>().ok().and_then(|any| any.call1(&class, &both).ok());
        Followed { signal: joined.map_or_else(|| signal.clone(), JsCast::unchecked_into), following: None }
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
    pub(super) async fn guard<T>(&self, bridge: &Bridge, doing: Work<'_, Result<T, AuthError>>) -> Result<T, Failure> {
        self.check()?;
        let Some(signal) = &self.0 else {
            return doing.await.map_err(Failure::Auth);
        };
        let listener = Listener::new(bridge, signal);
        let aborted = work(async {
            listener.aborted.wait().await;
            Err(Failure::Aborted(signal.reason()))
        });
        first(aborted, work(async { doing.await.map_err(Failure::Auth) })).await
    }
}

/// What a request of ours is aborted by; the caller's signal no longer, once this is dropped.
pub(super) struct Followed {
    /// For `fetch`.
    pub(super) signal: AbortSignal,
    following: Option<Following>,
}

impl Followed {
    /// The head of the answer is there: its body is still the caller's to abort.
    pub(super) fn answered(mut self, answer: &JsValue) {
        if let Some(following) = self.following.take() {
            following.until_gone(&get(answer, "body"));
        }
    }
}

impl Drop for Followed {
    fn drop(&mut self) {
        if let Some(following) = &self.following {
            following.stop();
        }
    }
}

/// Listens until dropped.
struct Listener {
    stop: Function,
    aborted: Rc<Signal<()>>,
    _callback: Closure<dyn FnMut()>,
}

impl Listener {
    fn new(bridge: &Bridge, signal: &AbortSignal) -> Self {
        let aborted: Rc<Signal<()>> = Rc::default();
        let inner = aborted.clone();
        let callback: Closure<dyn FnMut()> = Closure::new(move || inner.set(()));
        Self { stop: bridge.on_abort(signal, callback.as_ref()), aborted, _callback: callback }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.stop.call0(&JsValue::UNDEFINED);
    }
}
