//! A page's request, as it came.

use super::named::{Named, Shape};
use crate::provider::cut::cut;

/// A page's request without its body.
#[derive(Clone, Copy)]
pub struct Head<'h> {
    /// In capitals.
    pub method: &'h str,
    /// As it came.
    pub target: &'h str,
    /// The origin that the request was sent to, as far as the server can tell.
    pub own: &'h str,
    /// Names in lower case.
    pub headers: &'h [(String, String)],
}

impl Head<'_> {
    pub(super) fn header(&self, wanted: &str) -> Option<&str> {
        self.headers.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str())
    }

    /// Whether a page's script asks: browsers say so of each request, and let no script say otherwise. Node's `fetch` sends
    /// Sec-Fetch-Mode alone.
    pub(super) fn is_scripts(&self) -> bool {
        self.header("sec-fetch-dest") == Some("empty")
    }

    /// Whether the body is of the type that the profile says. What has none has no type.
    pub(super) fn is_of_type(&self, named: &Named) -> bool {
        let given = self.header("content-type").unwrap_or_default();
        if matches!(named.body, Shape::Empty) {
            return given.is_empty() || matches!(self.method, "GET" | "HEAD") || self.is_empty();
        }
        let (essence, parameters) = cut(given, b';');
        let expected = cut(&named.media, b';').0;
        let is_utf8 = parameters.unwrap_or_default().split(';').all(|parameter| {
            let (name, value) = cut(parameter, b'=');
            let value = value.unwrap_or_default().trim().trim_matches('"');
            !name.trim().eq_ignore_ascii_case("charset")
                || ["utf-8", "utf8", "us-ascii"].iter().any(|known| value.eq_ignore_ascii_case(known))
        });
        essence.trim().eq_ignore_ascii_case(expected.trim()) && is_utf8
    }

    /// Whether it says that it has no body.
    fn is_empty(&self) -> bool {
        self.header("transfer-encoding").is_none()
            && self.header("content-length").is_none_or(|length| length.trim() == "0")
    }
}
