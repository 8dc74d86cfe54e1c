//! Mobile SMARTS: Basic, a session by GET or a session by POST, on the customer's own server.

use axum::http::{HeaderName, StatusCode, header};
use serde_json::{Value, json};

use super::{State, echo, is_get, is_post, named_grant, wrong_method};
use crate::exchange::{self, Ask, Credential, FormError, Reply};
use crate::journal::Purpose;
use crate::options::Style;
use crate::vault::Pair;
use crate::wire::Fields;

/// The page names both for POST.
const POST_PATHS: [&str; 2] = ["/api/session", "/oauth/token"];
const GET_PATH: &str = "/api/v1/session";
const API: &str = "/api/v1/";
const LIFETIME: u64 = 86400;
const CLIENT: (&str, &str) = ("123", "user");

struct Account {
    username: &'static str,
    password: &'static str,
    expired: bool,
}

const ACCOUNTS: [Account; 2] = [
    Account { username: "user@domain.ru", password: "123456", expired: false },
    Account { username: "expired@domain.ru", password: "123456", expired: true },
];

pub(super) fn accounts() -> Vec<super::Account> {
    let purpose = |account: &Account| if account.expired { "expired" } else { "plain" };
    ACCOUNTS.iter().map(|account| super::Account::new(purpose(account), account.username, account.password)).collect()
}

pub(super) fn classify(ask: &Ask) -> (Purpose, Option<String>) {
    match ask.path.as_str() {
        path if POST_PATHS.contains(&path) => {
            let grant = named_grant(ask);
            let renewal = grant.as_deref() == Some("refresh_token");
            (if renewal { Purpose::Refresh } else { Purpose::Login }, grant)
        }
        GET_PATH => (Purpose::Login, None),
        _ => (Purpose::Api, None),
    }
}

pub(super) fn answer(state: &mut State, ask: &Ask) -> Reply {
    match ask.path.as_str() {
        path if POST_PATHS.contains(&path) => post_session(state, ask),
        GET_PATH => get_session(state, ask),
        path if path.starts_with(API) => call(state, ask),
        _ => Reply::new(StatusCode::NOT_FOUND).because("there is nothing at this path"),
    }
}

fn post_session(state: &mut State, ask: &Ask) -> Reply {
    if !is_post(ask) {
        return wrong_method("POST", ask, &json!({ "error": "invalid_request" }));
    }
    if ask.query.is_some() {
        return invalid_request("a POST session takes no query");
    }
    if ask.headers.contains_key(header::AUTHORIZATION) {
        return invalid_request("the login is in the form, so no Authorization header belongs here");
    }
    let form = match ask.form() {
        Ok(form) => form,
        Err(FormError::Malformed(why)) => return invalid_request(why),
        Err(FormError::ContentType(why)) => {
            return Reply::new(StatusCode::UNSUPPORTED_MEDIA_TYPE).because(why);
        }
    };
    let required: &[&str] = match form.get("grant_type") {
        Some("password") => &["username", "password"],
        Some("refresh_token") => &["refresh_token"],
        None => return invalid_request("the field \"grant_type\" is missing"),
        Some(_) => {
            let why = "the grants are password and refresh_token";
            return Reply::json(StatusCode::BAD_REQUEST, &json!({ "error": "unsupported_grant_type" })).because(why);
        }
    };
    let known = [&["grant_type", "client_id", "client_secret"], required].concat();
    if let Some(name) = form.unknown(&known) {
        return invalid_request(format!("the field {name} is unknown"));
    }
    match (form.get("client_id"), form.get("client_secret")) {
        (None, None) => {}
        (Some(id), Some(secret)) if (id, secret) == CLIENT => {}
        _ => {
            let why = "client_id and client_secret are 123 and user, or both absent";
            return Reply::json(StatusCode::UNAUTHORIZED, &json!({ "error": "invalid_client" })).because(why);
        }
    }
    if let Some(name) = form.missing(required) {
        return invalid_request(format!("the field {name:?} is missing"));
    }
    match form.get("refresh_token") {
        Some(token) => {
            let terms = state.terms(LIFETIME, None);
            match state.vault.renew(token, terms) {
                Ok((_, pair)) => tokens(state, &pair),
                Err(refusal) => unauthorized(refusal.why()),
            }
        }
        None => log_in(state, &form),
    }
}

fn get_session(state: &mut State, ask: &Ask) -> Reply {
    if !is_get(ask) {
        return wrong_method("GET", ask, &json!({ "error": "invalid_request" }));
    }
    let query = match ask.query_fields() {
        Ok(query) => query,
        Err(why) => return invalid_request(why),
    };
    let known = ["username", "password"];
    if let Some(name) = query.unknown(&known) {
        return invalid_request(format!("the parameter {name} is unknown"));
    }
    if let Some(name) = query.missing(&known) {
        return invalid_request(format!("the parameter {name:?} is missing"));
    }
    log_in(state, &query)
}

fn log_in(state: &mut State, given: &Fields) -> Reply {
    let username = given.get("username").unwrap_or_default();
    let password = given.get("password").unwrap_or_default();
    match account(username, password) {
        Ok(account) => {
            let terms = state.terms(LIFETIME, None);
            let pair = state.vault.issue(account.username, account.expired, true, terms);
            tokens(state, &pair)
        }
        Err(why) => unauthorized(why),
    }
}

fn account(username: &str, password: &str) -> Result<&'static Account, &'static str> {
    let account = ACCOUNTS.iter().find(|account| account.username == username).ok_or("no such account")?;
    if account.password == password { Ok(account) } else { Err("another password") }
}

fn tokens(state: &State, pair: &Pair) -> Reply {
    let (access, lifetime) = (&pair.access, pair.lifetime);
    let body = match state.options.answer_style {
        Style::Lower => {
            json!({ "access_token": access, "token_type": "bearer", "expires_in": lifetime, "refresh_token": pair.refresh })
                .to_string()
        }
        Style::Strict => {
            json!({ "Access_token": access, "Token_type": "bearer", "Expires_in": lifetime, "Refresh_token": pair.refresh })
                .to_string()
        }
        _ => {
            let refresh = pair.refresh.as_ref().map(|token| format!("  Refresh_token:\"{token}\",\n")).unwrap_or_default();
            format!("{{\n  Access_token:\"{access}\",\n  Token_type:\"bearer\",\n  Expires_in:{lifetime},\n{refresh}}}")
        }
    };
    Reply::text(StatusCode::OK, "application/json", body).no_store()
}

fn call(state: &mut State, ask: &Ask) -> Reply {
    let user = match user(state, ask) {
        Ok(user) => user,
        Err(why) => return unauthorized(why),
    };
    let mut row = echo(ask);
    row.insert("user".to_owned(), json!(user));
    Reply::json(StatusCode::OK, &json!({ "value": [Value::Object(row)] }))
        .with(HeaderName::from_static("odata-version"), "4.0")
}

fn user(state: &mut State, ask: &Ask) -> Result<Option<String>, &'static str> {
    if state.options.auth_off {
        return Ok(None);
    }
    match ask.credential() {
        Credential::None => Err("no Authorization header"),
        Credential::Broken(why) => Err(why),
        Credential::Bearer(token) => state.vault.check(&token).map(Some).map_err(|refusal| refusal.why()),
        Credential::Basic(value) => {
            // A colon is not in base64's alphabet, so this is login:password as the page shows it.
            let (username, password) = match value.split_once(':') {
                Some((username, password)) => (username.to_owned(), password.to_owned()),
                None => exchange::basic_pair(&value)?,
            };
            account(&username, &password).map(|account| Some(account.username.to_owned()))
        }
    }
}

/// The vendor tells the status and nothing more.
fn unauthorized(why: &str) -> Reply {
    Reply::new(StatusCode::UNAUTHORIZED).with(header::WWW_AUTHENTICATE, "Bearer").because(why)
}

fn invalid_request(why: impl Into<String>) -> Reply {
    Reply::json(StatusCode::BAD_REQUEST, &json!({ "error": "invalid_request" })).because(why)
}
