//! Fills a request template in.

use super::redact::{Redactor, shown_url};
use super::{form, json, url};
use crate::error::{AuthError, Code, Result};
use crate::provider::cut::{concat, cut, fits_header, has_control};
use crate::provider::template::{Rendered, base64};
use crate::provider::{Basic, BasicEncoding, Body, Presentation, RequestTemplate, Scope, Template};
use crate::value::Value;

/// What is asked for; decides how a refusal is read and how often the request is repeated.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Credentials for a token.
    Login,
    /// The second step of a login.
    Confirm,
    /// A refresh token for a token.
    Refresh,
    /// An authorization code for a token.
    Exchange,
    /// Who the credential belongs to.
    Check,
    /// Revocation.
    Revoke,
    /// The caller's own call.
    Api,
}

impl Purpose {
    /// The word in traces.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Confirm => "confirm",
            Self::Refresh => "refresh",
            Self::Exchange => "exchange",
            Self::Check => "check",
            Self::Revoke => "revoke",
            Self::Api => "api",
        }
    }
}

/// A request ready to be sent. It has no `Debug`: it holds secrets.
#[derive(Clone)]
pub struct Request {
    /// What it is for.
    pub purpose: Purpose,
    /// GET, POST, PUT or DELETE.
    pub method: &'static str,
    /// Absolute address.
    pub url: String,
    /// Headers, names as the template writes them.
    pub headers: Vec<(String, String)>,
    /// Body, with its Content-Type among the headers.
    pub body: Option<String>,
    /// Whether a secret stands in a header that hosts do not take out when a redirect leaves the origin.
    pub has_secret_header: bool,
    /// Knows every secret that went into it.
    pub redactor: Redactor,
}

/// A header or query parameter of the presentation.
pub struct Presented {
    /// Name as the profile writes it.
    pub name: String,
    /// Its value.
    pub value: String,
    /// Whether it is the credential, so that a caller's own of that name is refused.
    pub is_credential: bool,
}

/// How the credential goes with one call.
pub struct Credential {
    /// Headers to set.
    pub headers: Vec<Presented>,
    /// Query parameters to add.
    pub query: Vec<Presented>,
}

impl Credential {
    /// Makes it known to a redactor, with and without the scheme of its header.
    pub fn hide_in(&self, redactor: &mut Redactor) {
        for presented in self.headers.iter().chain(&self.query).filter(|presented| presented.is_credential) {
            redactor.add(&presented.value);
            redactor.add(cut(&presented.value, b' ').1.unwrap_or_default());
        }
    }
}

impl Request {
    /// Fills `template` in. Fields that are one placeholder without a value are left out.
    pub fn build(purpose: Purpose, template: RequestTemplate<'_>, scope: &Scope<'_>, base: &str) -> Result<Self> {
        let mut redactor = Redactor::default();
        scope.secrets().for_each(|secret| redactor.add(secret));

        let address = address(template.url(), scope, base, "url")?;
        let query = known(template.query().render(scope), &mut redactor);
        let url = url::with_query(&address, &encoded(&query));

        let mut headers = Vec::new();
        let mut has_secret_header = false;
        for (name, value) in template.headers().render(scope) {
            has_secret_header |= value.is_secret() && !name.eq_ignore_ascii_case("authorization");
            headers.push((name.to_owned(), header_value(name, value.text)?));
        }
        if let Some(basic) = template.basic() {
            let value = basic_header(basic, scope, &mut redactor)?;
            headers.extend(value.map(|value| ("Authorization".to_owned(), value)));
        }
        let (body, content_type) = match template.body() {
            Body::Empty => (None, ""),
            Body::Form(fields) => {
                let fields = known(fields.render(scope), &mut redactor);
                (Some(encoded(&fields)), "application/x-www-form-urlencoded")
            }
            Body::Json(members) => {
                let body = filled(members, scope, &mut redactor).unwrap_or(Value::Null);
                (Some(json::write(&body)), "application/json")
            }
        };
        for (name, value) in [("Content-Type", content_type), ("Accept", "application/json, */*;q=0.5")] {
            if !value.is_empty() && !headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name)) {
                headers.push((name.to_owned(), value.to_owned()));
            }
        }
        Ok(Self { purpose, method: template.method(), url, headers, body, has_secret_header, redactor })
    }

    /// Its address for traces.
    pub fn shown_url(&self) -> String {
        shown_url(&self.url, &self.redactor)
    }
}

/// How the credential of `scope` goes with a call.
pub fn present(presentation: Presentation<'_>, scope: &Scope<'_>) -> Result<Credential> {
    let presented = |name: &str, value: Rendered| Presented {
        name: name.to_owned(),
        is_credential: value.is_secret(),
        value: value.text,
    };
    let mut headers = Vec::new();
    for (name, value) in presentation.headers().render(scope) {
        let secrecy = value.secrecy;
        headers.push(presented(name, Rendered { text: header_value(name, value.text)?, secrecy }));
    }
    if let Some(basic) = presentation.basic() {
        let value = basic_header(basic, scope, &mut Redactor::default())?;
        headers.extend(value.map(|value| Presented { name: "Authorization".to_owned(), value, is_credential: true }));
    }
    let query = presentation.query().render(scope).into_iter();
    Ok(Credential { headers, query: query.map(|(name, value)| presented(name, value)).collect() })
}

/// The address that a template gives, below `base` unless it is absolute. Where it leads is the profile's and the
/// options' business alone: a credential, or what an answer said, cannot change it.
pub(super) fn address(template: Template<'_>, scope: &Scope<'_>, base: &str, field: &str) -> Result<String> {
    let whole = |text: String| if url::is_absolute(&text) { text } else { url::below(base, &text) };
    let address = whole(required(template, scope, field)?.text);
    let expected = template.render(&scope.without_values()).map(|rendered| whole(rendered.text));
    if origin(&address) != expected.as_deref().and_then(origin) {
        return Err(AuthError::of(
            Code::InvalidInput,
            &["what is signed in with would change where `", field, "` of the provider leads"],
        )
        .hint("Nothing was sent. Check the value: it must be no address of its own."));
    }
    if has_control(&address) {
        return Err(AuthError::of(
            Code::InvalidInput,
            &["what goes into `", field, "` of the provider must have no control characters"],
        ));
    }
    Ok(address)
}

/// What stands before the path of an address, as parsers of the URL standard read it: slashes of either kind.
fn origin(address: &str) -> Option<&str> {
    let rest = address.bytes().position(|byte| byte == b':')?.saturating_add(1);
    let is_slash = |byte: &u8| matches!(byte, b'/' | b'\\');
    let slashes = address.bytes().skip(rest).take_while(is_slash).count();
    let start = rest.saturating_add(slashes);
    let length = address.bytes().skip(start).take_while(|byte| !is_slash(byte) && !matches!(byte, b'?' | b'#')).count();
    address.get(..start.saturating_add(length))
}

fn required(template: Template<'_>, scope: &Scope<'_>, field: &str) -> Result<Rendered> {
    template.render(scope).ok_or_else(|| {
        AuthError::of(
            Code::InvalidConfig,
            &["`", field, "` of the provider needs values for its placeholders: ", template.text()],
        )
        .hint("Give them with the option `params`.")
    })
}

/// The fields, their secrets made known.
fn known<'t>(fields: Vec<(&'t str, Rendered)>, redactor: &mut Redactor) -> Vec<(&'t str, String)> {
    let mut known = Vec::with_capacity(fields.len());
    for (name, value) in fields {
        if value.is_secret() {
            redactor.add(&value.text);
        }
        known.push((name, value.text));
    }
    known
}

fn encoded(fields: &[(&str, String)]) -> String {
    form::encode(fields)
}

/// JSON with its texts filled in. What has no value is left out of objects, and null in lists.
fn filled(template: &Value, scope: &Scope<'_>, redactor: &mut Redactor) -> Option<Value> {
    Some(match template {
        Value::String(text) => {
            let value = Template::new(text).render(scope)?;
            if value.is_secret() {
                redactor.add(&value.text);
            }
            Value::String(value.text)
        }
        Value::List(items) => {
            Value::List(items.iter().map(|item| filled(item, scope, redactor).unwrap_or(Value::Null)).collect())
        }
        Value::Map(members) => {
            let members =
                members.iter().filter_map(|(name, member)| Some((name.clone(), filled(member, scope, redactor)?)));
            Value::Map(members.collect())
        }
        other => other.clone(),
    })
}

fn header_value(name: &str, text: String) -> Result<String> {
    if fits_header(&text) { Ok(text) } else { Err(unsendable(name)) }
}

fn unsendable(name: &str) -> AuthError {
    AuthError::of(Code::InvalidInput, &["what goes into the header `", name, "` must be printable ASCII"])
        .hint("Check that the value was copied whole, without line breaks or blanks around it.")
}

/// HTTP Basic; none where there is no user name, as of a client without an id.
pub(crate) fn basic_header(basic: Basic<'_>, scope: &Scope<'_>, redactor: &mut Redactor) -> Result<Option<String>> {
    let Some(Rendered { text: username, .. }) = basic.username.render(scope) else {
        return Ok(None);
    };
    let password = basic.password.render(scope).map(|password| password.text).unwrap_or_default();
    if has_control(&username) || has_control(&password) {
        return Err(AuthError::input("username, password", "without control characters for HTTP Basic (RFC 7617)"));
    }
    let pair = match basic.encode {
        BasicEncoding::Form => {
            let mut pair = String::new();
            form::encode_component(&username, &mut pair);
            pair.push(':');
            form::encode_component(&password, &mut pair);
            pair
        }
        BasicEncoding::None | BasicEncoding::Plain => {
            if username.bytes().any(|byte| byte == b':') {
                return Err(AuthError::input("username", "without a colon for HTTP Basic (RFC 7617)"));
            }
            concat(&[&username, ":", &password])
        }
    };
    if basic.encode == BasicEncoding::Plain {
        if !pair.is_ascii() {
            return Err(AuthError::input("username, password", "ASCII where `basicEncoding` is \"plain\""));
        }
        redactor.add(&pair);
        return Ok(Some(concat(&["Basic ", &pair])));
    }
    let encoded = base64(pair.as_bytes());
    redactor.add(&encoded);
    Ok(Some(concat(&["Basic ", &encoded])))
}

#[cfg(test)]
mod tests;
