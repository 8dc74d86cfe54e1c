//! The sixth port: what tests use to look at the services and to change them.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, patch, post};
use futures_util::future;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::fault::Fault;
use crate::journal::Purpose;
use crate::services::Id;
use crate::world::World;

/// Longest wait of `GET /held`, in milliseconds.
const LONGEST_WAIT: u64 = 10_000;

type Shared = State<Arc<World>>;

pub(crate) fn router(world: Arc<World>) -> Router {
    Router::new()
        .route("/journal", get(journal).delete(clear_journal))
        .route("/counts", get(counts))
        .route("/reset", post(reset))
        .route("/options", patch(change_options).get(options))
        .route("/expire", post(expire))
        .route("/revoke", post(revoke))
        .route("/faults", post(add_fault).delete(clear_faults))
        .route("/held", get(held))
        .route("/release", post(release))
        .route("/families", get(families))
        .fallback(async || problem(StatusCode::NOT_FOUND, "no such path"))
        .layer(middleware::from_fn(open))
        .with_state(world)
}

/// Pages of all origins may control the sandbox.
async fn open(request: Request, next: Next) -> Response {
    let asked = request.headers().get(header::ACCESS_CONTROL_REQUEST_HEADERS).cloned();
    let mut response = if request.method() == Method::OPTIONS {
        StatusCode::NO_CONTENT.into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST, PATCH, DELETE"));
    if let Some(asked) = asked {
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, asked);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn answer(status: StatusCode, body: &impl Serialize) -> Response {
    match serde_json::to_string(body) {
        Ok(text) => (status, [(header::CONTENT_TYPE, "application/json")], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

fn ok(body: &impl Serialize) -> Response {
    answer(StatusCode::OK, body)
}

fn problem(status: StatusCode, text: &str) -> Response {
    answer(status, &json!({ "error": text }))
}

fn bad(text: &str) -> Response {
    problem(StatusCode::BAD_REQUEST, text)
}

/// A body that is a JSON object; none at all is an empty one.
fn object(body: &Bytes) -> Result<Map<String, Value>, String> {
    if body.is_empty() {
        return Ok(Map::new());
    }
    serde_json::from_slice(body).map_err(|error| error.to_string())
}

/// Which requests are meant: all, of one service, of one purpose.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Which {
    service: Option<Id>,
    purpose: Option<Purpose>,
    at_least: Option<usize>,
}

fn which(body: &Bytes) -> Result<Which, String> {
    serde_json::from_value(Value::Object(object(body)?)).map_err(|error| error.to_string())
}

async fn journal(State(world): Shared, Query(which): Query<Which>) -> Response {
    ok(&world.journal.entries(which.service))
}

async fn clear_journal(State(world): Shared) -> Response {
    world.journal.clear();
    ok(&json!({ "ok": true }))
}

async fn counts(State(world): Shared) -> Response {
    ok(&world.journal.counts())
}

async fn reset(State(world): Shared) -> Response {
    world.reset();
    ok(&json!({ "ok": true }))
}

async fn options(State(world): Shared, Query(which): Query<Which>) -> Response {
    let all: BTreeMap<_, _> = world.desks(which.service).map(|desk| (desk.id, desk.state().options.clone())).collect();
    ok(&all)
}

async fn change_options(State(world): Shared, body: Bytes) -> Response {
    let mut changes = match object(&body) {
        Ok(changes) => changes,
        Err(why) => return bad(&why),
    };
    let service = match changes.remove("service").map(serde_json::from_value::<Option<Id>>).transpose() {
        Ok(service) => service.flatten(),
        Err(error) => return bad(&error.to_string()),
    };
    // All or none: a test that misspells an option must not go on with half of them.
    let mut changed = Vec::new();
    for desk in world.desks(service) {
        match desk.state().options.changed(desk.id, &changes) {
            Ok(options) => changed.push((desk, options)),
            Err(why) => return bad(&why),
        }
    }
    for (desk, options) in changed {
        desk.state().options = options;
    }
    options(State(world), Query(Which { service, purpose: None, at_least: None })).await
}

async fn expire(State(world): Shared, body: Bytes) -> Response {
    match which(&body) {
        Ok(which) => {
            world.expire(which.service);
            ok(&json!({ "ok": true }))
        }
        Err(why) => bad(&why),
    }
}

async fn revoke(State(world): Shared, body: Bytes) -> Response {
    match which(&body) {
        Ok(which) => {
            world.revoke(which.service);
            ok(&json!({ "ok": true }))
        }
        Err(why) => bad(&why),
    }
}

async fn add_fault(State(world): Shared, body: Bytes) -> Response {
    match object(&body).and_then(Fault::read) {
        Ok(fault) => {
            world.faults.add(fault);
            ok(&json!({ "ok": true }))
        }
        Err(why) => bad(&why),
    }
}

async fn clear_faults(State(world): Shared) -> Response {
    world.faults.clear();
    ok(&json!({ "ok": true }))
}

async fn held(State(world): Shared, Query(which): Query<Which>) -> Response {
    let Which { service, purpose, at_least } = which;
    if let Some(wanted) = at_least {
        let enough = Box::pin(world.holds.at_least(service, purpose, wanted));
        drop(future::select(enough, world.host.sleep(LONGEST_WAIT)).await);
    }
    ok(&json!({ "held": world.holds.count(service, purpose) }))
}

async fn release(State(world): Shared, body: Bytes) -> Response {
    match which(&body) {
        Ok(which) => ok(&json!({ "released": world.holds.release(which.service, which.purpose) })),
        Err(why) => bad(&why),
    }
}

async fn families(State(world): Shared, Query(which): Query<Which>) -> Response {
    let mut all: BTreeMap<_, _> =
        world.desks(which.service).map(|desk| (desk.id, desk.state().counters().clone())).collect();
    match which.service.and_then(|service| all.remove(&service)) {
        Some(counters) => ok(&counters),
        None => ok(&all),
    }
}
