//! Anything anywhere in a profile, and any value in its templates.

use proptest::prelude::*;

use super::{DIRECT, REDIRECT, REQUEST, read, with};
use crate::error::Code;
use crate::protocol::json;
use crate::protocol::redirect;
use crate::protocol::request::{Purpose, Request, present};
use crate::provider::{Login, Provider, RequestTemplate, Scope, builtin};
use crate::value::Value;

/// Every request of a provider, with that value for whatever is signed in with or was answered.
fn requests(provider: &Provider, value: &str) -> Vec<String> {
    let mut scope = Scope::of(provider);
    for name in ["access_token", "refresh_token", "code", "state", "code_verifier", "code_challenge", "second_factor"] {
        scope.secret(name, value);
    }
    for name in ["username", "password", "token"] {
        scope.secret(name, value);
    }
    for name in ["redirect_uri", "now", "uuid"] {
        scope.open(name, value);
    }
    let mut addresses = Vec::new();
    let mut templates: Vec<RequestTemplate<'_>> = provider.grant_request().into_iter().collect();
    templates.extend(provider.renew().into_iter().chain(provider.revoke()));
    templates.extend(provider.second_factor().map(|second| second.request()));
    templates.extend(provider.check().map(|check| check.request()));
    for template in templates {
        if let Ok(request) = Request::build(Purpose::Login, template, &scope, "https://own.test/v1") {
            assert!(request.headers.iter().all(|(_, value)| value.bytes().all(|byte| matches!(byte, b' '..=b'~'))));
            addresses.push(request.url);
        }
    }
    if let Login::Redirect { authorize, exchange } = provider.login() {
        addresses.extend(redirect::authorization_url(authorize, &scope, "https://own.test/v1"));
        let page = redirect::exchange(exchange, authorize.pkce());
        addresses.extend(
            Request::build(Purpose::Exchange, RequestTemplate::new(&page), &scope, "https://own.test/v1")
                .map(|request| request.url),
        );
    }
    let _judged = present(provider.present(), &scope).is_ok();
    addresses
}

/// A node of the tree, in the order of a walk.
fn node<'v>(value: &'v mut Value, number: &mut usize) -> Option<&'v mut Value> {
    if *number == 0 {
        return Some(value);
    }
    *number -= 1;
    match value {
        Value::List(items) => items.iter_mut().find_map(|item| node(item, number)),
        Value::Map(members) => members.iter_mut().find_map(|(_, member)| node(member, number)),
        _ => None,
    }
}

proptest! {
    #[test]
    fn a_profile_with_anything_anywhere_is_refused_by_name_or_works(
        profile in prop::sample::select(vec![REQUEST, REDIRECT, DIRECT]),
        number in 0_usize..70,
        put in prop_oneof![
            prop::sample::select(vec![
                "null", "true", "7", "[]", "{}", "\"\"", r#""{username}""#, r#""{code}""#, r#"{"X A":"v"}"#, r#"[{"a":1}]"#,
                r#""https://{region}.own.test/""#, r#"{"kind":"direct"}"#, r#"{"url":"{access_token}"}"#, r#""header:X""#,
            ]).prop_map(read),
            "\\PC{0,12}".prop_map(Value::text),
            r"[a-z{}|:/\\\\?#@ \r\n]{0,24}".prop_map(Value::text),
            r"\{(username|token|region|access_token|state)(\|[a-z0-9]{0,9})?\}[a-z./:{}]{0,9}".prop_map(Value::text),
        ],
        value: String,
    ) {
        let mut page = read(profile);
        let mut number = number;
        if let Some(spot) = node(&mut page, &mut number) {
            *spot = put;
        }
        match builtin::custom(&page, None) {
            Ok(provider) => drop(requests(&provider, &value)),
            Err(error) => {
                prop_assert_eq!(error.code, Code::InvalidConfig);
                prop_assert!(error.message.starts_with("option `p"), "{}", error.message);
                prop_assert!(!error.message.contains(char::is_control));
            }
        }
    }

    #[test]
    fn no_value_leads_a_request_elsewhere(
        template in prop::sample::select(vec!["{username}", "/{username}", "{username}/x", "{region}/{username}", "https://own.test/{username}", "?{username}", "/a#{username}"]),
        value in prop_oneof![
            any::<String>(),
            r"(https?|HTTP|ftp|javascript|)(:|)[/\\\\]{0,3}[ \t\n]?(evil\.test|@evil\.test|user:p@evil\.test|:8443)?[/?#\\\\]?.{0,4}",
        ],
    ) {
        let page = with(REQUEST, "login.request.url", &json::write(&Value::text(template)));
        let provider = builtin::custom(&page, None).unwrap();
        for address in requests(&provider, &value) {
            let found = url::Url::parse(&address).unwrap();
            prop_assert_eq!(found.origin().ascii_serialization(), "https://own.test", "{} {:?}", address, value);
            prop_assert!(found.username().is_empty());
        }
    }
}
