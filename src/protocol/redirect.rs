//! Authorization code: the address that the user is sent to, and the address that the user comes back to.

use super::redact::Redactor;
use super::request;
use super::steps::step;
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
/// the host wrote them. A `state` that was not sent is not looked at. An error beside a code is the error.
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
        && matches!(rest.as_bytes(), [] | [b'?' | b'&', ..])
    {
        query = rest.get(1..).unwrap_or_default();
    }
    let pairs = form::decode(query);
    let holds = |wanted: &str| pairs.iter().any(|(name, value)| name == wanted && !value.is_empty());
    if !holds("code") && !holds("error") {
        return Ok(None);
    }
    // Twice is twice, also where one is empty: who reads the first and who reads the last would disagree.
    let only = |wanted: &'static str, code: Code| -> Result<Option<String>> {
        let mut values = pairs.iter().filter(|(name, _)| name == wanted).map(|(_, value)| value);
        let value = values.next();
        match values.next() {
            Some(_) => Err(AuthError::of(code, &["the callback has `", wanted, "` twice"])
                .hint("Nothing was sent. Start the login again.")),
            None => Ok(value.filter(|value| !value.is_empty()).cloned()),
        }
    };
    let state = if state_was_sent { only("state", Code::StateMismatch)? } else { None };
    let issuer = only("iss", Code::IssuerMismatch)?;
    let code = only("code", Code::RedirectUnexpected)?;
    let answer = match only("error", Code::RedirectUnexpected)? {
        Some(error) => {
            // What is told of it holds neither the code nor the state.
            let mut redactor = Redactor::default();
            code.iter().chain(&state).for_each(|secret| redactor.add(secret));
            let text = only("error_description", Code::RedirectUnexpected)?;
            CallbackAnswer::Error(redactor.scrub(&error), text.map(|text| redactor.scrub(&text)))
        }
        None => CallbackAnswer::Code(code.unwrap_or_default()),
    };
    Ok(Some(Callback { answer, state, issuer }))
}

/// The page's address without what a callback brought.
pub fn cleaned(address: &str) -> String {
    let (address, fragment) = url::cut(address, b'#');
    let (path, query) = url::cut(address, b'?');
    let mut clean = String::from(path);
    let mut before = '?';
    for pair in query.unwrap_or_default().as_bytes().split(|byte| {
        step();
        *byte == b'&'
    }) {
        // A naive provider's second `?` begins a pair of its own; any other belongs to the value that it stands in.
        let begins = |at: &usize| {
            step();
            pair.get(*at) == Some(&b'?') && pair.get(at.saturating_add(1)..).is_some_and(is_callbacks)
        };
        let own = pair.get(..(0..pair.len()).find(begins).unwrap_or(pair.len())).unwrap_or_default();
        if !own.is_empty() && !is_callbacks(own) {
            clean.push(before);
            clean.push_str(std::str::from_utf8(own).unwrap_or_default());
            before = '&';
        }
    }
    if let Some(fragment) = fragment {
        clean.push('#');
        clean.push_str(fragment);
    }
    clean
}

/// Whether a pair's name is one that a callback brings.
fn is_callbacks(pair: &[u8]) -> bool {
    // Written as `%XX` a name is three times as long; what is longer is none of them.
    let longest = CALLBACK_NAMES.iter().map(|name| name.len()).max().unwrap_or(0).saturating_mul(3);
    let start = pair.get(..pair.len().min(longest.saturating_add(1))).unwrap_or_default();
    let name = start.split(|byte| matches!(byte, b'=' | b'?')).next().unwrap_or_default();
    let is_whole = name.len() < start.len() || start.len() == pair.len();
    is_whole && std::str::from_utf8(name).is_ok_and(|name| CALLBACK_NAMES.contains(&form::decoded(name).as_str()))
}

#[cfg(test)]
mod tests;
