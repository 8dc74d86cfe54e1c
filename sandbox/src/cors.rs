//! What lets pages of other origins talk to a service.

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

use crate::exchange::{Ask, Reply};

const PRIVATE_NETWORK_ASKED: HeaderName = HeaderName::from_static("access-control-request-private-network");
const PRIVATE_NETWORK_ALLOWED: HeaderName = HeaderName::from_static("access-control-allow-private-network");

/// Whether a browser asks for permission first.
pub(crate) fn is_preflight(ask: &Ask) -> bool {
    ask.method == Method::OPTIONS && ask.headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// Grants what a preflight asks for.
pub(crate) fn preflight(ask: &Ask) -> Reply {
    let mut reply = Reply::new(StatusCode::NO_CONTENT);
    for (asked, allowed) in [
        (header::ACCESS_CONTROL_REQUEST_METHOD, header::ACCESS_CONTROL_ALLOW_METHODS),
        (header::ACCESS_CONTROL_REQUEST_HEADERS, header::ACCESS_CONTROL_ALLOW_HEADERS),
        (PRIVATE_NETWORK_ASKED, PRIVATE_NETWORK_ALLOWED),
    ] {
        if let Some(value) = ask.headers.get(asked) {
            reply.headers.insert(allowed, value.clone());
        }
    }
    reply
}

/// Lets the page of the request's origin read the answer.
pub(crate) fn open(origin: Option<&HeaderValue>, headers: &mut HeaderMap) {
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        headers.insert(
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static("Date, WWW-Authenticate, Retry-After"),
        );
    }
}
