//! The tokens of a session, with what belongs to them, and its stored form.

use super::config::Config;
use super::ids::Credentials;
use super::version::Version;
use crate::protocol::answer::Grant;
use crate::protocol::details;
use crate::protocol::json::{self, Mode};
use crate::provider::cut::integer;
use crate::secret::Secret;
use crate::value::Value;

/// Which stored form this is; others are not read.
const FORM: i64 = 2;
/// How many values that a profile calls secret are remembered.
const MOST_SECRETS: usize = 16;

/// A session with its secrets.
#[derive(Clone)]
pub struct Tokens {
    /// Which of two sessions in a store is the newer one.
    pub version: Version,
    /// The token for calls; `None` where the credentials themselves go with every call.
    pub access_token: Option<Secret>,
    /// The token for renewal.
    pub refresh_token: Option<Secret>,
    /// Credentials that go with every call. Kept in memory only.
    pub credentials: Credentials,
    /// Params that the credentials decided.
    pub inferred: Vec<(String, String)>,
    /// The user's id.
    pub subject: Option<String>,
    /// Granted scope.
    pub scope: Vec<String>,
    /// End of the token's life on our clock, milliseconds since the Unix epoch.
    pub expires_at: Option<i64>,
    /// When the token was asked for, on our clock.
    pub obtained_at: i64,
    /// End of the token's life on the monotonic clock.
    pub monotonic_end: Option<i64>,
    /// Where calls go, when an answer said it.
    pub api_base: Option<String>,
    /// What the answers held that the profile calls secret: never shown, as long as the session lasts.
    pub secrets: Vec<Secret>,
    /// Other answer fields that may be shown.
    pub details: Value,
}

impl Tokens {
    /// A session from a token answer. What a renewal's answer signs_out out stays as it was (RFC 6749 section 6).
    pub fn granted(
        grant: Grant,
        before: Option<&Self>,
        requested: &[String],
        sent: i64,
        monotonic: Option<i64>,
    ) -> (Self, bool) {
        let life = grant.expires_at.map(|end| end.saturating_sub(sent));
        let details = match before {
            Some(before) => details::merge(&before.details, grant.details),
            None => details::bounded(grant.details),
        };
        let tokens = Self {
            version: before.map_or_else(Version::default, |before| before.version.renewed()),
            access_token: Some(grant.access_token),
            refresh_token: grant.refresh_token.or_else(|| before.and_then(|before| before.refresh_token.clone())),
            credentials: Vec::new(),
            inferred: before.map(|before| before.inferred.clone()).unwrap_or_default(),
            subject: grant.subject.or_else(|| before.and_then(|before| before.subject.clone())),
            scope: grant
                .scope
                .unwrap_or_else(|| before.map_or_else(|| requested.to_vec(), |before| before.scope.clone())),
            expires_at: grant.expires_at,
            obtained_at: sent,
            monotonic_end: monotonic.zip(life).map(|(now, life)| now.saturating_add(life)),
            api_base: grant.api_base.or_else(|| before.and_then(|before| before.api_base.clone())),
            secrets: newest(before.map(|before| before.secrets.as_slice()).unwrap_or_default(), grant.secrets),
            details: details.members,
        };
        (tokens, details.left_out)
    }

    /// The whole life of the token, milliseconds.
    pub fn life(&self) -> Option<i64> {
        self.expires_at.map(|end| end.saturating_sub(self.obtained_at).max(0))
    }

    /// What is left of the token's life: the smaller of what the two clocks say, and never more than the whole of it, as
    /// a clock that was set back would have it. `None`: no end is known.
    pub fn remaining(&self, now: i64, monotonic: Option<i64>) -> Option<i64> {
        let wall = self.expires_at?.saturating_sub(now).min(self.life()?);
        let steady = self.monotonic_end.zip(monotonic).map(|(end, now)| end.saturating_sub(now));
        Some(steady.map_or(wall, |steady| steady.min(wall)))
    }

    /// Whether it may be written to a store: a password never is.
    pub fn can_be_stored(&self) -> bool {
        self.access_token.is_some()
    }

    /// Whether the two hold the same tokens.
    pub fn same_tokens(&self, other: &Self) -> bool {
        self.access_token == other.access_token && self.refresh_token == other.refresh_token
    }

    /// The stored form: versioned, and bound to provider, base URL, client id and account.
    pub fn to_record(&self, config: &Config) -> String {
        let secret = |secret: &Option<Secret>| secret.as_ref().map(|secret| secret.expose().to_owned()).into();
        let inferred = self.inferred.iter().map(|(name, value)| (name.clone(), Value::text(value.as_str())));
        json::write(&Value::map([
            ("v", Value::integer(FORM)),
            ("for", Value::List(config.binding().map(Value::text).into())),
            ("login", Value::integer(self.version.login)),
            ("renewal", Value::integer(self.version.renewal)),
            ("access", secret(&self.access_token)),
            ("refresh", secret(&self.refresh_token)),
            ("params", Value::Map(inferred.collect())),
            ("subject", self.subject.clone().into()),
            ("scope", Value::List(self.scope.iter().map(Value::text).collect())),
            ("expires", self.expires_at.map_or(Value::Null, Value::integer)),
            ("obtained", Value::integer(self.obtained_at)),
            ("api", self.api_base.clone().into()),
            ("hidden", Value::List(self.secrets.iter().map(|secret| Value::text(secret.expose())).collect())),
            ("details", self.details.clone()),
        ]))
    }

    /// Whether a newer version of the library has written it.
    pub fn is_of_newer_form(record: &str) -> bool {
        let form =
            json::read(record, Mode::Strict).ok().and_then(|record| record.get("v")?.scalar()?.parse::<i64>().ok());
        form.is_some_and(|form| form > FORM)
    }

    /// Reads a stored form; `None` for garbage, another version, or a session of somebody else.
    pub fn from_record(record: &str, config: &Config, now: i64, monotonic: Option<i64>) -> Option<Self> {
        let record = json::read(record, Mode::Strict).ok()?;
        let integer = |name: &str| record.get(name).and_then(Value::scalar).and_then(integer);
        let text = |name: &str| record.get(name).and_then(Value::as_str).map(str::to_owned);
        let token = |name: &str| {
            let token = text(name)?;
            (!token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic())).then(|| Secret::new(token))
        };
        let bound = Value::List(config.binding().map(Value::text).into());
        if record.get("v")? != &Value::integer(FORM) || record.get("for")? != &bound {
            return None;
        }
        let Some(Value::List(scope)) = record.get("scope") else {
            return None;
        };
        let Some(details @ Value::Map(_)) = record.get("details") else {
            return None;
        };
        let secrets = match record.get("hidden") {
            Some(Value::List(secrets)) => secrets.as_slice(),
            _ => &[],
        };
        let Some(Value::Map(inferred)) = record.get("params") else {
            return None;
        };
        let expires_at = match record.get("expires")? {
            Value::Null => None,
            _ => Some(integer("expires")?),
        };
        let obtained_at = integer("obtained")?;
        let mut held = Self {
            version: Version { login: integer("login")?, renewal: integer("renewal")? },
            access_token: Some(token("access")?),
            refresh_token: token("refresh"),
            credentials: Vec::new(),
            inferred: inferred
                .iter()
                .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
                .collect(),
            subject: text("subject"),
            scope: scope.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            expires_at,
            obtained_at,
            monotonic_end: None,
            api_base: text("api"),
            secrets: secrets.iter().filter_map(Value::as_str).map(Secret::new).collect(),
            details: details.clone(),
        };
        let left = held.remaining(now, None);
        held.monotonic_end = monotonic.zip(left).map(|(now, left)| now.saturating_add(left.max(0)));
        Some(held)
    }
}

/// The newest of what was called secret, those of the last answer first.
fn newest(before: &[Secret], mut after: Vec<Secret>) -> Vec<Secret> {
    let more: Vec<Secret> = before.iter().filter(|secret| !after.contains(secret)).cloned().collect();
    after.extend(more);
    after.truncate(MOST_SECRETS);
    after
}

#[cfg(test)]
mod tests;
