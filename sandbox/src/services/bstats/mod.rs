//! bstats.ru: the user consents on the service's page, a code comes back, and buys a token that never expires.
//!
//! The page follows Webasyst's; where it is silent, so does this: errors of the exchange come with status 200, and no
//! `state` is given back.

mod api;
mod authorize;
mod exchange;
mod page;

use std::collections::HashMap;

use axum::http::StatusCode;
use serde_json::Value;

use super::{State, named_grant};
use crate::exchange::{Ask, Reply};
use crate::journal::Purpose;
use crate::wire;

const LOGIN: &str = "demo";
const PASSWORD: &str = "demo";
const APP: &str = "dossier";

/// What users have allowed.
#[derive(Default)]
pub(crate) struct Consents {
    codes: HashMap<String, Code>,
    /// By client: one user, so one token each, always the same.
    tokens: HashMap<String, String>,
}

impl Consents {
    /// Ends the tokens; a code that is on its way still gets one.
    pub(super) fn expire(&mut self) {
        self.tokens.clear();
    }

    pub(super) fn has_issued(&self, text: &str) -> bool {
        self.codes.contains_key(text) || self.tokens.values().any(|token| token == text)
    }

    pub(super) fn revoke(&mut self) {
        self.codes.clear();
        self.expire();
    }
}

struct Code {
    client: String,
    redirect_uri: String,
    ends: u64,
    used: bool,
}

/// The framework trims a trailing slash.
fn path(ask: &Ask) -> &str {
    ask.path.strip_suffix('/').unwrap_or(&ask.path)
}

pub(super) fn accounts() -> Vec<super::Account> {
    vec![super::Account::new("plain", LOGIN, PASSWORD)]
}

pub(super) fn classify(ask: &Ask) -> (Purpose, Option<String>) {
    match path(ask) {
        "/api.php/auth" => (Purpose::Authorize, None),
        "/api.php/token" => (Purpose::Exchange, named_grant(ask)),
        _ => (Purpose::Api, None),
    }
}

pub(super) fn answer(state: &mut State, ask: &Ask) -> Reply {
    match path(ask) {
        "/api.php/auth" => authorize::answer(state, ask),
        "/api.php/token" => exchange::answer(state, ask),
        "/api.php" => api::answer(state, ask),
        _ => page::error(StatusCode::NOT_FOUND, "Такой страницы нет", "Проверьте адрес.")
            .because("there is nothing at this path"),
    }
}

/// How answers are written.
#[derive(Clone, Copy)]
enum Format {
    Json,
    Xml,
}

/// The format of a name, in any case.
fn format_named(name: &str) -> Option<Format> {
    match name.to_ascii_lowercase().as_str() {
        "json" => Some(Format::Json),
        "xml" => Some(Format::Xml),
        _ => None,
    }
}

impl Format {
    fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json; charset=utf-8",
            Self::Xml => "text/xml; charset=utf-8",
        }
    }

    /// A flat object.
    fn write(self, body: &Value) -> String {
        let (Self::Xml, Value::Object(fields)) = (self, body) else {
            return body.to_string();
        };
        let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<response>\n".to_owned();
        for (name, value) in fields {
            let value = value.as_str().map_or_else(|| value.to_string(), wire::html);
            if value.is_empty() {
                text.push_str(&format!("    <{name}/>\n"));
            } else {
                text.push_str(&format!("    <{name}>{value}</{name}>\n"));
            }
        }
        text.push_str("</response>\n");
        text
    }
}
