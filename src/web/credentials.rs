//! Reads credentials: own members, well-formed text.

use js_sys::{JsString, Object};
use wasm_bindgen::prelude::*;

use super::bridge::get;
use crate::client::Credentials;
use crate::error::AuthError;
use crate::secret::Secret;

/// Reads the argument of `login`, or what `credentials` gave.
pub(super) fn read(value: &JsValue, name: &str) -> Result<Credentials, AuthError> {
    if !value.is_object() || js_sys::Array::is_array(value) {
        return Err(AuthError::input(name, "an object"));
    }
    let object: &Object = value.unchecked_ref();
    let mut credentials = Vec::new();
    for key in Object::keys(object).iter() {
        let key = key.as_string().unwrap_or_default();
        let value = get(value, &key);
        if !value.is_undefined() {
            credentials.push((key.clone(), text(&value, &key)?));
        }
    }
    Ok(credentials)
}

/// Reads one text; lone surrogates would be lost on the way.
pub(super) fn text(value: &JsValue, name: &str) -> Result<Secret, AuthError> {
    let Some(text) = value.dyn_ref::<JsString>() else {
        return Err(AuthError::input(name, "text"));
    };
    if !text.is_valid_utf16() {
        return Err(AuthError::input(name, "well-formed Unicode"));
    }
    Ok(Secret::new(String::from(text)))
}
