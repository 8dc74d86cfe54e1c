//! Answers that no good server gives: none of them is a token, whichever service they are said to come from.

use super::super::token;
use super::{TIMES, builtin, response};
use crate::error::Code;
use crate::protocol::redact::Redactor;
use crate::protocol::request::Purpose;

/// The services whose answers hold a token, and the name by which each calls it.
const SERVICES: [(&str, &str); 4] = [
    ("bifit-kassa", "access_token"),
    ("mobile-smarts", "Access_token"),
    ("smart-satu", "access_token"),
    ("bstats", "access_token"),
];

const JSON: &str = "application/json";

/// Bodies that hold no token at all, whatever a service calls it.
const NOTHING: [(&str, &str); 13] = [
    (JSON, ""),
    (JSON, " \n"),
    ("text/html", "<!doctype html><html><body>Maintenance planted-secret</body></html>"),
    (JSON, "<html></html>"),
    (JSON, "[]"),
    (JSON, "{}"),
    (JSON, "null"),
    (JSON, "5"),
    (JSON, "true"),
    (JSON, r#""access_token""#),
    (JSON, r#"{"data":{"access_token":"abc"},"token":"abc"}"#),
    (JSON, r#"{"__proto__":{"access_token":"abc","Access_token":"abc"}}"#),
    (JSON, r#"{"access_token":"abc","#),
];

/// Ways of writing a token that make it none: they stand where `"abc"` would.
const TOKENS: [&str; 10] = [
    r#""""#,
    "null",
    r#"["abc"]"#,
    r#"{"a":1}"#,
    "true",
    r#""planted secret""#,
    r#""abc\r\nX-Evil: 1""#,
    r#""abc\u0000""#,
    r#""жетон""#,
    r#""\ud800""#,
];

/// Checks that a body is refused as no answer, at a login and at a renewal, and that nothing of it is shown.
fn assert_refused(id: &str, kind: &str, body: impl AsRef<[u8]>) {
    let body = body.as_ref();
    let shown = String::from_utf8_lossy(body.get(..60.min(body.len())).unwrap()).into_owned();
    for purpose in [Purpose::Login, Purpose::Confirm, Purpose::Exchange, Purpose::Refresh] {
        let answer = response(200, &[("content-type", kind)], body);
        let error = token(&builtin(id, "{}"), purpose, &answer, TIMES, &Redactor::default())
            .err()
            .unwrap_or_else(|| panic!("{id} took {shown:?} at a {}", purpose.as_str()));
        assert_eq!(error.code, Code::InvalidResponse, "{id} {}: {shown:?}", purpose.as_str());
        assert_eq!(error.status, Some(200), "{id} {shown:?}");
        assert!(!error.message.contains("planted"), "{}", error.message);
        assert!(error.message.len() <= 500 && !error.message.contains('\n'), "{}", error.message);
    }
}

fn telling(name: &str, written: &str) -> String {
    format!(r#"{{"{name}":{written},"expires_in":3600,"x":"planted-secret"}}"#)
}

#[test]
fn a_body_without_a_token_is_refused() {
    for (id, _) in SERVICES {
        for (kind, body) in NOTHING {
            assert_refused(id, kind, body);
        }
    }
}

#[test]
fn a_token_that_is_none_is_refused() {
    for (id, name) in SERVICES {
        for written in TOKENS {
            assert_refused(id, JSON, telling(name, written));
        }
    }
}

#[test]
fn a_body_that_is_cut_off_or_goes_on_is_refused() {
    for (id, name) in SERVICES {
        let whole = telling(name, r#""abc""#);
        for end in [whole.len() - 1, 19, 1] {
            assert_refused(id, JSON, whole.get(..end).unwrap());
        }
        assert_refused(id, JSON, whole.repeat(2));
        assert_refused(id, JSON, format!("{whole}<!-- served by -->"));
        assert_refused(id, JSON, format!("[{whole}]"));
    }
}

#[test]
fn what_is_said_twice_or_too_deep_is_refused() {
    for (id, name) in SERVICES {
        let whole = telling(name, r#""abc""#);
        assert_refused(id, JSON, whole.replacen('{', &format!(r#"{{"{name}":"def","#), 1));
        let deep = format!(r#"{{"deep":{}{},"#, "[".repeat(100_000), "]".repeat(100_000));
        assert_refused(id, JSON, whole.replacen('{', &deep, 1));
    }
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    for (id, name) in SERVICES {
        let mut body = telling(name, r#""ab"#).into_bytes();
        body.truncate(20);
        body.extend([0xff, 0xfe, b'"', b'}']);
        assert_refused(id, JSON, body);
    }
}

#[test]
fn a_token_of_another_type_is_refused_where_the_service_tells_types() {
    for (id, name) in SERVICES.into_iter().filter(|(id, ..)| *id != "bstats") {
        assert_refused(id, JSON, telling(name, r#""abc""#).replacen('{', r#"{"token_type":"mac","#, 1));
    }
}
