//! Takes a request through its steps: journal, fault, service, delay, answer.

use std::sync::Arc;

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header, request::Parts};

use crate::cors;
use crate::exchange::{Ask, Reply};
use crate::fault::{Kind, Spoil};
use crate::hold::Abandoned;
use crate::journal::{End, Page, Purpose, Verdict};
use crate::masks::Masks;
use crate::time;
use crate::world::{Desk, World};

/// The longest body that a service takes.
pub const LONGEST_BODY: usize = 1 << 20;

/// An answer as it is to be sent.
pub struct Answer {
    /// Head and body.
    pub response: Response<Vec<u8>>,
    /// How much of it.
    pub ending: Ending,
}

/// How far an answer gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// To its end.
    Whole,
    /// The head announces all of the body, and half of it comes, then the connection closes.
    Half,
    /// The head announces the body, and nothing comes until the next reset.
    Never,
}

/// The connection is to be closed without an answer.
#[derive(Debug)]
pub struct Cut;

impl std::fmt::Display for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("closed on purpose")
    }
}

impl std::error::Error for Cut {}

impl From<Abandoned> for Cut {
    fn from(_: Abandoned) -> Self {
        Self
    }
}

/// Answers a request. `body`: None when it was longer than [`LONGEST_BODY`] or did not come to its end.
///
/// # Errors
///
/// When there is to be no answer.
pub(crate) async fn answer(world: &World, desk: &Desk, parts: Parts, body: Option<Bytes>) -> Result<Answer, Cut> {
    let too_long = body.is_none();
    let ask = Ask::new(parts, body.unwrap_or_default());
    let preflight = cors::is_preflight(&ask);
    let (purpose, grant) = if preflight { (Purpose::Preflight, None) } else { desk.id.classify(&ask) };
    let page = {
        let states: Vec<_> = world.desks.iter().map(|desk| desk.state()).collect();
        let masks = Masks::new(&ask, states.iter().map(|state| &**state).collect());
        world.journal.begin(desk.id, purpose, grant, &ask, &masks)
    };
    let spoil = world.faults.take(desk.id, purpose);
    let options = desk.state().options.clone();
    let hold = |after| spoil.kinds().iter().any(|kind| matches!(kind, Kind::Hold { handled } if *handled == after));

    if hold(false) {
        world.holds.wait(desk.id, purpose).await?;
    }
    let reply = if !spoil.handled() {
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
    if hold(true) {
        world.holds.wait(desk.id, purpose).await?;
    }
    let late = spoil.kinds().iter().map(|kind| if let Kind::Slow { delay } = kind { *delay } else { 0 });
    let late = late.sum::<u64>().saturating_add(options.latency);
    if late > 0 {
        world.host.sleep(late).await;
    }

    let (mut reply, ending) = finish(page, spoil, reply)?;
    if let Ok(date) = HeaderValue::from_str(&time::http_date(world.host.now(), options.clock_skew)) {
        reply.headers.entry(header::DATE).or_insert(date);
    }
    if options.cors {
        cors::open(ask.headers.get(header::ORIGIN), &mut reply.headers);
    }
    Ok(Answer { response: response(reply, ending), ending })
}

/// Spoils the answer where it is to be spoilt, and closes the entry of the journal.
fn finish(page: Page, spoil: Spoil, mut reply: Reply) -> Result<(Reply, Ending), Cut> {
    let refused = reply.why.take();
    // A request that was only late is judged by what came of it.
    let (verdict, why) = match (spoil.why(), &refused) {
        (Some(why), _) => (Verdict::Fault, Some(why)),
        (None, Some(why)) => (Verdict::Refused, Some(why.clone())),
        (None, None) => (Verdict::Ok, None),
    };
    let mut ending = Some(Ending::Whole);
    for kind in spoil.kinds() {
        match kind {
            Kind::Reset { .. } => ending = None,
            Kind::Truncate {} => ending = Some(Ending::Half),
            Kind::Stall { .. } => ending = Some(Ending::Never),
            _ => {}
        }
    }
    let reply = spoil.answer(reply);
    let status = ending.map(|_| reply.status.as_u16());
    page.finish(End { status, verdict, why, refused });
    ending.map(|ending| (reply, ending)).ok_or(Cut)
}

fn response(reply: Reply, ending: Ending) -> Response<Vec<u8>> {
    let length = reply.body.len().max(1);
    let mut response = Response::new(reply.body);
    *response.status_mut() = reply.status;
    *response.headers_mut() = reply.headers;
    if ending != Ending::Whole {
        announce(response.headers_mut(), length);
    }
    if ending == Ending::Half {
        response.body_mut().truncate(length / 2);
    }
    response
}

fn announce(headers: &mut HeaderMap, length: usize) {
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
}

impl World {
    /// Answers a request to one of the services, by its place in [`crate::Id::ALL`]. `body` as for a listener: None when
    /// it was longer than [`LONGEST_BODY`] or did not come to its end.
    ///
    /// # Errors
    ///
    /// When there is to be no answer.
    pub async fn answer(self: Arc<Self>, place: usize, parts: Parts, body: Option<Bytes>) -> Result<Answer, Cut> {
        let desk = self.desks.get(place).cloned().ok_or(Cut)?;
        answer(&self, &desk, parts, body).await
    }
}
