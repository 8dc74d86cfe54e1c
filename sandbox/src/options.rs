//! What can be changed about a service while it runs.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::services::Id;

/// What is chosen for all services when they start.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Defaults {
    /// Seconds; none: as each service documents.
    pub token_lifetime: Option<u64>,
    /// Milliseconds before each answer.
    pub latency: u64,
    /// Whether pages of other origins get answers.
    pub cors: bool,
    /// Seconds in which a spent refresh token gives the same answer again.
    pub grace: f64,
}

/// One service's options, as `PATCH /options` names them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Options {
    /// Seconds; null: as documented.
    pub(crate) token_lifetime: Option<u64>,
    /// Seconds; null: as documented or, where nothing is, for ever.
    pub(crate) refresh_lifetime: Option<u64>,
    /// Milliseconds.
    pub(crate) latency: u64,
    pub(crate) cors: bool,
    /// Seconds in which a spent refresh token gives the same answer again.
    pub(crate) grace: f64,
    /// Seconds that an authorization code lives.
    pub(crate) code_lifetime: f64,
    /// Whether a renewal gives a new refresh token and spends the old one.
    pub(crate) rotate: bool,
    pub(crate) omit_refresh_token: bool,
    pub(crate) answer_style: Style,
    /// The service's authorization is switched off (mobile-smarts).
    pub(crate) auth_off: bool,
    /// Joins `code` with a `?` even where the redirect address has a query (bstats).
    pub(crate) naive_redirect: bool,
    /// Seconds that the server's clock is ahead.
    pub(crate) clock_skew: i64,
}

/// How a token answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Style {
    /// As the service's page prints it, which is no JSON.
    Printed,
    /// JSON.
    Strict,
    /// JSON with keys in lower case.
    Lower,
    /// JSON with the page's misprinted key.
    Misprint,
    /// JSON with the moment of expiry as text.
    StringExpiry,
}

impl Options {
    pub(crate) fn new(id: Id, defaults: &Defaults) -> Self {
        Self {
            token_lifetime: defaults.token_lifetime,
            refresh_lifetime: None,
            latency: defaults.latency,
            cors: defaults.cors,
            grace: defaults.grace,
            code_lifetime: 180.0,
            rotate: true,
            omit_refresh_token: false,
            answer_style: id.styles().first().copied().unwrap_or(Style::Strict),
            auth_off: false,
            naive_redirect: false,
            clock_skew: 0,
        }
    }

    /// The options with `changes` applied; the error names what is wrong.
    pub(crate) fn changed(&self, id: Id, changes: &Map<String, Value>) -> Result<Self, String> {
        let mut all = serde_json::to_value(self).map_err(|error| error.to_string())?;
        if let Value::Object(all) = &mut all {
            all.extend(changes.clone());
        }
        let changed: Self = serde_json::from_value(all).map_err(|error| error.to_string())?;
        if !id.styles().contains(&changed.answer_style) {
            return Err(format!("{} has no such answerStyle", id.name()));
        }
        for (name, seconds) in [("grace", changed.grace), ("codeLifetime", changed.code_lifetime)] {
            if !seconds.is_finite() || seconds < 0.0 {
                return Err(format!("{name} is not a number of seconds"));
            }
        }
        Ok(changed)
    }
}
