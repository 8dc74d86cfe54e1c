//! Accepts connections and takes each request through its steps.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Request, Response, StatusCode, header};
use futures_util::stream::{self, StreamExt as _};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::control;
use crate::cors;
use crate::exchange::{Ask, Reply};
use crate::fault::Kind;
use crate::journal::{Purpose, Verdict};
use crate::services::Id;
use crate::settings::Settings;
use crate::time;
use crate::world::{Desk, World};

const LONGEST_BODY: usize = 1 << 20;

/// The five services and the control port, for as long as this value lives.
pub struct Sandbox {
    ready: Ready,
    _tasks: JoinSet<()>,
}

/// Where everything is.
#[derive(Debug, Serialize)]
struct Ready {
    ready: bool,
    control: String,
    services: BTreeMap<Id, Addresses>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Addresses {
    base_url: String,
    api: String,
}

impl Sandbox {
    /// Binds the ports and starts to serve.
    ///
    /// # Errors
    ///
    /// When a port cannot be had.
    pub async fn start(settings: Settings) -> anyhow::Result<Self> {
        let (control_listener, control) = bind(&settings, 0).await?;
        let mut listeners = Vec::new();
        let mut origins = Vec::new();
        for (id, offset) in Id::ALL.into_iter().zip(1..) {
            let (listener, origin) = bind(&settings, offset).await?;
            listeners.push(listener);
            origins.push((id, origin));
        }
        let services = origins
            .iter()
            .map(|(id, origin)| (*id, Addresses { base_url: id.base_url(origin), api: id.api_url(origin) }));
        let ready = Ready { ready: true, control, services: services.collect() };
        let keep_alive = settings.keep_alive;
        let world = Arc::new(World::new(settings, origins));

        let mut tasks = JoinSet::new();
        for (listener, desk) in listeners.into_iter().zip(world.desks.clone()) {
            tasks.spawn(serve(listener, Arc::clone(&world), desk, keep_alive));
        }
        let router = control::router(world);
        tasks.spawn(async move { drop(axum::serve(control_listener, router).await) });
        Ok(Self { ready, _tasks: tasks })
    }

    /// Where everything is, as one line of JSON.
    ///
    /// # Errors
    ///
    /// None in practice: it is text alone that is written.
    pub fn ready(&self) -> anyhow::Result<String> {
        Ok(serde_json::to_string(&self.ready)?)
    }
}

/// A port, `offset` after the first one asked for, and its origin.
async fn bind(settings: &Settings, offset: u16) -> anyhow::Result<(TcpListener, String)> {
    let port = match settings.ports {
        0 => 0,
        first => first.checked_add(offset).context("--ports: no six ports from there on")?,
    };
    let address = SocketAddr::new(settings.host, port);
    let listener = TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))?;
    let origin = format!("http://{}", listener.local_addr()?);
    Ok((listener, origin))
}

async fn serve(listener: TcpListener, world: Arc<World>, desk: Arc<Desk>, keep_alive: bool) {
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors, most likely: some will be free soon.
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        drop(stream.set_nodelay(true));
        let (world, desk) = (Arc::clone(&world), Arc::clone(&desk));
        let service = service_fn(move |request| handle(Arc::clone(&world), Arc::clone(&desk), request));
        let connection = http1::Builder::new().keep_alive(keep_alive).serve_connection(TokioIo::new(stream), service);
        // An error here is the client's leaving, or ours on purpose: the journal has it.
        connections.spawn(async move { drop(connection.await) });
    }
}

/// The connection is closed without an answer: hyper does so when the service fails.
#[derive(Debug)]
struct Cut;

impl std::fmt::Display for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("closed on purpose")
    }
}

impl std::error::Error for Cut {}

async fn handle(world: Arc<World>, desk: Arc<Desk>, request: Request<Incoming>) -> Result<Response<Body>, Cut> {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(Body::new(body), LONGEST_BODY).await;
    let too_long = body.is_err();
    let ask = Ask::new(parts, body.unwrap_or_default());
    let preflight = cors::is_preflight(&ask);
    let (purpose, grant) = if preflight { (Purpose::Preflight, None) } else { desk.id.classify(&ask) };
    let page = world.journal.begin(desk.id, purpose, grant, &ask);
    let fault = world.faults.take(desk.id, purpose);
    let options = desk.state().options.clone();

    if let Some(Kind::Hold { handled: false }) = fault {
        world.holds.wait(desk.id, purpose).await.map_err(|_| Cut)?;
    }
    let carried_out = fault.as_ref().is_none_or(Kind::handled);
    let mut reply = if !carried_out {
        Reply::new(StatusCode::OK)
    } else if too_long {
        Reply::new(StatusCode::PAYLOAD_TOO_LARGE).because("the body is longer than 1 MiB or was cut off")
    } else if let Some(name) = ask.doubled_header() {
        Reply::new(StatusCode::BAD_REQUEST).because(format!("the header {name} is sent twice"))
    } else if preflight && options.cors {
        cors::preflight(&ask)
    } else {
        desk.state().answer(&ask)
    };
    match fault {
        Some(Kind::Hold { handled: true }) => world.holds.wait(desk.id, purpose).await.map_err(|_| Cut)?,
        Some(Kind::Slow { delay }) => tokio::time::sleep(Duration::from_millis(delay)).await,
        _ => {}
    }
    if options.latency > 0 {
        tokio::time::sleep(Duration::from_millis(options.latency)).await;
    }

    let mut ending = Ending::Whole;
    match &fault {
        Some(Kind::Reset { .. }) => {
            page.finish(None, Verdict::Fault, fault.map(|kind| kind.why()));
            return Err(Cut);
        }
        Some(Kind::Truncate {}) => ending = Ending::Half,
        Some(Kind::Stall { .. }) => ending = Ending::Never,
        _ => {}
    }
    let (verdict, why) = match (fault, reply.why.take()) {
        // A request that was only late is judged by what came of it.
        (None | Some(Kind::Hold { .. } | Kind::Slow { .. }), None) => (Verdict::Ok, None),
        (None | Some(Kind::Hold { .. } | Kind::Slow { .. }), why) => (Verdict::Refused, why),
        (Some(kind), _) => {
            let why = kind.why();
            reply = kind.spoil(reply);
            (Verdict::Fault, Some(why))
        }
    };
    if let Ok(date) = HeaderValue::from_str(&time::http_date(time::now_ms(), options.clock_skew)) {
        reply.headers.entry(header::DATE).or_insert(date);
    }
    if options.cors {
        cors::open(ask.headers.get(header::ORIGIN), &mut reply.headers);
    }
    page.finish(Some(reply.status.as_u16()), verdict, why);
    Ok(ending.respond(reply, &world))
}

/// How far an answer gets.
enum Ending {
    Whole,
    /// The head announces all of the body, and half of it comes.
    Half,
    /// The head announces the body, and nothing comes.
    Never,
}

impl Ending {
    fn respond(self, reply: Reply, world: &World) -> Response<Body> {
        let length = reply.body.len().max(1);
        let announced = match self {
            Self::Whole => None,
            Self::Half | Self::Never => Some(length),
        };
        let half = Bytes::copy_from_slice(reply.body.get(..length / 2).unwrap_or_default());
        let body = match self {
            Self::Whole => Body::from(reply.body),
            Self::Half => {
                // One turn of the scheduler between the bytes and the error, in which the bytes leave.
                let end = stream::once(async {
                    tokio::task::yield_now().await;
                    Err(Cut)
                });
                Body::from_stream(stream::iter([Ok(half)]).chain(end))
            }
            Self::Never => {
                let mut resets = world.resets.subscribe();
                Body::from_stream(stream::once(async move {
                    drop(resets.changed().await);
                    Err::<Bytes, _>(Cut)
                }))
            }
        };
        let mut response = Response::new(body);
        *response.status_mut() = reply.status;
        *response.headers_mut() = reply.headers;
        if let Some(length) = announced {
            response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        }
        response
    }
}
