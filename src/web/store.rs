//! Where sessions and pending logins are kept: memory, the browser's storages, a caller's own store.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Function, Object, Promise, global};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, Storage};

use super::bridge::{get, set};
use super::timer;
use crate::client::signal::{Signal, first, work};
use crate::error::{AuthError, Code, Result};

/// Longest wait for a lock to be given back, milliseconds.
const RELEASE: i64 = 1_000;

#[wasm_bindgen]
extern "C" {
    /// A caller's own store.
    #[derive(Clone)]
    pub type TokenStore;

    #[wasm_bindgen(method, catch, js_name = get)]
    fn read(this: &TokenStore, key: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch, js_name = set)]
    fn write(this: &TokenStore, key: &str, value: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch, js_name = delete)]
    fn remove(this: &TokenStore, key: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch, js_name = withLock)]
    fn with_lock(this: &TokenStore, key: &str, task: &JsValue, options: &Object) -> Result<JsValue, JsValue>;

    /// `navigator.locks`.
    type LockManager;

    #[wasm_bindgen(method, catch)]
    fn request(this: &LockManager, name: &str, options: &Object, task: &JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn watch(this: &TokenStore, key: &str, listener: &JsValue) -> Result<JsValue, JsValue>;
}

/// A place for texts under keys.
pub(super) enum Store {
    /// As long as the client.
    Memory(RefCell<Vec<(String, String)>>),
    /// sessionStorage or localStorage.
    Web(Storage),
    /// The caller's.
    Own(TokenStore),
}

/// Held until dropped.
pub(super) struct Lock {
    release: Function,
    /// Settles when the store has given the lock back.
    ended: Promise,
}

impl Lock {
    /// Gives the lock back, and waits for the store to do its part, but not for long.
    pub(super) async fn release(self) {
        let ended = self.ended.clone();
        drop(self);
        let ended = work(async move {
            let _ = JsFuture::from(ended).await;
        });
        first(ended, work(timer::sleep(RELEASE, true))).await;
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = self.release.call0(&JsValue::UNDEFINED);
    }
}

/// A lock that was asked for. Whoever goes away before it is given leaves the queue, and gives it back if it comes.
struct Asked {
    granted: Rc<Signal<Result<Function>>>,
    controller: AbortController,
    is_over: Cell<bool>,
}

impl Drop for Asked {
    fn drop(&mut self) {
        if self.is_over.get() {
            return;
        }
        self.controller.abort();
        let granted = self.granted.clone();
        wasm_bindgen_futures::spawn_local(async move {
            if let Ok(release) = granted.wait().await {
                let _ = release.call0(&JsValue::UNDEFINED);
            }
        });
    }
}

/// Called back when another context changed a key, until dropped.
pub(super) struct Watch {
    stop: Stop,
    /// The listener as JavaScript has it: a store may call it late, so it is not freed with the watch.
    listener: JsValue,
    is_on: Rc<Cell<bool>>,
}

enum Stop {
    Own(JsValue),
    Storage(Function),
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.is_on.set(false);
        match &self.stop {
            Stop::Own(stop) => {
                if let Some(stop) = stop.dyn_ref::<Function>() {
                    let _ = stop.call0(&JsValue::UNDEFINED);
                }
            }
            Stop::Storage(remove) => {
                let _ = remove.call2(&global(), &"storage".into(), &self.listener);
            }
        }
    }
}

impl Store {
    /// The browser's storage of that name; `None` where there is none, or where it is switched off.
    pub(super) fn browser(name: &str) -> Option<Self> {
        let storage: Storage = get(&global(), name).dyn_into().ok()?;
        let probe = "propusk:probe";
        storage.set_item(probe, "1").ok()?;
        storage.remove_item(probe).ok()?;
        Some(Self::Web(storage))
    }

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

    /// The browser's storage behind it: its events reach other tabs only. A caller's own store says itself who hears of
    /// changes.
    pub(super) fn shared(&self) -> Option<JsValue> {
        match self {
            Self::Web(storage) => Some(storage.into()),
            Self::Memory(_) | Self::Own(_) => None,
        }
    }

    pub(super) async fn get(&self, key: &str) -> Result<Option<String>> {
        match self {
            Self::Memory(kept) => {
                Ok(kept.borrow().iter().find(|(known, _)| known == key).map(|(_, value)| value.clone()))
            }
            Self::Web(storage) => storage.get_item(key).map_err(|exception| failed("reading", &exception)),
            Self::Own(store) => {
                let value = settled("get", store.read(key)).await?;
                match value.as_string() {
                    Some(text) => Ok(Some(text)),
                    None if value.is_null() || value.is_undefined() => Ok(None),
                    None => Err(AuthError::new(Code::Storage, "`get` of the store gave neither text nor null")),
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
            Self::Web(storage) => storage.set_item(key, value).map_err(|exception| failed("writing", &exception)),
            Self::Own(store) => settled("set", store.write(key, value)).await.map(drop),
        }
    }

    pub(super) async fn delete(&self, key: &str) -> Result<()> {
        match self {
            Self::Memory(kept) => {
                kept.borrow_mut().retain(|(known, _)| known != key);
                Ok(())
            }
            Self::Web(storage) => storage.remove_item(key).map_err(|exception| failed("removing", &exception)),
            Self::Own(store) => settled("delete", store.remove(key)).await.map(drop),
        }
    }

    /// Puts a value in the place of another one. Without a pause between looking and writing, where the store has none.
    pub(super) async fn swap(&self, key: &str, expected: Option<&str>, value: Option<&str>) -> Result<bool> {
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
    pub(super) async fn lock(&self, key: &str) -> Result<Option<Lock>> {
        let lock_manager = get(&get(&global(), "navigator"), "locks");
        let has_lock = match self {
            Self::Memory(_) => false,
            Self::Web(_) => get(&lock_manager, "request").is_function(),
            Self::Own(store) => get(store, "withLock").is_function(),
        };
        if !has_lock {
            return Ok(None);
        }
        let granted: Rc<Signal<Result<Function>>> = Rc::default();
        let inner = granted.clone();
        let task = Closure::once_into_js(move || Promise::new(&mut |resolve: Function, _| inner.set(Ok(resolve))));
        let controller = AbortController::new().map_err(|exception| failed("locking", &exception))?;
        let options = Object::new();
        set(&options, "signal", &controller.signal());
        let held = match self {
            Self::Own(store) => store.with_lock(key, &task, &options),
            // Web Locks: for all clients of the page, and for all tabs of the origin.
            _ => lock_manager.unchecked_ref::<LockManager>().request(key, &options, &task),
        };
        let held = held.map_err(|exception| failed("locking", &exception))?;
        let held = Promise::resolve(&held);
        let refused = work(async {
            let ended = JsFuture::from(held.clone()).await;
            let exception = ended.err().unwrap_or(JsValue::UNDEFINED);
            Err(failed("locking", &exception))
        });
        let asked = Asked { granted, controller, is_over: Cell::new(false) };
        let release = first(work(asked.granted.wait()), refused).await?;
        asked.is_over.set(true);
        Ok(Some(Lock { release, ended: held }))
    }

    /// Calls back when another context changed `key`; `None` where the store can't tell.
    pub(super) fn watch(&self, key: &str, mut changed: impl FnMut() + 'static) -> Option<Watch> {
        let is_on = Rc::new(Cell::new(true));
        let on = is_on.clone();
        match self {
            Self::Memory(_) => None,
            Self::Own(store) => {
                if !get(store, "watch").is_function() {
                    return None;
                }
                let listener: Closure<dyn FnMut(JsValue)> = Closure::new(move |_: JsValue| {
                    if on.get() {
                        changed();
                    }
                });
                let listener = listener.into_js_value();
                let stop = store.watch(key, &listener).ok()?;
                Some(Watch { stop: Stop::Own(stop), listener, is_on })
            }
            Self::Web(_) => {
                let add: Function = get(&global(), "addEventListener").dyn_into().ok()?;
                let remove: Function = get(&global(), "removeEventListener").dyn_into().ok()?;
                let key = key.to_owned();
                let listener: Closure<dyn FnMut(JsValue)> = Closure::new(move |event: JsValue| {
                    let changed_key = get(&event, "key");
                    // `null`: everything was cleared.
                    let is_ours = changed_key.is_null() || changed_key.as_string().as_deref() == Some(&key);
                    if on.get() && is_ours {
                        changed();
                    }
                });
                let listener = listener.into_js_value();
                add.call2(&global(), &"storage".into(), &listener).ok()?;
                Some(Watch { stop: Stop::Storage(remove), listener, is_on })
            }
        }
    }
}

/// Waits for what a method of a caller's store gave.
async fn settled(method: &str, given: Result<JsValue, JsValue>) -> Result<JsValue> {
    let value = given.map_err(|exception| failed(method, &exception))?;
    JsFuture::from(Promise::resolve(&value)).await.map_err(|exception| failed(method, &exception))
}

fn failed(what: &str, exception: &JsValue) -> AuthError {
    AuthError::of(Code::Storage, &["the store failed at: ", what]).cause(Some(Rc::new(exception.clone())))
}
