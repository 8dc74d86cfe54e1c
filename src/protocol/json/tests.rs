use proptest::prelude::*;
use serde_json::Value as Oracle;

use super::{DUPLICATE_KEY, MAX_DEPTH, Malformed, Mode, TOO_DEEP, read, write};
use crate::protocol::steps::grows_linearly;
use crate::value::Value;

mod lenient;

pub(super) fn strict(text: &str) -> Result<Value, Malformed> {
    read(text, Mode::Strict)
}

pub(super) fn lenient(text: &str) -> Result<Value, Malformed> {
    read(text, Mode::Lenient)
}

pub(super) fn number(text: &str) -> Value {
    Value::Number(text.into())
}

pub(super) fn string(text: &str) -> Value {
    Value::String(text.into())
}

pub(super) fn map<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Map(members.map(|(key, value)| (key.into(), value)).into())
}

/// Our value as the oracle's; None when a number is beyond what it holds.
fn as_oracle(value: &Value) -> Option<Oracle> {
    Some(match value {
        Value::Null => Oracle::Null,
        Value::Bool(bool) => Oracle::Bool(*bool),
        Value::Number(text) => Oracle::Number(serde_json::from_str(text).ok()?),
        Value::String(text) => Oracle::String(text.clone()),
        Value::List(items) => Oracle::Array(items.iter().map(as_oracle).collect::<Option<_>>()?),
        Value::Map(members) => {
            let members = members.iter().map(|(key, value)| Some((key.clone(), as_oracle(value)?)));
            Oracle::Object(members.collect::<Option<_>>()?)
        }
    })
}

/// Holds strict reading against serde_json. The differences are those that are wanted, and no others.
fn agrees_with_the_oracle(text: &str) -> Result<(), TestCaseError> {
    match (strict(text), serde_json::from_str::<Oracle>(text)) {
        (Ok(ours), Ok(theirs)) => prop_assert_eq!(as_oracle(&ours), Some(theirs)),
        (Ok(ours), Err(error)) => {
            prop_assert!(error.to_string().starts_with("number out of range"), "{text:?}: {error}");
            prop_assert_eq!(as_oracle(&ours), None);
        }
        (Err(error), Ok(_)) => prop_assert!([DUPLICATE_KEY, TOO_DEEP].contains(&error.what), "{text:?}: {error:?}"),
        (Err(error), Err(_)) => prop_assert!(text.is_char_boundary(error.at), "{text:?}: {error:?}"),
    }
    if let Ok(value) = strict(text) {
        prop_assert_eq!(lenient(text), Ok(value));
    }
    Ok(())
}

/// Numbers as RFC 8259 spells them.
fn number_text() -> impl Strategy<Value = String> {
    "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,5})?([eE][+-]?[0-9]{1,3})?"
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[\u{0}-\u{20}\"\\\\/\u{7f}\u{2028}\u{2029}\u{10ffff}a]{0,8}"]
}

pub(super) fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        number_text().prop_map(Value::Number),
        text().prop_map(Value::String),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::List),
            prop::collection::btree_map(text(), inner, 0..5).prop_map(|map| Value::Map(map.into_iter().collect())),
        ]
    })
}

pub(super) fn container() -> impl Strategy<Value = Value> {
    value().prop_map(|value| match value {
        Value::List(_) | Value::Map(_) => value,
        leaf => Value::Map(vec![("leaf".into(), leaf)]),
    })
}

/// Texts that are nearly JSON.
pub(super) fn soup() -> impl Strategy<Value = String> {
    const TOKENS: &[&str] = &[
        "{", "}", "[", "]", ",", ":", "\"", "\"a\"", "\"b\"", "a", "\\", "\\u0041", "\\ud83d", "\\ude00", "\\u00",
        "\\/", "0", "1", "02", "-", "+", ".", "e", "E9", "true", "false", "null", "nul", "NaN", "'", "//", " ", "\n",
        "\r", "\t", "\u{b}", "\u{a0}", "\u{feff}", "й", "{\"a\":", "[1,", "1e400",
    ];
    prop::collection::vec(prop::sample::select(TOKENS), 0..12).prop_map(|tokens| tokens.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn what_is_written_reads_back_as_the_same(value in value()) {
        let text = write(&value);
        prop_assert_eq!(strict(&text), Ok(value.clone()));
        prop_assert_eq!(lenient(&text), Ok(value));
        let raw = text.contains(|char| char < ' ' || "\u{2028}\u{2029}".contains(char));
        prop_assert!(!raw);
        agrees_with_the_oracle(&text)?;
    }

    #[test]
    fn what_serde_json_prints_reads_as_the_same(value in value()) {
        if let Some(value) = as_oracle(&value) {
            agrees_with_the_oracle(&serde_json::to_string_pretty(&value).unwrap())?;
        }
    }

    #[test]
    fn near_json_is_judged_as_by_serde_json(text in soup()) {
        agrees_with_the_oracle(&text)?;
    }

    #[test]
    fn damaged_json_is_judged_as_by_serde_json(value in value(), cut in any::<(usize, usize)>(), patch in soup()) {
        let mut chars: Vec<char> = write(&value).chars().collect();
        let start = cut.0 % (chars.len() + 1);
        let end = (start + cut.1 % 4).min(chars.len());
        chars.splice(start..end, patch.chars().take(3));
        agrees_with_the_oracle(&chars.into_iter().collect::<String>())?;
    }

    #[test]
    fn no_part_of_a_body_passes_for_the_whole(value in container()) {
        let text = write(&value);
        for (end, _) in text.char_indices() {
            prop_assert!(strict(&text[..end]).is_err() && lenient(&text[..end]).is_err(), "{}", &text[..end]);
        }
    }
}

#[test]
fn reads_every_kind_of_value_in_the_order_of_the_text() {
    let text = "\r\n\t {\"z\": [null, true, false, -0.50E+07, \"\"], \"a\": {}, \"\": []} ";
    let list = vec![Value::Null, Value::Bool(true), Value::Bool(false), number("-0.50E+07"), string("")];
    let expected = map([("z", Value::List(list)), ("a", map([])), ("", Value::List(vec![]))]);
    assert_eq!(strict(text), Ok(expected));
}

#[test]
fn keeps_every_digit_of_a_large_number() {
    let digits = "12345678901234567890123456789012345678901234567890.1";
    assert_eq!(strict(digits), Ok(number(digits)));
    assert_eq!(strict("1e999"), Ok(number("1e999")));
}

#[test]
fn reads_escapes_and_pairs_of_surrogates() {
    let text = r#""\"\\\/\b\f\n\r\t\u0041\u20AC\ud83d\ude00\uD800\uDC00\udbff\udfff\ue000\ud7ff""#;
    let expected = "\"\\/\u{8}\u{c}\n\r\tA€😀\u{10000}\u{10ffff}\u{e000}\u{d7ff}";
    assert_eq!(strict(text), Ok(string(expected)));
}

#[test]
fn refuses_surrogates_without_their_other_half() {
    for escapes in [
        r"\ud800",
        r"\udbff",
        r"\udc00",
        r"\udfff",
        r"\ud800x",
        r"\ud800\n",
        r"\ud800\u0041",
        r"\ud800\ud800",
        r"\ud800\udbff",
        r"\ud800\ue000",
        r"\udbff\uffff",
        r"\ude00\ud83d",
    ] {
        let text = format!("\"{escapes}\"");
        assert!(strict(&text).is_err() && lenient(&text).is_err(), "{text}");
    }
}

#[test]
fn refuses_raw_control_characters_in_strings() {
    for char in '\0'..='\u{a0}' {
        let text = format!("[\"{char}\"]");
        let legal = char >= ' ' && char != '"' && char != '\\';
        assert_eq!((strict(&text).is_ok(), lenient(&text).is_ok()), (legal, legal), "{text:?}");
    }
}

#[test]
fn refuses_equal_keys_however_they_are_spelled() {
    for text in [r#"{"a":1,"a":1}"#, r#"{"a":1,"b":2,"\u0061":3}"#, r#"[{"x":{"a":1,"b":2,"a":3}}]"#] {
        assert_eq!(strict(text).map_err(|error| error.what), Err(DUPLICATE_KEY), "{text}");
        assert_eq!(lenient(text).map_err(|error| error.what), Err(DUPLICATE_KEY), "{text}");
    }
    assert!(strict(r#"{"a":{"a":1},"A":[{"a":1},{"a":2}]}"#).is_ok());
}

#[test]
fn says_where_and_what() {
    assert_eq!(strict(r#"{"й": ?}"#), Err(Malformed { at: 7, what: "no value" }));
    assert_eq!(strict("[1] 2"), Err(Malformed { at: 4, what: "more after the end" }));
    assert_eq!(strict(r#" {"a":1,"a":2}"#), Err(Malformed { at: 1, what: DUPLICATE_KEY }));
}

#[test]
fn reads_as_deep_as_promised_and_no_deeper() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let nested = |depth| format!("{}1{}", open.repeat(depth), close.repeat(depth));
        assert!(strict(&nested(MAX_DEPTH)).is_ok());
        for depth in [MAX_DEPTH + 1, 100_000] {
            assert_eq!(strict(&nested(depth)).map_err(|error| error.what), Err(TOO_DEEP));
            assert_eq!(lenient(&nested(depth)).map_err(|error| error.what), Err(TOO_DEEP));
        }
    }
    let siblings = format!("[{}[]]", r#"[[]],{"a":{}},"#.repeat(1000));
    assert!(strict(&siblings).is_ok(), "depth counts levels, not members");
}

#[test]
fn hostile_bodies_take_no_longer_than_others() {
    let numbered = |size: usize| (0..size / 8).map(|key| format!("\"{key}\":0,")).collect::<String>();
    let long = |size: usize| (0..size / 100).map(|key| format!("\"{}{key}\":0,", "x".repeat(100))).collect::<String>();
    let bodies: [&dyn Fn(usize) -> String; 6] = [
        &|size| format!("{{{}\"end\":0}}", numbered(size)),
        &|size| format!("{{{}\"end\":0}}", long(size)),
        &|size| format!("[{}", " ".repeat(size)),
        &|size| format!("[\"{}", "\\\"".repeat(size / 2)),
        &|size| format!("[{}1]", "1\n".repeat(size / 2)),
        &|size| format!("[{}1]", "0".repeat(size)),
    ];
    for body in bodies {
        grows_linearly(65_536, 50, |size| {
            let _judged = (strict(&body(size)).is_ok(), lenient(&body(size)).is_ok());
        });
    }
    assert!(strict(&bodies[0](65_536)).is_ok() && strict(&bodies[1](65_536)).is_ok());
}

#[test]
fn writes_compact_json() {
    let value = map([("a", Value::List(vec![Value::Null, number("1.50"), Value::Bool(true)])), ("\"", map([]))]);
    assert_eq!(write(&value), r#"{"a":[null,1.50,true],"\"":{}}"#);
    assert_eq!(
        write(&string("\0\u{8}\u{c}\u{1f}\n\r\t\\/\u{2028}\u{2029}é")),
        r#""\u0000\u0008\u000c\u001f\n\r\t\\/\u2028\u2029é""#
    );
}
