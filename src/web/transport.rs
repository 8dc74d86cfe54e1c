//! One request of the machine through `fetch`, and its whole answer.

use std::rc::Rc;

use gloo_net::http::Headers;
use js_sys::{Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AbortController, AbortSignal};

use super::body;
use super::fault;
use super::inner::Inner;
use super::numbers::output;
use super::shell::Shell;
use super::values::{get, number};
use crate::error::{AuthError, Code, Result};
use crate::protocol::body::xml_in;
use crate::protocol::redact::Redactor;
use crate::protocol::request::{Purpose, Request};
use crate::protocol::response::Response;
use crate::protocol::url::Url;
use crate::provider::AnswerFormat;
use crate::provider::cut::decimal;
use crate::session::Op;

/// Sends a request; the shell is told when there is an answer, and looks at the clock meanwhile.
pub(super) fn send(inner: &Rc<Inner>, op: Op, request: Request, timeout: i64) {
    let shell = inner.shell.clone();
    let Ok(controller) = AbortController::new() else {
        let error = AuthError::new(Code::Unsupported, "this host has no AbortController");
        inner.unsent.borrow_mut().push((op, error));
        return shell.tell(output::ANSWER, f64::from(op), 0.0, &JsValue::UNDEFINED, &JsValue::UNDEFINED);
    };
    let signal = controller.signal();
    let job = inner.jobs.start(op, controller);
    shell.tell(output::SET, -f64::from(op), number(Some(timeout)), &JsValue::UNDEFINED, &JsValue::UNDEFINED);
    let (own, format, root) = {
        let session = inner.session.borrow();
        let provider = &session.config().provider;
        (provider.answer_headers(), provider.answer().format(), provider.answer().root().to_owned())
    };
    let ended = job.clone();
    spawn_local(job.run(async move {
        let answer = match once(&shell, &request, &own, &signal).await {
            Ok(answer) => with_tree(&shell, format, &root, answer).await,
            error => error,
        };
        if ended.answered(answer) {
            shell.tell(output::ANSWER, f64::from(op), 0.0, &JsValue::UNDEFINED, &JsValue::UNDEFINED);
        }
    }));
}

/// What a request that takes too long ends with.
pub(super) fn late(timeout: i64) -> AuthError {
    AuthError::of(Code::Timeout, &["the provider did not answer within ", &decimal(timeout), " ms"])
        .hint("Try again, or raise the option `timeout`.")
}

fn same_origin(one: &str, other: &str) -> bool {
    let origin = |address| Url::split(address).map(|url: Url<'_>| url.origin());
    origin(one) == origin(other)
}

async fn once(shell: &Shell, request: &Request, own: &[String], signal: &AbortSignal) -> Result<Response> {
    let init = init(shell, request, signal)?;
    let answer = settled(shell.fetch(&request.url, &init)).await.map_err(|exception| {
        let cause = fault::scrubbed(shell, &exception, &request.redactor);
        fault::read(&shell.unreachable(&exception), cause)
    })?;
    if answer.is_null() {
        return Err(AuthError::new(Code::InvalidResponse, "`fetch` gave something that is no Response")
            .hint("Check the option `fetch`."));
    }
    if get(&answer, "type").as_string().as_deref() == Some("opaqueredirect") {
        return Err(AuthError::new(
            Code::InvalidResponse,
            "the provider's address redirects, which is not followed with credentials",
        )
        .hint("Set `baseUrl` to where it redirects to, if you trust that address."));
    }
    let came_from = get(&answer, "url").as_string().unwrap_or_default();
    if get(&answer, "redirected").is_truthy() && !same_origin(&request.url, &came_from) {
        return Err(AuthError::new(Code::InvalidResponse, "the check was redirected to another origin"));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an HTTP status")]
    let status = get(&answer, "status").as_f64().unwrap_or_default() as u16;
    let headers = body::headers(&answer, own);
    match read(shell, &answer, &headers, &request.redactor).await {
        Ok(body) => Ok(Response { status, headers, body, xml: None }),
        // A connection that broke is no answer; one that cannot be used is.
        Err(error) if error.code == Code::InvalidResponse => Err(error.status(status)),
        Err(error) => Err(error),
    }
}

async fn read(shell: &Shell, answer: &JsValue, headers: &[(String, String)], redactor: &Redactor) -> Result<Vec<u8>> {
    let bytes = settled(shell.body(answer)).await.map_err(|exception| {
        AuthError::new(Code::Network, "the connection broke before the whole answer was there")
            .hint("Try again.")
            .cause(Some(Rc::new(fault::scrubbed(shell, &exception, redactor))))
    })?;
    if bytes.is_null() {
        return Err(AuthError::new(Code::InvalidResponse, "the provider's answer is longer than 1 MiB"));
    }
    let bytes: Uint8Array = bytes
        .dyn_into()
        .map_err(|_| AuthError::new(Code::InvalidResponse, "the answer of `fetch` has no body that can be read"))?;
    let content_type = headers.iter().find(|(name, _)| name == "content-type").map(|(_, value)| value.as_str());
    body::utf8(shell, content_type, bytes.to_vec()).ok_or_else(|| {
        AuthError::new(Code::InvalidResponse, "the answer is in a charset that is not known here, or is no text in it")
    })
}

/// The answer with its tree, where that is for another module to read.
async fn with_tree(shell: &Shell, format: AnswerFormat, root: &str, mut answer: Response) -> Result<Response> {
    if let Some(text) = xml_in(format, root, &answer) {
        let told = settled(shell.xml(text, root)).await.ok().and_then(|told| told.as_string());
        answer.xml = body::tree(&told.unwrap_or_default())?;
    }
    Ok(answer)
}

async fn settled(promise: Promise) -> std::result::Result<JsValue, JsValue> {
    JsFuture::from(promise).await
}

fn init(shell: &Shell, request: &Request, signal: &AbortSignal) -> Result<Object> {
    let init = Object::assign(&Object::new(), &shell.request_init());
    let set = |name: &str, value: &JsValue| {
        // A fresh plain object takes every member.
        let _ = Reflect::set(&init, &JsValue::from_str(name), value);
    };
    set("method", &request.method.into());
    let headers = headers(shell, request)?;
    set("headers", &headers);
    if let Some(body) = &request.body {
        set("body", &JsValue::from_str(body));
    }
    // A token request that is redirected would carry the credentials along. A check is a GET whose credential the
    // browser takes out when the origin changes; elsewhere redirects within the origin are followed by hand.
    let follows = request.purpose == Purpose::Check && shell.is_browser() && !request.has_secret_header;
    set("redirect", &if follows { "follow" } else { "manual" }.into());
    set("signal", signal);
    Ok(init)
}

/// Headers as a plain object, which every `fetch` takes, of whatever realm or package: as the host writes them, where it
/// has a class for that.
fn headers(shell: &Shell, request: &Request) -> Result<Object> {
    let object = Object::new();
    let set = |name: &str, value: &str| {
        let _ = Reflect::set(&object, &JsValue::from_str(name), &JsValue::from_str(value));
    };
    let is_browser = shell.is_browser();
    // A browser sends its own, and asks the server for leave to send another.
    let sent = request.headers.iter().filter(|(name, _)| !(is_browser && name.eq_ignore_ascii_case("user-agent")));
    match web_sys::Headers::new() {
        Ok(raw) => {
            for (name, value) in sent {
                raw.append(name, value).map_err(|_| AuthError::input(name, "what can stand in a header"))?;
            }
            Headers::from_raw(raw).entries().for_each(|(name, value)| set(&name, &value));
        }
        Err(_) => sent.for_each(|(name, value)| set(name, value)),
    }
    Ok(object)
}
