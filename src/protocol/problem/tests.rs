use super::{callback, refusal};
use crate::error::{AuthError, Code};
use crate::protocol::form;
use crate::protocol::json::{self, Mode};
use crate::protocol::redact::Redactor;
use crate::protocol::request::Purpose::{self, Api, Check, Confirm, Exchange, Login, Refresh, Revoke};
use crate::protocol::response::Response;
use crate::provider::template::{base64, base64url};
use crate::provider::{ProblemShape, Provider, read_profile};
use crate::value::Value;

mod pairs;

const ALL: [Purpose; 7] = [Login, Confirm, Refresh, Exchange, Check, Revoke, Api];

fn profile(problem: &str) -> Provider {
    let text = format!(
        r#"{{"id":"p","baseUrl":"https://p.test","credentials":["token"],"login":{{"kind":"direct"}},
        "problem":{problem},"present":{{"headers":{{"Authorization":"Bearer {{token}}"}}}}}}"#
    );
    read_profile(&json::read(&text, Mode::Strict).unwrap(), "provider").unwrap()
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
    let response = Response { status, headers, body: body.into() };
    let tree = json::read(body, Mode::Strict).unwrap_or(Value::Null);
    refusal(&profile(problem), purpose, &response, &tree, 0, hides)
}

fn of(purpose: Purpose, status: u16, theirs: Option<&str>) -> Code {
    let body = theirs.map(|theirs| format!(r#"{{"error":"{theirs}"}}"#)).unwrap_or_default();
    answered("{}", purpose, status, &[], &body, &Redactor::default()).code
}

#[test]
fn for_any_purpose() {
    for purpose in ALL {
        for status in [200, 400, 401, 403] {
            for (theirs, expected) in [
                ("invalid_client", Code::InvalidClient),
                ("unauthorized_client", Code::InvalidClient),
                ("invalid_scope", Code::InvalidScope),
                ("unsupported_grant_type", Code::UnsupportedGrantType),
                ("access_denied", Code::AccessDenied),
                ("temporarily_unavailable", Code::ServerError),
            ] {
                assert_eq!(of(purpose, status, Some(theirs)), expected, "{} {status} {theirs}", purpose.as_str());
            }
        }
        for (status, expected) in
            [(429, Code::RateLimited), (500, Code::ServerError), (502, Code::ServerError), (599, Code::ServerError)]
        {
            assert_eq!(of(purpose, status, None), expected);
            assert_eq!(of(purpose, status, Some("invalid_grant")), expected, "`later` is never final");
        }
        for status in [301, 302, 307, 308, 400, 404, 405, 409, 410, 418, 422] {
            assert_eq!(of(purpose, status, None), Code::InvalidResponse, "{} {status}", purpose.as_str());
        }
        for theirs in ["something_new", "constructor", "__proto__", "invalid_request"] {
            assert_eq!(of(purpose, 400, Some(theirs)), Code::InvalidRequest, "{} {theirs}", purpose.as_str());
        }
    }
}

#[test]
fn for_each_purpose() {
    for (purpose, status, theirs, expected) in [
        (Login, 400, Some("invalid_grant"), Code::InvalidCredentials),
        (Login, 401, None, Code::InvalidCredentials),
        (Login, 401, Some("unauthorized"), Code::InvalidCredentials),
        (Login, 403, None, Code::AccessDenied),
        (Confirm, 400, Some("invalid_grant"), Code::InvalidSecondFactor),
        (Confirm, 401, None, Code::InvalidSecondFactor),
        (Confirm, 403, None, Code::InvalidResponse),
        (Refresh, 400, Some("invalid_grant"), Code::LoginRequired),
        (Refresh, 400, Some("invalid_token"), Code::LoginRequired),
        (Refresh, 401, None, Code::LoginRequired),
        (Refresh, 403, None, Code::InvalidResponse),
        (Exchange, 400, Some("invalid_grant"), Code::CodeExpired),
        (Exchange, 200, Some("invalid_grant"), Code::CodeExpired),
        (Exchange, 401, None, Code::InvalidResponse),
        (Check, 401, None, Code::InvalidToken),
        (Check, 403, None, Code::InsufficientScope),
        (Api, 401, None, Code::InvalidToken),
        (Api, 401, Some("invalid_token"), Code::InvalidToken),
        (Api, 403, None, Code::InsufficientScope),
        (Api, 403, Some("insufficient_scope"), Code::InsufficientScope),
        (Api, 400, Some("invalid_grant"), Code::InvalidRequest),
    ] {
        assert_eq!(of(purpose, status, theirs), expected, "{} {status} {theirs:?}", purpose.as_str());
    }
}

#[test]
fn for_a_callback() {
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
        let error = callback(&ProblemShape::default(), theirs, Some("a\nb"));
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
    let shape = ProblemShape { map: vec![("weird".to_owned(), Code::AccessDenied)], ..ProblemShape::default() };
    assert_eq!(callback(&shape, "weird", None).code, Code::AccessDenied);
}

#[test]
fn the_profiles_own_map_goes_first() {
    let map = r#"{"map":{"7":"invalid_credentials","status:503":"rate_limited","status:418":"access_denied"}}"#;
    let of = |status, body| answered(map, Login, status, &[], body, &Redactor::default()).code;
    assert_eq!(of(400, r#"{"code":7}"#), Code::InvalidCredentials);
    assert_eq!(of(503, ""), Code::RateLimited);
    assert_eq!(of(418, ""), Code::AccessDenied);
    assert_eq!(of(418, r#"{"code":7}"#), Code::InvalidCredentials, "the code decides before the status");
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
fn an_answer_that_is_not_the_apis_points_at_the_base_url() {
    for status in [301, 400, 404, 405] {
        let error = answered("{}", Login, status, &[], "", &Redactor::default());
        assert!(error.hint.as_ref().is_some_and(|hint| hint.contains("baseUrl")), "{status}");
    }
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
