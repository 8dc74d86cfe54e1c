//! Options of a call: `signal`, `timeout`, and those of its own.

use js_sys::Object;
use wasm_bindgen::prelude::*;

use super::abort::Abort;
use super::bridge::get;
use super::convert;
use crate::client::config;
use crate::error::{AuthError, Result};
use crate::value::Value;

/// Options of a call.
pub(super) struct CallOptions {
    pub(super) abort: Abort,
    pub(super) timeout: Option<i64>,
}

impl CallOptions {
    /// Own members `signal`, `timeout`, and those of `more`.
    pub(super) fn read(options: &JsValue, more: &[&str]) -> Result<Self> {
        if options.is_undefined() || options.is_null() {
            return Ok(Self { abort: Abort::read(&JsValue::UNDEFINED)?, timeout: None });
        }
        if !options.is_object() {
            return Err(AuthError::input("options", "an object"));
        }
        for key in Object::keys(options.unchecked_ref::<Object>()).iter() {
            let key = key.as_string().unwrap_or_default();
            if !matches!(key.as_str(), "signal" | "timeout") && !more.contains(&key.as_str()) {
                return Err(AuthError::input(&key, "left out: this call has no such option"));
            }
        }
        let timeout = match get(options, "timeout") {
            value if value.is_undefined() => None,
            value => {
                let value = convert::from_js(&value, "timeout").unwrap_or(Value::Null);
                Some(config::timeout(&value).map_err(|accepts| AuthError::input("timeout", accepts))?)
            }
        };
        Ok(Self { abort: Abort::read(&get(options, "signal"))?, timeout })
    }
}
