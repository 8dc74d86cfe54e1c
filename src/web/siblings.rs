//! Clients of one page that share a storage of the browser, whose events reach other tabs only.

use std::cell::{Cell, RefCell};
use std::rc::Weak;

use js_sys::Object;
use wasm_bindgen::prelude::*;

use super::client::sync;
use super::host::WebHost;
use crate::client::Client;

struct Sibling {
    number: u32,
    store: JsValue,
    key: String,
    engine: Weak<Client<WebHost>>,
}

thread_local! {
    static NEXT: Cell<u32> = const { Cell::new(0) };
    static ALL: RefCell<Vec<Sibling>> = const { RefCell::new(Vec::new()) };
}

/// A number that no other client has.
pub(super) fn number() -> u32 {
    NEXT.with(|next| next.replace(next.get().wrapping_add(1)))
}

/// Lets a client hear of what others write under `key`.
pub(super) fn join(number: u32, store: JsValue, key: String, engine: Weak<Client<WebHost>>) {
    ALL.with_borrow_mut(|all| {
        all.retain(|sibling| sibling.engine.strong_count() > 0);
        all.push(Sibling { number, store, key, engine });
    });
}

/// Lets a client hear no more.
pub(super) fn leave(number: u32) {
    ALL.with_borrow_mut(|all| all.retain(|sibling| sibling.number != number));
}

/// Makes all others that share the store look into it.
pub(super) fn tell(number: u32, store: &JsValue, key: &str) {
    ALL.with_borrow(|all| {
        let others = all.iter().filter(|other| other.number != number && other.key == key);
        others.filter(|other| Object::is(&other.store, store)).for_each(|other| sync(&other.engine));
    });
}
