//! The user's part: a page that asks for login and consent, and the way back to the application.

use axum::http::{StatusCode, Uri, header};

use super::{APP, Code, LOGIN, PASSWORD, format_named, page};
use crate::exchange::{Ask, FormError, Reply};
use crate::services::{State, is_get, is_post};
use crate::time;
use crate::wire::Fields;

pub(super) fn answer(state: &mut State, ask: &Ask) -> Reply {
    if !is_get(ask) && !is_post(ask) {
        return page::error(StatusCode::METHOD_NOT_ALLOWED, "Так страницу не открыть", "Нужен запрос GET.")
            .with(header::ALLOW, "GET, POST")
            .because(format!("{} instead of GET, POST", ask.method));
    }
    let wanted = match ask.query_fields().map_err(|why| (why, "Параметры адреса записаны неверно.".to_owned()))
    {
        Ok(query) => Wanted::read(&query),
        Err(problem) => Err(problem),
    };
    let wanted = match wanted {
        Ok(wanted) => wanted,
        Err((why, text)) => {
            return page::error(StatusCode::BAD_REQUEST, "Приложение обратилось с ошибкой", &text).because(why);
        }
    };
    if is_get(ask) {
        return consent(ask, &wanted, false);
    }
    decide(state, ask, &wanted)
}

/// What an application asks for.
struct Wanted {
    client_id: String,
    client_name: String,
    scope: String,
    redirect_uri: String,
    host: String,
}

impl Wanted {
    /// The error: for the journal, and in Russian for the page.
    fn read(query: &Fields) -> Result<Self, (String, String)> {
        let required = ["client_id", "client_name", "response_type", "scope", "redirect_uri"];
        let known = [required.as_slice(), &["format"]].concat();
        if let Some(name) = query.unknown(&known) {
            return Err((
                format!("the parameter {name} is unknown"),
                format!("Неизвестный параметр «{}».", name.trim_matches('"')),
            ));
        }
        if let Some(name) = query.missing(&required) {
            return Err((format!("the parameter {name:?} is missing"), format!("Не хватает параметра «{name}».")));
        }
        let get = |name| query.get(name).unwrap_or_default().to_owned();
        let wrong = |name: &str, why: &str, text: &str| {
            Err((format!("the parameter {name:?} {why}"), format!("Параметр «{name}»: {text}.")))
        };
        if get("client_id").chars().count() > 32 {
            return wrong("client_id", "is longer than 32 characters", "не длиннее 32 знаков");
        }
        if get("response_type") != "code" {
            return wrong("response_type", "is not \"code\"", "допустимо только значение «code»");
        }
        if get("scope") != APP {
            return wrong("scope", "is not \"dossier\"", "допустимо только значение «dossier»");
        }
        if query.get("format").is_some_and(|name| format_named(name).is_none()) {
            return wrong("format", "is neither json nor xml", "json или xml");
        }
        let redirect_uri = get("redirect_uri");
        match loopback_host(&redirect_uri) {
            Some(host) => Ok(Self {
                client_id: get("client_id"),
                client_name: get("client_name"),
                scope: get("scope"),
                redirect_uri,
                host,
            }),
            None => wrong(
                "redirect_uri",
                "is no absolute http(s) address of this machine without a fragment",
                "нужен полный адрес http(s) на этом компьютере (127.0.0.1, localhost), без «#»",
            ),
        }
    }
}

/// Host and port of an address on this machine. A sandbox sends nobody's browser elsewhere.
fn loopback_host(address: &str) -> Option<String> {
    if !address.is_ascii() || address.contains('#') || address.bytes().any(|byte| byte <= b' ' || byte == 0x7f) {
        return None;
    }
    let uri: Uri = address.parse().ok()?;
    let authority = uri.authority()?;
    let known_scheme = matches!(uri.scheme_str(), Some("http" | "https"));
    let host = authority.host();
    let here = match host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    };
    (known_scheme && here && !authority.as_str().contains('@')).then(|| authority.to_string())
}

fn consent(ask: &Ask, wanted: &Wanted, wrong: bool) -> Reply {
    let language = page::Language::of(ask.header("accept-language"));
    page::consent(language, &wanted.client_name, &wanted.scope, &wanted.host, wrong)
}

fn decide(state: &mut State, ask: &Ask, wanted: &Wanted) -> Reply {
    let broken = |why: String| {
        page::error(StatusCode::BAD_REQUEST, "Ответ не понят", "Вернитесь и заполните форму ещё раз.").because(why)
    };
    let form = match ask.form() {
        Ok(form) => form,
        Err(FormError::ContentType(why) | FormError::Malformed(why)) => return broken(why),
    };
    if let Some(name) = form.unknown(&["login", "password", "decision"]) {
        return broken(format!("the field {name} is unknown"));
    }
    match form.get("decision") {
        Some("deny") => back(state, wanted, "error=access_denied"),
        Some("allow") if (form.get("login"), form.get("password")) == (Some(LOGIN), Some(PASSWORD)) => {
            let code = state.host.random_hex();
            let granted = Code {
                client: wanted.client_id.clone(),
                redirect_uri: wanted.redirect_uri.clone(),
                ends: state.host.now().saturating_add(time::millis(state.options.code_lifetime)),
                used: false,
            };
            state.consents.codes.insert(code.clone(), granted);
            back(state, wanted, &format!("code={code}"))
        }
        Some("allow") => consent(ask, wanted, true).because("another login or password"),
        _ => broken("the field \"decision\" is neither allow nor deny".to_owned()),
    }
}

fn back(state: &State, wanted: &Wanted, result: &str) -> Reply {
    let uri = &wanted.redirect_uri;
    let joint = if uri.contains('?') && !state.options.naive_redirect { '&' } else { '?' };
    Reply::new(StatusCode::FOUND).with(header::LOCATION, &format!("{uri}{joint}{result}")).no_store()
}
