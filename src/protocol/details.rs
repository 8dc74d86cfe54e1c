//! What of an answer may be shown: everything that is neither a token nor said elsewhere, within bounds.

use super::json;
use super::redact::{Redactor, is_credential_name};
use super::sorted::sorted;
use crate::value::Value;

/// How much is kept, in bytes of JSON.
pub const MOST: usize = 64 * 1024;

/// Details within their bound.
pub struct Details {
    /// A map.
    pub members: Value,
    /// Whether members were left out since there were too many: something to warn of.
    pub left_out: bool,
}

/// Takes out members that are named like secrets, and texts that hold a secret of this exchange.
pub fn showable(mut value: Value, redactor: &Redactor) -> Value {
    clean(&mut value, redactor);
    if matches!(value, Value::Map(_)) { value } else { Value::Map(Vec::new()) }
}

fn clean(value: &mut Value, secrets: &Redactor) {
    match value {
        Value::Map(members) => {
            members.retain(|(name, value)| {
                !is_secret(name) && !holds_secret(value, secrets) && !has_secret(name, secrets)
            });
            members.iter_mut().for_each(|(_, value)| clean(value, secrets));
        }
        Value::List(items) => {
            items.retain(|value| !holds_secret(value, secrets));
            items.iter_mut().for_each(|value| clean(value, secrets));
        }
        _ => {}
    }
}

fn is_secret(name: &str) -> bool {
    // A member of that name would become the prototype of the object that callers get.
    name == "__proto__" || is_credential_name(name)
}

fn has_secret(text: &str, secrets: &Redactor) -> bool {
    // Shorter ones stand in too many innocent texts.
    secrets.finder().is_in(text, 6)
}

fn holds_secret(value: &Value, secrets: &Redactor) -> bool {
    match value {
        Value::String(text) | Value::Number(text) => has_secret(text, secrets),
        _ => false,
    }
}

/// Details of a newer answer over those of an older one: members of the newest answer that says them. What is more than
/// [`MOST`] is left out, older members before newer ones.
pub fn merge(before: &Value, after: Value) -> Details {
    let (mut members, older) =
        (members_of(after), if let Value::Map(members) = before { members.as_slice() } else { &[] });
    let newer = members.len();
    // Of equal names the newer one comes first.
    let names = members.iter().chain(older).map(|(name, _)| name.as_str());
    let mut is_said_again = vec![false; older.len()];
    let mut last = None;
    for (name, at) in sorted(names) {
        if let Some(said) = at.checked_sub(newer).and_then(|at| is_said_again.get_mut(at)) {
            *said = last == Some(name);
        }
        last = Some(name);
    }
    let kept = older.iter().zip(is_said_again).filter(|(_, is_said_again)| !is_said_again);
    members.extend(kept.map(|(member, _)| member.clone()));
    bounded(Value::Map(members))
}

/// Details of a first answer, or from elsewhere.
pub fn bounded(details: Value) -> Details {
    let mut left_out = false;
    let mut room = MOST.saturating_sub("{}".len());
    let mut kept = Vec::new();
    for member in members_of(details) {
        let one = Value::Map(vec![member]);
        let comma = usize::from(!kept.is_empty());
        let needs = json::write(&one).len().saturating_sub("{}".len()).saturating_add(comma);
        match room.checked_sub(needs) {
            Some(left) => {
                room = left;
                kept.extend(members_of(one));
            }
            None => left_out = true,
        }
    }
    Details { members: Value::Map(kept), left_out }
}

fn members_of(value: Value) -> Vec<(String, Value)> {
    match value {
        Value::Map(members) => members,
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    use crate::protocol::json::{self, Mode};
    use crate::protocol::steps::grows_linearly;

    #[test]
    fn no_token_is_among_the_details() {
        let answer = r#"{"currency":"тг","id_token":"x","nested":{"accessToken":null,"ok":1,"copy":"see s3cr3t-t0ken"},"list":["s3cr3t-t0ken",2]}"#;
        let mut redactor = Redactor::default();
        redactor.add("s3cr3t-t0ken");
        let details = showable(json::read(answer, Mode::Strict).unwrap(), &redactor);
        assert_eq!(json::write(&details), r#"{"currency":"тг","nested":{"ok":1},"list":[2]}"#);
    }

    #[test]
    fn an_answer_that_is_no_map_has_no_details() {
        assert_eq!(json::write(&showable(Value::text("x"), &Redactor::default())), "{}");
    }

    fn shown(answer: &str) -> String {
        json::write(&showable(json::read(answer, Mode::Strict).unwrap(), &Redactor::default()))
    }

    #[test]
    fn what_is_named_like_a_credential_is_left_out_at_any_depth() {
        let answer = r#"{"sid":1,"session_id":2,"api_key":3,"jwt":4,"Set-Cookie":5,"auth.sig":6,"userPwd":7,"accessToken":8,
            "keyboard":9,"a":{"b":[{"ticketId":1,"c":2},[{"APIKey":{}}]]},"__proto__":{},"secretary":"x"}"#;
        assert_eq!(shown(answer), r#"{"keyboard":9,"a":{"b":[{"c":2},[{}]]},"secretary":"x"}"#);
    }

    #[test]
    fn a_short_secret_is_left_out_where_it_is_the_whole_text() {
        let answer = r#"{"a":"abc","b":"abcd","c":"YWJj","d":["abc","x"],"abc":1}"#;
        let mut redactor = Redactor::default();
        redactor.add("abc");
        let details = showable(json::read(answer, Mode::Strict).unwrap(), &redactor);
        assert_eq!(json::write(&details), r#"{"b":"abcd","d":["x"]}"#);
    }

    fn map(text: &str) -> Value {
        json::read(text, Mode::Strict).unwrap()
    }

    #[test]
    fn members_are_those_of_the_newest_answer_that_says_them() {
        for (before, after, whole) in [
            (r#"{"a":1,"b":2}"#, r#"{"b":3,"c":{"d":4}}"#, r#"{"b":3,"c":{"d":4},"a":1}"#),
            (r#"{"a":1}"#, "{}", r#"{"a":1}"#),
            ("{}", r#"{"a":null}"#, r#"{"a":null}"#),
            (r#"{"a":{"x":1}}"#, r#"{"a":{"y":1}}"#, r#"{"a":{"y":1}}"#),
            ("null", "1", "{}"),
        ] {
            let merged = merge(&map(before), map(after));
            assert_eq!((json::write(&merged.members).as_str(), merged.left_out), (whole, false));
        }
    }

    #[test]
    fn more_than_the_bound_is_left_out_and_told() {
        let fits = "x".repeat(MOST - r#"{"a":""}"#.len());
        let whole = bounded(Value::map([("a", Value::text(fits.as_str()))]));
        assert!(!whole.left_out && json::write(&whole.members).len() == MOST);
        let merged = merge(&whole.members, map(r#"{"b":1}"#));
        assert_eq!((json::write(&merged.members).as_str(), merged.left_out), (r#"{"b":1}"#, true));
        let long = bounded(Value::map([("a", Value::text([&fits, "x"].concat())), ("b", Value::integer(1))]));
        assert_eq!((json::write(&long.members).as_str(), long.left_out), (r#"{"b":1}"#, true));
    }

    #[test]
    fn merging_large_answers_takes_no_longer_than_reading_them() {
        let numbered = |from: usize, count: usize| {
            Value::Map((from..from + count).map(|name| (format!("n{name}"), Value::integer(0))).collect())
        };
        grows_linearly(45_000, 100, |size| {
            let merged = merge(&numbered(0, size), numbered(size / 2, size));
            assert!(merged.left_out);
        });
    }

    #[test]
    fn looking_for_secrets_grows_with_the_answer() {
        let mut redactor = Redactor::default();
        ["s3cr3t-t0ken", &"a".repeat(2_000)].iter().for_each(|secret| redactor.add(secret));
        grows_linearly(16_384, 100, |size| {
            let members = (0..size / 64).map(|name| (format!("n{name}"), Value::text("a".repeat(60))));
            let _shown = showable(Value::Map(members.collect()), &redactor.clone());
        });
    }

    proptest! {
        #[test]
        fn merging_is_a_look_at_each_name(
            before in prop::collection::btree_map("[a-c]{0,2}", 0_i64..9, 0..8),
            after in prop::collection::btree_map("[a-c]{0,2}", 10_i64..19, 0..8),
        ) {
            let value = |members: &std::collections::BTreeMap<String, i64>| {
                Value::Map(members.iter().map(|(name, number)| (name.clone(), Value::integer(*number))).collect())
            };
            let merged = merge(&value(&before), value(&after)).members;
            let mut expected = before;
            expected.extend(after);
            for (name, number) in &expected {
                prop_assert_eq!(merged.get(name), Some(&Value::integer(*number)));
            }
            prop_assert!(matches!(merged, Value::Map(members) if members.len() == expected.len()));
        }
    }
}
