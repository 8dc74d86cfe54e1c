//! Calls with a token, which goes in the query and nowhere else.

use axum::http::{Method, StatusCode, header};
use serde_json::{Value, json};

use super::{APP, Format, LOGIN, format_named};
use crate::exchange::{Ask, Reply};
use crate::services::{State, echo, is_get, is_post};

pub(super) fn answer(state: &State, ask: &Ask) -> Reply {
    let query = match ask.query_fields() {
        Ok(query) => query,
        Err(why) => return problem(Format::Json, StatusCode::BAD_REQUEST, "invalid_request", &why),
    };
    let Some(format) = query.get("format").map_or(Some(Format::Json), format_named) else {
        return problem(Format::Json, StatusCode::OK, "invalid_request", "format is neither json nor xml");
    };
    let refuse = |status, code, why| problem(format, status, code, why);
    if !is_get(ask) && !is_post(ask) {
        return refuse(StatusCode::METHOD_NOT_ALLOWED, "invalid_request", "the API takes GET and POST")
            .with(header::ALLOW, "GET, POST");
    }
    match query.get("access_token") {
        Some(token) if state.consents.tokens.values().any(|known| known == token) => {}
        Some("") | None => {
            let why = if ask.headers.contains_key(header::AUTHORIZATION) {
                "no access_token in the query, and the Authorization header is not looked at"
            } else {
                "no access_token in the query"
            };
            return refuse(StatusCode::BAD_REQUEST, "invalid_request", why);
        }
        Some(_) => return refuse(StatusCode::UNAUTHORIZED, "invalid_token", "no such token"),
    }
    if query.get("app") != Some(APP) {
        return refuse(StatusCode::BAD_REQUEST, "app_not_installed", "app is \"dossier\"");
    }
    match query.get("method") {
        Some("customer.getuuid" | "customer.getcomments") if ask.method == Method::GET => {}
        Some("customer.update") if ask.method == Method::POST => {}
        Some("customer.getuuid" | "customer.getcomments" | "customer.update") => {
            return refuse(StatusCode::METHOD_NOT_ALLOWED, "invalid_request", "the method exists, with the other verb");
        }
        Some("customer.fail") => {
            return refuse(StatusCode::OK, "access_denied", "this method always fails, with status 200");
        }
        Some("customer.forbidden") => return refuse(StatusCode::FORBIDDEN, "access_denied", "this method is nobody's"),
        Some(_) => return refuse(StatusCode::NOT_FOUND, "invalid_method", "no such method"),
        None => return refuse(StatusCode::BAD_REQUEST, "invalid_request", "no method in the query"),
    }
    let mut body = echo(ask);
    body.insert("uuid".to_owned(), json!("6f9619ff-8b86-d011-b42d-00c04fc964ff"));
    body.insert("login".to_owned(), json!(LOGIN));
    Reply::text(StatusCode::OK, format.content_type(), format.write(&Value::Object(body)))
}

fn problem(format: Format, status: StatusCode, code: &str, why: &str) -> Reply {
    let body = json!({ "error": code, "error_description": why });
    Reply::text(status, format.content_type(), format.write(&body)).because(why)
}
