//! Takes the options of `create` apart: functions and the store here, data for the engine.

use std::cell::RefCell;

use js_sys::{Array, Function, Object};
use wasm_bindgen::prelude::*;

use super::bridge::get;
use super::convert;
use super::host::Callbacks;
use super::store::Store;
use crate::error::{AuthError, Code, Result};
use crate::value::Value;

/// Options of `create`.
pub(super) struct Options {
    /// Everything that is data.
    pub(super) data: Value,
    /// Functions.
    pub(super) callbacks: Callbacks,
    /// The option `fetch`.
    pub(super) fetch: Option<Function>,
    /// Where sessions are kept.
    pub(super) sessions: Option<Store>,
    /// Where pending logins are kept, if elsewhere.
    pub(super) pending: Option<Store>,
    /// Whether this is a page whose pending logins do not outlive it.
    pub(super) pending_is_lost: bool,
    /// Trouble with the storage that memory works around.
    pub(super) warning: Option<AuthError>,
}

impl Options {
    /// Reads own members only.
    pub(super) fn read(options: &JsValue) -> Result<Self> {
        if !options.is_object() || Array::is_array(options) {
            return Err(AuthError::config("options", "an object"));
        }
        let mut data = Vec::new();
        let mut callbacks = Callbacks::default();
        let mut fetch = None;
        let mut storage = JsValue::UNDEFINED;
        for key in Object::keys(options.unchecked_ref::<Object>()).iter() {
            let key = key.as_string().unwrap_or_default();
            let value = get(options, &key);
            if value.is_undefined() {
                continue;
            }
            if value.is_null() {
                return Err(AuthError::config(&key, "left out, or given a value: null is none"));
            }
            match key.as_str() {
                "now" => callbacks.now = Some(function(value, &key)?),
                "credentials" => callbacks.credentials = Some(function(value, &key)?),
                "onTrace" => callbacks.on_trace = Some(function(value, &key)?),
                "onWarning" => callbacks.on_warning = Some(function(value, &key)?),
                "fetch" => fetch = Some(function(value, &key)?),
                "storage" => storage = value,
                _ => {
                    let value = convert::from_js(&value, &key)?;
                    data.push((key, value));
                }
            }
        }
        let (sessions, warning) = sessions(&storage)?;
        let is_own = matches!(sessions, Some(Store::Own(_)));
        let is_page = super::page::address().is_some();
        let pending = match Store::browser("sessionStorage").filter(|_| is_page) {
            Some(store) => Some(store),
            None if is_own => None,
            None => Some(Store::Memory(RefCell::default())),
        };
        let pending_is_lost = is_page && matches!(pending, Some(Store::Memory(_)));
        Ok(Self { data: Value::Map(data), callbacks, fetch, sessions, pending, pending_is_lost, warning })
    }
}

fn function(value: JsValue, option: &str) -> Result<Function> {
    value.dyn_into().map_err(|_| AuthError::config(option, "a function"))
}

fn sessions(storage: &JsValue) -> Result<(Option<Store>, Option<AuthError>)> {
    const ACCEPTS: &str = "\"memory\", \"session\", \"local\", or an object with `get`, `set` and `delete`";
    let browser = |name: &str| match Store::browser(name) {
        Some(store) => (Some(store), None),
        None => {
            let message = ["there is no ", name, " here; the session is kept in memory"].concat();
            let warning =
                AuthError::new(Code::Storage, &message).hint("Give the option `storage` a store of your own.");
            (None, Some(warning))
        }
    };
    if storage.is_undefined() {
        return Ok((None, None));
    }
    match storage.as_string().as_deref() {
        Some("memory") => Ok((None, None)),
        Some("session") => Ok(browser("sessionStorage")),
        Some("local") => Ok(browser("localStorage")),
        None if storage.is_object() => Ok((Some(Store::own(storage)?), None)),
        _ => Err(AuthError::config("storage", ACCEPTS)),
    }
}
