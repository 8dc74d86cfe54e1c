//! Invoicebox: a token from the merchant's cabinet, and one call that tells whose it is.

use axum::http::{HeaderName, StatusCode};
use serde_json::{Value, json};

use super::{State, echo, is_get, wrong_method};
use crate::exchange::{Ask, Credential, Reply};
use crate::journal::Purpose;

const CHECK: [&str; 2] = ["/v3/security/api/auth/auth", "/l3/security/api/auth/auth"];
/// The vendor's own demo token.
const DEMO: &str = "b37c4c689295904ed21eee5d9a48d42e";
const FORBIDDEN: &str = "f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0";
const L3_ACCOUNT: &str = "29078-API:";
const USER: &str = "01771533-8e75-3234-8e3d-9213ae2d7c52";

pub(super) fn accounts() -> Vec<super::Account> {
    let account = super::Account::with_token;
    vec![
        account("plain", DEMO.to_owned()),
        account("l3", format!("{L3_ACCOUNT}{DEMO}")),
        account("forbidden", FORBIDDEN.to_owned()),
        account("l3 forbidden", format!("{L3_ACCOUNT}{FORBIDDEN}")),
    ]
}

pub(super) fn classify(ask: &Ask) -> (Purpose, Option<String>) {
    (if CHECK.contains(&ask.path.as_str()) { Purpose::Check } else { Purpose::Api }, None)
}

pub(super) fn answer(state: &State, ask: &Ask) -> Reply {
    let version = match ask.path.get(..4) {
        Some("/v3/") => Version::V3,
        Some("/l3/") => Version::L3,
        _ => {
            return error(StatusCode::NOT_FOUND, "not_found", "Not Found", "paths begin with /v3/ or /l3/");
        }
    };
    let reply = if CHECK.contains(&ask.path.as_str()) { check(state, ask, version) } else { call(state, ask, version) };
    reply.with(HeaderName::from_static("x-request-id"), &state.host.random_hex())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Version {
    V3,
    L3,
}

fn check(state: &State, ask: &Ask, version: Version) -> Reply {
    if !is_get(ask) {
        let body = json!({ "error": { "message": "Method Not Allowed", "code": "method_not_allowed" } });
        return wrong_method("GET", ask, &body);
    }
    if ask.query.is_some() {
        return error(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid_request",
            "Invalid request",
            "the check takes no query",
        );
    }
    if !ask.body.is_empty() {
        return error(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid_request",
            "Invalid request",
            "the check takes no body",
        );
    }
    if ask.header("accept") != Some("application/json") {
        return error(
            StatusCode::NOT_ACCEPTABLE,
            "not_acceptable",
            "Not Acceptable",
            "Accept must be application/json",
        );
    }
    let user = match holder(state, ask, version) {
        Ok(user) => user,
        Err(refusal) => return refusal.reply(),
    };
    let body = json!({ "data": { "userId": user, "profile": null, "accessToken": null }, "extendedData": [] });
    Reply::json(StatusCode::OK, &body).no_store()
}

fn call(state: &State, ask: &Ask, version: Version) -> Reply {
    match holder(state, ask, version) {
        Err(refusal) => refusal.reply(),
        Ok(None) => Refusal::Wrong("no Authorization header").reply(),
        Ok(Some(user)) => {
            let mut data = echo(ask);
            data.insert("userId".to_owned(), json!(user));
            Reply::json(StatusCode::OK, &json!({ "data": Value::Object(data), "extendedData": [] }))
        }
    }
}

/// Why a token does not open anything.
enum Refusal {
    Wrong(&'static str),
    Forbidden,
}

impl Refusal {
    fn reply(self) -> Reply {
        match self {
            Self::Wrong(why) => error(StatusCode::UNAUTHORIZED, "unauthorized", "Unauthorized", why),
            Self::Forbidden => {
                error(StatusCode::FORBIDDEN, "forbidden", "Forbidden", "the token is known, but may do nothing")
            }
        }
    }
}

/// Whose token it is; None without a token.
fn holder(state: &State, ask: &Ask, version: Version) -> Result<Option<&'static str>, Refusal> {
    let given = match ask.credential() {
        Credential::None => return Ok(None),
        Credential::Bearer(token) => token,
        Credential::Basic(_) => return Err(Refusal::Wrong("Basic instead of Bearer")),
        Credential::Broken(why) => return Err(Refusal::Wrong(why)),
    };
    let token = match (version, given.strip_prefix(L3_ACCOUNT)) {
        (Version::V3, None) => given.as_str(),
        (Version::L3, Some(token)) => token,
        (Version::V3, Some(_)) => return Err(Refusal::Wrong("an l3 token at a /v3/ path")),
        (Version::L3, None) => return Err(Refusal::Wrong("at /l3/ paths a token begins with 29078-API:")),
    };
    match token {
        DEMO | FORBIDDEN if state.fixed_tokens_ended => Err(Refusal::Wrong("the token was replaced in the cabinet")),
        DEMO => Ok(Some(USER)),
        FORBIDDEN => Err(Refusal::Forbidden),
        _ if token.len() != 32 || !token.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)) => {
            Err(Refusal::Wrong("the token is not 32 lower-case hex digits"))
        }
        _ => Err(Refusal::Wrong("no such token")),
    }
}

fn error(status: StatusCode, code: &str, message: &str, why: &str) -> Reply {
    Reply::json(status, &json!({ "error": { "message": message, "code": code } })).because(why)
}
