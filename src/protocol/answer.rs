//! Reads answers that grant something: a token, or who a token belongs to.

use super::redact::Redactor;
use super::request::Purpose;
use super::response::{Response, Times};
use super::{body, date, details, problem};
use crate::error::{AuthError, Code, Result};
use crate::provider::{AnswerFormat, AnswerShape, Check, Condition, Expires, MomentUnit, Path, Provider};
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
    let shape = &provider.answer;
    let read = body::read(shape, response);
    let tree = read.as_ref().unwrap_or(&Value::Null);
    let refusal = || problem::refusal(provider, purpose, response, tree, times.received, redactor);

    let wants_code = |condition: &Condition| condition.holds(response.status, tree);
    if provider.second_factor.as_ref().is_some_and(|second| second.when.iter().any(wants_code))
        && let Some(error) = second_factor(purpose, refusal())
    {
        return Err(error);
    }
    if !response.is_success() {
        return Err(refusal());
    }
    if shape.format == AnswerFormat::Text {
        let text = body::text(&response.body).map_err(|what| unusable(response, what))?;
        let access_token = printable(text.trim(), response)?.ok_or_else(|| unusable(response, "empty"))?;
        let expires_at = expires_at(&shape.expires, tree, response, times);
        return Ok(Grant { access_token, expires_at, ..Grant::empty() });
    }
    let tree = match read {
        Ok(tree @ Value::Map(_)) => tree,
        Ok(_) => return Err(unusable(response, "no object")),
        Err(what) => return Err(unusable(response, what)),
    };
    let access_token = match token_at(&shape.access_token, &tree, response)? {
        Some(token) if shape.require.iter().all(|condition| condition.holds(response.status, &tree)) => token,
        _ if problem::code(&provider.problem.code, &tree).is_some() => {
            return Err(problem::refusal(provider, purpose, response, &tree, times.received, redactor));
        }
        Some(_) => return Err(unusable(response, "without what the profile requires")),
        None => return Err(unusable(response, "without an access token")),
    };
    let refresh_token = token_at(&shape.refresh_token, &tree, response)?;
    let is_bearer = match shape.token_type.find(&tree) {
        None | Some(Value::Null) => true,
        Some(Value::String(kind)) => kind.is_empty() || kind.eq_ignore_ascii_case("bearer"),
        Some(_) => false,
    };
    if !is_bearer {
        return Err(unusable(response, "of a token type other than bearer"));
    }
    Ok(Grant {
        expires_at: expires_at(&shape.expires, &tree, response, times),
        scope: shape.scope.find(&tree).and_then(Value::scalar).map(scopes),
        subject: shape.subject.as_ref().and_then(|path| path.find(&tree)).and_then(Value::scalar).map(str::to_owned),
        api_base: shape.api_base.as_ref().and_then(|path| path.find(&tree)).and_then(Value::scalar).map(str::to_owned),
        details: {
            let mut redactor = redactor.clone();
            redactor.add(access_token.expose());
            refresh_token.iter().for_each(|token| redactor.add(token.expose()));
            details::showable(rest(shape, tree), &redactor)
        },
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
    check: &Check,
    response: &Response,
    times: Times,
    redactor: &Redactor,
) -> Result<Owner> {
    let read = body::read(&provider.answer, response);
    let tree = read.as_ref().unwrap_or(&Value::Null);
    let refusal = || problem::refusal(provider, Purpose::Check, response, tree, times.received, redactor);
    if !response.is_success() {
        return Err(refusal());
    }
    let subject = match check.subject.find(tree) {
        Some(Value::String(text)) if !text.is_empty() => text.clone(),
        Some(Value::Number(text)) if !check.text_only => text.clone(),
        Some(Value::Null | Value::String(_)) => {
            return Err(AuthError::new(
                Code::InvalidToken,
                "the provider took the token for nobody's: the answer names no user",
            )
            .status(response.status)
            .hint("Check that the token was copied whole and is still valid at the provider."));
        }
        _ if problem::code(&provider.problem.code_despite_success, tree).is_some() => return Err(refusal()),
        _ => return Err(unusable(response, read.err().unwrap_or("without the user's id"))),
    };
    let mut rest = tree.clone();
    check.subject.remove(&mut rest);
    Ok(Owner { subject, details: details::showable(rest, redactor) })
}

/// Scope as a list. Separated by blanks (RFC 6749 section 3.3), or by commas, as some servers do.
pub fn scopes(text: &str) -> Vec<String> {
    text.split([' ', ',', '\t', '\n']).filter(|scope| !scope.is_empty()).map(str::to_owned).collect()
}

impl Grant {
    /// A grant whose token is still to be set.
    fn empty() -> Self {
        Self {
            access_token: Secret::new(""),
            refresh_token: None,
            scope: None,
            subject: None,
            api_base: None,
            expires_at: None,
            details: Value::Map(Vec::new()),
        }
    }
}

fn token_at(path: &Path, tree: &Value, response: &Response) -> Result<Option<Secret>> {
    match path.find(tree) {
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

fn expires_at(expires: &Expires, tree: &Value, response: &Response, times: Times) -> Option<i64> {
    let number = |path: &Path| path.find(tree).and_then(Value::scalar).and_then(date::decimal_millis);
    let moment = match expires {
        Expires::Never => return None,
        Expires::After(life) => times.sent.saturating_add(*life),
        Expires::In(path) => times.sent.saturating_add(number(path)?.max(0)),
        Expires::At(path, unit) => {
            let moment = match unit {
                MomentUnit::Seconds => number(path)?,
                MomentUnit::Milliseconds => number(path)?.checked_div(1000)?,
                MomentUnit::Iso8601 => path.find(tree).and_then(Value::scalar).and_then(date::iso8601)?,
            };
            response.on_our_clock(moment, times)
        }
    };
    Some(moment.clamp(0, END_OF_TIME))
}

/// The answer without what the session says elsewhere. `url_api` and its like stay: the session has no field for them.
fn rest(shape: &AnswerShape, mut tree: Value) -> Value {
    for path in [&shape.access_token, &shape.refresh_token, &shape.token_type, &shape.scope] {
        path.remove(&mut tree);
    }
    if let Some(subject) = &shape.subject {
        subject.remove(&mut tree);
    }
    if let Expires::In(path) | Expires::At(path, _) = &shape.expires {
        path.remove(&mut tree);
    }
    tree
}

fn unusable(response: &Response, what: &str) -> AuthError {
    AuthError::of(Code::InvalidResponse, &["the provider's answer cannot be used: it is ", what])
        .status(response.status)
        .hint("Check `baseUrl`: does it lead to the provider's API, and not to a proxy or a page?")
}

#[cfg(test)]
mod tests;
