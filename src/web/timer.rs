//! Waiting on the host's timers.

use std::rc::Rc;

use wasm_bindgen::prelude::*;

use super::bridge::get;
use crate::client::signal::Signal;

/// Timers that are set for longer fire at once.
const LONGEST: i64 = 0x7fff_ffff;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &JsValue, milliseconds: i32) -> JsValue;

    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(timer: &JsValue);
}

/// Waits; an idle wait does not keep a Node process alive.
pub(super) async fn sleep(milliseconds: i64, idle: bool) {
    let mut left = milliseconds;
    loop {
        let slice = left.clamp(0, LONGEST);
        Timer::start(i32::try_from(slice).unwrap_or(i32::MAX), idle).fired.wait().await;
        left = left.saturating_sub(slice);
        if left <= 0 {
            return;
        }
    }
}

struct Timer {
    id: JsValue,
    fired: Rc<Signal<()>>,
    _callback: Closure<dyn FnMut()>,
}

impl Timer {
    fn start(milliseconds: i32, idle: bool) -> Self {
        let fired: Rc<Signal<()>> = Rc::default();
        let inner = fired.clone();
        let callback: Closure<dyn FnMut()> = Closure::new(move || inner.set(()));
        let id = set_timeout(callback.as_ref(), milliseconds);
        if idle && let Ok(unref) = get(&id, "unref").dyn_into::<js_sys::Function>() {
            let _ = unref.call0(&id);
        }
        Self { id, fired, _callback: callback }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        clear_timeout(&self.id);
    }
}
