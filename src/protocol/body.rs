//! Reads the body of an answer into a tree: JSON, XML, a form, or a bare token.

use super::json::{self, Mode};
use super::response::Response;
use super::{form, xml};
use crate::provider::cut::cut;
use crate::provider::{AnswerFormat, AnswerShape};
use crate::value::Value;

/// Reads a body as the shape says; the error says what it is instead, never what it holds.
pub fn read(shape: AnswerShape<'_>, response: &Response) -> Result<Value, &'static str> {
    let text = text(&response.body)?;
    match shape.format() {
        AnswerFormat::Text => bare(shape, text, response),
        AnswerFormat::Json => json(text, shape.is_lenient()),
        AnswerFormat::Xml => xml(text, shape.root()),
        AnswerFormat::Form => form(text),
        AnswerFormat::Auto => auto(shape, text, response),
    }
}

/// By Content-Type, then by look.
fn auto(shape: AnswerShape<'_>, text: &str, response: &Response) -> Result<Value, &'static str> {
    let kind = cut(response.header("content-type").unwrap_or_default(), b';').0.trim_ascii();
    let is = |end: &str| {
        let start = kind.len().checked_sub(end.len());
        start.and_then(|start| kind.get(start..)).is_some_and(|found| found.eq_ignore_ascii_case(end))
    };
    let first = text.trim_ascii_start().bytes().next();
    if is("json") {
        json(text, shape.is_lenient())
    } else if is("xml") || first == Some(b'<') {
        xml(text, shape.root())
    } else if is("x-www-form-urlencoded") {
        form(text)
    } else {
        json(text, shape.is_lenient())
    }
}

/// A body that is the token: as it is, or as JSON writes a text. What is built like another answer is read as one, since
/// it may tell of a problem.
fn bare(shape: AnswerShape<'_>, text: &str, response: &Response) -> Result<Value, &'static str> {
    let token = text.trim_ascii();
    let is_built = matches!(token.as_bytes().first(), Some(b'{' | b'[' | b'<' | b'"'));
    match if is_built || !response.is_success() { auto(shape, text, response) } else { Err("") } {
        Ok(tree) => Ok(tree),
        Err(what) if token.as_bytes().first() == Some(&b'<') => Err(what),
        Err(_) => Ok(Value::text(token)),
    }
}

/// The body as text: UTF-8, a byte order mark left out.
pub fn text(body: &[u8]) -> Result<&str, &'static str> {
    let text = std::str::from_utf8(body).map_err(|_| "no UTF-8")?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

fn json(text: &str, lenient: bool) -> Result<Value, &'static str> {
    let value = match json::read(text, Mode::Strict) {
        Err(_) if lenient => json::read(text, Mode::Lenient),
        strict => strict,
    };
    value.map_err(|_| match text.trim_ascii_start().bytes().next() {
        None => "empty",
        Some(b'<') => "a page (HTML or XML), no JSON",
        Some(_) => "no JSON, or cut off",
    })
}

fn xml(text: &str, root: &str) -> Result<Value, &'static str> {
    xml::read(text, root).map_err(|_| {
        let start = text.trim_ascii_start();
        let is = |page: &str| start.get(..page.len()).is_some_and(|start| start.eq_ignore_ascii_case(page));
        match start {
            "" => "empty",
            _ if is("<!doctype html") || is("<html") => "an HTML page",
            _ => "no XML with the expected root, or cut off",
        }
    })
}

fn form(text: &str) -> Result<Value, &'static str> {
    let pairs = form::decode(text.trim_ascii());
    if pairs.is_empty() {
        return Err("empty");
    }
    let mut members: Vec<(String, Value)> = Vec::new();
    for (name, text) in pairs {
        // Like equal keys in JSON: which of the two counts would be a guess.
        if members.len() >= MOST_FIELDS || members.iter().any(|(known, _)| *known == name) {
            return Err("a form with a name twice, or with too many");
        }
        members.push((name, Value::String(text)));
    }
    Ok(Value::Map(members))
}

/// A token answer has a handful of fields; each is compared with those before it.
const MOST_FIELDS: usize = 256;
