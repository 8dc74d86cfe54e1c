//! The edge to JavaScript, in Node.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

mod wasm;

use propusk::web::numbers::{INPUTS, OUTPUTS};
use wasm::{Opened, member};
use wasm_bindgen_test::wasm_bindgen_test;

const TOKEN: &str = r#"{ "provider": "invoicebox" }"#;
const SATU: &str = r#"{ "provider": "smart-satu", "retries": 0 }"#;
const NOBODY: &str = "() => { throw new Error('sent') }";

fn number(list: &[(&str, u32)], name: &str) -> u32 {
    list.iter().find(|(known, _)| *known == name).unwrap().1
}

fn input(name: &str) -> u32 {
    number(INPUTS, name)
}

/// Tells the engine of the answer that its shell was told of.
async fn answered(opened: &Opened) -> String {
    let sent = opened.told().await;
    let answer = ["[", &number(OUTPUTS, "ANSWER").to_string(), ","].concat();
    let op = sent.split(&answer).nth(1).and_then(|rest| rest.split(',').next()).and_then(|op| op.parse().ok());
    opened.input(input("ANSWERED"), op.unwrap(), None);
    opened.told().await
}

#[wasm_bindgen_test]
fn both_sides_call_inputs_and_outputs_by_the_same_numbers() {
    let script = include_str!("../pkg-template/src/numbers.js");
    let listed = |start: &str| {
        let list = script.split(start).nth(1).unwrap().split('}').next().unwrap();
        let pair = |line: &'static str| line.trim().trim_end_matches(',').split_once(": ");
        let pairs = list.lines().filter_map(pair).map(|(name, number)| (name, number.parse().unwrap()));
        pairs.collect::<Vec<(&str, u32)>>()
    };
    assert_eq!(listed("INPUT = {"), INPUTS);
    assert_eq!(listed("OUTPUT = {"), OUTPUTS);
}

#[wasm_bindgen_test]
async fn an_engine_opens_without_a_session_and_sends_nothing() {
    let opened = Opened::new(TOKEN, NOBODY).unwrap();
    let about = opened.engine.about();
    assert_eq!(member(&about, "provider"), "invoicebox");
    assert_eq!(member(&about, "expired"), "[401]");
    assert_eq!(member(&opened.engine.prepared(), "isSignedIn"), "false");
    assert_eq!(opened.told().await, "[]");
}

#[wasm_bindgen_test]
fn wrong_options_throw_the_fields_of_an_error() {
    for (options, name) in [
        (r#"{ "provider": "invoicebox", "timeout": 1.5 }"#, "`timeout`"),
        (r#"{ "provider": "none" }"#, "`provider`"),
        ("[]", "`options`"),
        ("no JSON", "`options`"),
    ] {
        let error = Opened::new(options, NOBODY).err().unwrap();
        assert_eq!(member(&error, "code"), "invalid_config");
        assert!(member(&error, "message").contains(name), "{options}");
    }
}

#[wasm_bindgen_test]
async fn a_login_sends_one_request_and_shows_the_session_before_it_settles() {
    let answer =
        r#"{"access_token":"tok","access_token_expiration_time":2000000000,"id":12345678901234567890,"currency":"₽"}"#;
    let fetch = ["async () => ({ status: 200, headers: { get: () => null }, body: '", answer, "' })"].concat();
    let opened = Opened::new(SATU, &fetch).unwrap();
    opened.input(input("OPEN"), 1.0, None);
    opened.told().await;
    opened.input(input("LOGIN"), 2.0, Some(r#"[["username","a"],["password","b"]]"#));
    let told = answered(&opened).await;
    let (shown, settled) = (told.find(r#""reason":"login""#), told.find("[10,2,"));
    assert!(shown.is_some() && shown < settled, "{told}");
    assert!(!told.contains("\"tok\""), "{told}");
    assert_eq!(member(&opened.engine.prepared(), "token"), "tok");
}

#[wasm_bindgen_test]
async fn a_fetch_that_is_none_gives_a_typed_error_and_the_engine_lives_on() {
    for (fetch, expected) in [
        ("() => null", "invalid_response"),
        ("() => { throw 'text' }", "network"),
        ("async () => { throw null }", "network"),
        ("async () => ({ status: 200, headers: { get: () => null }, body: null })", "invalid_response"),
        ("async () => ({ status: 200, headers: { get() { throw 1 } }, body: '{}' })", "invalid_response"),
        ("async () => ({ status: 400, headers: {}, body: '{\"error\":\"invalid_grant\"}' })", "invalid_credentials"),
    ] {
        let opened = Opened::new(SATU, fetch).unwrap();
        opened.input(input("LOGIN"), 2.0, Some(r#"[["username","a"],["password","b"]]"#));
        let told = answered(&opened).await;
        assert!(told.contains(&["\"code\":\"", expected, "\""].concat()), "{fetch}: {told}");
    }
}

#[wasm_bindgen_test]
async fn what_is_asked_wrongly_is_told_to_whoever_asked() {
    let opened = Opened::new(TOKEN, NOBODY).unwrap();
    for wrong in ["[]", r#"[["token",""]]"#, r#"[["token","x"],["more","y"]]"#, "no JSON"] {
        opened.input(input("LOGIN"), 7.0, Some(wrong));
        let told = opened.told().await;
        assert!(told.contains("[12,7,") && told.contains("invalid_input"), "{wrong}: {told}");
    }
    // Numbers that there are none of, and answers that nobody awaits, are dropped.
    opened.input(99, 1.0, None);
    opened.input(input("ANSWERED"), 5.0, None);
    opened.input(input("LOADED"), 5.0, Some("x"));
    assert_eq!(opened.told().await, "[]");
}

#[wasm_bindgen_test]
async fn a_closed_engine_says_so_and_asks_to_be_let_go_of() {
    let opened = Opened::new(TOKEN, NOBODY).unwrap();
    opened.input(input("CLOSE"), 0.0, None);
    assert!(opened.told().await.contains("[17,"));
    opened.input(input("REFRESH"), 3.0, None);
    assert!(opened.told().await.contains("closed"));
}
