//! Reads refusals: which of our codes an answer means, and what to tell the caller.

use super::redact::Redactor;
use super::request::Purpose;
use super::response::Response;
use super::secrets::secrets;
use super::{body, challenge};
use crate::error::{AuthError, Code, one_line};
use crate::provider::cut::{concat, decimal};
use crate::provider::{Answer, ProblemShape, Provider};
use crate::value::Value;

/// What a code means, for the purposes of these letters (see [`letter`]; `*` is any, `-` none): RFC 6749 sections 4.1.2.1
/// and 5.2, RFC 6750 section 3.1, RFC 7009 section 2.2.1.
static STANDARD: [(&str, &[u8], Code); 18] = [
    ("access_denied", b"*", Code::AccessDenied),
    ("insufficient_scope", b"ka", Code::InsufficientScope),
    ("invalid_client", b"*", Code::InvalidClient),
    ("invalid_grant", b"l", Code::InvalidCredentials),
    ("invalid_grant", b"c", Code::InvalidSecondFactor),
    ("invalid_grant", b"r", Code::LoginRequired),
    ("invalid_grant", b"e", Code::CodeExpired),
    ("invalid_request", b"*", Code::InvalidRequest),
    ("invalid_scope", b"*", Code::InvalidScope),
    ("invalid_token", b"r", Code::LoginRequired),
    ("invalid_token", b"ka", Code::InvalidToken),
    ("server_error", b"*", Code::ServerError),
    ("temporarily_unavailable", b"*", Code::ServerError),
    ("unauthorized", b"-", Code::InvalidRequest),
    ("unauthorized_client", b"*", Code::InvalidClient),
    ("unsupported_grant_type", b"*", Code::UnsupportedGrantType),
    ("unsupported_response_type", b"*", Code::InvalidRequest),
    ("unsupported_token_type", b"-", Code::InvalidRequest),
];

const fn letter(purpose: Purpose) -> u8 {
    match purpose {
        Purpose::Login => b'l',
        Purpose::Confirm => b'c',
        Purpose::Refresh => b'r',
        Purpose::Exchange => b'e',
        Purpose::Check => b'k',
        Purpose::Revoke => b'v',
        Purpose::Api => b'a',
    }
}

/// The error that an answer means. `tree` is null where the body could not be read.
pub fn refusal(
    provider: &Provider,
    purpose: Purpose,
    response: &Response,
    tree: &Value,
    now: i64,
    redactor: &Redactor,
) -> AuthError {
    let shape = provider.problem();
    let answer = Answer::new(tree, &response.headers);
    let challenge = response.header("www-authenticate").and_then(challenge::error);
    let (challenge_code, challenge_text) = challenge.unwrap_or_default();
    let despite_success = if response.is_success() { shape.code_despite_success(&answer) } else { None };
    let provider_code = despite_success.or_else(|| shape.code(&answer)).map(str::to_owned).or(challenge_code);
    let provider_message = shape.message(&answer).map(str::to_owned).or(challenge_text);
    let ours = classify(shape, purpose, response.status, provider_code.as_deref());

    let mut redactor = redactor.clone();
    secrets(provider.answer(), &answer).iter().for_each(|secret| redactor.add(secret.expose()));
    let shown = |text: String| one_line(&redactor.scrub_start(&text));
    // What everybody knows gives nothing away, also when a short secret is part of it.
    let is_public = |code: &str| STANDARD.iter().any(|(known, ..)| *known == code) || shape.mapped(code).is_some();
    let provider_code = provider_code.map(|code| if is_public(&code) { code } else { shown(code) });
    let provider_message = provider_message.map(shown);
    let (before_code, code) = provider_code.as_ref().map_or(("", ""), |code| (", ", code.as_str()));
    let before_text = if code.is_empty() { ", " } else { ": " };
    let (before_text, text) = provider_message.as_ref().map_or(("", ""), |text| (before_text, text.as_str()));
    let status = decimal(response.status.into());
    let said = [meaning(ours, purpose), " (status ", &status, before_code, code, before_text, text, ")"];
    let mut error = AuthError::of(ours, &said).status(response.status);
    error.hint = remedy(ours, purpose).map(Into::into);
    error.provider_code = provider_code;
    error.provider_message = provider_message;
    error.retry_after = response.retry_after(now);
    error
}

/// The provider's own error in an answer of its API, where there is one: by status and by body, also where errors come
/// with status 200.
pub fn in_answer(provider: &Provider, response: &Response, now: i64, redactor: &Redactor) -> Option<AuthError> {
    // Not Modified is the answer to a question of the caller's own; 0 is an answer that may not be looked at.
    if matches!(response.status, 0..200 | 304) {
        return None;
    }
    let tree = body::read(provider.answer(), response).unwrap_or(Value::Null);
    let answer = Answer::new(&tree, &response.headers);
    if response.is_success() && provider.problem().code_despite_success(&answer).is_none() {
        return None;
    }
    Some(refusal(provider, Purpose::Api, response, &tree, now, redactor))
}

/// The contract's table: the profile's map, then the provider's code, then the status.
fn classify(shape: ProblemShape<'_>, purpose: Purpose, status: u16, theirs: Option<&str>) -> Code {
    let by_status = || shape.mapped(&concat(&["status:", &decimal(status.into())]));
    if let Some(ours) = theirs.and_then(|theirs| shape.mapped(theirs)).or_else(by_status) {
        // At a renewal that is the refresh token, and with it the session.
        return if purpose == Purpose::Refresh && ours == Code::InvalidToken { Code::LoginRequired } else { ours };
    }
    let later = match status {
        429 => Some(Code::RateLimited),
        500..=599 => Some(Code::ServerError),
        _ => None,
    };
    match (theirs.and_then(|theirs| by_code(purpose, theirs)), later) {
        // An answer that says "later" is never final, whatever its body says: it ends no session.
        (Some(Code::LoginRequired), Some(later)) => return later,
        (Some(ours), _) | (None, Some(ours)) => return ours,
        (None, None) => {}
    }
    match (status, purpose) {
        (401, Purpose::Login) => Code::InvalidCredentials,
        (401, Purpose::Confirm) => Code::InvalidSecondFactor,
        (401, Purpose::Refresh) => Code::LoginRequired,
        (401, Purpose::Check | Purpose::Api) => Code::InvalidToken,
        (403, Purpose::Login) => Code::AccessDenied,
        (403, Purpose::Check | Purpose::Api) => Code::InsufficientScope,
        // Not the address that was meant, whatever the body says: frameworks have words of their own for it.
        (300..=399 | 404 | 405, _) => Code::InvalidResponse,
        _ if theirs.is_some() => Code::InvalidRequest,
        _ => Code::InvalidResponse,
    }
}

/// Codes with a meaning of their own.
fn by_code(purpose: Purpose, theirs: &str) -> Option<Code> {
    let is_meant = |purposes: &[u8]| purposes == b"*" || purposes.contains(&letter(purpose));
    let found = STANDARD.iter().find(|(known, purposes, _)| *known == theirs && is_meant(purposes))?;
    Some(found.2)
}

/// The error of a callback (RFC 6749 section 4.1.2.1).
pub fn callback(shape: ProblemShape<'_>, theirs: &str, text: Option<&str>) -> AuthError {
    let ours = shape.mapped(theirs).unwrap_or(match theirs {
        "access_denied" => Code::AccessDenied,
        "invalid_scope" => Code::InvalidScope,
        "server_error" | "temporarily_unavailable" => Code::ServerError,
        _ => Code::InvalidRequest,
    });
    let shown = one_line(theirs);
    let mut error = AuthError::of(ours, &[meaning(ours, Purpose::Exchange), " (callback: ", &shown, ")"]);
    if ours != Code::InvalidRequest {
        error.hint = remedy(ours, Purpose::Exchange).map(Into::into);
    }
    error.provider_code = Some(shown);
    error.provider_message = text.map(one_line);
    error
}

const fn meaning(code: Code, purpose: Purpose) -> &'static str {
    match code {
        Code::InvalidCredentials => "the provider refused the credentials",
        Code::InvalidSecondFactor => "the provider refused the second factor",
        Code::AccessDenied => "access was denied",
        Code::LoginRequired => "the session was refused and has ended",
        Code::CodeExpired => "the provider refused the authorization code",
        Code::InvalidToken => "the provider refused the token",
        Code::InvalidClient => "the provider refused the client id or secret",
        Code::InvalidScope => "the provider refused the scope",
        Code::UnsupportedGrantType => "the provider does not know this grant",
        Code::InsufficientScope => "the token's rights are not enough",
        Code::RateLimited => "the provider received too many requests",
        Code::ServerError => "the provider failed",
        Code::InvalidRequest => "the provider refused the request",
        _ => match purpose {
            Purpose::Api => "the provider answered with a status that names no problem of its own",
            _ => "the provider's answer is no token answer",
        },
    }
}

const fn remedy(code: Code, purpose: Purpose) -> Option<&'static str> {
    Some(match code {
        Code::InvalidCredentials => "Ask the user to check user name and password.",
        Code::InvalidSecondFactor => "Ask the user for the newest code and call `confirm` again.",
        Code::AccessDenied => "The user, or the account's rights at the provider, do not allow it.",
        Code::LoginRequired => "Sign in again.",
        Code::CodeExpired => "Start the login again: a code is short-lived and can be used once.",
        Code::InvalidToken => "Sign in again, or replace the token at the provider.",
        Code::InvalidClient => "Check the client id and secret in the options.",
        Code::InvalidScope => "Check the scope in the options.",
        Code::RateLimited => "Wait for `retryAfter`, then try again.",
        Code::ServerError => "Try again later; the session is kept.",
        Code::InvalidRequest => "Check the options, and `baseUrl`: does it lead to the provider's API?",
        Code::InvalidResponse => match purpose {
            Purpose::Api => "Check the address of the call, and `baseUrl`: does it lead to the provider's API?",
            _ => "Check `baseUrl`: does it lead to the provider's API?",
        },
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
