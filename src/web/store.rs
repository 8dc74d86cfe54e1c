//! Where sessions and pending logins are kept: memory, or a store in JavaScript.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Function, Promise, Reflect, Symbol};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::bridge::{Asked, Bridge, get};
use super::timer;
use super::transport::silence;
use crate::client::signal::{first, work};
use crate::error::{AuthError, Code, Result};

/// Longest wait for a lock to be given back, milliseconds.
const RELEASE: i64 = 1_000;

/// Name of the symbol of a method that puts a value in the place of another one in one step.
const SWAP: &str = "propusk.swap";

#[wasm_bindgen]
extern "C" {
    /// A store of the caller's, of the package's, or of the browser's as the package gives it.
    #[derive(Clone)]
    pub type TokenStore;

    #[wasm_bindgen(method, catch, js_name = get)]
    fn read(this: &TokenStore, key: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch, js_name = set)]
    fn write(this: &TokenStore, key: &str, value: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch, js_name = delete)]
    fn remove(this: &TokenStore, key: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn watch(this: &TokenStore, key: &str, listener: &JsValue) -> Result<JsValue, JsValue>;
}

/// A place for texts under keys.
pub(super) enum Store {
    /// As long as the client.
    Memory(RefCell<Vec<(String, String)>>),
    /// As long as its owner likes.
    Own(TokenStore),
}

/// Held until dropped; one that was not given yet leaves the queue.
pub(super) struct Lock(Asked);

impl Lock {
    /// Gives the lock back, and waits for the store to do its part, but not for long.
    pub(super) async fn release(self) {
        let ended = work(async {
            let _ = JsFuture::from(self.0.leave()).await;
        });
        first(ended, work(timer::sleep(RELEASE, true))).await;
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = self.0.leave();
    }
}

/// Called back when another context changed a key, until dropped.
pub(super) struct Watch {
    stop: Function,
    is_on: Rc<Cell<bool>>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.is_on.set(false);
        silence(self.stop.call0(&JsValue::UNDEFINED));
    }
}

impl Store {
    /// A caller's store, if it has the methods.
    pub(super) fn own(value: &JsValue) -> Result<Self> {
        for method in ["get", "set", "delete"] {
            if !get(value, method).is_function() {
                return Err(AuthError::config(&["storage.", method].concat(), "a function"));
            }
        }
        for method in ["withLock", "watch"] {
            let found = get(value, method);
            if !found.is_undefined() && !found.is_function() {
                return Err(AuthError::config(&["storage.", method].concat(), "a function, or left out"));
            }
        }
        Ok(Self::Own(value.clone().unchecked_into()))
    }

    pub(super) async fn get(&self, key: &str) -> Result<Option<String>> {
        match self {
            Self::Memory(kept) => {
                Ok(kept.borrow().iter().find(|(known, _)| known == key).map(|(_, value)| value.clone()))
            }
            Self::Own(store) => {
                let value = settled("get", store.read(key)).await?;
                match value.as_string() {
                    Some(text) => Ok(Some(text)),
                    None if value.is_null() || value.is_undefined() => Ok(None),
                    None => Err(wrong("get", "gave neither text nor null")),
                }
            }
        }
    }

    pub(super) async fn set(&self, key: &str, value: &str) -> Result<()> {
        match self {
            Self::Memory(kept) => {
                let mut kept = kept.borrow_mut();
                kept.retain(|(known, _)| known != key);
                kept.push((key.to_owned(), value.to_owned()));
                Ok(())
            }
            Self::Own(store) => settled("set", store.write(key, value)).await.map(drop),
        }
    }

    pub(super) async fn delete(&self, key: &str) -> Result<()> {
        match self {
            Self::Memory(kept) => {
                kept.borrow_mut().retain(|(known, _)| known != key);
                Ok(())
            }
            Self::Own(store) => settled("delete", store.remove(key)).await.map(drop),
        }
    }

    /// Puts a value in the place of another one, `None` being none, and says whether that one was there. Without a pause
    /// between looking and writing, where the store can.
    pub(super) async fn swap(&self, key: &str, expected: Option<&str>, value: Option<&str>) -> Result<bool> {
        if let Self::Own(store) = self {
            let swap = Reflect::get(store, &Symbol::for_(SWAP)).and_then(JsCast::dyn_into::<Function>);
            if let Ok(swap) = swap {
                let text = |text: Option<&str>| text.map_or(JsValue::NULL, JsValue::from_str);
                let swapped = swap.call3(store, &JsValue::from_str(key), &text(expected), &text(value));
                let swapped = settled(SWAP, swapped).await?;
                // Undefined: not for this object, which may be a caller's own around a store that can.
                if let Some(is_swapped) = swapped.as_bool() {
                    return Ok(is_swapped);
                }
            }
        }
        if self.get(key).await?.as_deref() != expected {
            return Ok(false);
        }
        match value {
            Some(value) => self.set(key, value).await?,
            None => self.delete(key).await?,
        }
        Ok(true)
    }

    /// The store's lock on a key; `None` where it has none.
    pub(super) async fn lock(&self, key: &str, bridge: &Bridge) -> Result<Option<Lock>> {
        let Self::Own(store) = self else { return Ok(None) };
        if !get(store, "withLock").is_function() {
            return Ok(None);
        }
        let lock = Lock(bridge.ask(store, key));
        match settled("withLock", Ok(lock.0.granted().into())).await {
            Ok(granted) if granted.is_truthy() => Ok(Some(lock)),
            Ok(_) => Err(wrong("withLock", "ended without running its task")),
            Err(error) => Err(error),
        }
        .map_err(|error| error.hint("The renewal goes on without the lock, so that another context may renew as well."))
    }

    /// Calls back when another context changed `key`; `None` where the store can't tell.
    pub(super) fn watch(&self, key: &str, mut changed: impl FnMut() + 'static) -> Result<Option<Watch>> {
        let Self::Own(store) = self else { return Ok(None) };
        if !get(store, "watch").is_function() {
            return Ok(None);
        }
        let is_on = Rc::new(Cell::new(true));
        let on = is_on.clone();
        // JavaScript's own: a store may call it when the watch is long over.
        let listener: Closure<dyn FnMut()> = Closure::new(move || {
            if on.get() {
                changed();
            }
        });
        let stop = match store.watch(key, &listener.into_js_value()) {
            Ok(stop) => stop.dyn_into::<Function>().map_err(|given| {
                silence(Ok(given));
                wrong("watch", "gave no function that stops it")
            }),
            Err(exception) => Err(failed("watch", &exception)),
        };
        match stop {
            Ok(stop) => Ok(Some(Watch { stop, is_on })),
            Err(error) => {
                is_on.set(false);
                Err(error.hint("What others change is seen when the session is renewed, not before."))
            }
        }
    }
}

/// Waits for what a method of a store gave.
async fn settled(method: &str, given: Result<JsValue, JsValue>) -> Result<JsValue> {
    let value = given.map_err(|exception| failed(method, &exception))?;
    JsFuture::from(Promise::resolve(&value)).await.map_err(|exception| failed(method, &exception))
}

fn wrong(method: &str, what: &str) -> AuthError {
    AuthError::of(Code::Storage, &["`", method, "` of the store ", what])
}

/// The stores of the package say themselves what is wrong and what helps.
fn failed(method: &str, exception: &JsValue) -> AuthError {
    let text = |name: &str| get(exception, name).as_string();
    let is_ours = text("name").as_deref() == Some("AuthError") && text("code").as_deref() == Some("storage");
    let error = match text("message").filter(|_| is_ours) {
        Some(message) => wrong(method, &["failed: ", &message].concat()),
        None => wrong(method, "failed"),
    };
    let error = match text("hint").filter(|_| is_ours) {
        Some(hint) => error.hint_of(&[&hint]),
        None => error,
    };
    error.cause(Some(Rc::new(exception.clone())))
}
