//! What a caller's own profile may hold, and how what is wrong in it is named.

use super::check;
use crate::error::Code;
use crate::protocol::json::{self, Mode};
use crate::provider::builtin;
use crate::value::Value;

mod all;
mod any;

const REQUEST: &str = r#"{
    "id":"own","baseUrl":"https://own.test","params":{"client_id":"c","region":"eu","blank":""},
    "optionalParams":["extra"],"credentials":["username","password"],
    "login":{"kind":"request","request":{"url":"/token","form":{"u":"{username}","p":"{password}"}}},
    "secondFactor":{"when":{"status":"4xx","path":"error","equals":"mfa"},
        "request":{"url":"/token","form":{"u":"{username}","p":"{password}","code":"{second_factor}"}}},
    "renew":{"url":"/token","form":{"r":"{refresh_token}"}},
    "revoke":{"url":"/revoke","form":{"token":"{access_token}"}},
    "check":{"request":{"method":"GET","url":"/me","headers":{"Authorization":"Bearer {access_token}"}},"subject":"id"},
    "present":{"headers":{"Authorization":"Bearer {access_token}"}}}"#;

const REDIRECT: &str = r#"{
    "id":"own","baseUrl":"https://own.test","params":{"client_id":"c"},"credentials":[],
    "login":{"kind":"redirect","authorize":{"url":"/auth","query":{"client_id":"{client_id}"}},
        "exchange":{"url":"/token","form":{"code":"{code}"}}},
    "renew":{"url":"/token","form":{"r":"{refresh_token}"}},
    "present":{"headers":{"Authorization":"Bearer {access_token}"}}}"#;

const DIRECT: &str = r#"{
    "id":"own","baseUrl":"https://own.test","credentials":["token"],"login":{"kind":"direct"},
    "check":{"request":{"method":"GET","url":"/me","headers":{"X-Key":"{token}"}},"subject":"id"},
    "present":{"headers":{"X-Key":"{access_token}"}}}"#;

fn read(json: &str) -> Value {
    json::read(json, Mode::Strict).unwrap()
}

/// The profile with that value at `place`.
fn with(profile: &str, place: &str, value: &str) -> Value {
    let mut page = read(profile);
    let mut spot = &mut page;
    for step in place.split('.') {
        if !matches!(spot, Value::Map(_)) {
            *spot = Value::Map(Vec::new());
        }
        let Value::Map(members) = spot else { unreachable!() };
        let at = members.iter().position(|(name, _)| name == step).unwrap_or_else(|| {
            members.push((step.to_owned(), Value::Null));
            members.len() - 1
        });
        spot = &mut members[at].1;
    }
    *spot = read(value);
    page
}

/// What is said of a profile that is refused.
fn refused(page: &Value) -> String {
    let error = check(page, "provider").err().unwrap_or_else(|| panic!("taken: {}", json::write(page)));
    assert_eq!(error.code, Code::InvalidConfig);
    error.message.clone()
}

#[test]
fn whole_profiles_are_taken() {
    for profile in [REQUEST, REDIRECT, DIRECT] {
        check(&read(profile), "provider").unwrap();
    }
}

#[test]
fn what_is_wrong_is_named_with_what_it_must_be() {
    for (profile, place, value, said) in [
        (REQUEST, "id", "null", "option `provider.id` must be given"),
        (REQUEST, "id", r#""a b""#, "option `provider.id` must be printable ASCII without blanks"),
        (REQUEST, "baseUrl", "7", "option `provider.baseUrl` must be text without control characters"),
        (
            REQUEST,
            "baseUrl",
            r#""https://own.test\n.evil.test""#,
            "option `provider.baseUrl` must be text without control characters",
        ),
        (REQUEST, "credentials", r#""username""#, "option `provider.credentials` must be a list"),
        (REQUEST, "credentials", r#"["a",""]"#, "option `provider.credentials.1` must be text that is not empty"),
        (
            REQUEST,
            "credentials",
            r#"["username","password","code"]"#,
            "option `provider.credentials` must be names other",
        ),
        (
            REQUEST,
            "credentials",
            r#"["username","password","password"]"#,
            "option `provider.credentials` must be names that differ",
        ),
        (REQUEST, "params", r#"{"client_id":7}"#, "option `provider.params.client_id` must be text"),
        (
            REQUEST,
            "formats",
            r#"{"username":"us-phone"}"#,
            "option `provider.formats.username` must be one of: ru-phone",
        ),
        (
            REQUEST,
            "formats",
            r#"{"user":"ru-phone"}"#,
            "option `provider.formats` must be an object with names of credentials",
        ),
        (
            REQUEST,
            "infer",
            r#"[{"credential":"username","digitsThen":"-"}]"#,
            "option `provider.infer.0.params` must be given",
        ),
        (
            REQUEST,
            "infer",
            r#"[{"credential":"x","digitsThen":"-","params":{}}]"#,
            "option `provider.infer` must be a list whose every",
        ),
        (REQUEST, "login", "7", "option `provider.login` must be an object"),
        (REQUEST, "login", "{}", "option `provider.login.kind` must be \"request\", \"direct\" or \"redirect\""),
        (
            REQUEST,
            "login",
            r#"{"kind":"magic"}"#,
            "option `provider.login.kind` must be \"request\", \"direct\" or \"redirect\"",
        ),
        (REQUEST, "login", r#"{"kind":"request"}"#, "option `provider.login.request` must be given"),
        (
            REQUEST,
            "login",
            r#"{"kind":"direct","request":{"url":"/"}}"#,
            "option `provider.login.request` must be left out: it is not known here. Known: kind",
        ),
        (REQUEST, "login.request.url", "null", "option `provider.login.request.url` must be given"),
        (
            REQUEST,
            "login.request.method",
            r#""PATCH""#,
            "option `provider.login.request.method` must be one of: GET, POST, PUT, DELETE",
        ),
        (
            REQUEST,
            "login.request.method",
            r#""POST\r\nX: y""#,
            "option `provider.login.request.method` must be one of: GET, POST, PUT, DELETE",
        ),
        (
            REQUEST,
            "login.request.method",
            r#""GET""#,
            "option `provider.login.request.method` must be \"POST\" or \"PUT\" where there is a body",
        ),
        (
            REQUEST,
            "login.request.json",
            "{}",
            "option `provider.login.request.json` must be left out where there is `form`",
        ),
        (
            REQUEST,
            "login.request.from",
            "{}",
            "option `provider.login.request.from` must be left out: it is not known here. Known: method, url,",
        ),
        (
            REQUEST,
            "login.request.basic",
            r#"{"username":"a","encode":"plain"}"#,
            "option `provider.login.request.basic.encode` must be one of: none, form",
        ),
        (REQUEST, "login.request.form.p", "7", "option `provider.login.request.form.p` must be text"),
        (
            REQUEST,
            "login.request.form.p",
            r#""{password|md5}""#,
            "option `provider.login.request.form.p` must be text with the transforms",
        ),
        (
            REQUEST,
            "login.request.form.p",
            r#""{password""#,
            "option `provider.login.request.form.p` must be text whose every",
        ),
        (REDIRECT, "login.authorize.pkce", r#""yes""#, "option `provider.login.authorize.pkce` must be true or false"),
        (
            REDIRECT,
            "login.authorize.lifetime",
            "-1",
            "option `provider.login.authorize.lifetime` must be a whole number of milliseconds, 0 or more",
        ),
        (
            REDIRECT,
            "login.authorize.lifetime",
            "1e30",
            "option `provider.login.authorize.lifetime` must be a whole number",
        ),
        (REDIRECT, "login.authorize.query", "null", "option `provider.login.authorize.query` must be given"),
        (
            REQUEST,
            "secondFactor.when",
            "[]",
            "option `provider.secondFactor.when` must be a condition or a list of them",
        ),
        (
            REQUEST,
            "secondFactor.when",
            "{}",
            "option `provider.secondFactor.when.status` must be given where there is no `path`",
        ),
        (
            REQUEST,
            "secondFactor.when",
            r#"[{"status":99}]"#,
            "option `provider.secondFactor.when.0.status` must be an HTTP status from 100 to 599, or a class",
        ),
        (
            REQUEST,
            "secondFactor.when",
            r#"{"status":"6xx"}"#,
            "option `provider.secondFactor.when.status` must be an HTTP status",
        ),
        (
            REQUEST,
            "secondFactor.when",
            r#"{"equals":null}"#,
            "option `provider.secondFactor.when.path` must be given where",
        ),
        (
            REQUEST,
            "secondFactor.when",
            r#"{"path":"a","equals":1,"oneOf":[1]}"#,
            "option `provider.secondFactor.when.oneOf` must be left out where",
        ),
        (
            REQUEST,
            "secondFactor.when",
            r#"{"path":"a","equals":{}}"#,
            "option `provider.secondFactor.when.equals` must be text, a number, true, false or null",
        ),
        (REQUEST, "check.subject", "null", "option `provider.check.subject` must be given: a dotted path"),
        (
            REQUEST,
            "answer.accessToken",
            r#""a..b""#,
            "option `provider.answer.accessToken` must be a dotted path without empty parts",
        ),
        (
            REQUEST,
            "answer.format",
            r#""yaml""#,
            "option `provider.answer.format` must be one of: auto, json, xml, text, form",
        ),
        (
            REQUEST,
            "answer.expires",
            r#""soon""#,
            "option `provider.answer.expires` must be \"never\", \"jwt\" or an object with one of",
        ),
        (
            REQUEST,
            "answer.expires",
            "{}",
            "option `provider.answer.expires` must be \"never\", \"jwt\" or an object with one of",
        ),
        (REQUEST, "answer.expires", r#"{"in":"a","at":"b"}"#, "option `provider.answer.expires.at` must be left out"),
        (
            REQUEST,
            "answer.expires",
            r#"{"after":1.5}"#,
            "option `provider.answer.expires.after` must be a whole number of seconds",
        ),
        (
            REQUEST,
            "answer.expires",
            r#"{"at":"a","unit":"m"}"#,
            "option `provider.answer.expires.unit` must be one of: s, ms, iso8601",
        ),
        (REQUEST, "answer.secret", r#"["a",".b"]"#, "option `provider.answer.secret.1` must be a dotted path"),
        (
            REQUEST,
            "answer.require",
            r#"[{"present":true}]"#,
            "option `provider.answer.require.0.path` must be given where",
        ),
        (
            REQUEST,
            "answer.token",
            r#""a""#,
            "option `provider.answer.token` must be left out: it is not known here. Known: format, accessToken",
        ),
        (REQUEST, "problem.code", r#""error""#, "option `provider.problem.code` must be a list"),
        (REQUEST, "problem.map", r#"{"x":"no_such_code"}"#, "option `provider.problem.map.x` must be an error code"),
        (REQUEST, "present", "null", "option `provider.present` must be given"),
        (
            REQUEST,
            "present.expired",
            "[401,1000]",
            "option `provider.present.expired.1` must be an HTTP status from 100 to 599",
        ),
        (
            REQUEST,
            "present.basic",
            r#"{"username":"a"}"#,
            "option `provider.present.basic` must be left out where `headers` have Authorization",
        ),
        (REQUEST, "__proto__", "{}", "option `provider.__proto__` must be left out"),
        (REQUEST, "constructor", "{}", "option `provider.constructor` must be left out"),
    ] {
        let page = with(profile, place, value);
        let found = refused(&page);
        assert!(found.starts_with(said), "{place}: {value}\n  {found}\n  {said}");
    }
    for value in [Value::Null, Value::List(Vec::new()), Value::text("x")] {
        assert_eq!(refused(&value), "option `provider` must be an object");
    }
}

#[test]
fn what_is_left_out_or_null_takes_the_default() {
    for (place, value) in [
        ("renew", "null"),
        ("secondFactor", "null"),
        ("answer", r#"{"expires":null,"lenient":null}"#),
        ("answer", r#"{"expires":"jwt","format":"form","secret":["a","header:X"],"accessToken":""}"#),
        ("secondFactor.when", r#"[{"path":"a","equals":null},{"status":[400,"5xx"]}]"#),
        ("$schema", r#""https://own.test/profile.schema.json""#),
        ("secretParams", r#"["region"]"#),
        ("login.request.basic", r#"{"username":"{client_id}"}"#),
    ] {
        check(&with(REQUEST, place, value), "provider").unwrap();
    }
}

/// Each place, and what can have a value there.
#[rustfmt::skip]
const PLACES: &[(&str, &str, &[&str])] = &[
    (REQUEST, "login.request.form.x", &["username", "password"]),
    (REQUEST, "secondFactor.request.query.x", &["username", "password", "second_factor"]),
    (REQUEST, "renew.form.x", &["access_token", "refresh_token"]),
    (REQUEST, "revoke.headers.x", &["access_token", "refresh_token"]),
    (REQUEST, "check.request.query.x", &["access_token", "refresh_token"]),
    (REQUEST, "present.query.x", &["access_token", "refresh_token"]),
    (REDIRECT, "login.authorize.query.x", &["state", "code_challenge", "redirect_uri"]),
    (REDIRECT, "login.exchange.form.x", &["code", "code_verifier", "state", "redirect_uri"]),
    (REDIRECT, "renew.form.x", &["access_token", "refresh_token", "redirect_uri"]),
    (REDIRECT, "present.headers.x", &["access_token", "refresh_token", "redirect_uri"]),
    (DIRECT, "check.request.query.x", &["access_token", "token"]),
    (DIRECT, "present.query.x", &["access_token", "token"]),
];

#[test]
fn a_placeholder_that_can_have_no_value_where_it_stands_is_refused() {
    let engine = [
        "access_token",
        "refresh_token",
        "code",
        "redirect_uri",
        "state",
        "code_verifier",
        "code_challenge",
        "second_factor",
    ];
    let own = ["username", "password", "token"];
    for &(profile, place, known) in PLACES {
        for name in engine.into_iter().chain(own).chain(["unknown", "Access_token", "__proto__"]) {
            let page = with(profile, place, &format!(r#""{{{name}}}""#));
            if known.contains(&name) {
                check(&page, "provider").unwrap();
                continue;
            }
            let said = refused(&page);
            assert!(said.contains(&format!("`provider.{place}`")) && said.contains(&format!("{{{name}}}")), "{said}");
            assert!(known.iter().all(|known| said.contains(known)), "what is known there is said: {said}");
        }
        for name in ["now", "uuid"] {
            check(&with(profile, place, &format!(r#""a {{{name}}}""#)), "provider").unwrap();
        }
    }
    for name in ["client_id", "region", "extra", "blank"] {
        for &(_, place, _) in PLACES.iter().filter(|(profile, ..)| *profile == REQUEST) {
            check(&with(REQUEST, place, &format!(r#""{{{name}}}""#)), "provider").unwrap();
        }
    }
    let two = with(DIRECT, "credentials", r#"["token","other"]"#);
    assert!(refused(&two).contains("{access_token}"), "with two direct credentials there is no token");
}

#[test]
fn a_header_is_named_and_filled_as_headers_can_be() {
    for name in ["X A", "", "X:", "X\\r\\nY", "Ключ", "X/Y", "X\\u0000"] {
        for place in ["login.request.headers", "present.headers", "check.request.headers"] {
            let said = refused(&with(REQUEST, place, &format!(r#"{{"{name}":"v"}}"#)));
            assert!(said.starts_with(&format!("option `provider.{place}.")), "{said}");
            assert!(!said.contains(['\r', '\n', '\0']), "{said:?}");
        }
    }
    for text in ["a\\r\\nX-Evil: 1", "a\\u0000", "ключ", " a", "a ", "a\\u007f", "{access_token}\\n"] {
        let said = refused(&with(REQUEST, "present.headers.X-Key", &format!(r#""{text}""#)));
        assert!(said.starts_with("option `provider.present.headers.X-Key` must be printable ASCII"), "{said}");
    }
    let twice = with(REQUEST, "present.headers", r#"{"X-Key":"a","x-key":"b"}"#);
    assert!(
        refused(&twice).starts_with("option `provider.present.headers` must be an object that names each header once")
    );
}

#[test]
fn no_control_character_stands_in_an_address_or_a_query() {
    for text in ["/a\\r\\nb", "/a\\u0000", "/a\\tb"] {
        for place in ["login.request.url", "renew.url", "login.request.query.x", "present.query.x"] {
            let said = refused(&with(REQUEST, place, &format!(r#""{text}""#)));
            assert_eq!(said, format!("option `provider.{place}` must be text without control characters"));
        }
    }
    refused(&with(REQUEST, "login.request.query", r#"{"a\nb":"1"}"#));
    // A body may have them: a form encodes them, and so does JSON.
    check(&with(REQUEST, "login.request.form.x", r#""line 1\nline 2""#), "provider").unwrap();
}

#[test]
fn where_an_address_leads_is_decided_by_no_credential_and_no_answer() {
    for url in [
        "https://{username}.own.test/",
        "https://own.test:{password}/x",
        "//{username}/",
        "https:{username}",
        "https://own.test{username}",
    ] {
        let said = refused(&with(REQUEST, "login.request.url", &format!(r#""{url}""#)));
        assert!(
            said.starts_with("option `provider.login.request.url` must be an address that leads to the same place"),
            "{said}"
        );
    }
    refused(&with(REQUEST, "renew.url", r#""https://{access_token}.own.test/""#));
    refused(&with(REDIRECT, "login.authorize.url", r#""https://{state}.own.test/""#));
    for url in ["https://{region}.own.test/{username}", "https://own.test/{username}", "/{username}", "{region}"] {
        check(&with(REQUEST, "login.request.url", &format!(r#""{url}""#)), "provider").unwrap();
    }
}

#[test]
fn what_a_param_brings_into_a_header_or_an_address_must_fit_there() {
    let page = with(REQUEST, "present.headers.X-Region", r#""{region}""#);
    for value in ["a\r\nX-Evil: 1", "ключ", " a", "\0"] {
        let given = Value::map([("region", Value::text(value))]);
        let error = builtin::custom(&page, Some(&given)).err().unwrap();
        assert_eq!(error.code, Code::InvalidConfig);
        assert!(error.message.starts_with("option `params.region` must be printable ASCII"), "{}", error.message);
        assert!(error.message.ends_with("provider.present.headers.X-Region"), "{}", error.message);
    }
    let encoded = with(REQUEST, "present.headers.X-Region", r#""{region|base64}""#);
    let given = Value::map([("region", Value::text("ключ"))]);
    builtin::custom(&encoded, Some(&given)).unwrap();
    for (place, template) in [
        ("login.request.url", r#""/{region}/token""#),
        ("login.request.basic", r#"{"username":"id","password":"{region}"}"#),
    ] {
        let given = Value::map([("region", Value::text("a\nb"))]);
        let error = builtin::custom(&with(REQUEST, place, template), Some(&given)).err().unwrap();
        assert!(error.message.starts_with("option `params.region` must be text without control"), "{}", error.message);
    }
}

#[test]
fn an_address_that_lacks_a_param_is_noticed_at_once() {
    for (place, name) in [("login.request.url", "blank"), ("renew.url", "extra"), ("check.request.url", "blank")] {
        let page = with(REQUEST, place, &format!(r#""/{{{name}}}/token""#));
        assert_eq!(
            refused(&page),
            format!("option `params.{name}` must be given: there is no address without it: provider.{place}")
        );
        builtin::custom(&page, Some(&Value::map([(name, Value::text("x"))]))).unwrap();
    }
    let infer = r#"[{"credential":"username","digitsThen":"-","params":{"blank":"l3"}}]"#;
    let page = with(&json::write(&with(REQUEST, "infer", infer)), "login.request.url", r#""/{blank}/token""#);
    check(&page, "provider").unwrap();
}

#[test]
fn json_is_checked_however_deep_its_templates_stand() {
    let page = |json: &str| {
        let page = with(REQUEST, "login.request.form", "null");
        with(&json::write(&page), "login.request.json", json)
    };
    check(&page(r#"{"a":1,"b":[true,null,{"c":"{username}","d":["{password}"]}],"e":"line\nline"}"#), "provider")
        .unwrap();
    for (json, place) in [
        (r#"{"a":{"b":"{code}"}}"#, "a.b"),
        (r#"{"a":[1,"{refresh_token}"]}"#, "a.1"),
        (r#"{"a":[{"b":"{x|y}"}]}"#, "a.0.b"),
    ] {
        let said = refused(&page(json));
        assert!(said.starts_with(&format!("option `provider.login.request.json.{place}`")), "{said}");
    }
}
