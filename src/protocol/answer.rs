//! Reads answers that grant something: a token, or who a token belongs to.

use super::encoding::sextet;
use super::json::{self, Mode};
use super::redact::Redactor;
use super::request::Purpose;
use super::response::{Response, Times};
use super::secrets::secrets;
use super::{body, date, details, problem};
use crate::error::{AuthError, Code, Result};
use crate::provider::cut::{joined, pieces};
use crate::provider::{Answer, AnswerFormat, AnswerShape, Check, Expires, MomentUnit, Path, Provider};
use crate::secret::Secret;
use crate::value::Value;

/// The last moment that a JavaScript date can show.
const END_OF_TIME: i64 = 8_640_000_000_000_000;

/// What a token answer gave.
pub struct Grant {
    /// The token for calls.
    pub access_token: Secret,
    /// The token for renewal, when one came.
    pub refresh_token: Option<Secret>,
    /// Scope, when the answer says it.
    pub scope: Option<Vec<String>>,
    /// The user's id.
    pub subject: Option<String>,
    /// Where later calls go.
    pub api_base: Option<String>,
    /// End of the token's life on our clock; `None` when it has none or the answer does not say.
    pub expires_at: Option<i64>,
    /// What stood where the profile says that secrets stand: never to be shown, for as long as the session lasts.
    pub secrets: Vec<Secret>,
    /// Everything else that may be shown.
    pub details: Value,
}

/// Who a credential belongs to.
#[derive(Clone)]
pub struct Owner {
    /// The user's id.
    pub subject: String,
    /// Everything else that may be shown.
    pub details: Value,
}

/// Reads the answer to a login, confirmation, renewal or exchange. A wanted second factor is an error of that code.
pub fn token(
    provider: &Provider,
    purpose: Purpose,
    response: &Response,
    times: Times,
    redactor: &Redactor,
) -> Result<Grant> {
    let shape = provider.answer();
    let read = body::read(shape, response);
    let tree = read.as_ref().unwrap_or(&Value::Null);
    let answer = Answer::new(tree, &response.headers);
    let refusal = || problem::refusal(provider, purpose, response, tree, times.received, redactor);

    if provider.second_factor().is_some_and(|second| second.is_wanted(response.status, &answer))
        && let Some(error) = second_factor(purpose, refusal())
    {
        return Err(error);
    }
    if !response.is_success() {
        return Err(refusal());
    }
    if let Err(what) = &read {
        return Err(unusable(response, what));
    }
    // An error beside a token is the error.
    if provider.problem().code_despite_success(&answer).is_some() {
        return Err(refusal());
    }
    let access_path = match (shape.format(), tree) {
        (AnswerFormat::Text, Value::String(_)) => Path::new(""),
        (AnswerFormat::Text, _) => return Err(unusable(response, "no bare token")),
        _ => shape.access_token(),
    };
    let access_token = match token_at(access_path, &answer, response)? {
        Some(token) if shape.is_met(response.status, &answer) => token,
        _ if provider.problem().code(&answer).is_some() => return Err(refusal()),
        Some(_) => return Err(unusable(response, "without what the profile requires")),
        None => return Err(unusable(response, "without an access token")),
    };
    let refresh_token = token_at(shape.refresh_token(), &answer, response)?;
    let is_bearer = match shape.token_type().find(&answer) {
        None | Some(Value::Null) => true,
        Some(Value::String(kind)) => kind.is_empty() || kind.eq_ignore_ascii_case("bearer"),
        Some(_) => false,
    };
    if !is_bearer {
        return Err(unusable(response, "of a token type other than bearer"));
    }
    let said = |path: Option<Path<'_>>| path.and_then(|path| path.scalar(&answer)).map(str::to_owned);
    let secrets = secrets(shape, &answer);
    Ok(Grant {
        expires_at: expires_at(shape.expires(), &access_token, &answer, response, times),
        scope: match shape.scope().find(&answer) {
            Some(Value::List(items)) => {
                Some(scopes(&joined(&items.iter().filter_map(Value::scalar).collect::<Vec<_>>(), " ")))
            }
            found => found.and_then(Value::scalar).map(scopes),
        },
        subject: said(shape.subject()),
        api_base: said(shape.api_base()),
        details: {
            let mut redactor = redactor.clone();
            secrets.iter().for_each(|secret| redactor.add(secret.expose()));
            redactor.add(access_token.expose());
            redactor.add(refresh_token.as_ref().map_or("", Secret::expose));
            details::showable(rest(shape, access_path, tree), &redactor)
        },
        secrets,
        access_token,
        refresh_token,
    })
}

/// "A code is needed" means a first step that went well, or a second one that did not.
fn second_factor(purpose: Purpose, mut error: AuthError) -> Option<AuthError> {
    let (code, message, hint) = match purpose {
        Purpose::Login => (
            Code::SecondFactorRequired,
            "the provider asks for a second factor",
            "Ask the user for the code and pass it to `confirm`.",
        ),
        Purpose::Confirm => (
            Code::InvalidSecondFactor,
            "the provider still asks for a second factor",
            "Ask the user for the newest code and call `confirm` again.",
        ),
        _ => return None,
    };
    error.code = code;
    error.message = message.to_owned();
    Some(error.hint(hint))
}

/// Reads the answer to a check.
pub fn owner(
    provider: &Provider,
    check: Check<'_>,
    response: &Response,
    times: Times,
    redactor: &Redactor,
) -> Result<Owner> {
    let shape = provider.answer();
    let read = body::read(shape, response);
    let tree = read.as_ref().unwrap_or(&Value::Null);
    let answer = Answer::new(tree, &response.headers);
    if !response.is_success() || provider.problem().code_despite_success(&answer).is_some() {
        return Err(problem::refusal(provider, Purpose::Check, response, tree, times.received, redactor));
    }
    let subject = match check.subject().find(&answer) {
        Some(Value::String(text)) if !text.is_empty() => text.clone(),
        Some(Value::Number(text)) if !check.text_only() => text.clone(),
        Some(Value::Null | Value::String(_)) => {
            return Err(AuthError::new(
                Code::InvalidToken,
                "the provider took the token for nobody's: the answer names no user",
            )
            .status(response.status)
            .hint("Check that the token was copied whole and is still valid at the provider."));
        }
        _ => return Err(unusable(response, read.as_ref().err().copied().unwrap_or("without the user's id"))),
    };
    let mut redactor = redactor.clone();
    secrets(shape, &answer).iter().for_each(|secret| redactor.add(secret.expose()));
    let mut rest = tree.clone();
    check.subject().remove(&mut rest);
    shape.secrets().iter().for_each(|path| path.remove(&mut rest));
    Ok(Owner { subject, details: details::showable(rest, &redactor) })
}

/// Scope as a list. Separated by blanks (RFC 6749 section 3.3), or by commas, as some servers do.
pub fn scopes(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut start = 0;
    for (at, byte) in text.bytes().chain([b' ']).enumerate() {
        if matches!(byte, b' ' | b',' | b'\t' | b'\n') {
            match text.get(start..at) {
                None | Some("") => {}
                Some(word) => words.push(word.to_owned()),
            }
            start = at.saturating_add(1);
        }
    }
    words
}

fn token_at(path: Path<'_>, answer: &Answer<'_>, response: &Response) -> Result<Option<Secret>> {
    match path.find(answer) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => printable(text, response),
        Some(_) => Err(unusable(response, "with a token that is no text")),
    }
}

fn printable(text: &str, response: &Response) -> Result<Option<Secret>> {
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(unusable(response, "with a token that is not printable ASCII without blanks"));
    }
    Ok((!text.is_empty()).then(|| Secret::new(text)))
}

fn expires_at(
    expires: Expires<'_>,
    token: &Secret,
    answer: &Answer<'_>,
    response: &Response,
    times: Times,
) -> Option<i64> {
    let number = |path: Path<'_>| path.scalar(answer).and_then(date::decimal_millis);
    let moment = match expires {
        Expires::Never => return None,
        Expires::After(life) => times.sent.saturating_add(life),
        Expires::In(path) => times.sent.saturating_add(number(path)?.max(0)),
        Expires::Jwt => response.on_our_clock(end_of(token.expose())?, times),
        Expires::At(path, unit) => {
            let moment = match unit {
                MomentUnit::Seconds => number(path)?,
                MomentUnit::Milliseconds => number(path)?.checked_div(1000)?,
                MomentUnit::Iso8601 => path.scalar(answer).and_then(date::iso8601)?,
            };
            response.on_our_clock(moment, times)
        }
    };
    Some(moment.clamp(0, END_OF_TIME))
}

/// The `exp` of a JWT (RFC 7519 section 4.1.4): read, and trusted for nothing but when to renew.
fn end_of(token: &str) -> Option<i64> {
    let claims = pieces(token, b'.').nth(1)?;
    let mut bytes = Vec::with_capacity(claims.len());
    let (mut bits, mut count) = (0_u32, 0_u32);
    for byte in claims.bytes() {
        if matches!(byte, b'+' | b'/') {
            return None;
        }
        bits = bits << 6 | u32::from(sextet(byte)?);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xff) as u8);
        }
    }
    let claims = json::read(std::str::from_utf8(&bytes).ok()?, Mode::Strict).ok()?;
    claims.get("exp").and_then(Value::scalar).and_then(date::decimal_millis)
}

/// The answer without what the session says elsewhere. `url_api` and its like stay: the session has no field for them.
fn rest(shape: AnswerShape<'_>, access_token: Path<'_>, tree: &Value) -> Value {
    let mut tree = tree.clone();
    let mut said = shape.secrets();
    said.extend([access_token, shape.refresh_token(), shape.token_type(), shape.scope()]);
    said.extend(shape.subject());
    if let Expires::In(path) | Expires::At(path, _) = shape.expires() {
        said.push(path);
    }
    said.iter().for_each(|path| path.remove(&mut tree));
    tree
}

fn unusable(response: &Response, what: &str) -> AuthError {
    AuthError::of(Code::InvalidResponse, &["the provider's answer cannot be used: it is ", what])
        .status(response.status)
        .hint("Check `baseUrl`: does it lead to the provider's API, and not to a proxy or a page?")
}

#[cfg(test)]
mod tests;
