use super::{callback, in_answer, refusal};
use crate::error::{AuthError, Code};
use crate::protocol::form;
use crate::protocol::json::{self, Mode};
use crate::protocol::redact::Redactor;
use crate::protocol::request::Purpose::{self, Api, Check, Confirm, Exchange, Login, Refresh, Revoke};
use crate::protocol::response::Response;
use crate::provider::template::{base64, base64url};
use crate::provider::{Provider, builtin};
use crate::value::Value;

mod pairs;

const ALL: [Purpose; 7] = [Login, Confirm, Refresh, Exchange, Check, Revoke, Api];

fn profile(problem: &str) -> Provider {
    let text = format!(
        r#"{{"id":"p","baseUrl":"https://p.test","credentials":["token"],"login":{{"kind":"direct"}},
        "problem":{problem},"present":{{"headers":{{"Authorization":"Bearer {{token}}"}}}}}}"#
    );
    builtin::custom(&json::read(&text, Mode::Strict).unwrap(), None).unwrap()
}

fn answered(
    problem: &str,
    purpose: Purpose,
    status: u16,
    headers: &[(&str, &str)],
    body: &str,
    hides: &Redactor,
) -> AuthError {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let response = Response { status, headers, body: body.into(), xml: None };
    let tree = json::read(body, Mode::Strict).unwrap_or(Value::Null);
    refusal(&profile(problem), purpose, &response, &tree, 0, hides)
}

fn of(purpose: Purpose, status: u16, theirs: Option<&str>) -> AuthError {
    let body = theirs.map(|theirs| format!(r#"{{"error":"{theirs}"}}"#)).unwrap_or_default();
    answered("{}", purpose, status, &[], &body, &Redactor::default())
}

/// The contract's codes, as they mean the same for any purpose.
const NAMED: [(&str, Code); 6] = [
    ("invalid_client", Code::InvalidClient),
    ("unauthorized_client", Code::InvalidClient),
    ("invalid_scope", Code::InvalidScope),
    ("unsupported_grant_type", Code::UnsupportedGrantType),
    ("access_denied", Code::AccessDenied),
    ("temporarily_unavailable", Code::ServerError),
];

/// What a code of the provider means for a purpose, where it has a meaning of its own there.
fn of_code(purpose: Purpose, theirs: &str) -> Option<Code> {
    let named = NAMED.iter().find(|(known, _)| *known == theirs).map(|(_, code)| *code);
    named.or(match (purpose, theirs) {
        (Login, "invalid_grant") => Some(Code::InvalidCredentials),
        (Confirm, "invalid_grant") => Some(Code::InvalidSecondFactor),
        (Refresh, "invalid_grant" | "invalid_token") => Some(Code::LoginRequired),
        (Exchange, "invalid_grant") => Some(Code::CodeExpired),
        (Check | Api, "invalid_token") => Some(Code::InvalidToken),
        (Check | Api, "insufficient_scope") => Some(Code::InsufficientScope),
        _ => None,
    })
}

/// What a status means for a purpose, whatever the provider's own code is.
fn of_status(purpose: Purpose, status: u16) -> Option<Code> {
    match (purpose, status) {
        (_, 429) => Some(Code::RateLimited),
        (_, 500..=599) => Some(Code::ServerError),
        (Login, 401) => Some(Code::InvalidCredentials),
        (Login, 403) => Some(Code::AccessDenied),
        (Confirm, 401) => Some(Code::InvalidSecondFactor),
        (Refresh, 401) => Some(Code::LoginRequired),
        (Check | Api, 401) => Some(Code::InvalidToken),
        (Check | Api, 403) => Some(Code::InsufficientScope),
        (_, 300..=399 | 404 | 405) => Some(Code::InvalidResponse),
        _ => None,
    }
}

#[test]
fn the_providers_code_decides_first_then_the_status() {
    let statuses = [200, 301, 302, 307, 400, 401, 403, 404, 405, 409, 410, 418, 422, 429, 500, 502, 503, 599];
    let theirs = NAMED.map(|(theirs, _)| theirs);
    let others = ["invalid_grant", "invalid_token", "insufficient_scope", "something_new", "constructor", "__proto__"];
    for purpose in ALL {
        for status in statuses {
            let bare = of(purpose, status, None).code;
            assert_eq!(
                bare,
                of_status(purpose, status).unwrap_or(Code::InvalidResponse),
                "{} {status}",
                purpose.as_str()
            );
            for theirs in theirs.into_iter().chain(others) {
                let by_code = of_code(purpose, theirs);
                let later = matches!(status, 429 | 500..);
                let expected = match (by_code, of_status(purpose, status)) {
                    // "Later" ends no session.
                    (Some(Code::LoginRequired), Some(by_status)) if later => by_status,
                    (Some(by_code), _) => by_code,
                    (None, Some(by_status)) => by_status,
                    (None, None) => Code::InvalidRequest,
                };
                assert_eq!(of(purpose, status, Some(theirs)).code, expected, "{} {status} {theirs}", purpose.as_str());
            }
        }
    }
}

#[test]
fn the_message_says_what_was_said() {
    for (body, message) in [
        ("", "the provider refused the credentials (status 401)"),
        (r#"{"error":"no"}"#, "the provider refused the credentials (status 401, no)"),
        (r#"{"message":"No way"}"#, "the provider refused the credentials (status 401, No way)"),
        (r#"{"error":"no","message":"No way"}"#, "the provider refused the credentials (status 401, no: No way)"),
    ] {
        assert_eq!(answered("{}", Login, 401, &[], body, &Redactor::default()).message, message);
    }
}

#[test]
fn an_address_that_is_not_the_apis_points_at_the_base_url() {
    for purpose in ALL {
        for (status, body) in [
            (301, ""),
            (404, ""),
            (405, ""),
            (400, ""),
            (410, "<html>gone</html>"),
            // As frameworks write it: no code of an API.
            (404, r#"{"timestamp":"2026-01-01","status":404,"error":"Not Found","path":"/oauth/token"}"#),
            (405, r#"{"code":0,"message":"Method Not Allowed"}"#),
        ] {
            let error = answered("{}", purpose, status, &[], body, &Redactor::default());
            assert_eq!(error.code, Code::InvalidResponse, "{} {status}", purpose.as_str());
            assert!(error.hint.as_ref().is_some_and(|hint| hint.contains("baseUrl")), "{} {status}", purpose.as_str());
        }
    }
    let error = of(Login, 400, Some("something_new"));
    assert!(error.code == Code::InvalidRequest && error.hint.as_ref().is_some_and(|hint| hint.contains("baseUrl")));
}

#[test]
fn in_a_callback() {
    for (theirs, expected) in [
        ("access_denied", Code::AccessDenied),
        ("invalid_scope", Code::InvalidScope),
        ("server_error", Code::ServerError),
        ("temporarily_unavailable", Code::ServerError),
        ("invalid_request", Code::InvalidRequest),
        ("unauthorized_client", Code::InvalidRequest),
        ("unsupported_response_type", Code::InvalidRequest),
        ("login_required", Code::InvalidRequest),
        ("consent_required", Code::InvalidRequest),
        ("interaction_required", Code::InvalidRequest),
        ("account_selection_required", Code::InvalidRequest),
        ("__proto__", Code::InvalidRequest),
    ] {
        let error = callback(profile("{}").problem(), theirs, Some("a\nb"));
        assert_eq!((error.code, error.provider_code.as_deref()), (expected, Some(theirs)));
        assert_eq!(error.provider_message.as_deref(), Some("a\\u{a}b"));
    }
}

#[test]
fn a_standard_code_is_shown_whole_whatever_the_secret_is() {
    let mut redactor = Redactor::default();
    ["grant", "a"].iter().for_each(|secret| redactor.add(secret));
    let error =
        answered("{}", Login, 400, &[], r#"{"error":"invalid_grant","error_description":"grant a"}"#, &redactor);
    assert_eq!(error.provider_code.as_deref(), Some("invalid_grant"));
    assert_eq!(error.provider_message.as_deref(), Some("*** ***"));
    let own = answered("{}", Login, 400, &[], r#"{"error":"no grant"}"#, &redactor);
    assert_eq!(own.provider_code.as_deref(), Some("no ***"));
}

#[test]
fn the_profiles_own_map_goes_first_in_a_callback_too() {
    let provider = profile(r#"{"map":{"weird":"access_denied"}}"#);
    assert_eq!(callback(provider.problem(), "weird", None).code, Code::AccessDenied);
}

#[test]
fn the_profiles_own_map_goes_first() {
    let map = r#"{"map":{"7":"invalid_credentials","status:503":"rate_limited","status:418":"access_denied"}}"#;
    let of = |status, body| answered(map, Login, status, &[], body, &Redactor::default()).code;
    assert_eq!(of(400, r#"{"code":7}"#), Code::InvalidCredentials);
    assert_eq!(of(503, ""), Code::RateLimited);
    assert_eq!(of(418, ""), Code::AccessDenied);
    assert_eq!(of(418, r#"{"code":7}"#), Code::InvalidCredentials, "the code decides before the status");
    assert_eq!(of(404, r#"{"code":"constructor"}"#), Code::InvalidResponse, "only what the map itself names");
}

#[test]
fn a_map_to_an_invalid_token_ends_the_session_at_a_renewal() {
    let map = r#"{"map":{"TOKEN_DEAD":"invalid_token","status:403":"invalid_token","LATER":"rate_limited"}}"#;
    let of = |purpose, status, theirs: &str| {
        answered(map, purpose, status, &[], &format!(r#"{{"error":"{theirs}"}}"#), &Redactor::default()).code
    };
    for status in [200, 400, 401, 403, 422] {
        assert_eq!(of(Refresh, status, "TOKEN_DEAD"), Code::LoginRequired, "{status}");
        assert_eq!(of(Refresh, status, "LATER"), Code::RateLimited, "{status}");
        for purpose in [Login, Exchange, Check, Api] {
            assert_eq!(of(purpose, status, "TOKEN_DEAD"), Code::InvalidToken, "{status}");
        }
    }
    assert_eq!(of(Refresh, 403, "other"), Code::LoginRequired);
}

#[test]
fn an_answer_of_the_api_has_a_problem_by_status_or_by_body() {
    let read = |provider: &Provider, status, headers: &[(&str, &str)], body: &str| {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let response = Response { status, headers, body: body.into(), xml: None };
        in_answer(provider, &response, 0, &Redactor::default()).map(|error| error.code)
    };
    let bstats = builtin::provider("bstats", &json::read(r#"{"format":"xml"}"#, Mode::Strict).unwrap()).unwrap();
    for (status, body, expected) in [
        (200, r#"{"data":1}"#, None),
        (200, r#"{"code":"x"}"#, None),
        (204, "", None),
        (304, "", None),
        (200, r#"{"error":"invalid_token"}"#, Some(Code::InvalidToken)),
        (200, "<response><error>insufficient_scope</error></response>", Some(Code::InsufficientScope)),
        (200, "<response><error>odd</error></response>", Some(Code::InvalidRequest)),
        (401, "", Some(Code::InvalidToken)),
        (403, "<html>", Some(Code::InsufficientScope)),
        (404, r#"{"error":"no_such_thing"}"#, Some(Code::InvalidResponse)),
        (422, r#"{"error":"no_such_thing"}"#, Some(Code::InvalidRequest)),
        (503, "", Some(Code::ServerError)),
    ] {
        assert_eq!(read(&bstats, status, &[], body), expected, "{status} {body}");
    }
    let by_header = profile(r#"{"code":["header:X-Error"],"message":["header:X-Text"]}"#);
    assert_eq!(read(&by_header, 200, &[("x-error", "invalid_token")], "file"), Some(Code::InvalidToken));
    assert_eq!(read(&by_header, 200, &[], r#"{"error":"invalid_token"}"#), None, "the profile says where");
    assert_eq!(by_header.answer_headers(), ["x-error", "x-text"]);
}

#[test]
fn what_the_profile_calls_a_secret_is_in_no_error() {
    let text = r#"{"id":"p","baseUrl":"https://p.test","credentials":["token"],"login":{"kind":"direct"},
        "answer":{"secret":["debug.sid"]},"present":{"headers":{"Authorization":"Bearer {token}"}}}"#;
    let provider = builtin::custom(&json::read(text, Mode::Strict).unwrap(), None).unwrap();
    let body = r#"{"error":"bad sess-7781","message":"see sess-7781","debug":{"sid":"sess-7781"}}"#;
    let response = Response { status: 400, headers: Vec::new(), body: body.into(), xml: None };
    let tree = json::read(body, Mode::Strict).unwrap();
    let error = refusal(&provider, Login, &response, &tree, 0, &Redactor::default());
    let said = [Some(error.message.clone()), error.provider_code.clone(), error.provider_message.clone()];
    assert!(said.iter().flatten().all(|text| text.contains("***") && !text.contains("sess-7781")), "{said:?}");
}

#[test]
fn the_providers_words_are_found_where_services_put_them() {
    for (body, code, message) in [
        (r#"{"error":{"code":"unauthorized","message":"Unauthorized"}}"#, Some("unauthorized"), Some("Unauthorized")),
        (r#"{"error":"x","error_description":"y"}"#, Some("x"), Some("y")),
        (r#"{"name":"Unauthorized","message":"Your request","code":0,"status":401}"#, Some("0"), Some("Your request")),
        (r#"{"message":"m"}"#, None, Some("m")),
        ("<html>", None, None),
    ] {
        let error = answered("{}", Api, 401, &[], body, &Redactor::default());
        assert_eq!((error.provider_code.as_deref(), error.provider_message.as_deref()), (code, message), "{body}");
        assert_eq!(error.status, Some(401));
    }
    let challenge = [("www-authenticate", r#"Bearer realm="x", error="invalid_token", error_description="expired""#)];
    let error = answered("{}", Api, 400, &challenge, "", &Redactor::default());
    assert_eq!((error.code, error.provider_message.as_deref()), (Code::InvalidToken, Some("expired")));
}

#[test]
fn the_wait_that_was_asked_for_is_told() {
    let error = answered("{}", Login, 429, &[("retry-after", "7")], "", &Redactor::default());
    assert_eq!((error.retry_after, error.code.retryable()), (Some(7000), true));
}

/// A message that holds the secret in that form.
fn shows(secret: &str, form: &str) -> bool {
    let mut hides = Redactor::default();
    hides.add(secret);
    let body = json::write(&Value::map([
        ("error", Value::text(form)),
        ("message", Value::text(["got ", form, "!"].concat())),
    ]));
    let error = answered("{}", Login, 400, &[], &body, &hides);
    let said = [Some(error.message.clone()), error.provider_code.clone(), error.provider_message.clone()];
    said.iter().flatten().any(|text| text.contains(form))
}

fn encoded(encode: fn(&str, &mut String), text: &str) -> String {
    let mut out = String::new();
    encode(text, &mut out);
    out
}

#[test]
fn a_secret_that_comes_back_is_hidden_in_every_usual_form() {
    for secret in ["hunter2-ПАРОЛЬ", "p@ss+wörd/=?", "a b&c=d%", "\u{202e}\u{1}x\ny"] {
        let forms = [
            secret.to_owned(),
            encoded(form::encode_component, secret),
            encoded(form::percent_encode, secret),
            base64(secret.as_bytes()),
            base64(secret.as_bytes()).trim_end_matches('=').to_owned(),
            base64url(secret.as_bytes()),
        ];
        for form in forms {
            assert!(!shows(secret, &form), "{form}");
        }
    }
}

#[test]
fn a_secret_is_hidden_as_other_encoders_write_it() {
    let secret = "p@ss!w(ö)rd'*~";
    for form in [
        // encodeURIComponent, then lower-case digits as some servers write them.
        "p%40ss!w(%C3%B6)rd'*~",
        "p%40ss%21w%28%c3%b6%29rd%27%2a%7e",
    ] {
        assert!(!shows(secret, form), "{form}");
    }
}

#[test]
fn the_providers_words_are_one_line_of_at_most_500_characters() {
    let body = json::write(&Value::map([
        ("error", Value::text("x\u{202e}\n".repeat(400))),
        ("message", Value::text("я".repeat(900))),
    ]));
    let error = answered("{}", Login, 400, &[], &body, &Redactor::default());
    for text in [Some(error.message.clone()), error.provider_code.clone(), error.provider_message.clone()] {
        let text = text.unwrap();
        assert!(text.chars().count() <= 500 && !text.contains(['\n', '\u{202e}']));
    }
}
