//! The one error of the crate: who is at fault, what was wrong, and what the caller can do about it.

use std::any::Any;
use std::borrow::Cow;
use std::ops::{Deref, DerefMut};
use std::rc::Rc;

use crate::provider::cut::concat;

/// Longest message, provider's message included, in characters.
const LONGEST_TEXT: usize = 500;

macro_rules! codes {
    ($($variant:ident = $text:literal, $doc:literal;)*) => {
        /// Stable code of an error, as the contract lists them.
        #[derive(Clone, Copy, PartialEq, Eq)]
        #[cfg_attr(any(test, not(target_arch = "wasm32")), derive(Debug))]
        pub enum Code {
            $(#[doc = $doc] $variant,)*
        }

        impl Code {
            /// In the order of the variants.
            const ALL: &[(Self, &'static str)] = &[$((Self::$variant, $text),)*];

            /// The code as callers see it.
            pub fn as_str(self) -> &'static str {
                Self::ALL.get(self as usize).map_or("", |(_, name)| *name)
            }

            /// The code of that name, as a profile's `map` gives it.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().find(|(_, name)| *name == text).map(|(code, _)| *code)
            }
        }
    };
}

codes! {
    InvalidConfig = "invalid_config", "An option of `create` or a part of a profile is wrong.";
    InvalidInput = "invalid_input", "An argument of a call is wrong; nothing was sent.";
    InsecureUrl = "insecure_url", "An http: address that is neither loopback nor allowed.";
    OriginNotAllowed = "origin_not_allowed", "The credential would go to an origin that is not the provider's.";
    Unsupported = "unsupported", "This provider or this place cannot do that.";
    Closed = "closed", "The client was closed.";
    InvalidCredentials = "invalid_credentials", "The user name, password or the like was refused.";
    SecondFactorRequired = "second_factor_required", "The login goes on with `confirm`.";
    InvalidSecondFactor = "invalid_second_factor", "The code of the second step was refused.";
    AccessDenied = "access_denied", "The user or the provider said no.";
    LoginRequired = "login_required", "There is no session that can be used or renewed.";
    StateMismatch = "state_mismatch", "The callback's state is not the pending login's.";
    RedirectUnexpected = "redirect_unexpected", "A callback that no pending login expects.";
    CodeExpired = "code_expired", "The authorization code was refused.";
    IssuerMismatch = "issuer_mismatch", "The callback comes from another issuer (RFC 9207).";
    InvalidToken = "invalid_token", "The token was refused.";
    InvalidClient = "invalid_client", "The client id or secret was refused.";
    InvalidRequest = "invalid_request", "The provider calls the request wrong.";
    InvalidScope = "invalid_scope", "The scope was refused.";
    UnsupportedGrantType = "unsupported_grant_type", "The provider does not know this grant.";
    InsufficientScope = "insufficient_scope", "The token is good, its rights are not enough.";
    RateLimited = "rate_limited", "Too many requests.";
    ServerError = "server_error", "The provider failed.";
    InvalidResponse = "invalid_response", "The answer cannot be used.";
    Network = "network", "No answer came.";
    Timeout = "timeout", "The answer took too long.";
    Aborted = "aborted", "A later login or a logout overtook the call.";
    Storage = "storage", "The store failed.";
}

impl Code {
    /// True when the same call may succeed later without a change.
    pub const fn retryable(self) -> bool {
        matches!(self, Self::RateLimited | Self::ServerError | Self::Network | Self::Timeout | Self::Storage)
    }
}

/// What every failing call gives: [`Facts`] behind one pointer, so that results stay small.
#[derive(Clone)]
pub struct AuthError(Box<Facts>);

/// What is known of an error. No field holds a secret; texts of a provider come in already redacted.
#[derive(Clone)]
pub struct Facts {
    /// What went wrong, in one stable word.
    pub code: Code,
    /// One line for people, at most 500 characters.
    pub message: String,
    /// What the caller can do about it.
    pub hint: Option<Cow<'static, str>>,
    /// HTTP status, when the provider answered.
    pub status: Option<u16>,
    /// The provider's own code.
    pub provider_code: Option<String>,
    /// The provider's own text.
    pub provider_message: Option<String>,
    /// Milliseconds that the provider asked to wait.
    pub retry_after: Option<i64>,
    /// Whether the same call cannot succeed without a change, though its code says it may: a certificate that is not
    /// trusted, a name that does not exist.
    pub is_permanent: bool,
    /// What the host caught (an exception), handed through unseen.
    pub cause: Option<Rc<dyn Any>>,
}

#[cfg(any(test, not(target_arch = "wasm32")))]
impl std::fmt::Debug for AuthError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.message)
    }
}

/// Result of everything that can fail.
pub type Result<T, E = AuthError> = std::result::Result<T, E>;

impl Deref for AuthError {
    type Target = Facts;

    fn deref(&self) -> &Facts {
        &self.0
    }
}

impl DerefMut for AuthError {
    fn deref_mut(&mut self) -> &mut Facts {
        &mut self.0
    }
}

impl AuthError {
    /// An error with a message and nothing else.
    #[inline(never)]
    pub fn new(code: Code, message: &str) -> Self {
        Self(Box::new(Facts {
            code,
            message: one_line(message),
            hint: None,
            status: None,
            provider_code: None,
            provider_message: None,
            retry_after: None,
            is_permanent: false,
            cause: None,
        }))
    }

    /// An error whose message is made of parts.
    #[inline(never)]
    pub fn of(code: Code, parts: &[&str]) -> Self {
        Self::new(code, &concat(parts))
    }

    /// A wrong option: names it and says what it accepts.
    #[inline(never)]
    pub fn config(option: &str, accepts: &str) -> Self {
        Self::of(Code::InvalidConfig, &["option `", option, "` must be ", accepts])
    }

    /// A wrong argument: names it and says what it accepts. The value is never shown.
    #[inline(never)]
    pub fn input(argument: &str, accepts: &str) -> Self {
        Self::of(Code::InvalidInput, &["`", argument, "` must be ", accepts])
    }

    /// Adds the remedy.
    #[inline(never)]
    pub fn hint(mut self, hint: &'static str) -> Self {
        self.hint = Some(Cow::Borrowed(hint));
        self
    }

    /// Adds a remedy that names something of this call.
    pub fn hint_of(mut self, parts: &[&str]) -> Self {
        self.hint = Some(Cow::Owned(concat(parts)));
        self
    }

    /// Adds the HTTP status.
    pub fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// Whether the same call may succeed later without a change.
    pub fn retryable(&self) -> bool {
        self.code.retryable() && !self.is_permanent
    }

    /// Adds what the host caught.
    pub fn cause(mut self, cause: Option<Rc<dyn Any>>) -> Self {
        self.cause = cause;
        self
    }
}

/// Text that is safe to print in one line: control, bidi and invisible characters escaped, at most 500 characters.
pub fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len().min(LONGEST_TEXT));
    let mut length = 0;
    for character in text.chars() {
        let start = line.len();
        if needs_escape(character) {
            push_escaped(character, &mut line);
            length += line.len() - start;
        } else {
            line.push(character);
            length += 1;
        }
        if length > LONGEST_TEXT {
            line.truncate(start);
            let end = line.char_indices().nth(LONGEST_TEXT - 1).map(|(at, _)| at);
            line.truncate(end.unwrap_or(start));
            line.push('…');
            break;
        }
    }
    line
}

/// `\u{202e}`.
fn push_escaped(character: char, line: &mut String) {
    let code = u32::from(character);
    line.push_str("\\u{");
    for shift in [20, 16, 12, 8, 4, 0] {
        if shift == 0 || code >> shift > 0 {
            line.extend(char::from_digit(code >> shift & 0xf, 16));
        }
    }
    line.push('}');
}

fn needs_escape(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_stays_one_line_without_characters_that_deceive() {
        assert_eq!(one_line("a\r\nb\u{202e}c\u{200b}"), "a\\u{d}\\u{a}b\\u{202e}c\\u{200b}");
        assert_eq!(one_line("Неверный пароль"), "Неверный пароль");
    }

    #[test]
    fn a_long_message_ends_at_500_characters() {
        for text in ["я".repeat(2000), "\n".repeat(2000), "ab\u{1}".repeat(400)] {
            let line = one_line(&text);
            assert!(line.chars().count() <= 500, "{}", line.chars().count());
            assert!(line.ends_with('…'));
        }
        assert_eq!(one_line(&"x".repeat(500)), "x".repeat(500));
    }

    #[test]
    fn every_code_is_found_by_its_name() {
        for (code, name) in Code::ALL {
            assert_eq!((code.as_str(), Code::parse(name)), (*name, Some(*code)));
        }
        assert_eq!(Code::IssuerMismatch.as_str(), "issuer_mismatch");
        assert_eq!(Code::parse("constructor"), None);
    }
}
