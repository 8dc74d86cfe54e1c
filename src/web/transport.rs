//! One request of the machine through `fetch`, and what came of it. Nothing is made of that here: a request under way cannot be
//! undone, as the work of the machine can, so that what is here is in the half of the module that every page waits for.

use std::rc::Rc;

use gloo_net::http::Headers;
use js_sys::{Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::AbortController;

use super::answer::{Came, may_be_xml, xml_text};
use super::inner::Inner;
use super::numbers::output;
use super::shell::Shell;
use super::values::number;
use crate::error::{AuthError, Code, Result};
use crate::protocol::request::{Purpose, Request};
use crate::provider::AnswerFormat;
use crate::session::Op;

/// A request in values of the host.
pub(super) struct Ready {
    request: Box<Request>,
    init: Object,
    controller: AbortController,
    /// What its answer is written in, and the root of that.
    format: AnswerFormat,
    root: String,
}

impl Ready {
    /// Fails where the host cannot send such a request.
    pub(super) fn new(inner: &Inner, request: Request) -> Result<Self> {
        let controller = AbortController::new()
            .map_err(|_| AuthError::new(Code::Unsupported, "this host has no AbortController"))?;
        let init = init(&inner.shell, &request, &controller)?;
        let session = inner.session.borrow();
        let answer = session.config().provider.answer();
        let (format, root) = (answer.format(), answer.root().to_owned());
        Ok(Self { request: Box::new(request), init, controller, format, root })
    }
}

/// Sends a request; the shell is told when there is an answer, and looks at the clock meanwhile.
pub(super) fn send(inner: &Rc<Inner>, op: Op, ready: Ready, timeout: i64) {
    let shell = inner.shell.clone();
    let Ready { request, init, controller, format, root } = ready;
    let job = inner.jobs.start(op, controller);
    shell.tell(output::SET, -f64::from(op), number(Some(timeout)), &JsValue::UNDEFINED, &JsValue::UNDEFINED);
    let ended = job.clone();
    spawn_local(job.run(async move {
        let answer = settled(shell.fetch(&request.url, &init)).await;
        let mut came = Came { request, answer, body: None, tree: None };
        if let Ok(answer) = &came.answer
            && came.has_body()
        {
            let body = settled(shell.body(answer)).await;
            if let Ok(bytes) = &body
                && may_be_xml(format, answer, bytes)
            {
                // What tells whether it is.
                let told = settled(shell.whole()).await.ok().and_then(|told| told.as_string());
                came.tree = if told.is_some() {
                    told
                } else if let Some(text) = xml_text(&shell, format, &root, answer, bytes) {
                    let told = settled(shell.xml(&text, &root)).await.ok().and_then(|told| told.as_string());
                    Some(told.unwrap_or_default())
                } else {
                    None
                };
            }
            came.body = Some(body);
        }
        if ended.answered(came) {
            shell.tell(output::ANSWER, f64::from(op), 0.0, &JsValue::UNDEFINED, &JsValue::UNDEFINED);
        }
    }));
}

async fn settled(promise: Promise) -> std::result::Result<JsValue, JsValue> {
    JsFuture::from(promise).await
}

fn init(shell: &Shell, request: &Request, controller: &AbortController) -> Result<Object> {
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
    set("signal", &controller.signal());
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
