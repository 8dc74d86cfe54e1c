//! The pages of bstats that a user sees.

use axum::http::{HeaderName, StatusCode, header};

use crate::exchange::Reply;
use crate::wire::html;

const SHELL: &str = include_str!("shell.html");
const CONSENT: &str = include_str!("consent.html");
const CONSENT_IN_ENGLISH: &str = include_str!("consent.en.html");
const ERROR: &str = include_str!("error.html");

/// What the page that asks for consent is written in: the service's own language, unless the browser prefers English.
#[derive(Clone, Copy)]
pub(super) enum Language {
    English,
    Russian,
}

impl Language {
    /// By the first that `Accept-Language` names; browsers name the preferred one first.
    pub(super) fn of(accepted: Option<&str>) -> Self {
        let english = accepted.is_some_and(|list| list.trim_start().to_ascii_lowercase().starts_with("en"));
        if english { Self::English } else { Self::Russian }
    }
}

/// The page that asks for login and consent; `wrong`: after a wrong login.
pub(super) fn consent(language: Language, client_name: &str, scope: &str, host: &str, wrong: bool) -> Reply {
    let (title, template, text) = match language {
        Language::English => ("Allow access", CONSENT_IN_ENGLISH, "Wrong login or password."),
        Language::Russian => ("Разрешить доступ", CONSENT, "Неверный логин или пароль."),
    };
    let message = format!("<p class=\"alert\" role=\"alert\" id=\"wrong\">{text}</p>");
    let (message, invalid) =
        if wrong { (message, "aria-invalid=\"true\" aria-describedby=\"wrong\"") } else { (String::new(), "") };
    let parts = [
        ("message", message.as_str()),
        ("invalid", invalid),
        ("client", &html(client_name)),
        ("scope", &html(scope)),
        ("host", &html(host)),
    ];
    page(language, StatusCode::OK, title, &fill(template, &parts))
}

/// A page that tells what is wrong.
pub(super) fn error(status: StatusCode, title: &str, text: &str) -> Reply {
    page(Language::Russian, status, title, &fill(ERROR, &[("title", &html(title)), ("text", &html(text))]))
}

fn page(language: Language, status: StatusCode, title: &str, main: &str) -> Reply {
    let (lang, sandbox) = match language {
        Language::English => ("en", "sandbox"),
        Language::Russian => ("ru", "песочница"),
    };
    let parts = [("lang", lang), ("sandbox", sandbox), ("title", &html(title)), ("main", main)];
    Reply::text(status, "text/html; charset=utf-8", fill(SHELL, &parts))
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
