//! Reads the body of an answer into a tree: JSON, XML, or a bare token.

use super::json::{self, Mode};
use super::response::Response;
use super::xml;
use crate::provider::{AnswerFormat, AnswerShape};
use crate::value::Value;

/// Reads a body as the shape says; the error says what it is instead, never what it holds.
pub fn read(shape: &AnswerShape, response: &Response) -> Result<Value, &'static str> {
    let text = text(&response.body)?;
    match shape.format {
        AnswerFormat::Text => Ok(Value::Null),
        AnswerFormat::Json => json(text, shape.lenient),
        AnswerFormat::Xml => xml(text, &shape.root),
        AnswerFormat::Auto => {
            let content_type = response.header("content-type").unwrap_or_default().to_ascii_lowercase();
            let kind = content_type.split(';').next().unwrap_or_default().trim();
            if kind.ends_with("json") {
                json(text, shape.lenient)
            } else if kind.ends_with("xml") || text.trim_start().starts_with('<') {
                xml(text, &shape.root)
            } else {
                json(text, shape.lenient)
            }
        }
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
    value.map_err(|_| match text.trim_start() {
        "" => "empty",
        html if html.starts_with('<') => "a page (HTML or XML), no JSON",
        _ => "no JSON, or cut off",
    })
}

fn xml(text: &str, root: &str) -> Result<Value, &'static str> {
    xml::read(text, root).map_err(|_| match text.trim_start() {
        "" => "empty",
        html if html.get(..14).is_some_and(|start| start.eq_ignore_ascii_case("<!doctype html")) => "an HTML page",
        html if html.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("<html")) => "an HTML page",
        _ => "no XML with the expected root, or cut off",
    })
}
