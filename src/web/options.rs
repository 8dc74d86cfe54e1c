//! Takes the options of `create` apart: functions and the store here, data for the engine.

use js_sys::{Array, Function, Object};
use wasm_bindgen::prelude::*;

use super::bridge::get;
use super::convert;
use super::host::Callbacks;
use super::stores::Place;
use crate::error::{AuthError, Result};
use crate::value::Value;

/// Options of `create`.
pub(super) struct Options {
    /// Everything that is data.
    pub(super) data: Value,
    /// Functions.
    pub(super) callbacks: Callbacks,
    /// The option `fetch`.
    pub(super) fetch: Option<Function>,
    /// The option `storage`.
    pub(super) place: Place,
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
        let place = Place::read(&storage)?;
        Ok(Self { data: Value::Map(data), callbacks, fetch, place })
    }
}

fn function(value: JsValue, option: &str) -> Result<Function> {
    value.dyn_into().map_err(|_| AuthError::config(option, "a function"))
}
