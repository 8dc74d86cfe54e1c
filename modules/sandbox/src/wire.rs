//! Requests and answers as JavaScript has them: texts of Latin-1 letters for bytes of heads, arrays for bodies.

use axum::http::{HeaderName, HeaderValue, Request, Uri, request::Parts};
use js_sys::{Array, Uint8Array};
use sandbox::{Answer, Ending};
use wasm_bindgen::JsValue;

/// The head of a request; `headers` are names and values in turn. None: nothing that HTTP has.
pub(crate) fn head(method: &str, target: &str, headers: &[String]) -> Option<Parts> {
    let (mut parts, ()) = Request::new(()).into_parts();
    parts.method = method.parse().ok()?;
    parts.uri = Uri::try_from(target).ok()?;
    let (pairs, _) = headers.as_chunks::<2>();
    for [name, value] in pairs {
        let name = HeaderName::try_from(name.as_str()).ok()?;
        parts.headers.append(name, HeaderValue::from_bytes(&bytes(value)?).ok()?);
    }
    Some(parts)
}

fn bytes(latin: &str) -> Option<Vec<u8>> {
    latin.chars().map(|letter| u8::try_from(letter).ok()).collect()
}

fn latin(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

/// `[status, [name, value, ...], body, ending]`.
pub(crate) fn answer(answer: Answer) -> JsValue {
    let ending = match answer.ending {
        Ending::Whole => "whole",
        Ending::Half => "half",
        Ending::Never => "never",
    };
    let headers = Array::new();
    for (name, value) in answer.response.headers() {
        headers.push(&JsValue::from_str(name.as_str()));
        headers.push(&JsValue::from_str(&latin(value.as_bytes())));
    }
    let status = JsValue::from(answer.response.status().as_u16());
    let body = Uint8Array::from(answer.response.body().as_slice());
    [status, headers.into(), body.into(), JsValue::from_str(ending)].into_iter().collect::<Array>().into()
}
