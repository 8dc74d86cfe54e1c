//! How answers look: where tokens, lives and problems stand.

use super::condition::Condition;
use super::cut::whole;
use super::path::{Answer, Path};
use crate::error::Code;
use crate::value::Value;

/// How a token answer is read: a view of the profile.
#[derive(Clone, Copy)]
pub struct AnswerShape<'p>(&'p Value);

/// How a refusal is read: a view of the profile.
#[derive(Clone, Copy)]
pub struct ProblemShape<'p>(&'p Value);

/// Which reader an answer wants.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum AnswerFormat {
    /// By Content-Type, then by look.
    Auto,
    /// JSON.
    Json,
    /// XML.
    Xml,
    /// The trimmed body is the token.
    Text,
    /// application/x-www-form-urlencoded.
    Form,
}

/// Where the lifetime of a token stands.
#[derive(Clone, Copy)]
pub enum Expires<'p> {
    /// Seconds from the moment the request was sent.
    In(Path<'p>),
    /// A moment.
    At(Path<'p>, MomentUnit),
    /// A fixed life, in milliseconds.
    After(i64),
    /// The `exp` of the access token itself (RFC 7519).
    Jwt,
    /// Never.
    Never,
}

/// How a moment is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum MomentUnit {
    /// Seconds since the Unix epoch.
    Seconds,
    /// Milliseconds since the Unix epoch.
    Milliseconds,
    /// ISO 8601; without a zone, UTC.
    Iso8601,
}

impl<'p> AnswerShape<'p> {
    pub(super) const fn of(answer: &'p Value) -> Self {
        Self(answer)
    }

    #[inline(never)]
    fn path(self, name: &str, default: &'static str) -> Path<'p> {
        Path::new(self.0.member_text(name).unwrap_or(default))
    }

    fn optional(self, name: &str) -> Option<Path<'p>> {
        self.0.member_text(name).map(Path::new)
    }

    /// Which reader.
    pub fn format(self) -> AnswerFormat {
        match self.0.member_text("format") {
            Some("json") => AnswerFormat::Json,
            Some("xml") => AnswerFormat::Xml,
            Some("text") => AnswerFormat::Text,
            Some("form") => AnswerFormat::Form,
            _ => AnswerFormat::Auto,
        }
    }

    /// The access token.
    pub fn access_token(self) -> Path<'p> {
        self.path("accessToken", "access_token")
    }

    /// The refresh token.
    pub fn refresh_token(self) -> Path<'p> {
        self.path("refreshToken", "refresh_token")
    }

    /// The token type.
    pub fn token_type(self) -> Path<'p> {
        self.path("tokenType", "token_type")
    }

    /// The granted scope.
    pub fn scope(self) -> Path<'p> {
        self.path("scope", "scope")
    }

    /// The user's id.
    pub fn subject(self) -> Option<Path<'p>> {
        self.optional("subject")
    }

    /// Where later calls go.
    pub fn api_base(self) -> Option<Path<'p>> {
        self.optional("apiBase")
    }

    /// How long the token lives.
    #[inline(never)]
    pub fn expires(self) -> Expires<'p> {
        let Some(expires) = self.0.member("expires") else {
            return Expires::In(Path::new("expires_in"));
        };
        let path = |name: &str| expires.member_text(name).map(Path::new);
        if let Some(path) = path("in") {
            return Expires::In(path);
        }
        if let Some(path) = path("at") {
            let unit = match expires.member_text("unit") {
                Some("ms") => MomentUnit::Milliseconds,
                Some("iso8601") => MomentUnit::Iso8601,
                _ => MomentUnit::Seconds,
            };
            return Expires::At(path, unit);
        }
        match expires.get("after").and_then(Value::scalar).and_then(whole) {
            Some(seconds) => Expires::After(seconds.saturating_mul(1000)),
            None if expires.as_str() == Some("jwt") => Expires::Jwt,
            None => Expires::Never,
        }
    }

    /// Paths that hold secrets.
    pub fn secrets(self) -> Vec<Path<'p>> {
        let mut paths = Vec::new();
        for path in self.0.member_items("secret") {
            paths.push(Path::new(path.as_str().unwrap_or_default()));
        }
        paths
    }

    /// Whether the answer is what the profile requires besides a token.
    pub fn is_met(self, status: u16, answer: &Answer<'_>) -> bool {
        self.0.member_items("require").iter().all(|condition| Condition::new(condition).holds(status, answer))
    }

    /// Whether bodies as vendors print them are read too.
    pub fn is_lenient(self) -> bool {
        self.0.has_flag("lenient", true)
    }

    /// Root element of an XML answer.
    pub fn root(self) -> &'p str {
        self.0.member_text("root").unwrap_or("response")
    }
}

impl<'p> ProblemShape<'p> {
    pub(super) const fn of(problem: &'p Value) -> Self {
        Self(problem)
    }

    /// The provider's code: text or a number.
    pub fn code<'a>(self, answer: &'a Answer<'_>) -> Option<&'a str> {
        self.first("code", &["error.code", "error", "code"], answer)
    }

    /// The provider's code in an answer that says 2xx. Unless the profile names it, a member called `code` alone proves
    /// nothing there, and zero is how many say that all went well.
    pub fn code_despite_success<'a>(self, answer: &'a Answer<'_>) -> Option<&'a str> {
        self.first("code", &["error.code", "error"], answer).filter(|code| *code != "0")
    }

    /// The provider's text.
    pub fn message<'a>(self, answer: &'a Answer<'_>) -> Option<&'a str> {
        self.first("message", &["error_description", "error.message", "message"], answer)
    }

    /// Our code for the provider's, or for `status:NNN`, where the profile names it.
    #[inline(never)]
    pub fn mapped(self, theirs: &str) -> Option<Code> {
        self.0.get("map")?.member_text(theirs).and_then(Code::parse)
    }

    #[inline(never)]
    fn first<'a>(self, name: &str, defaults: &[&'static str], answer: &'a Answer<'_>) -> Option<&'a str> {
        if self.0.member(name).is_none() {
            return defaults.iter().find_map(|path| Path::new(path).scalar(answer));
        }
        let paths = self.0.member_items(name);
        paths.iter().find_map(|path| Path::new(path.as_str()?).scalar(answer))
    }
}
