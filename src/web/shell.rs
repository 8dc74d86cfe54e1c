//! What the shell gives to the module.

use js_sys::{Object, Promise};
use wasm_bindgen::prelude::*;

use crate::session::{Addresses, Now};

#[wasm_bindgen]
extern "C" {
    /// One client's outside. No method throws.
    #[wasm_bindgen(typescript_type = "Shell")]
    #[derive(Clone)]
    pub type Shell;

    /// Something to do, by its number in `numbers`; it is done when the step is over.
    #[wasm_bindgen(method)]
    pub(super) fn tell(this: &Shell, what: u32, id: f64, number: f64, value: &JsValue, cause: &JsValue);

    /// Milliseconds of our clock, or of the one that is never set: no number where there is none.
    #[wasm_bindgen(method)]
    fn now(this: &Shell, steady: bool) -> f64;

    /// Fills in random bytes; false where the host has none.
    #[wasm_bindgen(method)]
    fn random(this: &Shell, bytes: &mut [u8]) -> bool;

    /// An absolute address as the URL standard writes it, a relative one below `base`.
    #[wasm_bindgen(method)]
    pub(super) fn href(this: &Shell, address: &str, base: Option<&str>) -> Option<String>;

    /// Address that a path is taken from: of the page, or of the worker of one.
    #[wasm_bindgen(method)]
    fn page(this: &Shell) -> Option<String>;

    /// Calls the caller's `fetch`, or the global one; resolves with what is an answer by its shape, or with null.
    #[wasm_bindgen(method)]
    pub(super) fn fetch(this: &Shell, address: &str, init: &Object) -> Promise;

    /// What every request of ours has in its `RequestInit`; hosts differ in what they know.
    #[wasm_bindgen(method, getter, js_name = requestInit)]
    pub(super) fn request_init(this: &Shell) -> Object;

    /// Whether this is a page or a worker of one.
    #[wasm_bindgen(method, getter, js_name = isBrowser)]
    pub(super) fn is_browser(this: &Shell) -> bool;

    /// Reads a body: resolves with its bytes, or with null when they are too many, or with undefined when there is no way
    /// to read them.
    #[wasm_bindgen(method)]
    pub(super) fn body(this: &Shell, answer: &JsValue) -> Promise;

    /// Text of bytes in the charset of that name; nothing for an unknown one, or where they are no text in it.
    #[wasm_bindgen(method)]
    pub(super) fn decode(this: &Shell, bytes: &[u8], charset: &str) -> Option<String>;

    /// Waits for what the module may still lack: resolves with an error's text where that cannot be had.
    #[wasm_bindgen(method)]
    pub(super) fn whole(this: &Shell) -> Promise;

    /// Reads XML: resolves with a list of the document's tree in JSON, empty where it is none with that root, or with an
    /// error's text where what reads it cannot be had.
    #[wasm_bindgen(method)]
    pub(super) fn xml(this: &Shell, text: &str, root: &str) -> Promise;

    /// What an exception of `fetch` means, as an error's text: see `fault`.
    #[wasm_bindgen(method)]
    pub(super) fn unreachable(this: &Shell, exception: &JsValue) -> String;

    /// The texts of an exception and of its causes, as a JSON list.
    #[wasm_bindgen(method)]
    pub(super) fn texts(this: &Shell, exception: &JsValue) -> String;

    /// The exception with these texts: itself where they are its own, else a copy.
    #[wasm_bindgen(method)]
    pub(super) fn retold(this: &Shell, exception: &JsValue, texts: &str) -> JsValue;
}

impl Shell {
    /// Milliseconds of our clock.
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970")]
    pub(super) fn wall(&self) -> i64 {
        self.now(false) as i64
    }

    /// The moment, with fresh random bytes.
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds since the start")]
    pub(super) fn moment(&self) -> Now {
        let steady = Some(self.now(true)).filter(|now| now.is_finite()).map(|now| now as i64);
        let mut bytes = [0; 32];
        let random = self.random(&mut bytes).then_some(bytes);
        Now { wall: self.wall(), steady, random }
    }
}

impl Addresses for Shell {
    fn href(&self, address: &str, base: Option<&str>) -> Option<String> {
        Self::href(self, address, base)
    }

    fn page(&self) -> Option<String> {
        Self::page(self)
    }
}
