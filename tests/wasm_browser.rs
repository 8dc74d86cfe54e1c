//! The edge to JavaScript, in a page.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

mod wasm;

use wasm::{code_of, js, member, open};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

const BSTATS: &str = "{ provider: 'bstats', redirectUri: location.origin + '/callback' }";

#[wasm_bindgen_test]
async fn a_page_may_name_a_relay_by_its_path() {
    open("{ provider: 'bifit-kassa', baseUrl: '/auth/kassa' }").await.unwrap();
    let error = open("{ provider: 'bifit-kassa', baseUrl: '//elsewhere.example/auth' }").await.err().unwrap();
    assert_eq!(member(&error, "code"), "invalid_config");
}

#[wasm_bindgen_test]
async fn the_stores_that_the_shell_gives_serve() {
    js("globalThis.warnings = []");
    for storage in ["session", "local"] {
        open(&format!(
            "{{ provider: 'invoicebox', storage: '{storage}', onWarning: (e) => globalThis.warnings.push(e.message) }}"
        ))
        .await
        .unwrap();
    }
    assert_eq!(js("globalThis.warnings.join()").as_string().as_deref(), Some(""));
}

#[wasm_bindgen_test]
async fn a_pending_login_lies_in_the_tab_whatever_the_storage_option_says() {
    js("sessionStorage.clear()");
    let client = open(BSTATS).await.unwrap();
    let address = JsFuture::from(client.authorization_url(JsValue::UNDEFINED)).await.unwrap();
    assert!(address.as_string().unwrap().starts_with("https://bstats.ru/api.php/auth?client_id=bstats.ru&"));
    assert_eq!(js("Object.keys(sessionStorage).filter((key) => key.endsWith(':pending')).length").as_f64(), Some(1.0));
}

#[wasm_bindgen_test]
async fn a_callback_that_this_browser_did_not_begin_is_refused() {
    js("sessionStorage.clear()");
    let client = open(BSTATS).await.unwrap();
    let forged = js("location.origin + '/callback?code=attackers'");
    assert_eq!(
        code_of(client.handle_redirect(forged, JsValue::UNDEFINED)).await.as_deref(),
        Some("redirect_unexpected")
    );
    let elsewhere = js("location.origin + '/other?code=foreign'");
    assert!(JsFuture::from(client.handle_redirect(elsewhere, JsValue::UNDEFINED)).await.unwrap().is_null());
    // The page that runs the tests is no callback either.
    assert!(JsFuture::from(client.handle_redirect(JsValue::UNDEFINED, JsValue::UNDEFINED)).await.unwrap().is_null());
}

#[wasm_bindgen_test]
async fn the_way_back_stays_within_the_site() {
    let client = open(BSTATS).await.unwrap();
    for outside in [
        "'https://elsewhere.example/'",
        "'//elsewhere.example'",
        "'/\\\\elsewhere.example'",
        "'javascript:alert(1)'",
        "''",
        "5",
    ] {
        let options = js(&format!("{{ returnTo: {outside} }}"));
        assert_eq!(code_of(client.authorization_url(options)).await.as_deref(), Some("invalid_input"), "{outside}");
    }
    for inside in ["'/orders?page=2'", "location.origin + '/orders'"] {
        let options = js(&format!("{{ returnTo: {inside} }}"));
        assert_eq!(code_of(client.authorization_url(options)).await, None, "{inside}");
    }
}
