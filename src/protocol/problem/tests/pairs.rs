//! Codes and statuses that contradict each other: the code decides.

use super::{ALL, Api, Check, Exchange, Login, Purpose, Redactor, Refresh, answered};
use crate::error::Code;

fn code(purpose: Purpose, status: u16, body: &str) -> Code {
    answered("{}", purpose, status, &[], body, &Redactor::default()).code
}

#[test]
fn the_code_decides_whatever_status_it_comes_with() {
    for (purpose, status, theirs, expected) in [
        (Login, 401, "invalid_grant", Code::InvalidCredentials),
        (Refresh, 401, "invalid_grant", Code::LoginRequired),
        (Refresh, 401, "invalid_token", Code::LoginRequired),
        (Exchange, 200, "invalid_request", Code::InvalidRequest),
        (Exchange, 200, "unsupported_grant_type", Code::UnsupportedGrantType),
        (Check, 401, "unauthorized", Code::InvalidToken),
        (Check, 403, "forbidden", Code::InsufficientScope),
        (Api, 400, "invalid_token", Code::InvalidToken),
        (Api, 400, "insufficient_scope", Code::InsufficientScope),
        (Api, 422, "its_own", Code::InvalidRequest),
    ] {
        let body = format!(r#"{{"error":"{theirs}"}}"#);
        assert_eq!(code(purpose, status, &body), expected, "{} {status} {theirs}", purpose.as_str());
    }
}

#[test]
fn a_status_of_the_server_needs_no_code() {
    for purpose in ALL {
        assert_eq!(code(purpose, 503, ""), Code::ServerError, "{}", purpose.as_str());
    }
}
