//! `fetch` with the credential attached.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Function, Object, Promise, Reflect, Symbol};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::Headers;

use super::abort::{Abort, Followed};
use super::bridge::{Failure, get, set};
use super::page;
use super::shared::Shared;
use super::transport::{AbortOnDrop, late, quietly};
use crate::client::signal::{first, work};
use crate::client::{Held, Host, Trace};
use crate::error::{AuthError, Code, Result};
use crate::protocol::redact::{Redactor, shown_url};
use crate::protocol::request::{Presented, Purpose};
use crate::protocol::{form, url};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = Request)]
    #[derive(Clone)]
    type JsRequest;

    #[wasm_bindgen(constructor, catch, js_class = "Request")]
    fn new(input: &JsValue, init: &JsValue) -> Result<JsRequest, JsValue>;
}

/// Members of `RequestInit`.
const INIT: [&str; 13] = [
    "method",
    "body",
    "referrer",
    "referrerPolicy",
    "mode",
    "credentials",
    "cache",
    "redirect",
    "integrity",
    "keepalive",
    "duplex",
    "priority",
    "dispatcher",
];

/// A caller's call, read once and sent once or twice.
struct Call {
    address: String,
    /// A `Request`, when the caller gave one.
    request: Option<JsValue>,
    init: JsValue,
    method: String,
    headers: Headers,
    abort: Abort,
    /// Whether the body can be sent again.
    replayable: bool,
    /// The body of `request`, read where the credential changes its address: browsers send no stream to another one.
    bytes: RefCell<Option<JsValue>>,
}

impl Call {
    /// Whether the body of the caller's Request has to be read before it can be sent.
    fn needs_bytes(&self, shared: &Shared) -> bool {
        let has_body = |request: &JsValue| get(request, "body").is_object();
        let changes_address = !shared.engine.config.provider.present().query().is_empty();
        changes_address && self.replayable && self.request.as_ref().is_some_and(has_body)
    }

    async fn read_bytes(&self) -> Result<()> {
        let unreadable = |_| AuthError::input("input", "a Request whose body has not been read");
        let Some(request) = &self.request else { return Ok(()) };
        let copy = method(request, "clone").map_err(unreadable)?;
        let bytes = method(&copy, "arrayBuffer").map_err(unreadable)?;
        let bytes = JsFuture::from(Promise::resolve(&bytes)).await.map_err(unreadable)?;
        self.bytes.replace(Some(bytes));
        Ok(())
    }
}

/// Calls a method without arguments.
fn method(object: &JsValue, name: &str) -> std::result::Result<JsValue, JsValue> {
    get(object, name).dyn_into::<Function>()?.call0(object)
}

/// A request that has been handed to `fetch`.
struct Sent {
    given: JsFuture,
    /// The session that went along, and its number; `None` where none did.
    session: Option<(Rc<Held>, u64)>,
    started: i64,
    shown: String,
    redactor: Redactor,
    /// Whether a redirect would end it.
    refuses_redirects: bool,
    /// Ends the request when nobody waits for its head any more.
    unfinished: AbortOnDrop,
    /// The caller's signal.
    followed: Followed,
}

/// Calls the provider's API.
pub(super) fn fetch(shared: &Rc<Shared>, input: JsValue, init: JsValue) -> Promise {
    let prepared = prepare(shared, &input, init).map_err(Failure::from).and_then(|call| {
        call.abort.check()?;
        Ok(call)
    });
    let call = match prepared {
        Ok(call) => call,
        Err(failure) => return Promise::reject(&shared.reject(failure)),
    };
    // With a token at hand the request goes out before any executor is entered.
    let ready = if call.needs_bytes(shared) { None } else { shared.engine.ready(0) };
    let head = ready.map(|held| send(shared, &call, Some(&held)));
    let (abort, inner) = (call.abort.clone(), shared.clone());
    shared.promise(abort, work(async move { run(&inner, &call, head).await }))
}

async fn run(shared: &Rc<Shared>, call: &Call, head: Option<Result<Sent>>) -> Result<JsValue> {
    let engine = &shared.engine;
    if head.is_none() && call.needs_bytes(shared) {
        call.read_bytes().await?;
    }
    let sent = match head {
        Some(sent) => sent?,
        None if engine.held().is_none() && engine.config.provider.present().is_optional() => send(shared, call, None)?,
        None => {
            let held = engine.usable(0, false, None).await?;
            send(shared, call, Some(&held))?
        }
    };
    let session = sent.session.clone();
    let answer = finish(shared, call, sent, 1).await?;
    let status = get(&answer, "status").as_f64().unwrap_or_default();
    let is_expired = engine.config.provider.present().is_expired(status as u16);
    match session {
        Some((held, generation))
            if is_expired && call.replayable && engine.after_refusal(&held, generation).await? => {}
        _ => return Ok(answer),
    }
    // Nobody will read the refusal.
    quietly(&get(&answer, "body"), "cancel");
    let held = engine.held().ok_or_else(|| AuthError::new(Code::LoginRequired, "nobody is signed in"))?;
    let again = send(shared, call, Some(&held))?;
    finish(shared, call, again, 2).await
}

fn prepare(shared: &Rc<Shared>, input: &JsValue, init: JsValue) -> Result<Call> {
    shared.engine.open()?;
    shared.engine.is_not_asking()?;
    if !(init.is_undefined() || init.is_null() || init.is_object()) {
        return Err(AuthError::input("init", "an object"));
    }
    let is_request = input.is_object() && get(input, "url").as_string().is_some() && get(input, "headers").is_object();
    let request = is_request.then(|| input.clone());
    let address = match &request {
        Some(request) => get(request, "url").as_string(),
        None => input.as_string().or_else(|| get(input, "href").as_string()),
    };
    let address = address.ok_or_else(|| AuthError::input("input", "an address, a URL or a Request"))?;
    let address = shared.engine.call_address(&address)?;

    // As `fetch` does: what `init` has replaces what the request has.
    let from = |name: &str| match get(&init, name) {
        value if value.is_undefined() => request.as_ref().map_or(JsValue::UNDEFINED, |request| get(request, name)),
        value => value,
    };
    let headers = match from("headers") {
        value if value.is_undefined() || value.is_null() => Headers::new(),
        value => Headers::new_with_headers(value.unchecked_ref()),
    }
    .map_err(|_| AuthError::input("headers", "what `fetch` takes as headers"))?;
    if headers.has("authorization").unwrap_or(false) {
        return Err(AuthError::input("Authorization", "left out: the client attaches the credential"));
    }
    let method = from("method").as_string().unwrap_or_else(|| "GET".to_owned()).to_ascii_uppercase();
    let body = get(&init, "body");
    let replayable = if body.is_undefined() || body.is_null() {
        // The body of a Request can be split while nobody has read it.
        request.as_ref().is_none_or(|request| !get(request, "bodyUsed").is_truthy())
    } else {
        !get(&body, "getReader").is_function()
            && !Reflect::get(&body, &Symbol::async_iterator()).is_ok_and(|iterator| iterator.is_function())
    };
    let abort = Abort::read(&from("signal")).map_err(|_| AuthError::input("signal", "an AbortSignal"))?;
    Ok(Call { address, request, init, method, headers, abort, replayable, bytes: RefCell::default() })
}

/// Attaches the credential and hands the request to `fetch`.
fn send(shared: &Rc<Shared>, call: &Call, held: Option<&Rc<Held>>) -> Result<Sent> {
    let engine = &shared.engine;
    let credential = engine.credential(held.map(Rc::as_ref))?;
    let mut redactor = Redactor::default();
    credential.hide_in(&mut redactor);
    let headers = Headers::new_with_headers(&call.headers).map_err(|_| AuthError::input("headers", "headers"))?;
    for header in &credential.headers {
        let is_callers = call.headers.has(&header.name).unwrap_or(false);
        if header.is_credential && is_callers {
            return Err(AuthError::input(&header.name, "left out: the client attaches the credential"));
        }
        // A browser sends its own, and asks the server for leave to send another.
        let is_browsers = page::is_browser() && header.name.eq_ignore_ascii_case("user-agent");
        if header.is_credential || !(is_callers || is_browsers) {
            headers.set(&header.name, &header.value).map_err(|_| AuthError::input(&header.name, "a header value"))?;
        }
    }
    let callers = url::Url::split(&call.address).and_then(|url| url.query).map(form::decode).unwrap_or_default();
    let mut query = Vec::new();
    for field in &credential.query {
        let is_callers = callers.iter().any(|(name, _)| *name == field.name);
        if field.is_credential && is_callers {
            return Err(AuthError::input(&field.name, "left out of the address: the client attaches the credential"));
        }
        if !is_callers {
            query.push((field.name.as_str(), field.value.as_str()));
        }
    }
    if let Some(token) = held.and_then(|held| held.access_token.as_ref()) {
        redactor.add(token.expose());
    }
    let address = url::with_query(&call.address, &form::encode(&query));
    let shown = shown_url(&address, &redactor);
    let init = Object::new();
    if call.init.is_object() {
        Object::assign(&init, call.init.unchecked_ref());
        // `fetch` reads these also where they are inherited, as from a Request.
        for name in INIT {
            let value = get(&call.init, name);
            if !value.is_undefined() {
                set(&init, name, &value);
            }
        }
    }
    set(&init, "headers", &headers);
    // Hosts take Authorization out when a redirect leaves the origin, and nothing else.
    let is_secret_header =
        |header: &Presented| header.is_credential && !header.name.eq_ignore_ascii_case("authorization");
    let redirect = get(&init, "redirect").as_string();
    let stays = matches!(redirect.as_deref(), Some("manual" | "error"));
    let refuses_redirects = !stays && credential.headers.iter().any(is_secret_header);
    if refuses_redirects {
        set(&init, "redirect", &"error".into());
    }
    let unfinished = AbortOnDrop::new()?;
    let followed = call.abort.follow(&shared.bridge, unfinished.controller());
    set(&init, "signal", &followed.signal);
    let input = match &call.request {
        None => JsValue::from_str(&address),
        Some(request) => of_request(request, &address, call)?,
    };
    let session = held.map(|held| (held.clone(), engine.generation()));
    let started = engine.host.now();
    let given = engine.host.transport.start(&input, &init, &redactor)?;
    Ok(Sent { given, session, started, shown, redactor, refuses_redirects, unfinished, followed })
}

/// The caller's Request at the address with the credential; a copy, so that it can be sent again.
fn of_request(request: &JsValue, address: &str, call: &Call) -> Result<JsValue> {
    let unusable = |_| AuthError::input("input", "a Request whose body has not been read");
    if let Some(bytes) = call.bytes.borrow().as_ref() {
        let parts = Object::new();
        for name in INIT.into_iter().filter(|name| !matches!(*name, "duplex" | "priority" | "dispatcher")) {
            let value = get(request, name);
            // No script may ask for the mode of a navigation.
            if !value.is_undefined() && value.as_string().as_deref() != Some("navigate") {
                set(&parts, name, &value);
            }
        }
        set(&parts, "body", bytes);
        return JsRequest::new(&JsValue::from_str(address), &parts).map(Into::into).map_err(unusable);
    }
    let has_body = get(request, "body").is_object() && call.replayable;
    let source = if has_body { method(request, "clone").map_err(unusable)? } else { request.clone() };
    if get(&source, "url").as_string().as_deref() == Some(address) {
        return Ok(source);
    }
    JsRequest::new(&JsValue::from_str(address), &source).map(Into::into).map_err(unusable)
}

async fn finish(shared: &Rc<Shared>, call: &Call, sent: Sent, attempt: u32) -> Result<JsValue> {
    let Sent { given, started, shown, redactor, refuses_redirects, unfinished, followed, .. } = sent;
    let mut tracing = Tracing { shared, call, attempt, started, shown, outcome: Err(Code::Aborted) };
    let host = &shared.engine.host;
    let timeout = shared.engine.config.timeout;
    let late = work(async {
        host.sleep(timeout, false).await;
        Err(late(timeout))
    });
    let result = first(work(host.transport.finish(given, &redactor)), late).await;
    if call.abort.is_aborted() {
        // `fetch` rejected because the caller's signal says so: the guard around this call rejects with its reason.
        return std::future::pending().await;
    }
    tracing.outcome = match &result {
        Ok(answer) => Ok(get(answer, "status")),
        Err(error) => Err(error.code),
    };
    drop(tracing);
    let result = result.map_err(|error| match error.code {
        Code::Network if refuses_redirects => error.hint(
            "Check the connection. A redirect is refused too, because the credential is in a header that would go along: pass `redirect: \"manual\"` to see it.",
        ),
        _ => error,
    });
    if let Ok(answer) = &result {
        // The body goes on streaming to the caller.
        unfinished.disarm();
        followed.answered(answer);
    }
    result
}

/// Traces the call when its answer is there, or when its caller went away.
struct Tracing<'a> {
    shared: &'a Rc<Shared>,
    call: &'a Call,
    started: i64,
    shown: String,
    attempt: u32,
    outcome: std::result::Result<JsValue, Code>,
}

impl Drop for Tracing<'_> {
    fn drop(&mut self) {
        let host = &self.shared.engine.host;
        let (status, error) = match &self.outcome {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an HTTP status")]
            Ok(status) => (status.as_f64().map(|status| status as u16), None),
            Err(code) => (None, Some(*code)),
        };
        let duration = host.now().saturating_sub(self.started).max(0);
        self.shared.engine.trace(Trace {
            purpose: Purpose::Api,
            method: self.call.method.clone(),
            url: std::mem::take(&mut self.shown),
            status,
            duration,
            attempt: self.attempt,
            error,
        });
    }
}
