//! The edge to JavaScript: the only part that names it. No decision about logging in is made here.

mod abort;
mod bridge;
mod call;
mod call_options;
mod client;
mod convert;
mod credentials;
mod host;
mod options;
mod page;
mod problem;
mod shared;
mod store;
mod stores;
mod timer;
mod transport;
mod wake;

/// A third of the bytes of the standard library's, and faster.
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

pub use bridge::Bridge;
use bridge::Failure;
pub use client::Client;
use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

/// Checks options, restores a stored session, and gives a client. Sends nothing.
#[wasm_bindgen]
pub fn open(options: JsValue, bridge: Bridge) -> Promise {
    future_to_promise(async move {
        let opened = Client::open(&options, &bridge).await;
        opened.map(JsValue::from).map_err(|error| Failure::from(error).into_js(&bridge, None))
    })
}
