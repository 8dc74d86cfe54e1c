//! BIFIT Kassa: OAuth2 password grant with a hashed password, refresh tokens, sometimes a second factor.
//!
//! The vendor's page says what is sent and what a good answer holds. Errors follow Spring Security OAuth2, which its
//! answers look like; the second step is what the package expects where nothing else is said.

use axum::http::{StatusCode, header};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{State, echo, is_get, is_post, named_grant, wrong_method};
use crate::exchange::{Ask, Credential, FormError, Reply};
use crate::journal::Purpose;
use crate::options::Style;
use crate::vault::{Pair, Refusal};
use crate::wire::Fields;

pub(super) const BASE: &str = "/cashdesk-api/v1";
const TOKEN: &str = "/cashdesk-api/v1/oauth/token";
const PROTECTED: &str = "/cashdesk-api/v1/protected/";
const CLIENT: &str = "cashdesk-rest-client";
const LIFETIME: u64 = 43199;
const REFRESH_LIFETIME: u64 = 2_592_000;

struct Account {
    purpose: &'static str,
    phone: &'static str,
    password: &'static str,
    user_id: u64,
    code: Option<&'static str>,
    expired: bool,
}

const ACCOUNTS: [Account; 4] = [
    Account {
        purpose: "plain",
        phone: "79990000001",
        password: "secret",
        user_id: 120_041,
        code: None,
        expired: false,
    },
    Account {
        purpose: "second factor",
        phone: "79990000002",
        password: "secret",
        user_id: 120_042,
        code: Some("123456"),
        expired: false,
    },
    Account {
        purpose: "expired",
        phone: "79990000003",
        password: "secret",
        user_id: 120_043,
        code: None,
        expired: true,
    },
    Account {
        purpose: "other alphabet",
        phone: "79990000004",
        password: "пароль",
        user_id: 120_044,
        code: None,
        expired: false,
    },
];

pub(super) fn accounts() -> Vec<super::Account> {
    let shown = |account: &Account| super::Account {
        code: account.code,
        ..super::Account::new(account.purpose, account.phone, account.password)
    };
    ACCOUNTS.iter().map(shown).collect()
}

pub(super) fn classify(ask: &Ask) -> (Purpose, Option<String>) {
    if ask.path != TOKEN {
        return (Purpose::Api, None);
    }
    let grant = named_grant(ask);
    let purpose = match grant.as_deref() {
        Some("refresh_token") => Purpose::Refresh,
        _ if ask.body.starts_with(b"code=") || ask.body.windows(6).any(|part| part == b"&code=") => Purpose::Confirm,
        _ => Purpose::Login,
    };
    (purpose, grant)
}

pub(super) fn answer(state: &mut State, ask: &Ask) -> Reply {
    if ask.path == TOKEN {
        token(state, ask)
    } else if ask.path.starts_with(PROTECTED) {
        protected(state, ask)
    } else {
        let body = json!({ "status": 404, "error": "Not Found", "path": ask.path });
        Reply::json(StatusCode::NOT_FOUND, &body).because("there is nothing at this path")
    }
}

fn token(state: &mut State, ask: &Ask) -> Reply {
    if !is_post(ask) {
        let text = format!("Request method '{}' not supported", ask.method);
        return wrong_method("POST", ask, &json!({ "error": "method_not_allowed", "error_description": text }));
    }
    if ask.query.is_some() {
        return invalid_request("the token address takes no query");
    }
    if ask.headers.contains_key(header::AUTHORIZATION) {
        return invalid_request("the client is named in the form, so no Authorization header belongs here");
    }
    let form = match ask.form() {
        Ok(form) => form,
        Err(FormError::Malformed(why)) => return invalid_request(why),
        Err(FormError::ContentType(why)) => {
            let body = json!({ "status": 415, "error": "Unsupported Media Type", "path": TOKEN });
            return Reply::json(StatusCode::UNSUPPORTED_MEDIA_TYPE, &body).because(why);
        }
    };
    let (required, optional): (&[&str], &[&str]) = match form.get("grant_type") {
        Some("password") => (&["username", "password"], &["code"]),
        Some("refresh_token") => (&["refresh_token"], &[]),
        None => return invalid_request("the field \"grant_type\" is missing"),
        Some(_) => {
            let why = "the grants are password and refresh_token";
            return error(StatusCode::BAD_REQUEST, "unsupported_grant_type", "Unsupported grant type", why);
        }
    };
    let known = [&["grant_type", "client_id", "client_secret"], required, optional].concat();
    if let Some(name) = form.unknown(&known) {
        return invalid_request(format!("the field {name} is unknown"));
    }
    if form.get("client_id") != Some(CLIENT) || form.get("client_secret") != Some(CLIENT) {
        let why = format!("client_id and client_secret are both {CLIENT:?}");
        return error(StatusCode::UNAUTHORIZED, "invalid_client", "Bad client credentials", why);
    }
    if let Some(name) = form.missing(required) {
        return invalid_request(format!("the field {name:?} is missing"));
    }
    match form.get("refresh_token") {
        Some(token) => renew(state, token),
        None => log_in(state, &form),
    }
}

fn log_in(state: &mut State, form: &Fields) -> Reply {
    let username = form.get("username").unwrap_or_default();
    let password = form.get("password").unwrap_or_default();
    if let Some(why) = misread(username, password) {
        return bad_credentials(why);
    }
    let Some(account) = ACCOUNTS.iter().find(|account| account.phone == username) else {
        return bad_credentials("no such account");
    };
    if STANDARD.encode(Sha256::digest(account.password)) != password {
        return bad_credentials("another password");
    }
    match (account.code, form.get("code")) {
        (None, None) => {}
        (Some(right), Some(code)) if right == code => {}
        (Some(_), Some(_)) => return bad_credentials("another second factor"),
        (None, Some(_)) => return invalid_request("this account has no second factor"),
        (Some(_), None) => {
            let why = "the account has a second factor: the same request is expected, with the field \"code\"";
            return error(StatusCode::BAD_REQUEST, "mfa_required", "Second factor required", why);
        }
    }
    let terms = state.terms(LIFETIME, Some(REFRESH_LIFETIME));
    let pair = state.vault.issue(account.phone, account.expired, true, terms);
    tokens(state, account, &pair)
}

/// What is wrong with the form of phone or password, in words for the journal; the service itself does not tell.
fn misread(username: &str, password: &str) -> Option<&'static str> {
    if username.len() != 11 || !username.starts_with('7') || !username.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some("the username is a phone of 11 digits that starts with 7");
    }
    if password.contains(' ') {
        return Some("the password holds a space: a \"+\" of its base64 was not percent-encoded");
    }
    if password.contains('%') {
        return Some("the password holds a percent sign: it was percent-encoded twice");
    }
    if password.contains(['-', '_']) {
        return Some("the password is base64url: the standard alphabet is expected");
    }
    if password.len() == 43 {
        return Some("the password's base64 lacks its padding");
    }
    match STANDARD.decode(password) {
        Ok(digest) if digest.len() == 32 => None,
        Ok(digest) if digest.len() == 64 => {
            Some("the password is the base64 of the digest's hex text, not of the digest")
        }
        _ => Some("the password is not the padded base64 of a SHA-256 digest"),
    }
}

fn renew(state: &mut State, token: &str) -> Reply {
    let terms = state.terms(LIFETIME, Some(REFRESH_LIFETIME));
    // The texts hold the token, as that library's do.
    match state.vault.renew(token, terms) {
        Ok((phone, pair)) => match ACCOUNTS.iter().find(|account| account.phone == phone) {
            Some(account) => tokens(state, account, &pair),
            None => bad_credentials("no such account"),
        },
        Err(Refusal::Expired) => {
            let text = format!("Invalid refresh token (expired): {token}");
            error(StatusCode::UNAUTHORIZED, "invalid_token", &text, Refusal::Expired.why())
        }
        Err(refusal) => {
            let text = format!("Invalid refresh token: {token}");
            error(StatusCode::BAD_REQUEST, "invalid_grant", &text, refusal.why())
        }
    }
}

fn tokens(state: &State, account: &Account, pair: &Pair) -> Reply {
    let user_id = if state.options.answer_style == Style::Misprint { "2user_id" } else { "user_id" };
    let mut body = json!({
        "access_token": pair.access,
        "token_type": "bearer",
        "expires_in": pair.lifetime,
        "scope": "read write",
        user_id: account.user_id,
    });
    if let (Some(refresh), Value::Object(body)) = (&pair.refresh, &mut body) {
        body.insert("refresh_token".to_owned(), json!(refresh));
    }
    Reply::json(StatusCode::OK, &body).no_store()
}

fn protected(state: &mut State, ask: &Ask) -> Reply {
    if !is_get(ask) && !is_post(ask) {
        let body = json!({ "status": 405, "error": "Method Not Allowed", "path": ask.path });
        return wrong_method("GET, POST", ask, &body);
    }
    let token = match ask.credential() {
        Credential::Bearer(token) => token,
        Credential::None => return unauthorized("unauthorized", FULL, "no Authorization header"),
        Credential::Basic(_) => return unauthorized("unauthorized", FULL, "Basic instead of Bearer"),
        Credential::Broken(why) => return unauthorized("unauthorized", FULL, why),
    };
    match state.vault.check(&token) {
        Ok(phone) => {
            let mut body = echo(ask);
            let account = ACCOUNTS.iter().find(|account| account.phone == phone);
            body.insert("user_id".to_owned(), json!(account.map(|account| account.user_id)));
            Reply::json(StatusCode::OK, &Value::Object(body))
        }
        Err(refusal @ (Refusal::Expired | Refusal::Flawed)) => {
            unauthorized("invalid_token", &format!("Access token expired: {token}"), refusal.why())
        }
        Err(refusal) => unauthorized("invalid_token", &format!("Invalid access token: {token}"), refusal.why()),
    }
}

const FULL: &str = "Full authentication is required to access this resource";

fn unauthorized(code: &str, text: &str, why: &str) -> Reply {
    let quoted: String = text.chars().filter(|c| !matches!(c, '"' | '\\')).collect();
    let challenge = format!("Bearer realm=\"oauth2-resource\", error=\"{code}\", error_description=\"{quoted}\"");
    error(StatusCode::UNAUTHORIZED, code, text, why).with(header::WWW_AUTHENTICATE, &challenge)
}

fn bad_credentials(why: &str) -> Reply {
    error(StatusCode::BAD_REQUEST, "invalid_grant", "Bad credentials", why)
}

fn invalid_request(why: impl Into<String>) -> Reply {
    error(StatusCode::BAD_REQUEST, "invalid_request", "Invalid request", why)
}

fn error(status: StatusCode, code: &str, text: &str, why: impl Into<String>) -> Reply {
    Reply::json(status, &json!({ "error": code, "error_description": text })).no_store().because(why)
}
