//! The edge to JavaScript, in a page.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

mod wasm;

use propusk::web::numbers::INPUTS;
use wasm::{Opened, js, member};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

fn input(name: &str) -> u32 {
    INPUTS.iter().find(|(known, _)| *known == name).unwrap().1
}

#[wasm_bindgen_test]
async fn requests_go_out_through_the_pages_own_classes() {
    js("globalThis.sent = []");
    let fetch = "async (address, init) => { sent.push([address, init.method, init.headers, init.signal instanceof AbortSignal]); return { status: 401, headers: new Headers({ 'www-authenticate': 'Bearer error=\"invalid_token\"' }), body: '' } }";
    let opened = Opened::new(r#"{ "provider": "invoicebox", "retries": 0 }"#, fetch).unwrap();
    opened.input(input("LOGIN"), 1.0, Some(r#"[["token","abc"]]"#));
    let sent = opened.told().await;
    let op = sent.split("[18,").nth(1).and_then(|rest| rest.split(',').next()).and_then(|op| op.parse().ok());
    assert!(op.is_some(), "{sent}");
    opened.input(input("ANSWERED"), op.unwrap(), None);
    let told = opened.told().await;
    assert!(told.contains("invalid_token"), "{told}");
    let sent = js("JSON.stringify(sent)").as_string().unwrap();
    assert!(sent.starts_with(r#"[["https://api.invoicebox.ru/v3/security/api/auth/auth","GET","#), "{sent}");
    assert!(sent.contains(r#""authorization":"Bearer abc""#) && sent.ends_with("true]]"), "{sent}");
}

#[wasm_bindgen_test]
fn a_page_may_name_a_relay_by_its_path_only_where_there_is_a_page() {
    // The shell of this test says that there is none.
    let error = Opened::new(r#"{ "provider": "bifit-kassa", "baseUrl": "/auth/kassa" }"#, "null").err().unwrap();
    assert_eq!(member(&error, "code"), "invalid_config");
}

#[wasm_bindgen_test]
async fn the_way_back_stays_within_the_site() {
    let options = r#"{ "provider": "bstats", "redirectUri": "https://app.example/callback" }"#;
    let opened = Opened::new(options, "null").unwrap();
    for outside in
        ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "javascript:alert(1)", ""]
    {
        opened.input(input("AUTHORIZATION_URL"), 1.0, Some(outside));
        assert!(opened.told().await.contains("invalid_input"), "{outside}");
    }
}
