//! Which stores a client has.

use std::cell::RefCell;

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::bridge::Bridge;
use super::page;
use super::store::Store;
use crate::error::{AuthError, Code, Result};

/// The option `storage`.
pub(super) enum Place {
    /// Sessions end with the client.
    Memory,
    /// A store of the browser's.
    Browser(&'static str),
    /// The caller's.
    Own(Store),
}

/// The stores of one client.
pub(super) struct Stores {
    /// Where sessions are kept; `None`: they end with the client.
    pub(super) sessions: Option<Store>,
    /// Where pending logins are kept; `None`: where the sessions are.
    pub(super) pending: Option<Store>,
    /// Whether this is a page whose pending logins do not outlive it.
    pub(super) pending_is_lost: bool,
    /// Trouble with the storage that memory works around.
    pub(super) warning: Option<AuthError>,
}

impl Place {
    /// Reads the option.
    pub(super) fn read(storage: &JsValue) -> Result<Self> {
        const ACCEPTS: &str = "\"memory\", \"session\", \"local\", or an object with `get`, `set` and `delete`";
        match storage.as_string().as_deref() {
            Some("memory") => Ok(Self::Memory),
            Some("session") => Ok(Self::Browser("session")),
            Some("local") => Ok(Self::Browser("local")),
            None if storage.is_undefined() => Ok(Self::Memory),
            None if storage.is_object() => Store::own(storage).map(Self::Own),
            _ => Err(AuthError::config("storage", ACCEPTS)),
        }
    }

    /// Opens the stores: what the browser lacks is replaced by memory.
    pub(super) async fn open(self, bridge: &Bridge) -> Stores {
        let is_page = page::address().is_some();
        let is_own = matches!(self, Self::Own(_));
        let mut warning = None;
        let sessions = match self {
            Self::Memory => None,
            Self::Own(store) => Some(store),
            Self::Browser(name) => {
                let store = browser(name, bridge).await;
                warning = store.is_none().then(|| missing(name));
                store
            }
        };
        let tab = if is_page { browser("session", bridge).await } else { None };
        let pending_is_lost = is_page && !is_own && tab.is_none();
        let pending = tab.or_else(|| (!is_own).then(|| Store::Memory(RefCell::default())));
        Stores { sessions, pending, pending_is_lost, warning }
    }
}

/// The browser's store of that name; `None` where there is none, or where it is switched off.
async fn browser(name: &str, bridge: &Bridge) -> Option<Store> {
    let store = JsFuture::from(bridge.browser_store(name)).await.ok()?;
    store.is_object().then(|| Store::Own(store.unchecked_into()))
}

fn missing(name: &str) -> AuthError {
    let what = if name == "local" { "neither IndexedDB nor localStorage" } else { "no sessionStorage" };
    AuthError::of(Code::Storage, &["there is ", what, " here; the session is kept in memory"])
        .hint("Allow the site to store data, or give the option `storage` a store of your own.")
}
