//! Dotted paths into answers.

use crate::value::Value;

/// Where something stands in an answer: `data.userId`, `items.0.id`. Alternatives are separated by `|`, and the first
/// that holds something is taken.
#[derive(Clone, Default)]
pub struct Path {
    alternatives: Vec<Vec<String>>,
}

impl Path {
    /// Reads a path. The error says what a path must be.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let alternatives: Vec<Vec<String>> =
            text.split('|').map(|path| path.split('.').map(str::to_owned).collect()).collect();
        if alternatives.iter().flatten().any(String::is_empty) {
            return Err("a dotted path without empty parts");
        }
        Ok(Self { alternatives })
    }

    /// What stands there: an exact key wins, else keys are compared without regard to case.
    pub fn find<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        let found = || self.alternatives.iter().filter_map(|steps| walk(value, steps));
        found().find(|value| !matches!(value, Value::Null)).or_else(|| found().next())
    }

    /// Takes what stands there out of the tree, for every alternative.
    pub fn remove(&self, value: &mut Value) {
        for steps in &self.alternatives {
            remove(value, steps);
        }
    }
}

fn walk<'v>(value: &'v Value, steps: &[String]) -> Option<&'v Value> {
    steps.iter().try_fold(value, |value, step| match value {
        Value::Map(members) => position(members, step).and_then(|at| members.get(at)).map(|(_, value)| value),
        Value::List(items) => items.get(step.parse::<usize>().ok()?),
        _ => None,
    })
}

fn remove(value: &mut Value, steps: &[String]) {
    let Some((step, rest)) = steps.split_first() else {
        return;
    };
    let Value::Map(members) = value else { return };
    let Some(at) = position(members, step) else { return };
    if rest.is_empty() {
        members.remove(at);
    } else if let Some((_, inner)) = members.get_mut(at) {
        remove(inner, rest);
    }
}

fn position(members: &[(String, Value)], wanted: &str) -> Option<usize> {
    members
        .iter()
        .position(|(key, _)| key == wanted)
        .or_else(|| members.iter().position(|(key, _)| key.eq_ignore_ascii_case(wanted)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::json::{self, Mode};

    fn find(path: &str, json: &str) -> Option<String> {
        let value = json::read(json, Mode::Strict).unwrap();
        Path::parse(path).unwrap().find(&value).map(json::write)
    }

    #[test]
    fn an_exact_key_wins_over_one_in_another_case() {
        assert_eq!(find("access_token", r#"{"Access_token":"a","access_token":"b"}"#).as_deref(), Some("\"b\""));
        assert_eq!(find("access_token", r#"{"Access_token":"a"}"#).as_deref(), Some("\"a\""));
    }

    #[test]
    fn a_path_goes_through_maps_and_lists() {
        assert_eq!(find("a.1.b", r#"{"a":[0,{"B":7}]}"#).as_deref(), Some("7"));
        assert_eq!(find("a.length", r#"{"a":[0]}"#), None);
        assert_eq!(find("a.-1", r#"{"a":[0]}"#), None);
    }

    #[test]
    fn the_first_alternative_that_holds_something_is_taken() {
        assert_eq!(find("user_id|2user_id", r#"{"2user_id":5}"#).as_deref(), Some("5"));
        assert_eq!(find("a|b", r#"{"a":null,"b":1}"#).as_deref(), Some("1"));
        assert_eq!(find("a|b", r#"{"a":null}"#).as_deref(), Some("null"));
    }

    #[test]
    fn what_is_removed_is_gone_and_the_rest_stays() {
        let mut value = json::read(r#"{"data":{"userId":"u","profile":null},"x":1}"#, Mode::Strict).unwrap();
        Path::parse("data.userid").unwrap().remove(&mut value);
        assert_eq!(json::write(&value), r#"{"data":{"profile":null},"x":1}"#);
    }

    #[test]
    fn an_empty_part_is_refused() {
        for wrong in ["", ".", "a.", "a||b", "a..b"] {
            assert!(Path::parse(wrong).is_err(), "{wrong}");
        }
    }
}
