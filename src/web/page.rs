//! The page, where there is one.

use js_sys::{Function, global};
use wasm_bindgen::prelude::*;
use web_sys::Url;

use super::bridge::get;
use crate::client::Addresses;

/// Address of the page.
pub(super) fn address() -> Option<String> {
    let is_page = !get(&global(), "document").is_undefined();
    if is_page { get(&get(&global(), "location"), "href").as_string() } else { None }
}

/// Whether this is a page or a worker of one, where the browser decides about some headers.
pub(super) fn is_browser() -> bool {
    !get(&global(), "document").is_undefined() || get(&global(), "importScripts").is_function()
}

/// Goes to another page.
pub(super) fn navigate(address: &str) -> Result<(), JsValue> {
    let location = get(&global(), "location");
    let assign: Function = get(&location, "assign").dyn_into()?;
    assign.call1(&location, &JsValue::from_str(address)).map(drop)
}

/// Changes the page's address without loading it.
pub(super) fn replace_address(address: &str) {
    let history = get(&global(), "history");
    if let Ok(replace) = get(&history, "replaceState").dyn_into::<Function>() {
        let state = get(&history, "state");
        let _ = replace.call3(&history, &state, &JsValue::from_str(""), &JsValue::from_str(address));
    }
}

/// The host's URL parser.
pub(super) struct Urls;

impl Addresses for Urls {
    fn href(&self, address: &str, base: Option<&str>) -> Option<String> {
        let url = match base {
            None => Url::new(address),
            Some(base) => Url::new_with_base(address, base),
        };
        url.ok().map(|url| url.href())
    }

    fn page(&self) -> Option<String> {
        self::address()
    }
}
