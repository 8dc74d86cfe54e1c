use proptest::prelude::*;

use super::{CALLBACK_NAMES, Callback, CallbackAnswer, authorization_url, cleaned, exchange};
use crate::error::{Code, Result};
use crate::protocol::form;
use crate::protocol::json::{self, Mode};
use crate::protocol::steps::grows_linearly;
use crate::provider::{AuthorizeTemplate, Login, Provider, RequestTemplate, Scope, builtin};
use crate::value::Value;

/// A callback of a provider that echoes `state`.
fn callback(address: &str, redirect_uri: &str) -> Result<Option<Callback>> {
    super::callback(address, redirect_uri, true)
}

const HOME: &str = "https://app.test/cb";

fn provider(authorize: &str, exchange: &str) -> Provider {
    let text = format!(
        r#"{{"id":"r","baseUrl":"https://as.test/base","credentials":[],"params":{{"client_id":"c"}},
        "login":{{"kind":"redirect","authorize":{authorize},"exchange":{exchange}}},
        "present":{{"headers":{{"Authorization":"Bearer {{access_token}}"}}}}}}"#
    );
    builtin::custom(&json::read(&text, Mode::Strict).unwrap(), None).unwrap()
}

fn parts(provider: &Provider) -> (AuthorizeTemplate<'_>, RequestTemplate<'_>) {
    match provider.login() {
        Login::Redirect { authorize, exchange } => (authorize, exchange),
        _ => panic!("no redirect"),
    }
}

fn address(provider: &Provider) -> String {
    let mut scope = Scope::of(provider);
    scope.open("redirect_uri", HOME);
    scope.open("state", "st");
    scope.open("code_challenge", "ch");
    authorization_url(parts(provider).0, &scope, provider.base_url()).unwrap()
}

fn authorize(template: &str) -> String {
    address(&provider(template, r#"{"url":"/token","form":{}}"#))
}

const HOME_ENCODED: &str = "redirect_uri=https%3A%2F%2Fapp.test%2Fcb";

#[test]
fn the_authorization_request_gets_what_the_profile_does_not_name() {
    let challenge = "code_challenge=ch&code_challenge_method=S256";
    for (template, expected) in [
        (
            r#"{"url":"/auth","query":{"client_id":"{client_id}"}}"#,
            format!("https://as.test/base/auth?client_id=c&response_type=code&{HOME_ENCODED}&state=st&{challenge}"),
        ),
        (
            r#"{"url":"https://x.test/a?tenant=1#top","query":{},"pkce":false}"#,
            format!("https://x.test/a?tenant=1&response_type=code&{HOME_ENCODED}&state=st"),
        ),
        (
            r#"{"url":"/a","query":{},"pkce":false,"echoesState":false}"#,
            format!("https://as.test/base/a?response_type=code&{HOME_ENCODED}"),
        ),
        (
            r#"{"url":"/a","query":{"response_type":"code id","return":"{redirect_uri}","s":"{state}","c":"{code_challenge}","code_challenge_method":"S256"}}"#,
            "https://as.test/base/a?response_type=code+id&return=https%3A%2F%2Fapp.test%2Fcb&s=st&c=ch&code_challenge_method=S256".to_owned(),
        ),
    ] {
        assert_eq!(authorize(template), expected);
    }
}

#[test]
fn what_the_address_itself_names_is_not_added_again() {
    for (url, name) in [
        ("/a?response_type=code", "response_type"),
        ("/a?redirect_uri={redirect_uri|percent}", "redirect_uri"),
        ("/a?state={state}", "state"),
        ("/a?code_challenge={code_challenge}&code_challenge_method=S256", "code_challenge"),
    ] {
        let address = authorize(&format!(r#"{{"url":"{url}","query":{{}}}}"#));
        let query = form::decode(address.split_once('?').unwrap().1);
        assert_eq!(query.iter().filter(|(known, _)| known == name).count(), 1, "{address}");
    }
}

#[test]
fn bstats_is_asked_as_its_document_says() {
    let options = json::read(r#"{"format":"json"}"#, Mode::Strict).unwrap();
    let bstats = builtin::provider("bstats", &options).unwrap();
    assert_eq!(
        address(&bstats),
        format!(
            "https://bstats.ru/api.php/auth?client_id=bstats.ru&client_name=dossier&response_type=code&scope=dossier&format=json&{HOME_ENCODED}"
        )
    );
    let (authorize, template) = parts(&bstats);
    assert_eq!(names(&exchange(template, authorize.pkce())), ["code", "client_id", "grant_type"]);
}

fn names(template: &Value) -> Vec<&str> {
    let body = template.get("form").or(template.get("json"));
    body.map_or(&[][..], Value::members).iter().map(|(name, _)| name.as_str()).collect()
}

#[test]
fn the_exchange_gets_what_the_profile_does_not_name() {
    let authorize = r#"{"url":"/a","query":{}}"#;
    for (template, pkce, expected) in [
        (r#"{"url":"/t","form":{}}"#, true, vec!["grant_type", "code", "redirect_uri", "code_verifier"]),
        (r#"{"url":"/t","json":{}}"#, false, vec!["grant_type", "code", "redirect_uri"]),
        (r#"{"url":"/t","query":{"code":"{code}"},"form":{"x":"{redirect_uri}"}}"#, false, vec!["x", "grant_type"]),
        (r#"{"url":"/t","headers":{"X-Code":"{code}"},"form":{}}"#, false, vec!["grant_type", "redirect_uri"]),
        (r#"{"url":"/t","query":{"code":"{code}"}}"#, true, vec![]),
    ] {
        let provider = provider(authorize, template);
        assert_eq!(names(&exchange(parts(&provider).1, pkce)), expected, "{template}");
    }
}

#[test]
fn what_the_address_or_basic_of_the_exchange_names_is_not_added_again() {
    for template in [
        r#"{"url":"/t?code={code}","form":{}}"#,
        r#"{"url":"/t","basic":{"username":"c","password":"{code}"},"form":{}}"#,
    ] {
        let provider = provider(r#"{"url":"/a","query":{}}"#, template);
        assert_eq!(names(&exchange(parts(&provider).1, false)), ["grant_type", "redirect_uri"], "{template}");
    }
}

fn read(address: &str) -> Result<Option<Callback>> {
    callback(address, HOME)
}

fn code(address: &str, home: &str) -> Option<String> {
    match callback(address, home).unwrap()?.answer {
        CallbackAnswer::Code(code) => Some(code),
        CallbackAnswer::Error(..) => None,
    }
}

#[test]
fn a_callback_says_a_code_or_an_error() {
    let found = read("https://app.test/cb?code=a%2Bb+c&state=s&iss=https%3A%2F%2Fas.test&x=1&x=2#y").unwrap().unwrap();
    assert!(matches!(found.answer, CallbackAnswer::Code(code) if code == "a+b c"));
    assert_eq!((found.state.as_deref(), found.issuer.as_deref()), (Some("s"), Some("https://as.test")));
    let found = read("https://app.test/cb?error=access_denied&error_description=no%20way&state=").unwrap().unwrap();
    assert!(
        matches!(found.answer, CallbackAnswer::Error(code, Some(text)) if code == "access_denied" && text == "no way")
    );
    assert_eq!(found.state, None, "empty counts as absent");
}

#[test]
fn other_addresses_are_none() {
    for address in [
        "https://app.test/cb",
        "https://app.test/cb?page=2",
        "https://app.test/cb?code=&error=",
        "https://app.test/cb?state=s",
        "https://app.test/cb#code=c",
        "https://app.test/cb/?code=c",
        "https://app.test/CB?code=c",
        "https://app.test/?code=c",
        "https://app.test:8443/cb?code=c",
        "https://evil.test/cb?code=c",
        "https://u@app.test/cb?code=c",
        "http://app.test/cb?code=c",
        "/cb?code=c",
        "",
    ] {
        assert!(read(address).unwrap().is_none(), "{address}");
    }
}

#[test]
fn what_comes_twice_is_refused() {
    for (query, expected) in [
        ("code=a&code=a", Code::RedirectUnexpected),
        ("code=a&code=b&state=s", Code::RedirectUnexpected),
        ("error=a&error=b", Code::RedirectUnexpected),
        ("code=&code=x", Code::RedirectUnexpected),
        ("code=x&code", Code::RedirectUnexpected),
        ("code=x&c%6Fde=", Code::RedirectUnexpected),
        ("error=&error=x", Code::RedirectUnexpected),
        ("error=x&code=a&code=b", Code::RedirectUnexpected),
        ("code=a&state=&state=x", Code::StateMismatch),
        ("code=a&state=&state=", Code::StateMismatch),
        ("code=a&iss=x&iss=", Code::IssuerMismatch),
        ("error=a&error_description=&error_description=c", Code::RedirectUnexpected),
        ("code=a&state=s&state=s", Code::StateMismatch),
        ("code=a&state=s&iss=i&iss=i", Code::IssuerMismatch),
        ("error=a&error_description=b&error_description=c", Code::RedirectUnexpected),
    ] {
        let refused = read(&format!("{HOME}?{query}")).err().map(|error| error.code);
        assert_eq!(refused, Some(expected), "{query}");
    }
}

#[test]
fn an_error_beside_a_code_is_the_error() {
    for query in ["code=x&error=access_denied", "error=access_denied&code=x", "code=&error=access_denied"] {
        let found = read(&format!("{HOME}?{query}")).unwrap().unwrap().answer;
        assert!(matches!(found, CallbackAnswer::Error(error, None) if error == "access_denied"), "{query}");
    }
    assert_eq!(code(&format!("{HOME}?code=x&error="), HOME).as_deref(), Some("x"));
}

#[test]
fn a_state_that_was_not_sent_is_not_looked_at() {
    let found = super::callback(&format!("{HOME}?code=x&state=a&state=b"), HOME, false).unwrap().unwrap();
    assert!(found.state.is_none());
}

#[test]
fn a_redirect_uri_may_have_a_query_of_its_own() {
    for (home, address, expected) in [
        ("https://app.test/cb?x=1", "https://app.test/cb?x=1&code=c", Some("c")),
        ("https://app.test/cb?x=1", "https://app.test/cb?x=1?code=c", Some("c")),
        ("https://app.test/cb?x=1", "https://app.test/cb?code=c&x=1", Some("c")),
        ("https://app.test/cb?code=own", "https://app.test/cb?code=own", None),
        ("https://app.test/cb?code=own", "https://app.test/cb?code=own&code=c", Some("c")),
        ("https://app.test/cb?x=1", "https://app.test/cb?x=10&code=c", Some("c")),
        ("https://app.test/cb?x=1", "https://app.test/cb?x=10code=c", None),
        ("com.example.app:/cb", "com.example.app:/cb?code=c", Some("c")),
    ] {
        assert_eq!(code(address, home).as_deref(), expected, "{address}");
    }
}

#[test]
fn a_redirect_uri_may_end_with_its_question_mark() {
    assert_eq!(code("https://app.test/cb?code=c", "https://app.test/cb?").as_deref(), Some("c"));
    assert_eq!(code("https://app.test/cb??code=c", "https://app.test/cb?").as_deref(), Some("c"), "a naive provider");
}

#[test]
fn the_pages_address_loses_what_the_callback_brought() {
    for (address, expected) in [
        ("https://app.test/cb?code=c&state=s&iss=i", "https://app.test/cb"),
        ("https://app.test/cb?x=1&code=c&y=%20#frag", "https://app.test/cb?x=1&y=%20#frag"),
        ("https://app.test/cb?error=e&error_description=d&error_uri=u&session_state=z", "https://app.test/cb"),
        ("https://app.test/cb?x=1?code=c", "https://app.test/cb?x=1"),
        ("https://app.test/cb?c%6fde=c", "https://app.test/cb"),
        ("https://app.test/cb?code?code=c4&code=c2", "https://app.test/cb"),
        ("https://app.test/cb??code=c&&x", "https://app.test/cb?x"),
        ("https://app.test/cb?code??state=1?x=2", "https://app.test/cb"),
        ("https://app.test/cb?error%5Fdescriptio%6E=1#code=2", "https://app.test/cb#code=2"),
        ("https://app.test/cb?x=1&co%64e", "https://app.test/cb?x=1"),
        ("https://app.test/cb?#f", "https://app.test/cb#f"),
        ("https://app.test/cb?barcode=7&encode", "https://app.test/cb?barcode=7&encode"),
        ("https://app.test/cb", "https://app.test/cb"),
    ] {
        assert_eq!(cleaned(address), expected);
    }
}

#[test]
fn the_pages_address_keeps_a_question_mark_that_was_its_own() {
    for (address, expected) in [
        ("https://app.test/cb?q=why?&code=c", "https://app.test/cb?q=why?"),
        ("https://app.test/cb?next=/a?b=1&code=c", "https://app.test/cb?next=/a?b=1"),
    ] {
        assert_eq!(cleaned(address), expected);
    }
}

#[test]
fn a_long_address_is_read_and_cleaned_in_no_time() {
    for part in ["?", "&", "%", "?code", "&code=", "?c%6fde=", "x=1&", "?a", "=", "?error_descriptio"] {
        grows_linearly(16_384, 200, |size| {
            let address = format!("{HOME}?code=x&{}", part.repeat(size / part.len()));
            let _read = (cleaned(&address), callback(&address, HOME).is_ok());
        });
    }
}

proptest! {
    #[test]
    fn no_callback_panics(query: String, own in prop::sample::select(vec!["", "?", "?x=1", "?code=own"])) {
        let address = format!("https://app.test/cb?{query}");
        let _judged = (callback(&address, &format!("{HOME}{own}")).is_ok(), cleaned(&address));
        let _any = (callback(&query, HOME).is_ok(), callback(HOME, &query).is_ok(), cleaned(&query));
    }

    #[test]
    fn a_clean_address_is_no_callback(
        query in "([a-z?&=%#+é]|[?&](code|error)|code=|state=|error=|c%6fde=|%3f|iss|session_state|x=1){0,12}",
        own in prop::sample::select(vec!["", "?", "?x=1", "?code", "?code=own", "?q=why?"]),
    ) {
        let clean = cleaned(&format!("{HOME}{own}{query}"));
        for home in [HOME.to_owned(), format!("{HOME}{own}")] {
            prop_assert!(callback(&clean, &home).is_ok_and(|found| found.is_none()), "{}", clean);
        }
        let query = clean.split('#').next().unwrap().split_once('?').unwrap_or_default().1.to_owned();
        for (name, _) in query.split(['?', '&']).flat_map(form::decode) {
            prop_assert!(!CALLBACK_NAMES.contains(&name.as_str()), "{}", clean);
        }
        prop_assert_eq!(cleaned(&clean), clean);
    }

    #[test]
    fn what_is_not_the_callbacks_stays(query in "(([a-df-z]|x=|%20|é|\\?a|=)|&){0,20}", fragment in "(#[a-z?=&]{0,6})?") {
        let pairs: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty()).collect();
        let page = if pairs.is_empty() { HOME.to_owned() } else { format!("{HOME}?{}", pairs.join("&")) };
        prop_assert_eq!(cleaned(&format!("{HOME}?{query}&code=c&state=s{fragment}")), format!("{page}{fragment}"));
    }

    #[test]
    fn a_code_comes_through_whatever_it_holds(code_text in "\\PC{1,20}", state: String) {
        let query = form::encode(&[("code", code_text.as_str()), ("state", state.as_str())]);
        prop_assert_eq!(code(&format!("{HOME}?{query}"), HOME), Some(code_text));
    }
}
