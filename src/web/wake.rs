//! Being told that timers may have slept and messages may have been missed.

use std::rc::Rc;

use js_sys::Function;
use wasm_bindgen::prelude::*;

use super::bridge::Bridge;
use crate::client::signal::Signal;

/// Ends when that happens; never, where nothing tells.
pub(super) async fn woken(bridge: &Bridge) {
    let happened: Rc<Signal<()>> = Rc::default();
    let inner = happened.clone();
    let listener: Closure<dyn FnMut()> = Closure::new(move || inner.set(()));
    let _listening = Listening { stop: bridge.on_wake(listener.as_ref()), _listener: listener };
    happened.wait().await;
}

/// Listens until dropped.
struct Listening {
    stop: Function,
    _listener: Closure<dyn FnMut()>,
}

impl Drop for Listening {
    fn drop(&mut self) {
        let _ = self.stop.call0(&JsValue::UNDEFINED);
    }
}
