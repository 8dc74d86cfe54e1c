use proptest::prelude::*;

use super::{Grant, owner, token};
use crate::error::{Code, Result};
use crate::protocol::json::{self, Mode};
use crate::protocol::redact::Redactor;
use crate::protocol::request::Purpose;
use crate::protocol::response::{Response, Times};
use crate::provider::template::base64url;
use crate::provider::{Provider, builtin};

mod hostile;
mod services;

const SENT: i64 = 1_700_000_000_000;
const END_OF_TIME: i64 = 8_640_000_000_000_000;
pub(super) const TIMES: Times = Times { sent: SENT, received: SENT + 250 };

/// A password profile with that `answer`.
fn profile(answer: &str) -> Provider {
    let text = format!(
        r#"{{"id":"p","baseUrl":"https://p.test","credentials":["username"],
        "login":{{"kind":"request","request":{{"url":"/token","form":{{"username":"{{username}}"}}}}}},
        "answer":{answer},"present":{{"headers":{{"Authorization":"Bearer {{access_token}}"}}}}}}"#
    );
    builtin::custom(&json::read(&text, Mode::Strict).unwrap(), None).unwrap()
}

pub(super) fn builtin(id: &str, options: &str) -> Provider {
    builtin::provider(id, &json::read(options, Mode::Strict).unwrap()).unwrap()
}

pub(super) fn response(status: u16, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Response {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Response { status, headers, body: body.as_ref().to_vec(), xml: None }
}

pub(super) fn grant(provider: &Provider, body: &str) -> Result<Grant> {
    token(provider, Purpose::Login, &response(200, &[], body), TIMES, &Redactor::default())
}

pub(super) fn refused(provider: &Provider, body: &str) -> Code {
    grant(provider, body).err().map(|error| error.code).unwrap()
}

/// When a token with that member ends.
fn ends(answer: &str, member: &str) -> Option<i64> {
    grant(&profile(answer), &format!(r#"{{"access_token":"a"{member}}}"#)).unwrap().expires_at
}

#[test]
fn a_life_is_read_as_services_write_it() {
    for (written, expected) in [
        (r#""3600""#, Some(SENT + 3_600_000)),
        ("3600", Some(SENT + 3_600_000)),
        ("3600.5", Some(SENT + 3_600_500)),
        (r#""3600.5""#, Some(SENT + 3_600_500)),
        ("3.6e3", Some(SENT + 3_600_000)),
        (r#""3600abc""#, None),
        (r#"" ""#, None),
        (r#""""#, None),
        ("null", None),
        ("true", None),
        ("[3600]", None),
        (r#"{"seconds":3600}"#, None),
        ("-1", Some(SENT)),
        ("0", Some(SENT)),
        ("1e20", Some(END_OF_TIME)),
        ("99999999999999999999999999999999", Some(END_OF_TIME)),
    ] {
        assert_eq!(ends("{}", &format!(r#","expires_in":{written}"#)), expected, "{written}");
    }
    assert_eq!(ends("{}", ""), None, "missing");
}

#[test]
fn a_life_stands_where_the_profile_says() {
    let at = SENT + 60_000;
    for (answer, member, expected) in [
        (r#"{"expires":{"in":"data.ttl"}}"#, r#","data":{"ttl":60}"#.to_owned(), Some(at)),
        (r#"{"expires":{"after":60}}"#, String::new(), Some(at)),
        (r#"{"expires":"never"}"#, r#","expires_in":60"#.to_owned(), None),
        (r#"{"expires":{"at":"end"}}"#, format!(r#","end":{}"#, at / 1000), Some(at)),
        (r#"{"expires":{"at":"end"}}"#, format!(r#","end":"{}""#, at / 1000), Some(at)),
        (r#"{"expires":{"at":"end","unit":"ms"}}"#, format!(r#","end":{at}"#), Some(at)),
        (r#"{"expires":{"at":"end","unit":"iso8601"}}"#, r#","end":"2023-11-14T22:14:20"#.to_owned() + "\"", Some(at)),
        (
            r#"{"expires":{"at":"end","unit":"iso8601"}}"#,
            r#","end":"2023-11-15T01:14:20+03:00"#.to_owned() + "\"",
            Some(at),
        ),
        (
            r#"{"expires":{"at":"end","unit":"iso8601"}}"#,
            r#","end":"2023-11-15 01:14:20 +0300"#.to_owned() + "\"",
            Some(at),
        ),
        (r#"{"expires":{"at":"end"}}"#, r#","end":"soon""#.to_owned(), None),
        (r#"{"expires":{"at":"end"}}"#, r#","end":-5"#.to_owned(), Some(0)),
        (r#"{"expires":{"at":"end"}}"#, r#","end":1e30"#.to_owned(), Some(END_OF_TIME)),
    ] {
        assert_eq!(ends(answer, &member), expected, "{answer} {member}");
    }
}

#[test]
fn a_moment_is_moved_to_our_clock_where_the_server_tells_its_own() {
    let provider = profile(r#"{"expires":{"at":"end"}}"#);
    // The server is an hour ahead: 23:13:20 there is 22:13:20 here.
    let body = format!(r#"{{"access_token":"a","end":{}}}"#, SENT / 1000 + 3600 + 60);
    let answer = response(200, &[("date", "Tue, 14 Nov 2023 23:13:20 GMT")], body);
    let grant = token(&provider, Purpose::Login, &answer, TIMES, &Redactor::default()).unwrap();
    assert_eq!(grant.expires_at, Some(SENT + 60_000));
}

#[test]
fn a_token_that_is_no_bearer_token_is_not_used_as_one() {
    for accepted in [
        "",
        r#","token_type":"bearer""#,
        r#","token_type":"BEARER""#,
        r#","Token_Type":"Bearer""#,
        r#","token_type":null"#,
    ] {
        assert!(grant(&profile("{}"), &format!(r#"{{"access_token":"a"{accepted}}}"#)).is_ok(), "{accepted}");
    }
    for other in [r#""mac""#, r#""DPoP""#, r#""bearer ""#, r#""N_A""#, "1"] {
        let body = format!(r#"{{"access_token":"a","token_type":{other}}}"#);
        assert_eq!(refused(&profile("{}"), &body), Code::InvalidResponse, "{other}");
    }
}

#[test]
fn a_token_type_that_is_no_text_is_other_than_bearer() {
    for other in ["true", "{}", r#"["bearer"]"#] {
        let body = format!(r#"{{"access_token":"a","token_type":{other}}}"#);
        assert_eq!(grant(&profile("{}"), &body).err().map(|error| error.code), Some(Code::InvalidResponse), "{other}");
    }
}

#[test]
fn a_token_is_printable_ascii_without_blanks() {
    for member in ["access_token", "refresh_token"] {
        for wrong in [r#""a b""#, r#"" a""#, r#""a\n""#, r#""ключ""#, r#""a\u0000""#, "7", "true", "{}", r#"["a"]"#]
        {
            let other = if member == "access_token" { "x" } else { "access_token" };
            let body = format!(r#"{{"{other}":"good","{member}":{wrong}}}"#);
            assert_eq!(refused(&profile("{}"), &body), Code::InvalidResponse, "{body}");
        }
    }
    for none in
        [r#"{"access_token":""}"#, r#"{"access_token":null}"#, "{}", "[]", "null", "\"a\"", "7", "", "<html></html>"]
    {
        assert_eq!(refused(&profile("{}"), none), Code::InvalidResponse, "{none}");
    }
    assert!(grant(&profile("{}"), r#"{"access_token":"!~%:/+=."}"#).unwrap().refresh_token.is_none());
}

#[test]
fn a_parameter_that_comes_twice_makes_the_answer_invalid() {
    for lenient in [false, true] {
        let provider = profile(&format!(r#"{{"lenient":{lenient}}}"#));
        assert_eq!(refused(&provider, r#"{"access_token":"a","access_token":"b"}"#), Code::InvalidResponse);
    }
}

#[test]
fn what_the_profile_requires_must_hold() {
    let provider = profile(r#"{"require":[{"path":"ok","equals":true},{"path":"error","present":false}]}"#);
    assert!(grant(&provider, r#"{"access_token":"a","ok":true}"#).is_ok());
    assert_eq!(refused(&provider, r#"{"access_token":"a","ok":false}"#), Code::InvalidResponse);
    assert_eq!(refused(&provider, r#"{"access_token":"a"}"#), Code::InvalidResponse);
    assert_eq!(
        refused(&provider, r#"{"access_token":"a","ok":true,"error":"invalid_grant"}"#),
        Code::InvalidCredentials
    );
}

#[test]
fn a_bare_text_is_the_token_where_the_profile_says_so() {
    let provider = profile(r#"{"format":"text","expires":{"after":60}}"#);
    let answer = grant(&provider, "\u{feff} abc.def\r\n").unwrap();
    assert_eq!((answer.access_token.expose(), answer.expires_at), ("abc.def", Some(SENT + 60_000)));
    for wrong in ["", " \n", "<html> </html>", "two words", "ключ"] {
        assert_eq!(refused(&provider, wrong), Code::InvalidResponse, "{wrong}");
    }
}

#[test]
fn the_whole_answer_may_be_the_token() {
    for (answer, kind, body) in [
        (r#"{"accessToken":""}"#, "application/json", r#""abc.def""#),
        (r#"{"accessToken":"","format":"json"}"#, "", r#" "abc.def" "#),
        (r#"{"format":"text"}"#, "application/json", r#""abc.def""#),
        (r#"{"format":"text"}"#, "text/plain", "abc.def\n"),
        (r#"{"accessToken":"0.token"}"#, "", r#"[{"token":"abc.def"}]"#),
    ] {
        let answered = response(200, &[("content-type", kind)], body);
        let grant = token(&profile(answer), Purpose::Login, &answered, TIMES, &Redactor::default()).unwrap();
        assert_eq!(grant.access_token.expose(), "abc.def", "{answer}");
        assert_eq!(json::write(&grant.details), "{}", "{answer}");
    }
    for body in [r#""""#, r#""a b""#, "7", "true", "[]", "{}", "null"] {
        assert_eq!(refused(&profile(r#"{"accessToken":""}"#), body), Code::InvalidResponse, "{body}");
    }
    // What is built like another answer is no bare token.
    for body in ["<html></html>", r#"{"a":1}"#, r#"["a"]"#] {
        assert_eq!(refused(&profile(r#"{"format":"text"}"#), body), Code::InvalidResponse, "{body}");
    }
    assert_eq!(refused(&profile(r#"{"format":"text"}"#), r#"{"error":"invalid_grant"}"#), Code::InvalidCredentials);
    let answered = response(400, &[], r#"{"error":"invalid_scope"}"#);
    let error = token(&profile(r#"{"format":"text"}"#), Purpose::Login, &answered, TIMES, &Redactor::default());
    assert_eq!(error.err().map(|error| error.code), Some(Code::InvalidScope));
}

#[test]
fn a_scope_is_words_or_a_list_of_them() {
    for (scope, expected) in [
        (r#""read write""#, Some(vec!["read", "write"])),
        (r#""read,write, more\tand\nmore""#, Some(vec!["read", "write", "more", "and", "more"])),
        (r#"["read","write more"]"#, Some(vec!["read", "write", "more"])),
        ("[]", Some(vec![])),
        (r#""""#, None),
        ("null", None),
        ("{}", None),
    ] {
        let grant = grant(&profile("{}"), &format!(r#"{{"access_token":"a","scope":{scope}}}"#)).unwrap();
        let expected = expected.map(|words| words.into_iter().map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(grant.scope, expected, "{scope}");
        assert_eq!(json::write(&grant.details), "{}");
    }
}

#[test]
fn a_token_may_come_in_a_header() {
    let provider = profile(r#"{"accessToken":"header:X-Token|token","refreshToken":"header:x-refresh"}"#);
    let read = |headers: &[(&str, &str)], body: &str| {
        token(&provider, Purpose::Login, &response(200, headers, body), TIMES, &Redactor::default())
    };
    let grant = read(&[("x-token", "abc"), ("x-refresh", "def")], r#"{"id":7}"#).unwrap();
    assert_eq!(grant.access_token.expose(), "abc");
    assert_eq!(grant.refresh_token.map(|token| token.expose().to_owned()).as_deref(), Some("def"));
    assert_eq!(json::write(&grant.details), r#"{"id":7}"#);
    assert_eq!(read(&[], r#"{"token":"ghi"}"#).unwrap().access_token.expose(), "ghi");
    assert_eq!(read(&[], "{}").err().map(|error| error.code), Some(Code::InvalidResponse));
}

#[test]
fn a_form_is_read_where_it_says_so_or_the_profile_does() {
    let body = "access_token=a%2Bb&expires_in=60&scope=read%20write";
    let by_type = response(200, &[("content-type", "application/x-www-form-urlencoded; charset=utf-8")], body);
    for (answer, answered) in [("{}", by_type.clone()), (r#"{"format":"form"}"#, response(200, &[], body))] {
        let grant = token(&profile(answer), Purpose::Exchange, &answered, TIMES, &Redactor::default()).unwrap();
        assert_eq!((grant.access_token.expose(), grant.expires_at), ("a+b", Some(SENT + 60_000)));
        assert_eq!(grant.scope, Some(vec!["read".to_owned(), "write".to_owned()]));
    }
    let form = profile(r#"{"format":"form"}"#);
    for wrong in ["", "access_token=a&access_token=b", "access_token=", "token=a"] {
        assert_eq!(refused(&form, wrong), Code::InvalidResponse, "{wrong}");
    }
    assert_eq!(refused(&form, &"a=&b".repeat(5_000)), Code::InvalidResponse);
    assert_eq!(refused(&form, "error=invalid_grant&error_description=x"), Code::InvalidCredentials);
}

#[test]
fn the_life_of_a_token_may_be_its_own() {
    let provider = profile(r#"{"expires":"jwt"}"#);
    let ends = |claims: &str| {
        let token = ["e30.", &base64url(claims.as_bytes()), ".c2ln"].concat();
        grant(&provider, &format!(r#"{{"access_token":"{token}","expires_in":5}}"#)).unwrap().expires_at
    };
    let end = SENT + 90_000;
    assert_eq!(ends(&format!(r#"{{"exp":{},"sub":"я"}}"#, end / 1000)), Some(end));
    assert_eq!(ends(&format!(r#"{{"exp":{}.5}}"#, end / 1000)), Some(end + 500));
    for none in ["{}", r#"{"exp":"soon"}"#, r#"{"exp":null}"#, "7", "{", ""] {
        assert_eq!(ends(none), None, "{none}");
    }
    for opaque in ["abc", "a.b.c", "a..", "a.+/.c", "..", "a.e30"] {
        let body = format!(r#"{{"access_token":"{opaque}"}}"#);
        assert_eq!(grant(&provider, &body).unwrap().expires_at, None, "{opaque}");
    }
}

#[test]
fn an_error_beside_a_token_is_the_error_for_every_purpose() {
    for (purpose, expected) in [
        (Purpose::Login, Code::InvalidCredentials),
        (Purpose::Confirm, Code::InvalidSecondFactor),
        (Purpose::Refresh, Code::LoginRequired),
        (Purpose::Exchange, Code::CodeExpired),
    ] {
        let read = |answer: &str, body: &str| {
            token(&profile(answer), purpose, &response(200, &[], body), TIMES, &Redactor::default())
        };
        for (answer, body) in [
            ("{}", r#"{"access_token":"a","error":"invalid_grant"}"#),
            ("{}", r#"{"access_token":"a","error":{"code":"invalid_grant"}}"#),
            (r#"{"format":"xml"}"#, "<response><access_token>a</access_token><error>invalid_grant</error></response>"),
            (r#"{"format":"form"}"#, "access_token=a&error=invalid_grant"),
        ] {
            assert_eq!(read(answer, body).err().map(|error| error.code), Some(expected), "{body}");
        }
        for fine in [r#""error":null"#, r#""error":"""#, r#""error":0"#, r#""error":false"#, r#""code":200"#] {
            assert!(read("{}", &format!(r#"{{"access_token":"a",{fine}}}"#)).is_ok(), "{fine}");
        }
    }
    let check = builtin("invoicebox", "{}");
    let answered = response(200, &[], r#"{"data":{"userId":"u"},"error":{"code":"invalid_token"}}"#);
    let found = owner(&check, check.check().unwrap(), &answered, TIMES, &Redactor::default());
    assert_eq!(found.err().map(|error| error.code), Some(Code::InvalidToken));
}

#[test]
fn what_the_profile_calls_a_secret_is_in_no_details() {
    let provider = profile(r#"{"secret":["device.pin","links.0","header:X-Sid"]}"#);
    let body = r#"{"access_token":"a","device":{"pin":"pin-12345","name":"d"},"links":["https://x.test/?k=9","b"],
        "copy":"pin pin-12345","note":"sid-9876 too","n":7}"#;
    let answered = response(200, &[("x-sid", "sid-9876")], body);
    let grant = token(&provider, Purpose::Login, &answered, TIMES, &Redactor::default()).unwrap();
    assert_eq!(json::write(&grant.details), r#"{"device":{"name":"d"},"links":[null,"b"],"n":7}"#);
    let secrets: Vec<&str> = grant.secrets.iter().map(|secret| secret.expose()).collect();
    assert_eq!(secrets, ["pin-12345", "https://x.test/?k=9", "sid-9876"]);
}

#[test]
fn details_show_what_no_other_field_says_and_no_token() {
    let body = r#"{"access_token":"access-secret","refresh_token":"refresh-secret","token_type":"bearer","expires_in":60,
        "scope":"read write","id":12345678901234567890,"id_token":"x","echo":"Bearer access-secret","price":7.50,"n":{"a":1}}"#;
    let grant = grant(&profile(r#"{"subject":"id"}"#), body).unwrap();
    assert_eq!(grant.subject.as_deref(), Some("12345678901234567890"));
    assert_eq!(grant.scope, Some(vec!["read".to_owned(), "write".to_owned()]));
    assert_eq!(json::write(&grant.details), r#"{"price":7.50,"n":{"a":1}}"#);
}

#[test]
fn an_owner_is_named_or_there_is_none() {
    let provider = builtin("invoicebox", "{}");
    let ask = |status, body: &str| {
        let check = provider.check().unwrap();
        owner(&provider, check, &response(status, &[], body), TIMES, &Redactor::default())
    };
    assert_eq!(ask(200, r#"{"data":{"userId":"u"}}"#).ok().unwrap().subject, "u");
    for (status, body, expected) in [
        (200, r#"{"data":{"userId":null}}"#, Code::InvalidToken),
        (200, r#"{"data":{"userId":""}}"#, Code::InvalidToken),
        (200, r#"{"data":{"userId":7}}"#, Code::InvalidResponse),
        (200, r#"{"data":{}}"#, Code::InvalidResponse),
        (200, "<html>", Code::InvalidResponse),
        (401, "", Code::InvalidToken),
        (403, r#"{"error":{"code":"forbidden"}}"#, Code::InsufficientScope),
        (429, "", Code::RateLimited),
        (302, "", Code::InvalidResponse),
    ] {
        assert_eq!(ask(status, body).err().unwrap().code, expected, "{status} {body}");
    }
}

proptest! {
    #[test]
    fn no_body_panics_or_grants_without_a_printable_token(
        body in prop_oneof![
            any::<Vec<u8>>(),
            r#"[{}\[\]",: a-c0-9\n\\_<>/]{0,60}"#.prop_map(String::into_bytes),
            r#"\{"access_token":("[ -~]{0,8}"|null|7|"я"),"expires_in":[0-9e.+-]{1,6}\}"#.prop_map(String::into_bytes),
            "<response><access_token>[ -~]{0,9}</access_token></response>".prop_map(String::into_bytes),
        ],
        status in prop_oneof![Just(200u16), 100u16..600],
        kind in prop::sample::select(vec!["", "application/json", "text/xml", "text/html", "a/b+json; charset=x"]),
        format in prop::sample::select(vec!["auto", "json", "xml", "text", "form"]),
        lenient: bool,
    ) {
        let provider = profile(&format!(r#"{{"format":"{format}","lenient":{lenient}}}"#));
        let answer = response(status, &[("content-type", kind)], body);
        match token(&provider, Purpose::Login, &answer, TIMES, &Redactor::default()) {
            Ok(grant) => {
                let token = grant.access_token.expose();
                prop_assert!(answer.is_success() && !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()));
                prop_assert!(grant.expires_at.is_none_or(|end| (0..=END_OF_TIME).contains(&end)));
            }
            Err(error) => prop_assert!(!error.message.is_empty() && !error.message.contains('\n')),
        }
    }
}
