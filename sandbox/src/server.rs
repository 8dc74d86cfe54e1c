//! Accepts connections.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::body::{Body, Bytes};
use axum::http::{Request, Response};
use futures_util::stream::{self, StreamExt as _};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::answer::{Answer, Cut, Ending, LONGEST_BODY};
use crate::services::Id;
use crate::settings::Settings;
use crate::world::World;

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
        for offset in (1..).take(Id::ALL.len()) {
            let (listener, origin) = bind(&settings, offset).await?;
            listeners.push(listener);
            origins.push(origin);
        }
        let services = Id::ALL
            .into_iter()
            .zip(&origins)
            .map(|(id, origin)| (id, Addresses { base_url: id.base_url(origin), api: id.api_url(origin) }));
        let ready = Ready { ready: true, control, services: services.collect() };
        let world = Arc::new(World::new(settings.operating_system(), settings.defaults(), origins));

        let mut tasks = JoinSet::new();
        for (place, listener) in listeners.into_iter().enumerate() {
            tasks.spawn(serve(listener, Arc::clone(&world), place, settings.keep_alive));
        }
        let router = world.control();
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

async fn serve(listener: TcpListener, world: Arc<World>, place: usize, keep_alive: bool) {
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors, most likely: some will be free soon.
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        drop(stream.set_nodelay(true));
        let world = Arc::clone(&world);
        let service = service_fn(move |request| handle(Arc::clone(&world), place, request));
        let connection = http1::Builder::new().keep_alive(keep_alive).serve_connection(TokioIo::new(stream), service);
        // An error here is the client's leaving, or ours on purpose: the journal has it.
        connections.spawn(async move { drop(connection.await) });
    }
}

async fn handle(world: Arc<World>, place: usize, request: Request<Incoming>) -> Result<Response<Body>, Cut> {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(Body::new(body), LONGEST_BODY).await.ok();
    let Answer { response, ending } = Arc::clone(&world).answer(place, parts, body).await?;
    Ok(response.map(|body| match ending {
        Ending::Whole => Body::from(body),
        Ending::Half => {
            // One turn of the scheduler between the bytes and the error, in which the bytes leave.
            let end = stream::once(async {
                tokio::task::yield_now().await;
                Err(Cut)
            });
            Body::from_stream(stream::iter([Ok(Bytes::from(body))]).chain(end))
        }
        Ending::Never => {
            let reset = world.until_reset();
            Body::from_stream(stream::once(async move {
                reset.await;
                Err::<Bytes, _>(Cut)
            }))
        }
    }))
}
