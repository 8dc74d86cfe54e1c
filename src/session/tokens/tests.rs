use proptest::prelude::*;

use super::Tokens;
use crate::protocol::answer::Grant;
use crate::protocol::json::{self, Mode};
use crate::secret::Secret;
use crate::session::config::{Addresses, Config};
use crate::value::Value;

const NOW: i64 = 1_700_000_000_000;

/// Addresses that are taken as they are.
struct Kept;

impl Addresses for Kept {
    fn href(&self, address: &str, _base: Option<&str>) -> Option<String> {
        Some(address.to_owned())
    }

    fn page(&self) -> Option<String> {
        None
    }
}

fn read(options: &str) -> Config {
    Config::read(&json::read(options, Mode::Strict).unwrap(), false, &Kept).unwrap()
}

fn config() -> Config {
    read(r#"{"provider":"bifit-kassa","account":"a"}"#)
}

fn grant(access: &str, refresh: Option<&str>) -> Grant {
    Grant {
        access_token: Secret::new(access),
        refresh_token: refresh.map(Secret::new),
        scope: None,
        subject: None,
        api_base: None,
        expires_at: Some(NOW + 60_000),
        secrets: Vec::new(),
        details: Value::Map(Vec::new()),
    }
}

fn session() -> Tokens {
    let mut grant = grant("access", Some("refresh"));
    grant.subject = Some("77".to_owned());
    grant.api_base = Some("https://api.test".to_owned());
    grant.details =
        json::read(r#"{"currency":"тг","__proto__":{"x":1},"n":12345678901234567890}"#, Mode::Strict).unwrap();
    let mut held = Tokens::granted(grant, None, &["read".to_owned(), "write".to_owned()], NOW, Some(5000)).0;
    held.inferred = vec![("version".to_owned(), "l3".to_owned())];
    held
}

fn restored(record: &str) -> Option<Tokens> {
    Tokens::from_record(record, &config(), NOW + 10_000, Some(100))
}

#[test]
fn a_session_comes_back_from_its_record() {
    let (before, config) = (session(), config());
    let record = before.to_record(&config);
    let after = restored(&record).unwrap();
    assert!(after.same_tokens(&before));
    assert_eq!((&after.inferred, &after.subject, &after.scope), (&before.inferred, &before.subject, &before.scope));
    assert_eq!((after.expires_at, after.obtained_at, &after.api_base), (before.expires_at, NOW, &before.api_base));
    assert_eq!(after.details, before.details);
    assert_eq!(after.monotonic_end, Some(100 + 50_000), "what is left of it, on this run's clock");
    assert_eq!(after.to_record(&config), record);
}

#[test]
fn a_session_of_somebody_else_is_none() {
    let record = session().to_record(&config());
    for options in [
        r#"{"provider":"bifit-kassa","account":"b"}"#,
        r#"{"provider":"bifit-kassa","account":"a","baseUrl":"https://relay.test"}"#,
        r#"{"provider":"bifit-kassa","account":"a","clientId":"other"}"#,
        r#"{"provider":"smart-satu","account":"a"}"#,
        r#"{"provider":"bstats","account":"a","redirectUri":"https://a.test"}"#,
    ] {
        assert!(Tokens::from_record(&record, &read(options), NOW, None).is_none(), "{options}");
    }
    assert!(restored(&record.replace(r#""v":2"#, r#""v":3"#)).is_none());
}

#[test]
fn garbage_is_none() {
    let record = session().to_record(&config());
    for (end, _) in record.char_indices() {
        assert!(restored(&record[..end]).is_none());
    }
    for garbage in ["", "null", "[]", "{}", "7", r#"{"v":1}"#, r#"{"__proto__":{"v":1,"access":"a"}}"#] {
        assert!(restored(garbage).is_none(), "{garbage}");
    }
    for (part, instead) in [
        (r#""access":"access""#, r#""access":null"#),
        (r#""access":"access""#, r#""access":"a b""#),
        (r#""access":"access""#, r#""access":"a\r\nX: 1""#),
        (r#""access":"access""#, r#""access":7"#),
        (r#""expires":1700000060000"#, r#""expires":"soon""#),
        (r#""expires":1700000060000"#, r#""expires":[1]"#),
        (r#""obtained":1700000000000"#, r#""obtained":1e400"#),
        (r#""scope":["read","write"]"#, r#""scope":"read""#),
        (r#""params":{"version":"l3"}"#, r#""params":null"#),
    ] {
        let broken = record.replace(part, instead);
        assert_ne!(broken, record, "{part}");
        assert!(restored(&broken).is_none(), "{instead}");
    }
}

#[test]
fn a_renewal_keeps_what_its_answer_leaves_out() {
    let before = session();
    let mut answer = grant("access-2", None);
    answer.details = json::read(r#"{"currency":"usd"}"#, Mode::Strict).unwrap();
    let after = Tokens::granted(answer, Some(&before), &[], NOW + 1, None).0;
    assert_eq!(after.refresh_token.as_ref().map(Secret::expose), Some("refresh"));
    assert_eq!((&after.subject, &after.scope, &after.inferred), (&before.subject, &before.scope, &before.inferred));
    assert_eq!(after.details.get("currency").and_then(Value::as_str), Some("usd"));
    assert!(after.details.get("n").is_some());
    let mut narrower = grant("access-3", Some("refresh-3"));
    narrower.scope = Some(vec!["read".to_owned()]);
    let after = Tokens::granted(narrower, Some(&before), &[], NOW + 1, None).0;
    assert_eq!((after.scope.len(), after.refresh_token.as_ref().map(Secret::expose)), (1, Some("refresh-3")));
}

#[test]
fn the_clock_that_says_less_is_believed() {
    let held = session();
    assert_eq!(held.life(), Some(60_000));
    for (now, monotonic, left) in [
        (NOW, Some(5000), 60_000),
        (NOW + 50_000, Some(5000), 10_000),
        (NOW - 3_600_000, Some(45_000), 20_000),
        (NOW + 90_000, Some(5000), -30_000),
        (NOW + 50_000, None, 10_000),
    ] {
        assert_eq!(held.remaining(now, monotonic), Some(left));
    }
}

#[test]
fn a_password_is_never_written() {
    let mut held = session();
    held.access_token = None;
    held.credentials = vec![("password".to_owned(), Secret::new("pass-word"))];
    assert!(!held.can_be_stored());
    assert!(!held.to_record(&config()).contains("pass-word"));
}

proptest! {
    #[test]
    fn no_record_panics(record: String, part in "[{}\\[\\]\":,a-z0-9]{0,40}") {
        let _judged = (restored(&record).is_none(), restored(&part).is_none());
    }

    #[test]
    fn any_names_and_texts_come_back(
        names in prop::collection::btree_map("\\PC{0,8}|__proto__|constructor|v|for", "\\PC{0,8}", 0..5),
        access in "[!-~]{1,40}",
        expires in prop::option::of(0i64..8_640_000_000_000_000),
    ) {
        let mut held = session();
        held.access_token = Some(Secret::new(access));
        held.expires_at = expires;
        held.inferred = names.clone().into_iter().collect();
        held.details = Value::Map(names.into_iter().map(|(name, text)| (name, Value::String(text))).collect());
        let config = config();
        let after = restored(&held.to_record(&config)).unwrap();
        prop_assert!(after.same_tokens(&held) && after.details == held.details && after.inferred == held.inferred);
        prop_assert_eq!(after.expires_at, expires);
    }
}

#[test]
fn what_is_to_be_hidden_lasts_as_long_as_the_session_the_newest_first() {
    let numbered = |from: usize, to: usize| (from..to).map(|at| Secret::new(format!("secret-{at}"))).collect();
    let texts = |tokens: &Tokens| tokens.secrets.iter().map(|known| known.expose().to_owned()).collect::<Vec<_>>();
    let mut first = grant("access", None);
    first.secrets = numbered(0, 10);
    let before = Tokens::granted(first, None, &[], NOW, None).0;
    let mut second = grant("access-2", None);
    second.secrets = numbered(8, 14);
    let after = Tokens::granted(second, Some(&before), &[], NOW, None).0;
    let expected: Vec<_> = (8..14).chain(0..8).map(|at| format!("secret-{at}")).collect();
    assert_eq!(texts(&after), expected);
    assert_eq!(texts(&restored(&after.to_record(&config())).unwrap()), expected);
    let mut third = grant("access-3", None);
    third.secrets = numbered(14, 20);
    let last = Tokens::granted(third, Some(&after), &[], NOW, None).0;
    assert_eq!(texts(&last).len(), 16);
    assert_eq!(texts(&last).first().map(String::as_str), Some("secret-14"));
}

#[test]
fn only_a_later_form_is_of_a_newer_version() {
    let record = session().to_record(&config());
    assert!(Tokens::is_of_newer_form(&record.replace(r#""v":2"#, r#""v":3"#)));
    for other in [record.as_str(), r#"{"v":1}"#, r#"{"v":"x"}"#, "{}", "", "null"] {
        assert!(!Tokens::is_of_newer_form(other), "{other}");
    }
}
