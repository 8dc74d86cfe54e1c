//! One request through `fetch`: the caller's function, or the global one as it is when called.

use std::cell::Cell;

use gloo_net::http::Headers;
use js_sys::{Function, Object, Promise, Uint8Array, global};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::AbortController;

use super::bridge::{Bridge, cause, get, set};
use super::{page, timer};
use crate::client::signal::{first, work};
use crate::error::{AuthError, Code, Result};
use crate::protocol::redact::Redactor;
use crate::protocol::request::{Purpose, Request};
use crate::protocol::response::{LONGEST_BODY, Response};

/// Headers of an answer that somebody reads.
const HEADERS: [&str; 5] = ["content-type", "date", "retry-after", "www-authenticate", "location"];

/// How to reach the network.
#[derive(Clone)]
pub(super) struct Transport {
    fetch: Option<Function>,
    bridge: Bridge,
}

impl Transport {
    /// `fetch` is the caller's function, where one was given.
    pub(super) const fn new(fetch: Option<Function>, bridge: Bridge) -> Self {
        Self { fetch, bridge }
    }

    /// Sends a request and reads the whole answer.
    pub(super) async fn send(&self, request: &Request, timeout: i64) -> Result<Response> {
        let unfinished = AbortOnDrop::new()?;
        let doing = work(async {
            let init = self.init(request, unfinished.controller())?;
            let answer = self.fetch(&JsValue::from_str(&request.url), &init, &request.redactor).await?;
            self.read(request, &answer).await
        });
        let late = work(async {
            timer::sleep(timeout, false).await;
            Err(late(timeout))
        });
        first(doing, late).await
    }

    /// Calls `fetch`, and checks what it gives: a mock may give anything.
    pub(super) async fn fetch(&self, input: &JsValue, init: &Object, redactor: &Redactor) -> Result<JsValue> {
        let given = self.start(input, init, redactor)?;
        self.finish(given, redactor).await
    }

    /// The call alone, so that the first request of many goes out at once.
    pub(super) fn start(&self, input: &JsValue, init: &Object, redactor: &Redactor) -> Result<JsFuture> {
        let function = match &self.fetch {
            Some(function) => function.clone(),
            None => get(&global(), "fetch").dyn_into().map_err(|_| {
                AuthError::new(Code::Unsupported, "this host has no `fetch`").hint("Give the option `fetch`.")
            })?,
        };
        let given = function.call2(&JsValue::UNDEFINED, input, init);
        // A future from the start: a promise that nobody has asked yet would be an unhandled rejection.
        let given = given.map(|given| JsFuture::from(Promise::resolve(&given)));
        given.map_err(|exception| self.unreachable(&exception, redactor))
    }

    /// Waits for what `start` gave.
    pub(super) async fn finish(&self, given: JsFuture, redactor: &Redactor) -> Result<JsValue> {
        let answer = given.await.map_err(|exception| self.unreachable(&exception, redactor))?;
        let is_response =
            get(&answer, "status").as_f64().is_some() && get(&get(&answer, "headers"), "get").is_function();
        if is_response {
            Ok(answer)
        } else {
            Err(AuthError::new(Code::InvalidResponse, "`fetch` gave something that is no Response")
                .hint("Check the option `fetch`."))
        }
    }

    fn unreachable(&self, exception: &JsValue, redactor: &Redactor) -> AuthError {
        AuthError::new(Code::Network, "the provider could not be reached")
            .hint(if page::is_browser() {
                "Check the connection; if the provider sends no CORS headers, go through a server of your own with `baseUrl`."
            } else {
                "Check the connection and the address; `cause` says more."
            })
            .cause(cause(&self.bridge, exception, redactor))
    }

    fn init(&self, request: &Request, controller: &AbortController) -> Result<Object> {
        let headers = Headers::new();
        for (name, value) in &request.headers {
            // A browser sends its own, and asks the server for leave to send another.
            if !(name.eq_ignore_ascii_case("user-agent") && page::is_browser()) {
                headers.append(name, value);
            }
        }
        let init = Object::assign(&Object::new(), &self.bridge.request_init());
        set(&init, "method", &request.method.into());
        set(&init, "headers", &plain(&headers));
        if let Some(body) = &request.body {
            set(&init, "body", &JsValue::from_str(body));
        }
        // A token request that is redirected would carry the credentials along. A check is a GET whose credential the
        // browser takes out when the origin changes; elsewhere redirects within the origin are followed by hand.
        let follow = request.purpose == Purpose::Check && page::is_browser() && !request.has_secret_header;
        set(&init, "redirect", &if follow { "follow" } else { "manual" }.into());
        set(&init, "signal", &controller.signal());
        Ok(init)
    }

    async fn read(&self, request: &Request, answer: &JsValue) -> Result<Response> {
        let kind = get(answer, "type").as_string();
        if kind.as_deref() == Some("opaqueredirect") {
            return Err(AuthError::new(
                Code::InvalidResponse,
                "the provider's address redirects, which is not followed with credentials",
            )
            .hint("Set `baseUrl` to where it redirects to, if you trust that address."));
        }
        let address = get(answer, "url").as_string().unwrap_or_default();
        let was_redirected = get(answer, "redirected").is_truthy();
        if request.purpose == Purpose::Check && was_redirected && !same_origin(&request.url, &address) {
            return Err(AuthError::new(Code::InvalidResponse, "the check was redirected to another origin"));
        }
        let headers = HEADERS.into_iter().filter_map(|name| Some((name.to_owned(), header(answer, name)?))).collect();
        let body = self.body(answer, &request.redactor).await?;
        Ok(Response { status: status(answer), headers, body })
    }

    /// Reads a body, at most [`LONGEST_BODY`] bytes of it.
    pub(super) async fn body(&self, answer: &JsValue, redactor: &Redactor) -> Result<Vec<u8>> {
        let cut = |exception: JsValue| {
            AuthError::new(Code::Network, "the connection broke before the whole answer was there")
                .hint("Try again.")
                .cause(cause(&self.bridge, &exception, redactor))
        };
        let stream = get(answer, "body");
        if stream.is_null() {
            return Ok(Vec::new());
        }
        let Ok(get_reader) = get(&stream, "getReader").dyn_into::<Function>() else {
            return self.whole(answer).await;
        };
        let no_stream = || AuthError::new(Code::InvalidResponse, "the body of the answer is no stream of bytes");
        let reader = get_reader.call0(&stream).map_err(cut)?;
        let read: Function = get(&reader, "read").dyn_into().map_err(|_| no_stream())?;
        let mut bytes = Vec::new();
        loop {
            let step = read.call0(&reader).map_err(cut)?;
            let step = JsFuture::from(Promise::resolve(&step)).await.map_err(cut)?;
            if get(&step, "done").is_truthy() {
                return Ok(bytes);
            }
            let chunk: Uint8Array = get(&step, "value").dyn_into().map_err(|_| no_stream())?;
            let length = usize::try_from(chunk.length()).unwrap_or(usize::MAX);
            if bytes.len().saturating_add(length) > LONGEST_BODY {
                quietly(&reader, "cancel");
                return Err(too_long());
            }
            bytes.extend(chunk.to_vec());
        }
    }

    /// For answers without a stream, as mocks give them.
    async fn whole(&self, answer: &JsValue) -> Result<Vec<u8>> {
        let unreadable = || AuthError::new(Code::InvalidResponse, "the answer of `fetch` has no body that can be read");
        let method = get(answer, "arrayBuffer").dyn_into::<Function>().map_err(|_| unreadable())?;
        let given = method.call0(answer).map_err(|_| unreadable())?;
        let buffer = JsFuture::from(Promise::resolve(&given)).await.map_err(|_| unreadable())?;
        let bytes = Uint8Array::new(&buffer).to_vec();
        if bytes.len() > LONGEST_BODY { Err(too_long()) } else { Ok(bytes) }
    }
}

/// Calls a method for its effect; what it throws, or rejects with, is nobody's concern.
pub(super) fn quietly(object: &JsValue, method: &str) {
    if let Ok(function) = get(object, method).dyn_into::<Function>() {
        silence(function.call0(object));
    }
}

/// Takes what a function gave for its effect: a promise that rejects is not left unhandled.
pub(super) fn silence(given: std::result::Result<JsValue, JsValue>) {
    if let Ok(promise) = given
        && get(&promise, "then").is_function()
    {
        spawn_local(async move {
            let _ = JsFuture::from(Promise::resolve(&promise)).await;
        });
    }
}

/// The status of an answer. By name, as everything else here: a mock or another realm's Response is no instance of ours.
pub(super) fn status(answer: &JsValue) -> u16 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an HTTP status")]
    let status = get(answer, "status").as_f64().unwrap_or_default() as u16;
    status
}

/// A header of an answer.
pub(super) fn header(answer: &JsValue, name: &str) -> Option<String> {
    let headers = get(answer, "headers");
    let get_header: Function = get(&headers, "get").dyn_into().ok()?;
    get_header.call1(&headers, &name.into()).ok()?.as_string()
}

fn too_long() -> AuthError {
    AuthError::new(Code::InvalidResponse, "the provider's answer is longer than 1 MiB")
}

/// Headers as a plain object, which every `fetch` takes, of whatever realm or package.
fn plain(headers: &Headers) -> Object {
    let object = Object::new();
    for (name, value) in headers.entries() {
        set(&object, &name, &value.into());
    }
    object
}

fn same_origin(one: &str, other: &str) -> bool {
    use crate::protocol::url::Url;
    let origin = |address| Url::split(address).map(|url: Url<'_>| url.origin());
    origin(one) == origin(other)
}

/// What a request that takes too long rejects with.
pub(super) fn late(timeout: i64) -> AuthError {
    AuthError::of(Code::Timeout, &["the provider did not answer within ", &timeout.to_string(), " ms"])
        .hint("Try again, or raise the option `timeout`.")
}

/// Ends a request when nobody waits for it any more.
pub(super) struct AbortOnDrop {
    controller: AbortController,
    armed: Cell<bool>,
}

impl AbortOnDrop {
    /// Armed.
    pub(super) fn new() -> Result<Self> {
        match AbortController::new() {
            Ok(controller) => Ok(Self { controller, armed: Cell::new(true) }),
            Err(_) => Err(AuthError::new(Code::Unsupported, "this host has no AbortController")),
        }
    }

    /// What aborts.
    pub(super) const fn controller(&self) -> &AbortController {
        &self.controller
    }

    /// Lets the request go on.
    pub(super) fn disarm(&self) {
        self.armed.set(false);
    }
}

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        if self.armed.get() {
            self.controller.abort();
        }
    }
}
