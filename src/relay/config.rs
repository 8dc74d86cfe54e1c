//! Reads the options of a relay that are data.

use super::target::is_plain;
use crate::error::{AuthError, Code, Result};
use crate::protocol::url::Url;
use crate::provider::fields::{Fields, text};
use crate::session::{Addresses, Config, config};
use crate::value::Value;

/// Longest body of a request, where the options do not say.
const MAX_BODY: i64 = 1024 * 1024;

/// Options that are no data, which JavaScript keeps.
const FUNCTIONS: [&str; 2] = ["fetch", "onTrace"];

/// Options after checking.
pub struct RelayConfig {
    /// Whom to talk to, and where.
    pub client: Config,
    /// Empty for the whole server, else begins with a slash and does not end with one.
    pub mount: String,
    /// Path prefixes of the API, decoded, without a slash at the start.
    pub api: Vec<String>,
    /// Where calls of the API go.
    pub api_base: String,
    /// Origins whose pages may use the relay; where there are none the relay's own.
    pub origins: Option<Vec<String>>,
    /// Longest body of a request, bytes.
    pub max_body: i64,
    /// Longest wait, milliseconds.
    pub timeout: i64,
}

impl RelayConfig {
    /// Reads options: everything but functions.
    pub fn read(options: &Value, addresses: &impl Addresses) -> Result<Self> {
        let mut fields = Fields::open(options, "")?;
        for (name, accepts) in [("api", "a list of path prefixes"), ("origins", "a list of origins")] {
            if !matches!(options.member(name), None | Some(Value::List(_))) {
                return Err(fields.wrong(name, accepts).hint("One of them is a list of one."));
            }
        }
        let mount = mount(fields.get("mount")).ok_or_else(|| {
            fields
                .wrong("mount", "the path that the relay is mounted at, such as \"/auth/kassa\"")
                .hint("It begins with a slash, and has neither a query nor anything encoded.")
        })?;
        let provider = fields.get("provider").ok_or_else(|| {
            fields
                .wrong("provider", "an object, the options of a client: { provider: \"bifit-kassa\" }")
                .hint("It is what `AuthClient.create` takes.")
        })?;
        if !matches!(provider, Value::Map(_)) {
            return Err(fields
                .wrong("provider", "an object, the options of a client: { provider: \"bifit-kassa\" }")
                .hint("It is what `AuthClient.create` takes."));
        }
        let client = Config::read(provider, false, addresses)?;
        let api = api(&mut fields)?;
        let api_base = match fields.text("apiBase")? {
            None => client.base_url.clone(),
            Some(text) => base(text, &client, addresses)?,
        };
        let config = Self {
            origins: origins(&mut fields, addresses)?,
            max_body: fields.read("maxBody", max_body)?.unwrap_or(MAX_BODY),
            timeout: fields.read("timeout", config::timeout)?.unwrap_or(30_000),
            client,
            mount,
            api,
            api_base,
        };
        fields
            .beside(&FUNCTIONS)
            .finish()
            .map_err(|error| error.hint("Check how it is spelled; options of the client go into `provider`."))?;
        Ok(config)
    }
}

fn max_body(value: &Value) -> Result<i64, &'static str> {
    crate::provider::fields::duration(value).map_err(|_| "a whole number of bytes, 0 or more")
}

fn mount(value: Option<&Value>) -> Option<String> {
    let text = value?.as_str()?;
    let path = text.strip_prefix('/')?;
    let path = path.strip_suffix('/').unwrap_or(path);
    let is_plain_byte = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || matches!(
                byte,
                b'/' | b'-'
                    | b'.'
                    | b'_'
                    | b'~'
                    | b'!'
                    | b'$'
                    | b'&'
                    | b'\''
                    | b'('
                    | b')'
                    | b'*'
                    | b'+'
                    | b','
                    | b'='
                    | b':'
                    | b'@'
            )
    };
    let is_mount = path.bytes().all(is_plain_byte) && is_plain(path) && !path.ends_with('/');
    is_mount.then(|| if path.is_empty() { String::new() } else { ["/", path].concat() })
}

fn api(fields: &mut Fields<'_>) -> Result<Vec<String>> {
    const ACCEPTS: &str = "a list of path prefixes below the provider's base, such as [\"protected/\"]";
    const HINT: &str = "Write them as they are read, without a query, a host, or anything encoded.";
    let prefixes = fields.each("api", |value| {
        let text = text(value).map_err(|_| ACCEPTS)?;
        let prefix = text.strip_prefix('/').unwrap_or(text);
        let is_odd = prefix.chars().any(|char| matches!(char, '%' | '?' | '#' | '*') || char.is_control());
        let has_scheme = prefix.split('/').next().is_some_and(|first| first.contains(':'));
        if is_odd || has_scheme || prefix.starts_with('/') || !is_plain(prefix) {
            Err(ACCEPTS)
        } else {
            Ok(prefix.to_owned())
        }
    });
    prefixes.map(Option::unwrap_or_default).map_err(|error| error.hint(HINT))
}

fn base(text: &str, client: &Config, addresses: &impl Addresses) -> Result<String> {
    let wrong = || {
        AuthError::config("apiBase", "an absolute http(s) address without user name, query and fragment")
            .hint("It is where calls of the API go, such as \"https://food.smartsatu.com/api\".")
    };
    let href = addresses.href(text, None).ok_or_else(wrong)?;
    let url = Url::split(&href).ok_or_else(wrong)?;
    if !url.is_http() || url.has_userinfo() || href.contains(['?', '#']) {
        return Err(wrong());
    }
    if url.is_insecure() && !client.allow_insecure {
        return Err(AuthError::new(
            Code::InsecureUrl,
            "option `apiBase` is an http: address of another machine, so that credentials could be read on the way",
        )
        .hint("Use https:, or set `provider.allowInsecure: true` for a network that you trust."));
    }
    Ok(href.trim_end_matches('/').to_owned())
}

fn origins(fields: &mut Fields<'_>, addresses: &impl Addresses) -> Result<Option<Vec<String>>> {
    const ACCEPTS: &str = "a list of origins such as [\"https://shop.example\"], without path, query and user name";
    const HINT: &str = "Name each origin in full: there is no wildcard.";
    let origins = fields.each("origins", |value| {
        let text = text(value).map_err(|_| ACCEPTS)?;
        let href = addresses.href(text, None).ok_or(ACCEPTS)?;
        let url = Url::split(&href).ok_or(ACCEPTS)?;
        let is_origin =
            !text.contains(['*', '?', '#', '@', '\\']) && url.is_http() && url.path == "/" && !url.has_userinfo();
        is_origin.then(|| url.origin()).ok_or(ACCEPTS)
    });
    origins.map_err(|error| error.hint(HINT))
}
