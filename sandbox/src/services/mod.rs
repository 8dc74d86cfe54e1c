//! The five services: which there are, and how a request finds its way into one.

mod bifit_kassa;
mod bstats;
mod invoicebox;
mod mobile_smarts;
mod smart_satu;

use axum::http::{Method, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::exchange::{Ask, Reply};
use crate::host::Host;
use crate::journal::Purpose;
use crate::options::{Defaults, Options, Style};
use crate::vault::{Terms, Vault};
use crate::wire;

/// The services, by the names that the package gives them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Id {
    /// BIFIT Kassa.
    BifitKassa,
    /// Invoicebox.
    Invoicebox,
    /// Mobile SMARTS.
    MobileSmarts,
    /// bstats.ru.
    Bstats,
    /// Smart Satu.
    SmartSatu,
}

impl Id {
    /// In the order of their ports.
    pub const ALL: [Self; 5] = [Self::BifitKassa, Self::Invoicebox, Self::MobileSmarts, Self::Bstats, Self::SmartSatu];

    /// As the package spells it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::BifitKassa => "bifit-kassa",
            Self::Invoicebox => "invoicebox",
            Self::MobileSmarts => "mobile-smarts",
            Self::Bstats => "bstats",
            Self::SmartSatu => "smart-satu",
        }
    }

    /// What a client calls `baseUrl`.
    #[must_use]
    pub fn base_url(self, origin: &str) -> String {
        match self {
            Self::BifitKassa => format!("{origin}{}", bifit_kassa::BASE),
            _ => origin.to_owned(),
        }
    }

    /// An address that answers a GET with a good credential.
    #[must_use]
    pub fn api_url(self, origin: &str) -> String {
        let path = match self {
            Self::BifitKassa => "/cashdesk-api/v1/protected/organizations",
            Self::Invoicebox => "/v3/billing/api/order/order",
            Self::MobileSmarts => "/api/v1/Docs",
            Self::Bstats => "/api.php?app=dossier&method=customer.getuuid",
            Self::SmartSatu => "/api/orders",
        };
        format!("{origin}{path}")
    }

    /// The ways a token answer can be written, the usual one first.
    pub(crate) fn styles(self) -> &'static [Style] {
        match self {
            Self::BifitKassa => &[Style::Strict, Style::Misprint],
            Self::MobileSmarts => &[Style::Printed, Style::Strict, Style::Lower],
            Self::SmartSatu => &[Style::Strict, Style::Printed, Style::StringExpiry],
            Self::Invoicebox | Self::Bstats => &[Style::Strict],
        }
    }

    /// Who can sign in; an ordinary one goes first.
    #[must_use]
    pub fn accounts(self) -> Vec<Account> {
        match self {
            Self::BifitKassa => bifit_kassa::accounts(),
            Self::Invoicebox => invoicebox::accounts(),
            Self::MobileSmarts => mobile_smarts::accounts(),
            Self::Bstats => bstats::accounts(),
            Self::SmartSatu => smart_satu::accounts(),
        }
    }

    /// What a request is for, and which grant it names.
    pub(crate) fn classify(self, ask: &Ask) -> (Purpose, Option<String>) {
        match self {
            Self::BifitKassa => bifit_kassa::classify(ask),
            Self::Invoicebox => invoicebox::classify(ask),
            Self::MobileSmarts => mobile_smarts::classify(ask),
            Self::Bstats => bstats::classify(ask),
            Self::SmartSatu => smart_satu::classify(ask),
        }
    }
}

/// Who can sign in to a service.
#[derive(Debug, Clone, Serialize)]
pub struct Account {
    /// What it is there for: `plain`, `expired`, ...
    purpose: &'static str,
    /// What a client's login takes; for bstats what its page takes.
    credentials: Credentials,
    /// The second factor.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
enum Credentials {
    Password { username: String, password: String },
    Token { token: String },
}

impl Account {
    /// What nobody else is to know.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &str> {
        let secret = match &self.credentials {
            Credentials::Password { password, .. } => password,
            Credentials::Token { token } => token,
        };
        std::iter::once(secret.as_str()).chain(self.code)
    }

    fn with_token(purpose: &'static str, token: String) -> Self {
        Self { purpose, credentials: Credentials::Token { token }, code: None }
    }

    fn new(purpose: &'static str, username: &str, password: &str) -> Self {
        Self {
            purpose,
            credentials: Credentials::Password { username: username.to_owned(), password: password.to_owned() },
            code: None,
        }
    }
}

/// What a service remembers.
pub(crate) struct State {
    id: Id,
    origin: String,
    pub(crate) options: Options,
    host: Host,
    vault: Vault,
    consents: bstats::Consents,
    /// Tokens that nobody issued here, so that the vault does not know them, are refused.
    fixed_tokens_ended: bool,
}

impl State {
    pub(crate) fn new(id: Id, origin: &str, defaults: &Defaults, host: Host) -> Self {
        Self {
            id,
            origin: origin.to_owned(),
            options: Options::new(id, defaults),
            host,
            vault: Vault::new(host),
            consents: bstats::Consents::default(),
            fixed_tokens_ended: false,
        }
    }

    pub(crate) fn answer(&mut self, ask: &Ask) -> Reply {
        match self.id {
            Id::BifitKassa => bifit_kassa::answer(self, ask),
            Id::Invoicebox => invoicebox::answer(self, ask),
            Id::MobileSmarts => mobile_smarts::answer(self, ask),
            Id::Bstats => bstats::answer(self, ask),
            Id::SmartSatu => smart_satu::answer(self, ask),
        }
    }

    /// Access tokens issued till now are refused from now on.
    pub(crate) fn expire(&mut self) {
        self.vault.expire();
        self.consents.expire();
        self.fixed_tokens_ended = true;
    }

    /// All tokens issued till now are dead.
    pub(crate) fn revoke(&mut self) {
        self.vault.revoke();
        self.consents.revoke();
        self.fixed_tokens_ended = true;
    }

    /// Whether a text is a token or code that was given out here.
    pub(crate) fn has_issued(&self, text: &str) -> bool {
        self.vault.has_issued(text) || self.consents.has_issued(text)
    }

    pub(crate) fn counters(&self) -> &crate::vault::Counters {
        self.vault.counters()
    }

    /// How tokens are issued now, `lifetime` and `refresh_lifetime` in seconds being what is documented.
    fn terms(&self, lifetime: u64, refresh_lifetime: Option<u64>) -> Terms {
        Terms {
            lifetime: self.options.token_lifetime.unwrap_or(lifetime),
            refresh_lifetime: self.options.refresh_lifetime.or(refresh_lifetime),
            grace: self.options.grace,
            rotate: self.options.rotate,
            omit_refresh_token: self.options.omit_refresh_token,
        }
    }
}

/// A path that a service has, with another method.
fn wrong_method(allowed: &'static str, ask: &Ask, body: &Value) -> Reply {
    Reply::json(StatusCode::METHOD_NOT_ALLOWED, body)
        .with(header::ALLOW, allowed)
        .because(format!("{} instead of {allowed}", ask.method))
}

/// What every API of the sandbox tells about a call that it let in.
fn echo(ask: &Ask) -> serde_json::Map<String, Value> {
    let mut told = serde_json::Map::new();
    told.insert("ok".to_owned(), json!(true));
    told.insert("method".to_owned(), json!(ask.method.as_str()));
    told.insert("path".to_owned(), json!(ask.path));
    told.insert("echo".to_owned(), json!(String::from_utf8_lossy(&ask.body)));
    told
}

/// The grant that a form names, however malformed the rest is.
fn named_grant(ask: &Ask) -> Option<String> {
    let body = std::str::from_utf8(&ask.body).ok()?;
    let value = body.split('&').find_map(|pair| pair.strip_prefix("grant_type="))?;
    wire::is_plain(value).then(|| value.to_owned())
}

fn is_get(ask: &Ask) -> bool {
    ask.method == Method::GET
}

fn is_post(ask: &Ask) -> bool {
    ask.method == Method::POST
}
