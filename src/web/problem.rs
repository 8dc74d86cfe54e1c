//! `problem`: the provider's own error in an answer of its API.

use std::rc::Rc;

use js_sys::Function;
use wasm_bindgen::prelude::*;

use super::bridge::{error_to_js, get};
use super::shared::Shared;
use super::transport::{header, status};
use crate::client::Host;
use crate::client::signal::{first, work};
use crate::error::{AuthError, Result};
use crate::protocol::problem;
use crate::protocol::redact::Redactor;
use crate::protocol::response::Response;

/// Reads a clone of the answer; gives an `AuthError` or null.
pub(super) async fn read(shared: &Rc<Shared>, response: &JsValue) -> Result<JsValue> {
    if get(response, "status").as_f64().is_none() {
        return Err(AuthError::input("response", "a Response"));
    }
    let status = status(response);
    let engine = &shared.engine;
    let provider = &engine.config.provider;
    let mut redactor = Redactor::default();
    if let Some(held) = engine.held() {
        held.access_token.iter().chain(&held.refresh_token).for_each(|token| redactor.add(token.expose()));
        held.credentials.iter().for_each(|(_, value)| redactor.add(value.expose()));
        if let Ok(credential) = engine.credential(Some(&held)) {
            credential.hide_in(&mut redactor);
        }
    }
    let own = provider.answer_headers();
    let names = ["content-type", "www-authenticate", "retry-after", "date"];
    let names = names.into_iter().chain(own.iter().map(String::as_str));
    let headers = names.filter_map(|name| Some((name.to_owned(), header(response, name)?))).collect();
    let mut answer = Response { status, headers, body: Vec::new() };
    if may_hold_problem(&answer) {
        let timeout = engine.config.timeout;
        // A body that does not end is no reason to wait for ever: then the status decides.
        let late = work(async {
            engine.host.sleep(timeout, false).await;
            Vec::new()
        });
        answer.body = first(work(clone_body(shared, response, &redactor)), late).await;
    }
    Ok(match problem::in_answer(provider, &answer, engine.host.now(), &redactor) {
        Some(error) => error_to_js(&error, &shared.bridge, Some(provider.id())),
        None => JsValue::NULL,
    })
}

/// A picture or a file that came with success is not read through for an error.
fn may_hold_problem(answer: &Response) -> bool {
    let kind = answer.header("content-type").unwrap_or_default().to_ascii_lowercase();
    !answer.is_success()
        || kind.is_empty()
        || ["json", "xml", "text/html", "text/plain"].iter().any(|word| kind.contains(word))
}

/// The body of a clone; empty when it was read already, or is too long to be an error.
async fn clone_body(shared: &Rc<Shared>, response: &JsValue, redactor: &Redactor) -> Vec<u8> {
    let Ok(clone) = get(response, "clone").dyn_into::<Function>() else {
        return Vec::new();
    };
    let Ok(copy) = clone.call0(response) else {
        return Vec::new();
    };
    shared.engine.host.transport.body(&copy, redactor).await.unwrap_or_default()
}
