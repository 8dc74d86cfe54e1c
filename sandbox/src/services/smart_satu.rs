//! Smart Satu: a JSON login whose token goes into Basic, and whose answer says where the API is.
//!
//! Errors follow Yii 2, which the token and the Basic scheme look like.

use axum::http::{StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{State, echo, is_post, wrong_method};
use crate::exchange::{self, Ask, Credential, Reply};
use crate::journal::Purpose;
use crate::options::Style;
use crate::time;
use crate::vault::Pair;
use crate::wire;

const LOGIN: &str = "/api/user/login";
const API: &str = "/api/";
const LIFETIME: u64 = 86400;

struct Account {
    id: u64,
    username: &'static str,
    expired: bool,
}

const ACCOUNTS: [Account; 2] = [
    Account { id: 132, username: "supplier", expired: false },
    Account { id: 133, username: "expired", expired: true },
];
const PASSWORD: &str = "qwerty";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Login {
    username: String,
    password: String,
    direction: String,
}

pub(super) fn accounts() -> Vec<super::Account> {
    let purpose = |account: &Account| if account.expired { "expired" } else { "plain" };
    ACCOUNTS.iter().map(|account| super::Account::new(purpose(account), account.username, PASSWORD)).collect()
}

pub(super) fn classify(ask: &Ask) -> (Purpose, Option<String>) {
    (if ask.path == LOGIN { Purpose::Login } else { Purpose::Api }, None)
}

pub(super) fn answer(state: &mut State, ask: &Ask) -> Reply {
    if ask.path == LOGIN {
        log_in(state, ask)
    } else if ask.path.starts_with(API) {
        call(state, ask)
    } else {
        error(StatusCode::NOT_FOUND, "Not Found", "Page not found.", "there is nothing at this path")
    }
}

fn log_in(state: &mut State, ask: &Ask) -> Reply {
    if !is_post(ask) {
        let message = "Method Not Allowed. This URL can only handle the following request methods: POST.";
        return wrong_method("POST", ask, &yii(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed", message));
    }
    if ask.query.is_some() {
        return bad_request("the login takes no query");
    }
    if ask.headers.contains_key(header::AUTHORIZATION) {
        return bad_request("the login is in the body, so no Authorization header belongs here");
    }
    if ask.header("content-type") != Some("application/json; charset=utf-8") {
        let why = "the content type is not exactly \"application/json; charset=utf-8\"";
        let message = "Unsupported content type.";
        return error(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported Media Type", message, why);
    }
    if let Err(why) = country(ask) {
        return bad_request(why);
    }
    let login: Login = match serde_json::from_slice(&ask.body) {
        Ok(login) => login,
        Err(error) => return bad_request(&json_problem(&error)),
    };
    if login.direction != "food" {
        return bad_request("direction is the server's name, here \"food\"");
    }
    let account = ACCOUNTS.iter().find(|account| account.username == login.username);
    match account {
        None => unauthorized("no such account"),
        Some(_) if login.password != PASSWORD => unauthorized("another password"),
        Some(account) => {
            let terms = state.terms(LIFETIME, None);
            let pair = state.vault.issue(account.username, account.expired, false, terms);
            user(state, account, &pair)
        }
    }
}

/// What is wrong with a JSON body, without the values in it.
fn json_problem(error: &serde_json::Error) -> String {
    let text = error.to_string();
    if error.is_data() && !text.starts_with("invalid") {
        let named = text.split('`').nth(1).is_some_and(wire::is_plain);
        return format!("the body: {}", if named { text.as_str() } else { "an unknown field" });
    }
    let what = if error.is_data() { "a value of the wrong type" } else { "no JSON" };
    format!("the body: {what} at line {} column {}", error.line(), error.column())
}

fn country(ask: &Ask) -> Result<&str, &'static str> {
    match ask.header("country") {
        Some(country) if country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_lowercase()) => Ok(country),
        Some(_) => Err("the header country is not two lower-case letters"),
        None => Err("the header country is missing"),
    }
}

fn user(state: &State, account: &Account, pair: &Pair) -> Reply {
    let ends = time::shown_seconds(pair.ends, state.options.clock_skew);
    let url_api = format!("{}/api", state.origin);
    if state.options.answer_style == Style::Printed {
        let body = printed(account, &pair.access, ends, &url_api);
        return Reply::text(StatusCode::OK, "application/json; charset=utf-8", body).no_store();
    }
    let ends = match state.options.answer_style {
        Style::StringExpiry => json!(ends.to_string()),
        _ => json!(ends),
    };
    let body = json!({
        "id": account.id,
        "email": format!("{}@smartsatu.example", account.username),
        "phone": "+77000000000",
        "username": account.username,
        "role": 2,
        "city_id": 1,
        "is_document": false,
        "is_replacement": false,
        "currency": "тг",
        "price_decimals": 2,
        "price_radix": " ",
        "price_decimals_separator": ".",
        "price_before_currency": true,
        "price_pattern": "### ###.## тг",
        "cashback_enabled": true,
        "company_id": 84,
        "access_token": pair.access,
        "access_token_expiration_time": ends,
        "time_zone_offset": 21600,
        "country": "kz",
        "direction": "Food",
        "url_api": url_api,
    });
    Reply::json(StatusCode::OK, &body).no_store()
}

/// The sample as printed, with its leading zero and without one comma.
fn printed(account: &Account, token: &str, ends: u64, url_api: &str) -> String {
    let (id, username) = (account.id, account.username);
    format!(
        r####"{{
"id": {id},
"email": "{username}@smartsatu.example",
"phone": "+77000000000",
"username": "{username}",
"role": 2,
"city_id": 1,
"is_document": false,
"is_replacement": false,
"currency": "тг",
"price_decimals": 02,
"price_radix": " ",
"price_decimals_separator": ".",
"price_before_currency": true,
"price_pattern": "### ###.## тг",
"cashback_enabled": true,
"company_id": 84,
"access_token": "{token}",
"access_token_expiration_time": {ends},
"time_zone_offset": 21600
"country": "kz",
"direction": "Food",
"url_api": "{url_api}"
}}"####
    )
}

fn call(state: &mut State, ask: &Ask) -> Reply {
    let country = match country(ask) {
        Ok(country) => country,
        Err(why) => return bad_request(why),
    };
    let token = match ask.credential() {
        Credential::Bearer(token) => token,
        Credential::Basic(value) => match exchange::basic_pair(&value) {
            Ok((token, password)) if password.is_empty() => token,
            Ok(_) => {
                return unauthorized("Basic holds a password: the token is the user name, and the password is empty");
            }
            Err(why) => return unauthorized(why),
        },
        Credential::None => return unauthorized("no Authorization header"),
        Credential::Broken(why) => return unauthorized(why),
    };
    match state.vault.check(&token) {
        Ok(username) => {
            let mut body = echo(ask);
            body.insert("username".to_owned(), json!(username));
            body.insert("country".to_owned(), json!(country));
            Reply::json(StatusCode::OK, &Value::Object(body))
        }
        Err(refusal) => unauthorized(refusal.why()),
    }
}

fn unauthorized(why: &str) -> Reply {
    let message = "Your request was made with invalid credentials.";
    error(StatusCode::UNAUTHORIZED, "Unauthorized", message, why).with(header::WWW_AUTHENTICATE, "Basic realm=\"api\"")
}

fn bad_request(why: &str) -> Reply {
    error(StatusCode::BAD_REQUEST, "Bad Request", "Invalid request.", why)
}

fn error(status: StatusCode, name: &str, message: &str, why: &str) -> Reply {
    Reply::json(status, &yii(status, name, message)).because(why)
}

fn yii(status: StatusCode, name: &str, message: &str) -> Value {
    json!({ "name": name, "message": message, "code": 0, "status": status.as_u16() })
}
