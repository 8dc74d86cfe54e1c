//! What the module exports.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{Request, Response, StatusCode, request::Parts};
use futures_util::future::{AbortHandle, Abortable};
use js_sys::Promise;
use sandbox::{Account, Answer, Ending, Id, Purpose, World};
use serde::Serialize;
use tower_service::Service as _;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use crate::host::{self, Machine};
use crate::wire;

/// Requests that have no answer yet, by their numbers.
type Open = Rc<RefCell<HashMap<u32, AbortHandle>>>;

/// A service as the scripts show it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    name: &'static str,
    base_url: String,
    accounts: Vec<Account>,
}

/// A request as the scripts show it.
#[derive(Serialize)]
struct Seen<'a> {
    service: Id,
    method: &'a str,
    path: &'a str,
    /// 0: no answer, or none yet.
    status: u16,
    purpose: Purpose,
    refused: Option<&'a str>,
}

fn json(value: &impl Serialize) -> String {
    // Of these types nothing can fail.
    serde_json::to_string(value).unwrap_or_default()
}

/// The services and their control port.
#[wasm_bindgen]
pub struct Sandbox {
    world: Arc<World>,
    control: Router,
    open: Open,
}

#[wasm_bindgen]
impl Sandbox {
    /// `defaults` as JSON; `origins` of the services in their order.
    ///
    /// # Errors
    ///
    /// What is wrong with the defaults.
    #[wasm_bindgen(constructor)]
    pub fn new(machine: Machine, defaults: &str, origins: Vec<String>) -> Result<Sandbox, JsError> {
        let defaults = serde_json::from_str(defaults)?;
        let world = Arc::new(World::new(host::host(machine), defaults, origins));
        Ok(Self { control: world.control(), world, open: Open::default() })
    }

    /// Names, addresses and accounts of the services, in their order, as JSON.
    #[must_use]
    pub fn services(origins: Vec<String>) -> String {
        let rows = Id::ALL.into_iter().zip(&origins).map(|(id, origin)| Shown {
            name: id.name(),
            base_url: id.base_url(origin),
            accounts: id.accounts(),
        });
        json(&rows.collect::<Vec<_>>())
    }

    /// Answers a request: `[status, [name, value, ...], body, ending]`, ending being `whole`, `half` or `never`;
    /// undefined when the connection is to be closed. `port` 0 is the control port, the services are 1 to 5. `number` is
    /// the request's own, for [`Sandbox::leave`]. `body` undefined: it was too long.
    pub fn handle(
        &self,
        number: u32,
        port: usize,
        method: &str,
        target: &str,
        headers: Vec<String>,
        body: Option<Vec<u8>>,
    ) -> Promise {
        let Some(parts) = wire::head(method, target, &headers) else {
            return Promise::resolve(&wire::answer(bad_request()));
        };
        let body = body.map(Bytes::from);
        let (world, control, open) = (Arc::clone(&self.world), self.control.clone(), Rc::clone(&self.open));
        let (handle, registration) = AbortHandle::new_pair();
        open.borrow_mut().insert(number, handle);
        let answer = Abortable::new(
            async move {
                match port.checked_sub(1) {
                    Some(place) => world.answer(place, parts, body).await.ok(),
                    None => ask_control(control, parts, body.unwrap_or_default()).await,
                }
            },
            registration,
        );
        future_to_promise(async move {
            let answer = answer.await.ok().flatten();
            open.borrow_mut().remove(&number);
            Ok(answer.map_or(JsValue::UNDEFINED, wire::answer))
        })
    }

    /// The client has gone before it had its answer.
    pub fn leave(&self, number: u32) {
        // Not while the list is borrowed: what is dropped with the request may write to the journal.
        let gone = self.open.borrow_mut().remove(&number);
        if let Some(handle) = gone {
            handle.abort();
        }
    }

    /// Spoils answers: `{service, purpose, times, kinds}` as JSON.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn fault(&self, given: &str) -> Result<(), JsError> {
        self.world.fault(given).map_err(|why| JsError::new(&why))
    }

    /// Access tokens of a service are refused from now on.
    pub fn expire(&self, service: &str) {
        self.world.expire(named(service));
    }

    /// And refresh tokens as well.
    pub fn revoke(&self, service: &str) {
        self.world.revoke(named(service));
    }

    /// The requests to one service, or to all, in order of arrival, as JSON.
    #[must_use]
    pub fn requests(&self, service: Option<String>) -> String {
        let entries = self.world.requests(service.as_deref().and_then(named));
        let rows = entries.iter().map(|entry| Seen {
            service: entry.service,
            method: &entry.method,
            path: &entry.path,
            status: entry.status.unwrap_or(0),
            purpose: entry.purpose,
            refused: entry.refused.as_deref(),
        });
        json(&rows.collect::<Vec<_>>())
    }

    /// Back to the start.
    pub fn reset(&self) {
        self.world.reset();
    }

    /// Is fulfilled at the next reset.
    #[wasm_bindgen(js_name = untilReset)]
    pub fn until_reset(&self) -> Promise {
        let reset = self.world.until_reset();
        future_to_promise(async move {
            reset.await;
            Ok(JsValue::UNDEFINED)
        })
    }
}

fn named(service: &str) -> Option<Id> {
    Id::ALL.into_iter().find(|id| id.name() == service)
}

fn bad_request() -> Answer {
    let mut response = Response::new(Vec::new());
    *response.status_mut() = StatusCode::BAD_REQUEST;
    Answer { response, ending: Ending::Whole }
}

/// The control port needs no server: its router is a function from requests to answers.
async fn ask_control(mut control: Router, parts: Parts, body: Bytes) -> Option<Answer> {
    let Ok(response) = control.call(Request::from_parts(parts, Body::from(body))).await;
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.ok()?;
    Some(Answer { response: Response::from_parts(parts, body.to_vec()), ending: Ending::Whole })
}
