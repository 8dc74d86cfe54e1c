//! What must hold of an answer.

use super::cut::whole;
use super::path::{Answer, Path};
use crate::value::Value;

/// A condition where it stands in a profile. All given parts must hold.
#[derive(Clone, Copy)]
pub struct Condition<'p>(&'p Value);

impl<'p> Condition<'p> {
    /// The condition that a profile writes so.
    pub const fn new(condition: &'p Value) -> Self {
        Self(condition)
    }

    /// Whether it holds for an answer.
    pub fn holds(self, status: u16, answer: &Answer<'_>) -> bool {
        let statuses = self.0.member_items("status");
        if !statuses.is_empty() && !statuses.iter().any(|wanted| is_status(wanted, status)) {
            return false;
        }
        let Some(path) = self.0.member_text("path").map(Path::new) else { return true };
        let found = path.find(answer);
        let wanted = match (self.0.member("oneOf"), self.0.get("equals")) {
            (Some(any), _) => Some(any.items()),
            (None, one) => one.map(std::slice::from_ref),
        };
        let present = self.0.member("present");
        wanted.is_none_or(|any| found.is_some_and(|found| any.iter().any(|one| same(one, found))))
            && present.is_none_or(|present| *present == Value::Bool(path.holds(answer)))
            && (wanted.is_some() || present.is_some() || path.holds(answer))
    }
}

/// A status, or a class such as "4xx".
fn is_status(wanted: &Value, status: u16) -> bool {
    match wanted {
        Value::Number(text) => whole(text) == Some(status.into()),
        Value::String(class) => class_of(class) == Some(status / 100),
        _ => false,
    }
}

/// The first digit of a class of statuses.
pub(super) fn class_of(text: &str) -> Option<u16> {
    match text.as_bytes() {
        [digit @ b'1'..=b'5', b'x' | b'X', b'x' | b'X'] => Some(u16::from(*digit & 15)),
        _ => None,
    }
}

/// XML has only text, so a number or truth value equals the text that shows it.
fn same(wanted: &Value, found: &Value) -> bool {
    match (wanted, found) {
        (Value::Number(a) | Value::String(a), Value::Number(b) | Value::String(b)) => a == b,
        (Value::Bool(a), Value::String(b)) => b == if *a { "true" } else { "false" },
        (a, b) => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::json::{self, Mode};

    fn holds(condition: &str, status: u16, body: &str) -> bool {
        let condition = json::read(condition, Mode::Strict).unwrap();
        let body = json::read(body, Mode::Strict).unwrap();
        Condition::new(&condition).holds(status, &Answer::new(&body, &[("x-otp".to_owned(), "required".to_owned())]))
    }

    #[test]
    fn every_given_part_must_hold() {
        let condition = r#"{"status":[400,401],"path":"error","oneOf":["mfa_required",true]}"#;
        assert!(holds(condition, 401, r#"{"error":"mfa_required"}"#));
        assert!(holds(condition, 400, r#"{"error":true}"#));
        assert!(holds(condition, 400, r#"{"error":"true"}"#), "as XML says it");
        assert!(!holds(condition, 200, r#"{"error":"mfa_required"}"#));
        assert!(!holds(condition, 400, r#"{"error":"invalid_grant"}"#));
        assert!(!holds(condition, 400, "{}"));
    }

    #[test]
    fn a_status_may_be_a_class() {
        for (status, expected) in [(399, false), (400, true), (422, true), (499, true), (500, false)] {
            assert_eq!(holds(r#"{"status":"4xx"}"#, status, "{}"), expected, "{status}");
        }
        assert!(holds(r#"{"status":[200,"5xx"]}"#, 503, "{}") && holds(r#"{"status":[200,"5xx"]}"#, 200, "{}"));
        assert!(holds(r#"{"status":200}"#, 200, "null") && !holds(r#"{"status":200}"#, 201, "null"));
    }

    #[test]
    fn null_and_empty_text_are_not_present() {
        for (condition, expected) in [(r#"{"path":"error","present":false}"#, true), (r#"{"path":"error"}"#, false)] {
            assert_eq!(holds(condition, 200, r#"{"error":null}"#), expected);
            assert_eq!(holds(condition, 200, r#"{"error":""}"#), expected);
            assert_eq!(holds(condition, 200, "{}"), expected);
            assert_eq!(holds(condition, 200, r#"{"error":"x"}"#), !expected);
            assert_eq!(holds(condition, 200, r#"{"error":0}"#), !expected);
        }
    }

    #[test]
    fn null_is_a_value_to_compare_with() {
        assert!(holds(r#"{"path":"a","equals":null}"#, 200, r#"{"a":null}"#));
        assert!(!holds(r#"{"path":"a","equals":null}"#, 200, r#"{"a":1}"#));
        assert!(!holds(r#"{"path":"a","equals":null}"#, 200, "{}"));
    }

    #[test]
    fn a_header_may_be_looked_at() {
        assert!(holds(r#"{"path":"header:X-OTP","equals":"required"}"#, 401, "{}"));
    }
}
