//! Values over the edge, by serde.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use wasm_bindgen::prelude::*;

use crate::error::AuthError;
use crate::value::Value;

/// Deepest value that is read: what is deeper is a mistake, or has no end.
const DEEPEST: u8 = 32;

/// Whole numbers below this are exact in JavaScript.
const SAFE: i64 = 1 << 53;

/// Stands for a number that is not whole: no option wants one, and printing it would cost more than reading all others.
const FRACTION: &str = "a fraction";

/// Reads data from JavaScript: own members only. `name` is what the error calls it.
pub(super) fn from_js(value: JsValue, name: &str) -> Result<Value, AuthError> {
    Data { left: DEEPEST }
        .deserialize(serde_wasm_bindgen::Deserializer::from(value))
        .map_err(|_| {
            AuthError::config(
                name,
                "data: text, numbers, true, false, null, lists and objects, at most 32 deep",
            )
        })
}

/// Gives data to JavaScript. A number that JavaScript can't hold exactly goes as text.
pub(super) fn to_js(value: &Value) -> JsValue {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    Shown(value).serialize(&serializer).unwrap_or(JsValue::NULL)
}

#[derive(Clone, Copy)]
struct Data {
    left: u8,
}

impl Data {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        self.left
            .checked_sub(1)
            .map(|left| Self { left })
            .ok_or_else(|| E::custom("too deep"))
    }
}

impl<'de> DeserializeSeed<'de> for Data {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Data {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("data")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::integer(value))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Value, E> {
        Ok(Value::Number(FRACTION.to_owned()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::text(value))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut items = Vec::new();
        while let Some(item) = sequence.next_element_seed(inner)? {
            items.push(item);
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut members = Vec::new();
        while let Some(Value::String(key)) = map.next_key_seed(inner)? {
            members.push((key, map.next_value_seed(inner)?));
        }
        Ok(Value::Map(members))
    }
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
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-'))
}
