//! What is shown, as JavaScript has it. It goes out by serde; nothing comes in that way, since serde's way of reading
//! anything brings the printing of floats along, a tenth of the module.

use serde::ser::{Serialize, SerializeMap, Serializer};
use wasm_bindgen::prelude::*;

use crate::provider::cut::integer;
use crate::value::Value;

/// Whole numbers below this are exact in JavaScript.
const SAFE: i64 = 1 << 53;

/// A number that JavaScript can't hold exactly goes as text.
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
            Value::Number(text) => match integer(text) {
                Some(number) if -SAFE < number && number < SAFE => serializer.serialize_i64(number),
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
    text.len() <= 16
        && text.bytes().any(|byte| byte == b'.')
        && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-'))
}

/// A member, whatever the value is; undefined where it has none or a getter throws.
pub(super) fn get(value: &JsValue, name: &str) -> JsValue {
    if value.is_null() || value.is_undefined() {
        return JsValue::UNDEFINED;
    }
    js_sys::Reflect::get(value, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}

/// A count of milliseconds as JavaScript has it; no number for none.
#[expect(clippy::cast_precision_loss, reason = "moments and durations stay below 2^53")]
pub(super) fn number(milliseconds: Option<i64>) -> f64 {
    milliseconds.map_or(f64::NAN, |milliseconds| milliseconds as f64)
}
