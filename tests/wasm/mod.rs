//! A shell for the module: what `pkg-template` gives it, as small as it goes.

use js_sys::Promise;
use propusk::web::{self, Bridge, Client};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen(inline_js = "
export function bridge() {
  return {
    error: (fields) => Object.assign(new Error(fields.message), fields),
    freeze: (value) => Object.freeze(value),
    cause: (exception) => exception,
    requestInit: {},
    browserStore: async (name) => tab(globalThis[`${name}Storage`]),
    ask: (store, key) => {
      let leave;
      const left = new Promise((resolve) => (leave = resolve));
      const granted = new Promise((resolve, reject) => {
        const task = () => (resolve(true), left);
        Promise.resolve(store.withLock(key, task)).then(() => resolve(false), reject);
      });
      return { granted, leave: () => (leave(), left) };
    },
    onWake: () => () => {},
  };
}
function tab(storage) {
  return storage ? {
    get: (key) => storage.getItem(key),
    set: (key, value) => storage.setItem(key, value),
    delete: (key) => storage.removeItem(key),
  } : null;
}
export function evaluate(source) { return new Function('return (' + source + ')')(); }
")]
extern "C" {
    fn bridge() -> Bridge;

    /// A JavaScript value from its source.
    #[wasm_bindgen(js_name = evaluate)]
    pub(crate) fn js(source: &str) -> JsValue;
}

/// Opens a client with options given as JavaScript source.
pub(crate) async fn open(options: &str) -> Result<Client, JsValue> {
    let opened = JsFuture::from(web::open(js(options), bridge())).await?;
    Ok(wasm_bindgen::convert::TryFromJsValue::try_from_js_value(opened).unwrap())
}

/// What a promise rejects with: `code` of the error.
pub(crate) async fn code_of(promise: Promise) -> Option<String> {
    JsFuture::from(promise).await.err().map(|error| member(&error, "code"))
}

/// A member as text.
pub(crate) fn member(value: &JsValue, name: &str) -> String {
    let value = js_sys::Reflect::get(value, &name.into()).unwrap();
    value.as_string().unwrap_or_else(|| js_sys::JSON::stringify(&value).unwrap().into())
}
