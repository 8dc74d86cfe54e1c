//! The edge to JavaScript, in Node.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

mod wasm;

use wasm::{code_of, js, member, open};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

async fn refusal(options: &str) -> (String, String) {
    let error = open(options).await.err().unwrap();
    (member(&error, "code"), member(&error, "message"))
}

#[wasm_bindgen_test]
async fn a_client_opens_without_a_session_and_sends_nothing() {
    let client = open("{ provider: 'invoicebox', fetch() { throw new Error('sent') } }").await.unwrap();
    assert_eq!(client.provider(), "invoicebox");
    assert!(client.session().is_null());
}

#[wasm_bindgen_test]
async fn options_are_own_members_that_are_data() {
    let (code, message) = refusal("{ provider: 'invoicebox', timeout: 1.5 }").await;
    assert_eq!((code.as_str(), message.contains("`timeout`")), ("invalid_config", true));
    let (_, message) = refusal("{ provider: 'invoicebox', userAgent: () => 1 }").await;
    assert!(message.contains("`userAgent`"), "{message}");
    let (_, message) = refusal("(() => { const cycle = {}; cycle.cycle = cycle; return { provider: cycle } })()").await;
    assert!(message.contains("`provider`"), "{message}");
    // An inherited option is none.
    open("Object.assign(Object.create({ nonsense: 1 }), { provider: 'invoicebox' })").await.unwrap();
    let (_, message) = refusal("Object.create({ provider: 'invoicebox' })").await;
    assert!(message.contains("`provider`"), "{message}");
}

#[wasm_bindgen_test]
async fn credentials_are_checked_before_anything_is_sent() {
    let client = open("{ provider: 'invoicebox', fetch() { throw new Error('sent') } }").await.unwrap();
    for wrong in [
        "null",
        "[]",
        "{}",
        "{ token: '' }",
        "{ token: 5 }",
        "{ token: '\\ud800' }",
        "{ token: 'a'.repeat(65537) }",
        "{ token: 'x', more: 'y' }",
    ] {
        assert_eq!(
            code_of(client.login(js(wrong), JsValue::UNDEFINED)).await.as_deref(),
            Some("invalid_input"),
            "{wrong}"
        );
    }
}

#[wasm_bindgen_test]
async fn a_fetch_that_is_none_gives_a_typed_error_and_the_module_lives_on() {
    for (fetch, expected) in [
        ("() => 5", "invalid_response"),
        ("() => ({})", "invalid_response"),
        ("() => { throw 'text' }", "network"),
        ("async () => { throw null }", "network"),
        ("async () => ({ status: 200, headers: { get: () => null }, body: null })", "invalid_response"),
        ("async () => ({ status: 200, headers: { get() { throw 1 } }, get body() { throw 2 } })", "invalid_response"),
    ] {
        let client = open(&format!("{{ provider: 'invoicebox', retries: 0, fetch: {fetch} }}")).await.unwrap();
        let code = code_of(client.login(js("{ token: 'abc' }"), JsValue::UNDEFINED)).await;
        assert_eq!(code.as_deref(), Some(expected), "{fetch}");
    }
}

#[wasm_bindgen_test]
async fn a_call_ends_with_the_reason_of_its_signal() {
    let client = open("{ provider: 'invoicebox', fetch: () => new Promise(() => {}) }").await.unwrap();
    let options = js("{ signal: AbortSignal.abort('enough') }");
    let reason = JsFuture::from(client.login(js("{ token: 'abc' }"), options)).await.unwrap_err();
    assert_eq!(reason.as_string().as_deref(), Some("enough"));

    let controller = js("globalThis.controller = new AbortController()");
    let call = client.login(js("{ token: 'abc' }"), js("{ signal: globalThis.controller.signal }"));
    let abort: js_sys::Function = js_sys::Reflect::get(&controller, &"abort".into()).unwrap().unchecked_into();
    abort.call1(&controller, &"now".into()).unwrap();
    assert_eq!(JsFuture::from(call).await.unwrap_err().as_string().as_deref(), Some("now"));
}

#[wasm_bindgen_test]
async fn a_store_without_its_methods_is_refused_by_name() {
    let (code, message) = refusal("{ provider: 'invoicebox', storage: { get() {}, set() {} } }").await;
    assert_eq!(code, "invalid_config");
    assert!(message.contains("storage.delete"), "{message}");
}

#[wasm_bindgen_test]
async fn a_store_that_fails_is_told_once_and_memory_serves() {
    js("globalThis.warnings = []");
    let store = "{ get() { throw new Error('broken') }, set() { throw new Error('broken') }, delete() {} }";
    let client = open(&format!(
        "{{ provider: 'mobile-smarts', baseUrl: 'http://127.0.0.1:9', method: 'session-post', storage: {store}, onWarning: (e) => globalThis.warnings.push(e.code) }}"
    ))
    .await
    .unwrap();
    assert!(client.session().is_null());
    assert_eq!(js("globalThis.warnings.join()").as_string().as_deref(), Some("storage"));
}

#[wasm_bindgen_test]
async fn a_closed_client_says_so() {
    let client = open("{ provider: 'bstats', redirectUri: 'https://app.example/callback' }").await.unwrap();
    client.close();
    client.close();
    assert_eq!(code_of(client.authorization_url(JsValue::UNDEFINED)).await.as_deref(), Some("closed"));
}
