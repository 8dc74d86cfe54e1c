//! What must hold of an answer.

use super::path::Path;
use crate::value::Value;

/// All given parts must hold.
#[derive(Clone, Default)]
pub struct Condition {
    /// Any of these statuses.
    pub status: Option<Vec<u16>>,
    /// Where the other parts look.
    pub path: Option<Path>,
    /// Any of these values stands there.
    pub one_of: Option<Vec<Value>>,
    /// Whether something other than null stands there.
    pub present: Option<bool>,
}

impl Condition {
    /// Whether it holds for an answer; `body` is null where the answer could not be read.
    pub fn holds(&self, status: u16, body: &Value) -> bool {
        let found = self.path.as_ref().and_then(|path| path.find(body));
        let is_present = found.is_some_and(|value| !matches!(value, Value::Null));
        self.status.as_ref().is_none_or(|any| any.contains(&status))
            && self.one_of.as_ref().is_none_or(|any| found.is_some_and(|value| any.iter().any(|one| same(one, value))))
            && self.present.is_none_or(|wanted| wanted == is_present)
            && (self.path.is_none() || self.one_of.is_some() || self.present.is_some() || is_present)
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

    fn holds(condition: &Condition, status: u16, body: &str) -> bool {
        condition.holds(status, &json::read(body, Mode::Strict).unwrap())
    }

    #[test]
    fn every_given_part_must_hold() {
        let condition = Condition {
            status: Some(vec![400, 401]),
            path: Path::parse("error").ok(),
            one_of: Some(vec![Value::text("mfa_required"), Value::Bool(true)]),
            present: None,
        };
        assert!(holds(&condition, 401, r#"{"error":"mfa_required"}"#));
        assert!(holds(&condition, 400, r#"{"error":true}"#));
        assert!(!holds(&condition, 200, r#"{"error":"mfa_required"}"#));
        assert!(!holds(&condition, 400, r#"{"error":"invalid_grant"}"#));
        assert!(!holds(&condition, 400, "{}"));
    }

    #[test]
    fn null_is_not_present() {
        let condition = Condition { path: Path::parse("error").ok(), present: Some(false), ..Condition::default() };
        assert!(holds(&condition, 200, r#"{"error":null}"#));
        assert!(holds(&condition, 200, "{}"));
        assert!(!holds(&condition, 200, r#"{"error":"x"}"#));
    }

    #[test]
    fn a_path_alone_asks_that_something_stands_there() {
        let condition = Condition { path: Path::parse("a").ok(), ..Condition::default() };
        assert!(holds(&condition, 200, r#"{"a":0}"#));
        assert!(!holds(&condition, 200, r#"{"a":null}"#));
    }
}
