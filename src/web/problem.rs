//! The provider's own error in an answer of its API, and the secrets of stored records.

use std::rc::Rc;

use wasm_bindgen::prelude::*;

use super::body::{header_text, tree, utf8};
use super::fault;
use super::inner::Inner;
use super::values::to_js;
use crate::protocol::body::xml_in;
use crate::protocol::json::{self, Mode};
use crate::protocol::problem;
use crate::protocol::redact::Redactor;
use crate::protocol::response::Response;
use crate::value::Value;

/// Members of records that are secrets.
const SECRET: [&str; 6] = ["access", "refresh", "state", "verifier", "kept", "hidden"];

/// Gives the fields of an error, or null; a list of arguments where the answer is to be read as XML first, and `xml` is
/// what came of it.
pub(super) fn read(inner: &Rc<Inner>, status: u16, headers: &str, body: Vec<u8>, xml: Option<&str>) -> JsValue {
    let headers = match json::read(headers, Mode::Strict) {
        Ok(Value::Map(members)) => members.into_iter().filter_map(|(name, value)| match value {
            Value::String(text) => Some((name, header_text(text))),
            _ => None,
        }),
        _ => return JsValue::NULL,
    };
    let mut answer = Response { status, headers: headers.collect(), body: Vec::new(), xml: None };
    answer.body = utf8(&inner.shell, answer.header("content-type"), body).unwrap_or_default();
    let redactor = inner.redactor();
    // Before the session is borrowed: the caller's clock may call the client.
    let now = inner.shell.wall();
    let session = inner.session.borrow();
    let provider = &session.config().provider;
    let shape = provider.answer();
    match (xml, xml_in(shape.format(), shape.root(), &answer)) {
        (None, Some(text)) => return to_js(&Value::List(vec![Value::text(text), Value::text(shape.root())])),
        (Some(told), Some(_)) => match tree(told) {
            Ok(tree) => answer.xml = tree,
            Err(error) => return fault::fields(&error),
        },
        _ => {}
    }
    match problem::in_answer(provider, &answer, now, &redactor) {
        Some(error) => fault::fields(&error),
        None => JsValue::NULL,
    }
}

/// Knows a stored record and the secrets in it.
pub(super) fn of_record(record: &str) -> Redactor {
    let mut redactor = Redactor::default();
    redactor.add(record);
    add(&json::read(record, Mode::Strict).unwrap_or(Value::Null), false, &mut redactor);
    redactor
}

fn add(value: &Value, is_secret: bool, redactor: &mut Redactor) {
    match value {
        Value::String(text) if is_secret => redactor.add(text),
        Value::List(items) => items.iter().for_each(|item| add(item, is_secret, redactor)),
        Value::Map(members) => {
            members.iter().for_each(|(name, value)| add(value, is_secret || SECRET.contains(&name.as_str()), redactor));
        }
        _ => {}
    }
}
