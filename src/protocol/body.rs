//! Reads the body of an answer into a tree: JSON, XML, a form, or a bare token.

use super::form;
use super::json::{self, Mode};
use super::response::Response;
#[cfg(not(all(target_arch = "wasm32", feature = "web")))]
use super::xml;
use crate::provider::cut::cut;
use crate::provider::{AnswerFormat, AnswerShape};
use crate::value::Value;

/// Reads a body as the shape says; the error says what it is instead, never what it holds.
pub fn read(shape: AnswerShape<'_>, response: &Response) -> Result<Value, &'static str> {
    let text = text(&response.body)?;
    match shape.format() {
        AnswerFormat::Text => bare(shape, text, response),
        AnswerFormat::Json => json(text, shape.is_lenient()),
        AnswerFormat::Xml => xml(text, shape.root(), response),
        AnswerFormat::Form => form(text),
        AnswerFormat::Auto => auto(shape, text, response),
    }
}

/// What of an answer [`read`] takes from the reader of XML. That is no part of the module that every page loads: there the
/// outside has it read, and puts the tree into the answer. None where it is none by its look.
pub fn xml_in<'r>(format: AnswerFormat, root: &str, response: &'r Response) -> Option<&'r str> {
    let text = text(&response.body).ok()?;
    let is_wanted = match format {
        AnswerFormat::Xml => true,
        AnswerFormat::Text if !is_built(text.trim_ascii(), response) => false,
        AnswerFormat::Text | AnswerFormat::Auto => kind(text, response) == AnswerFormat::Xml,
        AnswerFormat::Json | AnswerFormat::Form => false,
    };
    let is_page = no_document(text).is_some() && !begins(root, "html");
    (is_wanted && !is_page).then_some(text)
}

/// By Content-Type, then by look.
fn auto(shape: AnswerShape<'_>, text: &str, response: &Response) -> Result<Value, &'static str> {
    match kind(text, response) {
        AnswerFormat::Xml => xml(text, shape.root(), response),
        AnswerFormat::Form => form(text),
        _ => json(text, shape.is_lenient()),
    }
}

fn kind(text: &str, response: &Response) -> AnswerFormat {
    let kind = cut(response.header("content-type").unwrap_or_default(), b';').0.trim_ascii();
    let is = |end: &str| {
        let start = kind.len().checked_sub(end.len());
        start.and_then(|start| kind.get(start..)).is_some_and(|found| found.eq_ignore_ascii_case(end))
    };
    let first = text.trim_ascii_start().bytes().next();
    if is("json") {
        AnswerFormat::Json
    } else if is("xml") || first == Some(b'<') {
        AnswerFormat::Xml
    } else if is("x-www-form-urlencoded") {
        AnswerFormat::Form
    } else {
        AnswerFormat::Json
    }
}

/// A body that is the token: as it is, or as JSON writes a text. What is built like another answer is read as one, since
/// it may tell of a problem.
fn bare(shape: AnswerShape<'_>, text: &str, response: &Response) -> Result<Value, &'static str> {
    let token = text.trim_ascii();
    match if is_built(token, response) { auto(shape, text, response) } else { Err("") } {
        Ok(tree) => Ok(tree),
        Err(what) if token.as_bytes().first() == Some(&b'<') => Err(what),
        Err(_) => Ok(Value::text(token)),
    }
}

fn is_built(token: &str, response: &Response) -> bool {
    matches!(token.as_bytes().first(), Some(b'{' | b'[' | b'<' | b'"')) || !response.is_success()
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

fn xml(text: &str, root: &str, response: &Response) -> Result<Value, &'static str> {
    let tree = response.xml.clone().or_else(|| read_xml(text, root));
    tree.ok_or_else(|| no_document(text).unwrap_or("no XML with the expected root, or cut off"))
}

#[cfg(not(all(target_arch = "wasm32", feature = "web")))]
fn read_xml(text: &str, root: &str) -> Option<Value> {
    xml::read(text, root).ok()
}

/// The outside has tried it.
#[cfg(all(target_arch = "wasm32", feature = "web"))]
const fn read_xml(_text: &str, _root: &str) -> Option<Value> {
    None
}

/// What a text is that needs no reader to be known as no document.
fn no_document(text: &str) -> Option<&'static str> {
    let start = text.trim_ascii_start();
    if start.is_empty() {
        return Some("empty");
    }
    (begins(start, "<!doctype html") || begins(start, "<html")).then_some("an HTML page")
}

fn begins(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|found| found.eq_ignore_ascii_case(start))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::builtin;

    fn answer(content_type: &str, body: &str) -> Response {
        let headers = vec![("content-type".to_owned(), content_type.to_owned())];
        Response { status: 200, headers, body: body.into(), xml: None }
    }

    #[test]
    fn only_what_may_be_a_document_is_handed_to_the_reader_of_xml() {
        use AnswerFormat::{Auto, Form, Json, Text, Xml};
        let cases = [
            (Auto, "text/xml", "<response/>", true),
            (Auto, "", " <?xml version=\"1.0\"?><response/>", true),
            (Auto, "application/rss+xml; charset=utf-8", "{}", true),
            (Xml, "application/json", "{}", true),
            (Text, "text/plain", "<response/>", true),
            (Auto, "application/json", "<response/>", false),
            (Auto, "text/plain", "{}", false),
            (Json, "text/xml", "<response/>", false),
            (Form, "text/xml", "<response/>", false),
            (Text, "text/xml", "token", false),
            (Xml, "text/xml", " \n", false),
            (Auto, "text/html", "<!DOCTYPE html><html></html>", false),
            (Xml, "text/html", "\n<HTML lang=\"ru\"></HTML>", false),
        ];
        for (format, content_type, body, expected) in cases {
            let answer = answer(content_type, body);
            assert_eq!(xml_in(format, "response", &answer).is_some(), expected, "{content_type} {body}");
            // What is not handed over cannot be read either: nothing is lost where there is no reader.
            let is_readable = xml::read(body, "response").is_ok();
            assert!(
                expected || !is_readable || matches!(format, Json | Form) || content_type.ends_with("json"),
                "{body}"
            );
        }
        assert!(xml_in(Xml, "HTML", &answer("", "<HTML/>")).is_some(), "a root that is called so");
    }

    #[test]
    fn a_tree_that_was_read_elsewhere_is_the_answers() {
        let bstats = builtin::provider("bstats", &Value::Map(Vec::new())).unwrap();
        let shape = bstats.answer();
        let mut given = answer("text/xml", "<response><a>1</a></response>");
        let tree = xml_in(shape.format(), shape.root(), &given).and_then(|text| xml::read(text, shape.root()).ok());
        let here = read(shape, &given);
        assert_eq!(here, tree.clone().ok_or(""));
        given.xml = Some(Value::map([("a", Value::text("2"))]));
        assert_eq!(read(shape, &given), Ok(Value::map([("a", Value::text("2"))])));
    }
}
