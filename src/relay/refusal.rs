//! What the relay answers by itself.

use crate::protocol::json;
use crate::value::Value;

/// Why a request does not pass.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub enum Refusal {
    /// A page of another origin asks.
    OriginNotAllowed,
    /// The path is none that may pass.
    NotFound,
    /// The path is, the method is not.
    MethodNotAllowed,
    /// The body or query is not what the profile describes.
    InvalidRequest,
    /// The body is of another type.
    UnsupportedType,
    /// The body is too long.
    TooLarge,
    /// The page's body did not arrive in time.
    Late,
    /// The provider's answer did not arrive in time.
    TimedOut,
    /// The provider cannot be reached, or answered what cannot be passed on.
    BadGateway,
    /// The server has made a mistake.
    Internal,
}

impl Refusal {
    /// Status, code, and a sentence that says no more than the page knows.
    pub const fn words(self) -> (u16, &'static str, &'static str) {
        match self {
            Self::OriginNotAllowed => (403, "origin_not_allowed", "Pages of this origin may not use this relay."),
            Self::NotFound => (404, "not_found", "There is nothing at this path."),
            Self::MethodNotAllowed => (405, "method_not_allowed", "This path takes other methods: see Allow."),
            Self::InvalidRequest => (400, "invalid_request", "This is no request that passes here."),
            Self::UnsupportedType => (415, "unsupported_type", "The body has a type that does not pass here."),
            Self::TooLarge => (413, "too_large", "The body is too long."),
            Self::Late => (408, "timeout", "The body did not arrive in time."),
            Self::TimedOut => (504, "timeout", "The provider did not answer in time."),
            Self::BadGateway => (502, "bad_gateway", "The provider gave no answer that can be passed on."),
            Self::Internal => (500, "internal", "The relay cannot serve this request."),
        }
    }

    /// The refusal of that status.
    pub fn of(status: u16) -> Self {
        [
            Self::OriginNotAllowed,
            Self::NotFound,
            Self::MethodNotAllowed,
            Self::InvalidRequest,
            Self::UnsupportedType,
            Self::TooLarge,
            Self::Late,
            Self::TimedOut,
            Self::BadGateway,
        ]
        .into_iter()
        .find(|refusal| refusal.words().0 == status)
        .unwrap_or(Self::Internal)
    }

    /// The body of the answer.
    pub fn body(self) -> String {
        let (_, code, message) = self.words();
        let error = Value::map([("code", Value::text(code)), ("message", Value::text(message))]);
        json::write(&Value::map([("error", error)]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_is_found_by_its_status() {
        for status in [400, 403, 404, 405, 408, 413, 415, 500, 502, 504] {
            let refusal = Refusal::of(status);
            let (own, code, _) = refusal.words();
            assert_eq!(own, status);
            assert!(
                refusal.body().starts_with(&format!(r#"{{"error":{{"code":"{code}","message":""#)),
                "{}",
                refusal.body()
            );
        }
        assert_eq!(Refusal::of(200), Refusal::Internal);
    }
}
