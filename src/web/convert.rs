//! Values over the edge. What goes out goes by serde; what comes in is looked at member by member, because serde's way of
//! reading anything brings the printing of floats along, a tenth of the module.

use js_sys::{Array, JsString, Object};
use serde::ser::{Serialize, SerializeMap, Serializer};
use wasm_bindgen::prelude::*;

use super::bridge::get;
use crate::error::AuthError;
use crate::value::Value;

/// Deepest value that is read: what is deeper is a mistake, or has no end.
const DEEPEST: u8 = 32;

/// Whole numbers below this are exact in JavaScript.
const SAFE: i64 = 1 << 53;

/// Stands for a number that is not whole: no option wants one.
const FRACTION: &str = "a fraction";

/// Reads data from JavaScript: own members only. `name` is what the error calls it.
pub(super) fn from_js(value: &JsValue, name: &str) -> Result<Value, AuthError> {
    read(value, DEEPEST).ok_or_else(|| {
        AuthError::config(
            name,
            "data: well-formed text, numbers, true, false, null, lists and objects, at most 32 deep",
        )
    })
}

fn read(value: &JsValue, left: u8) -> Option<Value> {
    if value.is_null() || value.is_undefined() {
        return Some(Value::Null);
    }
    if let Some(flag) = value.as_bool() {
        return Some(Value::Bool(flag));
    }
    if let Some(text) = value.dyn_ref::<JsString>() {
        // Half a character would become another one on the way, and two accounts one.
        return text.is_valid_utf16().then(|| Value::String(text.into()));
    }
    if let Some(number) = value.as_f64() {
        #[expect(clippy::cast_possible_truncation, reason = "compared after")]
        let whole = number as i64;
        #[expect(clippy::cast_precision_loss, clippy::float_cmp, reason = "exact for whole numbers")]
        let is_whole = whole as f64 == number && whole.abs() < SAFE;
        return Some(if is_whole { Value::integer(whole) } else { Value::Number(FRACTION.to_owned()) });
    }
    if !value.is_object() || value.is_function() {
        return None;
    }
    let left = left.checked_sub(1)?;
    if let Some(list) = value.dyn_ref::<Array>() {
        return list.iter().map(|item| read(&item, left)).collect::<Option<_>>().map(Value::List);
    }
    let keys = Object::keys(value.unchecked_ref::<Object>()).into_iter();
    let members = keys.map(|key| {
        let key = key.as_string()?;
        let member = read(&get(value, &key), left)?;
        Some((key, member))
    });
    members.collect::<Option<_>>().map(Value::Map)
}

/// Gives data to JavaScript. A number that JavaScript can't hold exactly goes as text.
pub(super) fn to_js(value: &Value) -> JsValue {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    Shown(value).serialize(&serializer).unwrap_or(JsValue::NULL)
}

struct Shown<'a>(&'a Value);

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::String(text) => serializer.serialize_str(text),
            Value::Number(text) => match text.parse::<i64>() {
                Ok(number) if -SAFE < number && number < SAFE => serializer.serialize_i64(number),
                _ if is_short_decimal(text) => {
                    let number = JsValue::from_f64(JsValue::from_str(text).unchecked_into_f64());
                    serde_wasm_bindgen::preserve::serialize(&number, serializer)
                }
                _ => serializer.serialize_str(text),
            },
            Value::List(items) => serializer.collect_seq(items.iter().map(Shown)),
            Value::Map(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (key, value) in members {
                    map.serialize_entry(key, &Shown(value))?;
                }
                map.end()
            }
        }
    }
}

/// Decimals of up to 15 digits come back from a JavaScript number as they were.
fn is_short_decimal(text: &str) -> bool {
    text.contains('.')
        && text.len() <= 16
        && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-'))
}
