//! What came of a request, as the machine takes it.

use std::rc::Rc;

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;

use super::inner::Inner;
use super::shell::Shell;
use super::values::get;
use super::{body, fault};
use crate::error::{AuthError, Code, Result};
use crate::protocol::body::xml_in;
use crate::protocol::request::Request;
use crate::protocol::response::Response;
use crate::protocol::url::Url;
use crate::provider::AnswerFormat;
use crate::provider::cut::cut;

/// How far an answer is looked at for how it begins, bytes.
const LEAD: u32 = 16;
/// What marks a text as one in UTF-8.
const MARK: [u8; 3] = [0xef, 0xbb, 0xbf];

/// What came of a request, as the host has it.
pub(super) struct Came {
    pub(super) request: Box<Request>,
    /// What `fetch` gave: null where that is no answer.
    pub(super) answer: std::result::Result<JsValue, JsValue>,
    /// Its body, where that was read.
    pub(super) body: Option<std::result::Result<JsValue, JsValue>>,
    /// What was told of its tree, where it was read as XML.
    pub(super) tree: Option<String>,
}

impl Came {
    /// Whether there may be a body that is of use.
    pub(super) fn has_body(&self) -> bool {
        self.answer.as_ref().is_ok_and(|answer| !answer.is_null() && !is_redirection(answer))
    }

    /// An answer, or why there is none.
    pub(super) fn read(self, inner: &Inner) -> Result<Response> {
        let shell = &inner.shell;
        let Self { request, answer, body, tree } = self;
        let answer = answer.map_err(|exception| {
            let cause = fault::scrubbed(shell, &exception, &request.redactor);
            fault::read(&shell.unreachable(&exception), cause)
        })?;
        check(&answer, &request)?;
        let own = inner.session.borrow().config().provider.answer_headers();
        let headers = body::headers(&answer, &own);
        let status = status(&answer);
        let bytes = body.unwrap_or(Ok(JsValue::NULL)).map_err(|exception| {
            AuthError::new(Code::Network, "the connection broke before the whole answer was there")
                .hint("Try again.")
                .cause(Some(Rc::new(fault::scrubbed(shell, &exception, &request.redactor))))
        })?;
        // A connection that broke is no answer; one that cannot be used is.
        let body = read(shell, &headers, bytes).map_err(|error| error.status(status))?;
        let xml = tree.map_or(Ok(None), |told| body::tree(&told))?;
        Ok(Response { status, headers, body, xml })
    }
}

fn is_redirection(answer: &JsValue) -> bool {
    get(answer, "type").as_string().as_deref() == Some("opaqueredirect")
}

/// Refuses what is no answer of the one who was asked.
fn check(answer: &JsValue, request: &Request) -> Result<()> {
    if answer.is_null() {
        return Err(AuthError::new(Code::InvalidResponse, "`fetch` gave something that is no Response")
            .hint("Check the option `fetch`."));
    }
    if is_redirection(answer) {
        return Err(AuthError::new(
            Code::InvalidResponse,
            "the provider's address redirects, which is not followed with credentials",
        )
        .hint("Set `baseUrl` to where it redirects to, if you trust that address."));
    }
    let came_from = get(answer, "url").as_string().unwrap_or_default();
    if get(answer, "redirected").is_truthy() && !same_origin(&request.url, &came_from) {
        return Err(AuthError::new(Code::InvalidResponse, "the check was redirected to another origin"));
    }
    Ok(())
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an HTTP status")]
fn status(answer: &JsValue) -> u16 {
    get(answer, "status").as_f64().unwrap_or_default() as u16
}

fn same_origin(one: &str, other: &str) -> bool {
    let origin = |address| Url::split(address).map(|url: Url<'_>| url.origin());
    origin(one) == origin(other)
}

fn read(shell: &Shell, headers: &[(String, String)], bytes: JsValue) -> Result<Vec<u8>> {
    if bytes.is_null() {
        return Err(AuthError::new(Code::InvalidResponse, "the provider's answer is longer than 1 MiB"));
    }
    let bytes: Uint8Array = bytes
        .dyn_into()
        .map_err(|_| AuthError::new(Code::InvalidResponse, "the answer of `fetch` has no body that can be read"))?;
    let content_type = headers.iter().find(|(name, _)| name == "content-type").map(|(_, value)| value.as_str());
    body::utf8(shell, content_type, bytes.to_vec()).ok_or_else(|| {
        AuthError::new(Code::InvalidResponse, "the answer is in a charset that is not known here, or is no text in it")
    })
}

/// Whether it has to be looked at whether it is XML: nearly all answers are JSON, and say so, or look like it.
pub(super) fn may_be_xml(format: AnswerFormat, answer: &JsValue, bytes: &JsValue) -> bool {
    match format {
        AnswerFormat::Json | AnswerFormat::Form => return false,
        AnswerFormat::Xml => return true,
        AnswerFormat::Text | AnswerFormat::Auto => {}
    }
    let kind = body::header(answer, "content-type").unwrap_or_default();
    let kind = cut(&kind, b';').0.trim_ascii().as_bytes();
    let is = |end: &[u8]| {
        let start = kind.len().checked_sub(end.len());
        start.and_then(|start| kind.get(start..)).is_some_and(|found| found.eq_ignore_ascii_case(end))
    };
    // Behind blanks, and what marks a text as one.
    let first = bytes.dyn_ref::<Uint8Array>().and_then(|bytes| {
        let start = (0..bytes.length().min(LEAD)).map(|at| bytes.get_index(at));
        start.into_iter().find(|byte| !byte.is_ascii_whitespace() && !MARK.contains(byte))
    });
    let is_else = |first: u8| first.is_ascii_alphanumeric() || matches!(first, b'{' | b'[' | b'"');
    is(b"xml") || !is(b"json") && first.is_some_and(|first| !is_else(first))
}

/// The text of an answer that is XML. It is only called when the module is whole.
#[inline(never)]
pub(super) fn xml_text(
    shell: &Shell,
    format: AnswerFormat,
    root: &str,
    answer: &JsValue,
    bytes: &JsValue,
) -> Option<String> {
    let headers = body::headers(answer, &[]);
    let body = read(shell, &headers, bytes.clone()).ok()?;
    xml_in(format, root, &Response { status: status(answer), headers, body, xml: None }).map(str::to_owned)
}
