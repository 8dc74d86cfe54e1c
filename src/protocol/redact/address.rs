//! Addresses for traces.

use super::super::steps::step;
use super::{Marks, Redactor, TELLING, is_secret_name};
use crate::protocol::form;

/// An address for traces: secrets masked by value in all of it, and by name in its query and in parameters of its path; no
/// user name, no fragment. The address may lack a path.
pub fn shown_url(href: &str, redactor: &Redactor) -> String {
    let end = href.bytes().position(|byte| byte == b'#').unwrap_or(href.len());
    let href = href.get(..end).unwrap_or_default();
    let host = href.bytes().position(|byte| byte == b':').map_or(0, |at| at + 1);
    let (scheme, rest) = href.split_at(host);
    let Some(rest) = rest.strip_prefix("//") else {
        return masked(href, 0, 0, redactor);
    };
    let end = rest.bytes().position(|byte| matches!(byte, b'/' | b'?' | b'\\')).unwrap_or(rest.len());
    let user =
        rest.as_bytes().get(..end).and_then(|host| host.iter().rposition(|byte| *byte == b'@')).map_or(0, |at| at + 1);
    let mut shown = String::with_capacity(href.len());
    for part in [scheme, "//", rest.get(user..).unwrap_or_default()] {
        shown.push_str(part);
    }
    let host = scheme.len() + 2;
    masked(&shown, host, host + end - user, redactor)
}

/// An address that may still get a query.
pub fn shown_address(address: &str, redactor: &Redactor) -> String {
    shown_url(address, redactor)
}

/// An address without user name and fragment, whose host begins and ends there.
fn masked(shown: &str, host: usize, path: usize, redactor: &Redactor) -> String {
    let finder = redactor.finder();
    let mut marks = Marks::new(shown);
    finder.find(shown, &mut |found| {
        if found.length >= TELLING {
            marks.add(found.start, found.end);
        }
    });
    let name = shown.get(host..path).unwrap_or_default();
    if name.len() >= finder.shortest {
        redactor.host_finder().find(name, &mut |found| {
            if found.length >= TELLING {
                marks.add(host + found.start, host + found.end);
            }
        });
    }
    let by_value = marks.ranges();
    let mut by_value = by_value.iter().peekable();

    let bytes = shown.as_bytes();
    let query = bytes.iter().position(|byte| *byte == b'?').unwrap_or(bytes.len());
    let mut at = path;
    while at < bytes.len() {
        // A pair of the query, or a segment of the path.
        let is_end = |byte: u8, at: usize| if at > query { byte == b'&' } else { matches!(byte, b'/' | b'?') };
        let start = at;
        while bytes.get(at).is_some_and(|byte| !is_end(*byte, at)) {
            step();
            at += 1;
        }
        let pair = shown.get(start..at).unwrap_or_default();
        let equals = pair.bytes().position(|byte| byte == b'=').map_or(at, |equals| start + equals + 1);
        if let Some(value) = secret_value(pair) {
            marks.add(start + value, at);
        } else if start > query {
            let value = if equals < at { equals } else { start };
            while by_value.next_if(|(_, end)| *end <= value).is_some() {}
            let is_marked = by_value.peek().is_some_and(|(start, _)| *start < at);
            let text = shown.get(value..at).unwrap_or_default();
            if value == start {
                finder.find(text, &mut |found| marks.add(start + found.start, start + found.end));
            } else if is_marked || finder.is_in(text, 1) {
                marks.add(value, at);
            }
        }
        at += 1;
    }
    marks.masked(shown.len())
}

/// Where the value begins of the first parameter in the pair that is secret by its name. There may be several: behind `;`,
/// and behind the second `?` of a naive provider.
fn secret_value(pair: &str) -> Option<usize> {
    let bytes = pair.as_bytes();
    let mut name = Some(0);
    for (at, byte) in bytes.iter().enumerate() {
        step();
        match byte {
            b'?' | b';' => name = Some(at + 1),
            b'=' => {
                let named = name.take().and_then(|start| pair.get(start..at)).unwrap_or_default();
                if at + 1 < bytes.len() && is_secret_name(&form::decoded(named)) {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}
