//! Which headers pass, both ways: those that are listed, and no others.

use super::Head;
use super::knowledge::{Field, Kind};
use super::named::{Named, Purpose};

/// Those of a page's request, besides what the profile's templates set.
pub(super) const PASSED: [&str; 6] =
    ["accept", "accept-language", "content-type", "if-none-match", "range", "authorization"];

/// Those that a page's request is judged by.
pub(super) const JUDGED: [&str; 13] = [
    "host",
    "origin",
    "referer",
    "sec-fetch-site",
    "sec-fetch-mode",
    "sec-fetch-dest",
    "connection",
    "upgrade",
    "content-length",
    "content-encoding",
    "transfer-encoding",
    "access-control-request-method",
    "access-control-request-headers",
];

/// Those of a provider's answer.
pub(super) const ANSWERED: [&str; 9] = [
    "content-type",
    "content-length",
    "date",
    "retry-after",
    "www-authenticate",
    "etag",
    "content-disposition",
    "cache-control",
    "content-range",
];

/// Those that no profile can make pass: they are between two machines, or tell the provider what is none of its business.
const KEPT: [&str; 16] = [
    "cookie",
    "host",
    "content-length",
    "connection",
    "keep-alive",
    "proxy-connection",
    "proxy-authorization",
    "proxy-authenticate",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "expect",
    "forwarded",
    "via",
    "set-cookie",
];

/// Headers by name.
pub type Headers = Vec<(String, String)>;

/// Sets a header, over what was there.
fn set(headers: &mut Headers, name: &str, value: Option<String>) {
    headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
    headers.extend(value.map(|value| (name.to_owned(), value)));
}

/// What a page's request takes along, but for what is the template's matter.
fn passed(head: &Head<'_>) -> Headers {
    let connection = head.header("connection").unwrap_or_default();
    let named: Vec<&str> = connection.split(',').map(str::trim).collect();
    let mut headers = Headers::new();
    for name in PASSED {
        // What Connection names is for the relay alone (RFC 9110 section 7.6.1).
        let is_named = named.iter().any(|named| named.eq_ignore_ascii_case(name));
        if let Some(value) = head.header(name).filter(|_| !is_named) {
            headers.push((name.to_owned(), value.to_owned()));
        }
    }
    headers
}

/// Whether a header of that name may be set by a profile.
pub(super) fn may_pass(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    !KEPT.contains(&name.as_str()) && !name.starts_with("x-forwarded")
}

fn templated(headers: &mut Headers, head: &Head<'_>, fields: &[Field], has_secret: bool) {
    for Field { name, kind } in fields.iter().filter(|field| may_pass(&field.name)) {
        let of_page = || head.header(&name.to_ascii_lowercase()).map(str::to_owned);
        let value = match kind {
            Kind::Literal(text) => Some(text.clone()),
            Kind::Secret(text) => text.clone(),
            // Of pages it is the browser's.
            Kind::Known(text) if has_secret || name.eq_ignore_ascii_case("user-agent") => Some(text.clone()),
            Kind::Known(text) => Some(of_page().unwrap_or_else(|| text.clone())),
            Kind::Page => of_page(),
        };
        set(headers, name, value);
    }
}

fn own(kind: &Kind, page: Option<String>) -> Option<String> {
    match kind {
        Kind::Literal(text) | Kind::Known(text) => Some(text.clone()),
        Kind::Secret(text) => text.clone(),
        Kind::Page => page,
    }
}

/// The headers of a request that the profile names.
pub(super) fn of_named(head: &Head<'_>, named: &Named, has_body: bool) -> Headers {
    let mut headers = passed(head);
    let authorization = headers.iter().find(|(name, _)| name == "authorization").map(|(_, value)| value.clone());
    let authorization = match &named.authorization {
        Some(kind) => own(kind, authorization),
        None => authorization.filter(|_| named.purpose != Purpose::Token),
    };
    set(&mut headers, "authorization", authorization);
    set(&mut headers, "content-type", has_body.then(|| named.media.clone()).filter(|media| !media.is_empty()));
    templated(&mut headers, head, &named.headers, named.has_secret);
    headers
}

/// The headers of a call of the API.
pub(super) fn of_call(head: &Head<'_>, fields: &[Field], authorization: Option<&Kind>) -> Headers {
    let mut headers = passed(head);
    if let Some(kind) = authorization {
        let of_page = headers.iter().find(|(name, _)| name == "authorization").map(|(_, value)| value.clone());
        set(&mut headers, "authorization", own(kind, of_page));
    }
    templated(&mut headers, head, fields, false);
    headers
}

/// The headers of a provider's answer that go on to the page. `given` are those that are asked for, and Content-Encoding.
pub(super) fn of_answer(status: u16, given: &[(String, String)]) -> Headers {
    let get = |wanted: &str| given.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
    let is_unpacked = get("content-encoding").is_some_and(|coding| !coding.trim().eq_ignore_ascii_case("identity"));
    let is_part = matches!(status, 206 | 416);
    let mut headers = Headers::new();
    for name in ANSWERED {
        let passes = match name {
            "content-length" => {
                !is_unpacked && get(name).is_some_and(|length| length.bytes().all(|byte| byte.is_ascii_digit()))
            }
            // Without it a part is no use.
            "content-range" => is_part,
            _ => true,
        };
        if let Some(value) = get(name).filter(|_| passes) {
            headers.push((name.to_owned(), value.to_owned()));
        }
    }
    if get("cache-control").is_none() {
        headers.push(("cache-control".to_owned(), "no-store".to_owned()));
    }
    headers
}
