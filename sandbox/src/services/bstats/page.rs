//! The pages of bstats that a user sees.

use axum::http::{HeaderName, StatusCode, header};

use crate::exchange::Reply;
use crate::wire::html;

const SHELL: &str = include_str!("shell.html");
const CONSENT: &str = include_str!("consent.html");
const ERROR: &str = include_str!("error.html");

/// The page that asks for login and consent; `message` after a wrong login.
pub(super) fn consent(client_name: &str, scope: &str, host: &str, message: Option<&str>) -> Reply {
    let (message, invalid) = match message {
        Some(text) => {
            let message = format!("<p class=\"alert\" role=\"alert\" id=\"wrong\">{}</p>", html(text));
            (message, "aria-invalid=\"true\" aria-describedby=\"wrong\"")
        }
        None => (String::new(), ""),
    };
    let parts = [
        ("message", message.as_str()),
        ("invalid", invalid),
        ("client", &html(client_name)),
        ("scope", &html(scope)),
        ("host", &html(host)),
    ];
    page(StatusCode::OK, "Разрешить доступ", &fill(CONSENT, &parts))
}

/// A page that tells what is wrong.
pub(super) fn error(status: StatusCode, title: &str, text: &str) -> Reply {
    page(status, title, &fill(ERROR, &[("title", &html(title)), ("text", &html(text))]))
}

fn page(status: StatusCode, title: &str, main: &str) -> Reply {
    Reply::text(status, "text/html; charset=utf-8", fill(SHELL, &[("title", &html(title)), ("main", main)]))
        .no_store()
        .with(header::REFERRER_POLICY, "no-referrer")
        .with(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .with(header::CONTENT_SECURITY_POLICY, POLICY)
        .with(HeaderName::from_static("x-robots-tag"), "noindex")
}

/// No `form-action`: browsers apply it to the redirect after the form as well.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none'";

/// Replaces `{{name}}` in one pass, so that what is filled in is never filled in again.
fn fill(template: &str, parts: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        filled.push_str(before);
        let Some((name, after)) = after.split_once("}}") else {
            break;
        };
        filled.push_str(parts.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| *value));
        rest = after;
    }
    filled.push_str(rest);
    filled
}
