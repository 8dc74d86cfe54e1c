//! Authorization code: the address that the user is sent to, and the address that the user comes back to.

use super::request;
use super::{form, url};
use crate::error::{AuthError, Code, Result};
use crate::provider::{AuthorizeTemplate, RequestTemplate, Scope, Template};
use crate::value::Value;

/// The authorization request (RFC 6749 section 4.1.1, RFC 7636 section 4.3). `scope` holds redirect_uri, and state and
/// code_challenge where they are wanted.
pub fn authorization_url(authorize: AuthorizeTemplate<'_>, scope: &Scope<'_>, base: &str) -> Result<String> {
    let rendered = authorize.query().render(scope);
    let mut query: Vec<(&str, String)> = rendered.into_iter().map(|(name, value)| (name, value.text)).collect();
    for (name, template) in [
        ("response_type", "code"),
        ("redirect_uri", "{redirect_uri}"),
        ("state", "{state}"),
        ("code_challenge", "{code_challenge}"),
        ("code_challenge_method", "S256"),
    ] {
        let is_wanted = match name {
            "state" => authorize.echoes_state(),
            "code_challenge" | "code_challenge_method" => authorize.pkce(),
            _ => true,
        };
        if is_wanted && !authorize.url().mentions(name) && !authorize.query().mention(name) {
            query.extend(Template::new(template).render(scope).map(|value| (name, value.text)));
        }
    }
    let address = request::address(authorize.url(), scope, base, "login.authorize.url")?;
    let end = address.bytes().position(|byte| byte == b'#').unwrap_or(address.len());
    Ok(url::with_query(address.get(..end).unwrap_or_default(), &form::encode(&query)))
}

/// The exchange with what RFC 6749 section 4.1.3 asks for, where the profile does not name it: in its form or JSON, and
/// nowhere where it has neither. What it gives is a template like the profile's.
pub fn exchange(template: RequestTemplate<'_>, pkce: bool) -> Value {
    let mut whole = template.page().clone();
    let Value::Map(members) = &mut whole else { return whole };
    let body = members.iter_mut().find(|(name, body)| matches!(name.as_str(), "form" | "json") && *body != Value::Null);
    let Some((_, Value::Map(fields))) = body else { return whole };
    for (name, text) in [
        ("grant_type", "authorization_code"),
        ("code", "{code}"),
        ("redirect_uri", "{redirect_uri}"),
        ("code_verifier", "{code_verifier}"),
    ] {
        if (pkce || name != "code_verifier") && !template.mentions(name) {
            fields.push((name.to_owned(), Value::text(text)));
        }
    }
    whole
}

/// What a callback says.
#[derive(Clone)]
pub struct Callback {
    /// A code or an error.
    pub answer: CallbackAnswer,
    /// `state`, when it came.
    pub state: Option<String>,
    /// `iss`, when it came.
    pub issuer: Option<String>,
}

/// A code or an error.
#[derive(Clone)]
pub enum CallbackAnswer {
    /// The authorization code.
    Code(String),
    /// `error` and `error_description`.
    Error(String, Option<String>),
}

/// Names that a callback brings, and that are taken out of the page's address.
pub const CALLBACK_NAMES: [&str; 7] =
    ["code", "state", "iss", "error", "error_description", "error_uri", "session_state"];

/// Reads a callback. `None`: the address is none (another origin or path, or neither code nor error). Both addresses come as
/// the host wrote them. A `state` that was not sent is not looked at.
pub fn callback(address: &str, redirect_uri: &str, state_was_sent: bool) -> Result<Option<Callback>> {
    let (Some(found), Some(wanted)) = (url::Url::split(address), url::Url::split(redirect_uri)) else {
        return Ok(None);
    };
    if (found.scheme, found.authority, found.path) != (wanted.scheme, wanted.authority, wanted.path) {
        return Ok(None);
    }
    let mut query = found.query.unwrap_or_default();
    // A naive provider appends `?code=` to a redirect URI that has a query already.
    if let Some(start) = wanted.query
        && let Some(rest) = query.strip_prefix(start)
        && (rest.is_empty() || rest.starts_with(['?', '&']))
    {
        query = rest.get(1..).unwrap_or_default();
    }
    let pairs = form::decode(query);
    let all = |wanted: &'static str| pairs.iter().filter(move |(name, value)| name == wanted && !value.is_empty());
    let is_callback = all("code").next().is_some() || all("error").next().is_some();
    if !is_callback {
        return Ok(None);
    }
    let expected_of = |name: &'static str, code: Code| -> Result<Option<String>> {
        let mut values = all(name).map(|(_, value)| value.clone());
        let value = values.next();
        match values.next() {
            Some(_) => Err(AuthError::of(code, &["the callback has `", name, "` twice"])
                .hint("Nothing was sent. Start the login again.")),
            None => Ok(value),
        }
    };
    let state = if state_was_sent { expected_of("state", Code::StateMismatch)? } else { None };
    let issuer = expected_of("iss", Code::IssuerMismatch)?;
    let code = expected_of("code", Code::RedirectUnexpected)?;
    let error = expected_of("error", Code::RedirectUnexpected)?;
    let answer = match (code, error) {
        (None, Some(error)) => {
            CallbackAnswer::Error(error, expected_of("error_description", Code::RedirectUnexpected)?)
        }
        (Some(code), None) => CallbackAnswer::Code(code),
        _ => {
            return Err(AuthError::new(Code::RedirectUnexpected, "the callback has both a code and an error")
                .hint("Nothing was sent. Start the login again."));
        }
    };
    Ok(Some(Callback { answer, state, issuer }))
}

/// The page's address without what the callback brought.
pub fn cleaned(address: &str) -> String {
    let (address, fragment) = address.split_once('#').map_or((address, None), |(before, after)| (before, Some(after)));
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let is_callbacks = |pair: &str| {
        let name = form::decode(pair).into_iter().next().map(|(name, _)| name).unwrap_or_default();
        CALLBACK_NAMES.contains(&name.as_str())
    };
    // A naive provider's second `?` begins a pair of its own; any other belongs to the value that it stands in.
    let own = |pair: &'_ str| {
        let mut marks = pair.match_indices('?').map(|(at, _)| at);
        let begins = |at: &usize| pair.get(at.saturating_add(1)..).is_some_and(is_callbacks);
        marks.find(begins).unwrap_or(pair.len())
    };
    let pairs =
        query.split('&').filter(|pair| !is_callbacks(pair)).map(|pair| pair.get(..own(pair)).unwrap_or_default());
    let kept: Vec<&str> = pairs.filter(|pair| !pair.is_empty()).collect();
    let clean = url::with_query(path, &kept.join("&"));
    match fragment {
        None => clean,
        Some(fragment) => [&clean, "#", fragment].concat(),
    }
}

#[cfg(test)]
mod tests;
