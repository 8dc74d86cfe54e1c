//! What stands in an answer, as text: headers, and bodies in other charsets than UTF-8.

use js_sys::Function;
use wasm_bindgen::prelude::*;

use super::fault;
use super::shell::Shell;
use super::values::get;
use crate::error::Result;
use crate::protocol::json::{self, Mode};
use crate::value::Value;

/// Headers of an answer that somebody reads.
const HEADERS: [&str; 5] = ["content-type", "date", "retry-after", "www-authenticate", "location"];

/// The longest beginning of an XML document that is looked at for its encoding, bytes.
const PROLOG: usize = 256;

/// Headers of an answer, with those of these names.
pub(super) fn headers(answer: &JsValue, own: &[String]) -> Vec<(String, String)> {
    let names = HEADERS.into_iter().chain(own.iter().map(String::as_str));
    names.filter_map(|name| Some((name.to_owned(), header_text(header(answer, name)?)))).collect()
}

/// One of them as it stands there. By name, as everything else here: a mock or another realm's Response is no instance of ours.
pub(super) fn header(answer: &JsValue, name: &str) -> Option<String> {
    let headers = get(answer, "headers");
    let getter = get(&headers, "get").dyn_into::<Function>().ok()?;
    getter.call1(&headers, &name.into()).ok()?.as_string()
}

/// A header's bytes come as characters of Latin-1; where they are UTF-8 they were meant so.
pub(super) fn header_text(value: String) -> String {
    if value.is_ascii() {
        return value;
    }
    let bytes: std::result::Result<Vec<u8>, _> =
        value.chars().map(|character| u8::try_from(u32::from(character))).collect();
    bytes.ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or(value)
}

/// A body in UTF-8: as it is, or decoded from the charset that it declares; nothing where that cannot be done.
pub(super) fn utf8(shell: &Shell, content_type: Option<&str>, body: Vec<u8>) -> Option<Vec<u8>> {
    let declared = content_type.and_then(|value| parameter(value.as_bytes(), b"charset")).or_else(|| encoding(&body));
    match declared {
        Some(charset) if !is_utf8(charset) => {
            let charset = std::str::from_utf8(charset).ok()?;
            shell.decode(&body, charset).map(String::into_bytes)
        }
        _ => Some(body),
    }
}

/// What came of a document that was read as XML: a list of its tree in JSON, empty where it was none; else an error's text.
pub(super) fn tree(told: &str) -> Result<Option<Value>> {
    match json::read(told, Mode::Strict) {
        Ok(Value::List(mut trees)) => Ok(trees.pop()),
        _ => Err(fault::read(told, JsValue::UNDEFINED)),
    }
}

fn is_utf8(charset: &[u8]) -> bool {
    charset.eq_ignore_ascii_case(b"utf-8") || charset.eq_ignore_ascii_case(b"utf8")
}

/// A parameter of a Content-Type, without quotes.
fn parameter<'v>(value: &'v [u8], wanted: &[u8]) -> Option<&'v [u8]> {
    value.split(|byte| *byte == b';').skip(1).find_map(|part| {
        let at = part.iter().position(|byte| *byte == b'=')?;
        let (name, value) = part.split_at(at);
        let value = unquoted(value.get(1..)?.trim_ascii());
        (name.trim_ascii().eq_ignore_ascii_case(wanted) && !value.is_empty()).then_some(value)
    })
}

/// The encoding that an XML declaration names.
fn encoding(body: &[u8]) -> Option<&[u8]> {
    let start = body.get(..PROLOG).unwrap_or(body).strip_prefix(b"<?xml")?;
    let declaration = start.get(..start.windows(2).position(|pair| pair == b"?>")?)?;
    let name = b"encoding";
    let at = declaration.windows(name.len()).position(|word| word == name)?;
    let value = declaration.get(at.saturating_add(name.len())..)?.trim_ascii().strip_prefix(b"=")?.trim_ascii();
    let quote = *value.first()?;
    let value = value.get(1..)?;
    value.get(..value.iter().position(|byte| *byte == quote)?)
}

fn unquoted(value: &[u8]) -> &[u8] {
    value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\"")).unwrap_or(value)
}
