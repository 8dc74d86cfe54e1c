//! A request as a service received it, and the answer it wants to give.

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

use crate::wire::{self, Fields};

/// A request, read to its end.
#[derive(Debug)]
pub(crate) struct Ask {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Option<String>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// What the Authorization header of a request says.
pub(crate) enum Credential {
    None,
    Bearer(String),
    /// Everything after `Basic `.
    Basic(String),
    /// Why it is neither.
    Broken(&'static str),
}

impl Ask {
    pub(crate) fn new(parts: Parts, body: Bytes) -> Self {
        Self {
            method: parts.method,
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().map(str::to_owned),
            headers: parts.headers,
            body,
        }
    }

    /// A header's text; None when absent or not visible ASCII.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// A header that decides about access and came more than once: which of them counts is anybody's guess.
    pub(crate) fn doubled_header(&self) -> Option<&'static str> {
        ["authorization", "content-type", "accept", "country", "host"]
            .into_iter()
            .find(|name| self.headers.get_all(*name).iter().count() > 1)
    }

    pub(crate) fn query_fields(&self) -> Result<Fields, String> {
        Fields::parse(self.query.as_deref().unwrap_or_default()).map_err(|why| format!("query: {why}"))
    }

    /// The body as a form, whatever the content type says.
    pub(crate) fn body_fields(&self) -> Result<Fields, String> {
        let text = std::str::from_utf8(&self.body).map_err(|_| "the body is not UTF-8".to_owned())?;
        Fields::parse(text).map_err(|why| format!("form: {why}"))
    }

    /// The body as a form that is declared as one.
    pub(crate) fn form(&self) -> Result<Fields, FormError> {
        match self.header("content-type") {
            Some(kind) if wire::is_form(kind) => self.body_fields().map_err(FormError::Malformed),
            Some(kind) => Err(FormError::ContentType(format!("the content type is {kind:?}, not a form"))),
            None => Err(FormError::ContentType("no content type".to_owned())),
        }
    }

    pub(crate) fn credential(&self) -> Credential {
        let Some(value) = self.headers.get(header::AUTHORIZATION) else {
            return Credential::None;
        };
        let Ok(text) = value.to_str() else {
            return Credential::Broken("the Authorization header holds characters that are not ASCII");
        };
        let Some((scheme, rest)) = text.split_once(' ') else {
            return Credential::Broken("the Authorization header has no scheme or no value");
        };
        if rest.is_empty() || rest.starts_with(' ') {
            return Credential::Broken("the Authorization header has no value after one space");
        }
        match scheme.to_ascii_lowercase().as_str() {
            "bearer" if rest.contains(' ') => Credential::Broken("a bearer token holds no spaces"),
            "bearer" => Credential::Bearer(rest.to_owned()),
            "basic" => Credential::Basic(rest.to_owned()),
            _ => Credential::Broken("the Authorization scheme is neither Bearer nor Basic"),
        }
    }
}

/// Why there is no form.
pub(crate) enum FormError {
    ContentType(String),
    Malformed(String),
}

/// User and password of a base64 Basic value.
pub(crate) fn basic_pair(value: &str) -> Result<(String, String), &'static str> {
    let bytes = STANDARD.decode(value).map_err(|_| "the Basic value is not padded standard base64")?;
    let text = String::from_utf8(bytes).map_err(|_| "the Basic value is not UTF-8")?;
    text.split_once(':')
        .map(|(user, password)| (user.to_owned(), password.to_owned()))
        .ok_or("the Basic value has no colon")
}

/// An answer, and for the journal why it is a refusal, if it is one.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    pub(crate) why: Option<String>,
}

impl Reply {
    pub(crate) fn new(status: StatusCode) -> Self {
        Self { status, headers: HeaderMap::new(), body: Vec::new(), why: None }
    }

    pub(crate) fn text(status: StatusCode, content_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        let mut reply = Self::new(status);
        reply.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        reply.body = body.into();
        reply
    }

    pub(crate) fn json(status: StatusCode, body: &Value) -> Self {
        Self::text(status, "application/json; charset=utf-8", body.to_string())
    }

    /// Adds a header; a value that no header can hold is left out.
    pub(crate) fn with(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
            self.headers.insert(name, value);
        }
        self
    }

    /// Token answers stay out of caches.
    pub(crate) fn no_store(self) -> Self {
        self.with(header::CACHE_CONTROL, "no-store").with(header::PRAGMA, "no-cache")
    }

    /// Marks a refusal.
    pub(crate) fn because(mut self, why: impl Into<String>) -> Self {
        self.why = Some(why.into());
        self
    }
}
