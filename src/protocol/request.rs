//! Fills a request template in.

use super::redact::{MASK, Redactor, is_secret_name, shown_address};
use super::{form, json, url};
use crate::error::{AuthError, Code, Result};
use crate::provider::template::{Rendered, Secrecy, base64};
use crate::provider::{Basic, BasicEncoding, Body, Fields, Presentation, RequestTemplate, Scope, Template};
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
    /// The same address for traces.
    pub shown_url: String,
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
            if let Some((_, bare)) = presented.value.split_once(' ') {
                redactor.add(bare);
            }
        }
    }
}

impl Request {
    /// Fills `template` in. Fields that are one placeholder without a value are left out.
    pub fn build(purpose: Purpose, template: &RequestTemplate, scope: &Scope<'_>, base: &str) -> Result<Self> {
        let mut redactor = Redactor::default();
        scope.secrets().for_each(|secret| redactor.add(secret));

        let address = required(&template.url, scope, "url")?;
        let address = if url::is_absolute(&address.text) { address.text } else { url::below(base, &address.text) };
        let query = pairs(&template.query, scope, &mut redactor);
        let encode = |show: bool| {
            let hidden =
                |name: &str, value: &Rendered| show && (value.secrecy == Secrecy::Secret || is_secret_name(name));
            let query = query.iter().map(|(name, value)| (*name, if hidden(name, value) { MASK } else { &value.text }));
            form::encode(&query.collect::<Vec<(&str, &str)>>())
        };
        let shown_url = url::with_query(&shown_address(&address, &redactor), &encode(true));
        let url = url::with_query(&address, &encode(false));

        let mut headers = Vec::new();
        let mut has_secret_header = false;
        for (name, template) in &template.headers {
            if let Some(value) = template.render(scope) {
                has_secret_header |= value.secrecy == Secrecy::Secret && !name.eq_ignore_ascii_case("authorization");
                headers.push((name.clone(), header_value(name, value)?));
            }
        }
        if let Some(basic) = &template.basic {
            headers.push(("Authorization".to_owned(), basic_header(basic, scope, &mut redactor)?));
        }
        let (body, content_type) = match &template.body {
            Body::Empty => (None, None),
            Body::Form(fields) => {
                let fields = pairs(fields, scope, &mut redactor);
                let fields: Vec<(&str, &str)> =
                    fields.iter().map(|(name, value)| (*name, value.text.as_str())).collect();
                (Some(form::encode(&fields)), Some("application/x-www-form-urlencoded"))
            }
            Body::Json(fields) => {
                let fields = pairs(fields, scope, &mut redactor);
                let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), Value::String(value.text)));
                (Some(json::write(&Value::Map(fields.collect()))), Some("application/json"))
            }
        };
        let missing = |headers: &[(String, String)], wanted: &str| {
            !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(wanted))
        };
        if let Some(content_type) = content_type.filter(|_| missing(&headers, "content-type")) {
            headers.push(("Content-Type".to_owned(), content_type.to_owned()));
        }
        if missing(&headers, "accept") {
            headers.push(("Accept".to_owned(), "application/json, */*;q=0.5".to_owned()));
        }
        Ok(Self { purpose, method: template.method, url, shown_url, headers, body, has_secret_header, redactor })
    }
}

/// How the credential of `scope` goes with a call.
pub fn present(presentation: &Presentation, scope: &Scope<'_>) -> Result<Credential> {
    let presented = |name: &String, value: Rendered| Presented {
        name: name.clone(),
        is_credential: value.secrecy == Secrecy::Secret,
        value: value.text,
    };
    let mut headers = Vec::new();
    for (name, template) in &presentation.headers {
        if let Some(value) = template.render(scope) {
            let secrecy = value.secrecy;
            headers.push(presented(name, Rendered { text: header_value(name, value)?, secrecy }));
        }
    }
    if let Some(basic) = &presentation.basic {
        let value = basic_header(basic, scope, &mut Redactor::default())?;
        headers.push(Presented { name: "Authorization".to_owned(), value, is_credential: true });
    }
    let query = presentation.query.iter();
    let query = query.filter_map(|(name, template)| Some(presented(name, template.render(scope)?))).collect();
    Ok(Credential { headers, query })
}

fn required(template: &Template, scope: &Scope<'_>, field: &str) -> Result<Rendered> {
    template.render(scope).ok_or_else(|| {
        let missing = template.names().collect::<Vec<_>>().join(", ");
        AuthError::of(Code::InvalidConfig, &["`", field, "` of the provider needs a value for: ", &missing])
            .hint("Give it with the option `params`.")
    })
}

fn pairs<'t>(fields: &'t Fields, scope: &Scope<'_>, redactor: &mut Redactor) -> Vec<(&'t str, Rendered)> {
    let rendered = fields.iter().filter_map(|(name, template)| Some((name.as_str(), template.render(scope)?)));
    rendered
        .inspect(|(_, value)| {
            if value.secrecy == Secrecy::Secret {
                redactor.add(&value.text)
            }
        })
        .collect()
}

fn header_value(name: &str, value: Rendered) -> Result<String> {
    let fits = value.text.bytes().all(|byte| matches!(byte, b' '..=b'~')) && value.text.trim() == value.text;
    if fits { Ok(value.text) } else { Err(unsendable(name)) }
}

fn unsendable(name: &str) -> AuthError {
    AuthError::of(Code::InvalidInput, &["what goes into the header `", name, "` must be printable ASCII"])
        .hint("Check that the value was copied whole, without line breaks or blanks around it.")
}

fn basic_header(basic: &Basic, scope: &Scope<'_>, redactor: &mut Redactor) -> Result<String> {
    let username = required(&basic.username, scope, "basic.username")?.text;
    let password = required(&basic.password, scope, "basic.password")?.text;
    let is_control = |text: &str| text.chars().any(char::is_control);
    if is_control(&username) || is_control(&password) {
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
            if username.contains(':') {
                return Err(AuthError::input("username", "without a colon for HTTP Basic (RFC 7617)"));
            }
            [&username, ":", &password].concat()
        }
    };
    if basic.encode == BasicEncoding::Plain {
        if !pair.is_ascii() {
            return Err(AuthError::input("username, password", "ASCII where `basicEncoding` is \"plain\""));
        }
        redactor.add(&pair);
        return Ok(["Basic ", &pair].concat());
    }
    let encoded = base64(pair.as_bytes());
    redactor.add(&encoded);
    Ok(["Basic ", &encoded].concat())
}

#[cfg(test)]
mod tests;
