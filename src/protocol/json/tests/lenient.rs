use proptest::prelude::*;

use super::{container, lenient, map, number, soup, strict, string, write};
use crate::value::Value;

/// As printed in the documentation of Mobile SMARTS (seeds/mobile-smarts.txt).
const MOBILE_SMARTS: &str = r#"{
  Access_token:"123123123",
  Token_type:"bearer",
  Expires_in:86400,
  Refresh_token:"321321321",
}"#;

/// As printed in the documentation of Smart Satu (seeds/smart-satu.txt).
const SMART_SATU: &str = r####"{
"id": 132,
"is_replacement": false,
"currency": "тг",
"price_decimals": 02,
"price_radix": " ",
"price_decimals_separator": ".",
"price_before_currency": true,
"price_pattern": "### ### тг.## тг",
"cashback_enabled": true,
"company_id": 84,
"access_token_expiration_time": 1579535438,
"time_zone_offset": 21600
"country": "kz",
"direction": "Food",
"url_api": "https://food.smartsatu.xyzcom/api"
}"####;

/// Writes a value with every slip that lenient reading forgives, as the bits of `slips` choose.
fn sloppy(value: &Value, slips: &mut impl FnMut() -> u8, out: &mut String) {
    match value {
        Value::Number(text) if slips().is_multiple_of(2) && !text.contains(['.', 'e', 'E']) => {
            let digits = text.trim_start_matches('-');
            out.push_str(&text[..text.len() - digits.len()]);
            out.push_str(&"0".repeat(usize::from(slips() % 3)));
            out.push_str(digits);
        }
        Value::List(items) => {
            let members = items.iter().map(|item| (None, item));
            sloppy_members(('[', ']'), members.collect(), slips, out);
        }
        Value::Map(members) => {
            let members = members.iter().map(|(key, value)| (Some(key.as_str()), value));
            sloppy_members(('{', '}'), members.collect(), slips, out);
        }
        plain => out.push_str(&write(plain)),
    }
}

type Members<'a> = Vec<(Option<&'a str>, &'a Value)>;

fn sloppy_members(brackets: (char, char), members: Members<'_>, slips: &mut impl FnMut() -> u8, out: &mut String) {
    out.push(brackets.0);
    let count = members.len();
    for (index, (key, value)) in members.into_iter().enumerate() {
        if let Some(key) = key {
            let bare = !key.is_empty()
                && !key.starts_with(|first: char| first.is_ascii_digit())
                && key.chars().all(|char| char.is_ascii_alphanumeric() || "_$".contains(char));
            out.push_str(&if bare && slips().is_multiple_of(2) { key.to_owned() } else { write(&string(key)) });
            out.push_str([":", " : ", ":\n"][usize::from(slips() % 3)]);
        }
        sloppy(value, slips, out);
        let separators: &[&str] =
            if index + 1 < count { &[",", " ,\n", "\n", "\r", " \r\n\t"] } else { &["", "\n", ",", ",\n", "\n,"] };
        out.push_str(separators[usize::from(slips()) % separators.len()]);
    }
    out.push(brackets.1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn forgiven_slips_change_nothing_and_no_part_passes_for_the_whole(
        value in container(),
        bare in "[A-Za-z_$][A-Za-z0-9_$]{0,6}",
        slips in prop::collection::vec(any::<u8>(), 1..64),
    ) {
        let value = map([(&bare, value), ("last one", number("0"))]);
        let mut slips = slips.iter().copied().cycle();
        let mut text = String::new();
        sloppy(&value, &mut || slips.next().unwrap_or_default(), &mut text);
        prop_assert_eq!(lenient(&text), Ok(value), "{}", text);
        for (end, _) in text.char_indices() {
            prop_assert!(lenient(&text[..end]).is_err() && strict(&text[..end]).is_err(), "{}", &text[..end]);
        }
    }

    /// Without line breaks, trailing commas, letters outside strings and zeros, nothing is left to forgive.
    #[test]
    fn nothing_else_is_forgiven(text in soup()) {
        let inside: String = text.split('"').step_by(2).collect();
        let words = inside.replace("true", "").replace("false", "").replace("null", "").replace(['E', 'e'], "");
        let forgivable = inside.contains(['\n', '\r', ',', '0']) || words.contains(|char: char| char.is_ascii_alphabetic());
        if !forgivable && !inside.contains(['E', 'e']) {
            prop_assert_eq!(lenient(&text).is_ok(), strict(&text).is_ok(), "{}", text);
        }
    }
}

#[test]
fn reads_the_answer_that_mobile_smarts_prints() {
    let expected = map([
        ("Access_token", string("123123123")),
        ("Token_type", string("bearer")),
        ("Expires_in", number("86400")),
        ("Refresh_token", string("321321321")),
    ]);
    assert!(strict(MOBILE_SMARTS).is_err());
    assert_eq!(lenient(MOBILE_SMARTS), Ok(expected));
}

#[test]
fn reads_the_answer_that_smart_satu_prints() {
    let Ok(Value::Map(members)) = lenient(SMART_SATU) else { panic!("not read") };
    assert!(strict(SMART_SATU).is_err());
    assert_eq!(members.len(), 15);
    for (key, value) in [
        ("price_decimals", number("2")),
        ("price_pattern", string("### ### тг.## тг")),
        ("access_token_expiration_time", number("1579535438")),
        ("time_zone_offset", number("21600")),
        ("country", string("kz")),
        ("url_api", string("https://food.smartsatu.xyzcom/api")),
    ] {
        assert!(members.contains(&(key.into(), value)), "{key}");
    }
}

#[test]
fn refuses_the_error_that_bstats_prints() {
    let text = r#"{ "error": "invalid_request }"#;
    assert!(strict(text).is_err() && lenient(text).is_err());
    let two_lines = "{ \"error\": \"invalid_request }\n\"";
    assert!(strict(two_lines).is_err() && lenient(two_lines).is_err());
}

#[test]
fn strips_leading_zeros_and_never_means_octal() {
    for (text, expected) in [("02", "2"), ("00", "0"), ("-007", "-7"), ("-00", "-0"), ("010", "10"), ("08", "8")] {
        assert!(strict(text).is_err(), "{text}");
        assert_eq!(lenient(text), Ok(number(expected)), "{text}");
    }
    assert_eq!(lenient("[0, 00\n10.50]"), Ok(Value::List(vec![number("0"), number("0"), number("10.50")])));
}

#[test]
fn a_bare_key_may_be_any_word() {
    assert_eq!(
        lenient("{null:1,$_9 :2,e:3}"),
        Ok(map([("null", number("1")), ("$_9", number("2")), ("e", number("3"))]))
    );
}

#[rustfmt::skip]
const REFUSED: &[&[&str]] = &[
    /* cut off */ &["", " ", "{", "[1", "[1,", "[1\n", "{a", "{a:", "{a:1", "{a:1,", "{a:1\n"],
    /* single quotes */ &["{'a':1}", "['a']", "[\"a']"],
    /* comments */ &["[1] // end", "[/* */]", "# \n[]"],
    /* bare values */ &["[NaN]", "[Infinity]", "[undefined]", "[a]", "a", "{a:b}", "[True]", "[nulll]", "[truefalse]"],
    /* keys that are no names */ &["{9a:1}", "{a-b:1}", "{a.b:1}", "{й:1}", "{aй:1}", "{:1}", "{a b:1}", "{a\n:1\nb}"],
    /* commas that divide nothing */ &["[,]", "{,}", "[,1]", "[1,,]", "[1,,2]", "[1\n,,2]", "{a:1,,}", "{,a:1}"],
    /* no line break */ &["[1 2]", "[1\t2]", "{a:1 b:2}", "[\"a\"\"b\"]", "[[][]]", "[1\u{2028}2]", "[1\u{b}2]"],
    /* colons */ &["{a 1}", "{a\n1}", "{a=1}", "{\"a\"\n\"b\"}", "[1:2]", "[a:1]", "{1}"],
    /* numbers */ &["[02.5]", "[00e1]", "[0x1F]", "[+1]", "[.5]", "[5.]", "[1_000]", "[-]", "[- 1]", "[--1]", "[1e]"],
    /* brackets */ &["[1}", "{a:1]", "[]]", "{}}", "[]\n[]", "{}\n{}", "1\n2", "[] x"],
    /* strings and marks */ &["[\"a\nb\"]", "[\"\\x\"]", "[\"\\\n\"]", "\u{feff}[]"],
];

#[test]
fn forgives_nothing_beyond_the_list() {
    for text in REFUSED.iter().copied().flatten() {
        assert!(lenient(text).is_err(), "{text:?}");
        assert!(strict(text).is_err(), "{text:?}");
    }
}

#[test]
fn strict_reading_forgives_none_of_it() {
    for text in ["{a:1}", "[1,]", "{\"a\":1,}", "[1\n2]", "{\"a\":1\n\"b\":2}", "[01]", "[-00]"] {
        assert!(lenient(text).is_ok(), "{text:?}");
        assert!(strict(text).is_err(), "{text:?}");
    }
}
