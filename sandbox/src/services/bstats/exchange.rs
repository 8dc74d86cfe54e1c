//! The application's part: a code for a token. Errors come with status 200.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::{Consents, Format, format_named};
use crate::exchange::{Ask, FormError, Reply};
use crate::host::Host;
use crate::services::{State, is_post};

pub(super) fn answer(state: &mut State, ask: &Ask) -> Reply {
    let query = match ask.query_fields() {
        Ok(query) => query,
        Err(why) => return error(Format::Json, "invalid_request", "Invalid request", why),
    };
    let Some(format) = query.get("format").map_or(Some(Format::Json), format_named) else {
        return error(Format::Json, "invalid_request", "Invalid format", "format is neither json nor xml");
    };
    let refuse = |code: &str, text: &str, why: String| error(format, code, text, why);
    if !is_post(ask) {
        let why = format!("{} instead of POST", ask.method);
        return refuse("invalid_request", "Required parameter is missing: code", why);
    }
    if let Some(name) = query.unknown(&["redirect_uri", "format"]) {
        return refuse("invalid_request", "Invalid request", format!("the parameter {name} is unknown"));
    }
    let Some(redirect_uri) = query.get("redirect_uri") else {
        return refuse(
            "invalid_request",
            "Required parameter is missing: redirect_uri",
            "no redirect_uri in the query".to_owned(),
        );
    };
    let form = match ask.form() {
        Ok(form) => form,
        // The framework sees no fields then.
        Err(FormError::ContentType(why) | FormError::Malformed(why)) => {
            return refuse("invalid_request", "Required parameter is missing: code", why);
        }
    };
    let fields = ["code", "client_id", "grant_type"];
    if let Some(name) = form.unknown(&fields) {
        return refuse("invalid_request", "Invalid request", format!("the field {name} is unknown"));
    }
    if let Some(name) = form.missing(&fields) {
        let text = format!("Required parameter is missing: {name}");
        return refuse("invalid_request", &text, format!("the field {name:?} is missing"));
    }
    if form.get("grant_type") != Some("authorization_code") {
        let why = "the grant is authorization_code".to_owned();
        return refuse("unsupported_grant_type", "Invalid grant type", why);
    }
    let client = form.get("client_id").unwrap_or_default();
    let code = form.get("code").unwrap_or_default();
    match redeem(&mut state.consents, state.host, code, client, redirect_uri) {
        Ok(token) => {
            let mut body = Map::new();
            body.insert("access_token".to_owned(), json!(token));
            reply(format, &Value::Object(body))
        }
        Err(why) => refuse("invalid_grant", "Invalid or expired code", why.to_owned()),
    }
}

fn redeem(
    consents: &mut Consents,
    host: Host,
    code: &str,
    client: &str,
    redirect_uri: &str,
) -> Result<String, &'static str> {
    let code = consents.codes.get_mut(code).ok_or("the code is not one that was given out here")?;
    if code.used {
        return Err("the code was used before");
    }
    if code.ends <= host.now() {
        return Err("the code has expired");
    }
    if code.client != client {
        return Err("the code was given to another client_id");
    }
    if code.redirect_uri != redirect_uri {
        return Err("redirect_uri is not the one that the code was sent to, byte for byte");
    }
    code.used = true;
    Ok(consents.tokens.entry(client.to_owned()).or_insert_with(|| host.random_hex()).clone())
}

fn error(format: Format, code: &str, text: &str, why: impl Into<String>) -> Reply {
    reply(format, &json!({ "error": code, "error_description": text })).because(why)
}

/// Status 200 in any case, and no content type but PHP's own.
fn reply(format: Format, body: &Value) -> Reply {
    Reply::text(StatusCode::OK, "text/html; charset=utf-8", format.write(body)).no_store()
}
