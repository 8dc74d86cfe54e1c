//! Reads the options of `create` that are data.

use sha2::{Digest, Sha256};

use crate::error::{AuthError, Code, Result};
use crate::protocol::form;
use crate::protocol::url::{Url, has_query_or_fragment, without_slashes};
use crate::provider::builtin::Checking;
use crate::provider::cut::{concat, joined, whole};
use crate::provider::fields::{Fields, text};
use crate::provider::template::base64url;
use crate::provider::{Provider, builtin};
use crate::value::Value;

/// Options that every provider has. The rest are the provider's own.
const COMMON: [&str; 11] = [
    "provider",
    "baseUrl",
    "account",
    "allowedOrigins",
    "allowInsecure",
    "refreshBefore",
    "autoRefresh",
    "timeout",
    "retries",
    "redirectUri",
    "params",
];

/// Options after checking.
pub struct Config {
    /// Whom to talk to.
    pub provider: Provider,
    /// Where relative addresses of the provider start, without a slash at the end.
    pub base_url: String,
    /// Whether the caller chose it: then it wins over what answers name.
    pub base_is_callers: bool,
    /// Tells apart several accounts of one provider in one store.
    pub account: String,
    /// Origins, besides the provider's, that may get the credential.
    pub allowed_origins: Vec<String>,
    /// Whether http: to other machines is allowed.
    pub allow_insecure: bool,
    /// Renew when less than this is left, milliseconds.
    pub refresh_before: i64,
    /// Renew in the background.
    pub auto_refresh: bool,
    /// Longest time for one request, milliseconds.
    pub timeout: i64,
    /// How often a request is repeated.
    pub retries: u32,
    /// Where a redirect provider sends the user back to.
    pub redirect_uri: Option<String>,
    /// Whether there is a `credentials` function that could log in again: nobody can come back from a redirect for the user.
    pub can_ask: bool,
}

/// What the outside tells about addresses.
pub trait Addresses {
    /// An absolute address as the URL standard writes it, a relative one below `base`.
    fn href(&self, address: &str, base: Option<&str>) -> Option<String>;

    /// Address of the page, where there is one.
    fn page(&self) -> Option<String>;
}

impl Config {
    /// Reads options: everything but functions and the store.
    pub fn read(options: &Value, can_ask: bool, addresses: &impl Addresses) -> Result<Self> {
        check_provider(options)?;
        Self::of_checked(options, can_ask, addresses)
    }

    /// Reads options that [`check_provider`] found well.
    pub fn of_checked(options: &Value, can_ask: bool, addresses: &impl Addresses) -> Result<Self> {
        let provider = provider(options, Checking::Done)?;
        let common = Value::Map(common(options)?.0);
        let mut fields = Fields::open(&common, "")?;
        let is_custom = matches!(fields.get("provider"), Some(Value::Map(_)));
        if fields.get("params").is_some() && !is_custom {
            return Err(AuthError::config("params", "left out: only a profile of your own has it"));
        }
        let allow_insecure = fields.bool("allowInsecure")?.unwrap_or(false);
        let given_base = fields.text("baseUrl")?;
        let config = Self {
            base_url: base_url(&provider, given_base, allow_insecure, addresses)?,
            base_is_callers: given_base.is_some(),
            account: fields.text("account")?.unwrap_or("default").to_owned(),
            allowed_origins: allowed_origins(&mut fields, addresses)?,
            allow_insecure,
            refresh_before: fields.duration("refreshBefore")?.unwrap_or(60_000),
            auto_refresh: fields.bool("autoRefresh")?.unwrap_or(false),
            timeout: fields.read("timeout", timeout)?.unwrap_or(30_000),
            retries: fields.read("retries", retries)?.unwrap_or(2),
            redirect_uri: redirect_uri(&provider, fields.text("redirectUri")?, allow_insecure, addresses)?,
            can_ask: can_ask && !provider.is_redirect(),
            provider,
        };
        fields.finish()?;
        Ok(config)
    }

    /// Key of the session in a store: provider, account, and a digest of what the session is bound to, so that a session
    /// of one server or client never meets another's. Printable ASCII.
    pub fn store_key(&self) -> String {
        let mut account = String::new();
        form::percent_encode(&self.account, &mut account);
        let mut provider = String::new();
        form::percent_encode(self.provider.id(), &mut provider);
        let digest = base64url(&Sha256::digest(joined(&self.binding(), "\n").as_bytes()));
        concat(&["propusk:", &provider, ":", &account, ":", digest.get(..16).unwrap_or_default()])
    }

    /// What a stored session is bound to: provider, base URL, client id, account.
    pub fn binding(&self) -> [&str; 4] {
        let client_id = self.provider.param("client_id").unwrap_or_default();
        [self.provider.id(), &self.base_url, client_id, &self.account]
    }
}

/// Refuses options whose provider, or what is to be changed in it, is not such as a provider can be. Only options that are
/// objects can be wrong there.
pub fn check_provider(options: &Value) -> Result<()> {
    provider(options, Checking::Here).map(drop)
}

/// The provider that options name or describe, with its own options applied.
fn provider(options: &Value, checking: Checking) -> Result<Provider> {
    let (common, own) = common(options)?;
    let common = Value::Map(common);
    match common.member("provider") {
        Some(Value::String(id)) => builtin::named(id, &Value::Map(own), checking),
        Some(profile @ Value::Map(_)) => match own.first() {
            None => builtin::given(profile, common.member("params"), checking),
            Some((name, _)) => Err(AuthError::of(Code::InvalidConfig, &["option `", name, "` is not known"])),
        },
        _ => Err(AuthError::config("provider", "the name of a provider, or a profile")),
    }
}

type Members = Vec<(String, Value)>;

/// The options that every provider has, and the others.
fn common(options: &Value) -> Result<(Members, Members)> {
    let Value::Map(members) = options else {
        return Err(AuthError::config("options", "an object"));
    };
    Ok(members.iter().cloned().partition(|(name, _)| COMMON.contains(&name.as_str())))
}

/// Longest time for one request.
pub fn timeout(value: &Value) -> Result<i64, &'static str> {
    crate::provider::fields::duration(value)
        .ok()
        .filter(|time| *time > 0)
        .ok_or("a whole number of milliseconds, 1 or more")
}

fn retries(value: &Value) -> Result<u32, &'static str> {
    match value {
        Value::Number(text) => whole(text).and_then(|count| u32::try_from(count).ok()).filter(|count| *count <= 100),
        _ => None,
    }
    .ok_or("a whole number from 0 to 100")
}

fn base_url(
    provider: &Provider,
    given: Option<&str>,
    allow_insecure: bool,
    addresses: &impl Addresses,
) -> Result<String> {
    const ACCEPTS: &str = "an absolute http(s) address without user name, query and fragment (in a page also a path)";
    let text = match given {
        Some(text) => text,
        None if provider.base_url().is_empty() => {
            return Err(AuthError::config("baseUrl", "given: the address of the customer's own server"));
        }
        None => provider.base_url(),
    };
    let page = addresses.page().filter(|_| text.starts_with('/') && !text.starts_with("//"));
    let href = addresses.href(text, page.as_deref()).ok_or_else(|| AuthError::config("baseUrl", ACCEPTS))?;
    let wrong = || AuthError::config("baseUrl", ACCEPTS);
    let url = Url::split(&href).ok_or_else(wrong)?;
    if !url.is_http() || url.has_userinfo() || has_query_or_fragment(&href) {
        return Err(wrong());
    }
    secure("baseUrl", url, allow_insecure)?;
    Ok(without_slashes(href))
}

fn secure(option: &str, url: Url<'_>, allow_insecure: bool) -> Result<()> {
    if url.is_insecure() && !allow_insecure {
        return Err(AuthError::of(
            Code::InsecureUrl,
            &[
                "option `",
                option,
                "` is an http: address of another machine, so that credentials could be read on the way",
            ],
        )
        .hint("Use https:, or set `allowInsecure: true` for a network that you trust."));
    }
    Ok(())
}

fn allowed_origins(fields: &mut Fields<'_>, addresses: &impl Addresses) -> Result<Vec<String>> {
    let is_list = matches!(fields.get("allowedOrigins"), None | Some(Value::List(_)));
    if !is_list {
        return Err(fields.wrong("allowedOrigins", "a list of origins such as \"https://api.example.com\""));
    }
    let origins = fields.each("allowedOrigins", |value| {
        const ACCEPTS: &str =
            "a list of origins such as \"https://api.example.com\", without path, query and user name";
        let href = addresses.href(text(value)?, None).ok_or(ACCEPTS)?;
        let url = Url::split(&href).ok_or(ACCEPTS)?;
        let is_origin = !href.bytes().any(|byte| byte == b'*')
            && url.is_http()
            && !url.has_userinfo()
            && url.path == "/"
            && !has_query_or_fragment(&href);
        is_origin.then(|| url.origin()).ok_or(ACCEPTS)
    })?;
    Ok(origins.unwrap_or_default())
}

fn redirect_uri(
    provider: &Provider,
    given: Option<&str>,
    allow_insecure: bool,
    addresses: &impl Addresses,
) -> Result<Option<String>> {
    const ACCEPTS: &str = "an absolute address without a fragment: the one that the provider sends the user back to";
    match (provider.is_redirect(), given) {
        (true, None) => Err(AuthError::config("redirectUri", ACCEPTS)),
        (true, Some(text)) => {
            let wrong = || AuthError::config("redirectUri", ACCEPTS);
            let href = addresses.href(text, None).ok_or_else(wrong)?;
            let url = Url::split(&href).ok_or_else(wrong)?;
            if url.fragment.is_some() || url.has_userinfo() || matches!(url.scheme, "javascript" | "data") {
                return Err(wrong());
            }
            secure("redirectUri", url, allow_insecure)?;
            // As the caller wrote it: providers compare it byte for byte.
            Ok(Some(text.to_owned()))
        }
        (_, None) => Ok(None),
        (_, Some(_)) => {
            let message = ["option `redirectUri` is not known for ", provider.id(), ", which has no redirect"];
            Err(AuthError::of(Code::InvalidConfig, &message))
        }
    }
}

#[cfg(test)]
mod tests;
