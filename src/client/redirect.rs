//! Authorization code: the pending login, and its callback.

use std::rc::Rc;

use sha2::{Digest, Sha256};

use super::engine::Client;
use super::held::Held;
use super::host::{Change, Host, Kept};
use super::login::requested_scope;
use super::signal::{Signal, work};
use super::store::At;
use crate::error::{AuthError, Code, Result};
use crate::protocol::json::{self, Mode};
use crate::protocol::redirect::{self, Callback, CallbackAnswer};
use crate::protocol::request::{Purpose, Request};
use crate::protocol::url::{Url, is_absolute};
use crate::protocol::{answer, pkce, problem};
use crate::provider::{AuthorizeTemplate, Login, RequestTemplate, Scope};
use crate::secret::Secret;
use crate::value::Value;

/// How many callbacks are remembered, so that one handled twice gives the same result.
const REMEMBERED: usize = 8;

/// Callbacks by digest of their address.
pub(super) type Callbacks = Vec<([u8; 32], Rc<Signal<Result<Redirected>>>)>;

/// What a finished redirect login gives.
#[derive(Clone)]
pub struct Redirected {
    /// The session.
    pub held: Rc<Held>,
    /// Where the app wanted to go.
    pub return_to: Option<String>,
}

/// A login whose callback is awaited.
struct Pending {
    state: Secret,
    verifier: Secret,
    redirect_uri: String,
    issuer: Option<String>,
    scope: Vec<String>,
    deadline: i64,
    return_to: Option<String>,
}

impl<H: Host> Client<H> {
    /// Remembers a pending login and gives the address to send the user to.
    pub async fn authorization_url(&self, return_to: Option<&str>) -> Result<String> {
        self.open()?;
        let (authorize, exchange, redirect_uri) = self.redirect_login()?;
        let return_to = return_to.map(|address| self.accepted_return(address, redirect_uri)).transpose()?;
        let mut pending = Pending {
            state: self.random_token()?,
            verifier: self.random_token()?,
            redirect_uri: redirect_uri.to_owned(),
            issuer: authorize.issuer().map(str::to_owned),
            scope: Vec::new(),
            deadline: self.host.now().saturating_add(authorize.lifetime()),
            return_to,
        };
        let challenge = pkce::challenge(pending.verifier.expose());
        let now = (self.host.now() / 1000).to_string();
        let state = pending.state.clone();
        let mut scope = Scope::new();
        self.params(&mut scope, &[]);
        scope.open("redirect_uri", redirect_uri);
        scope.open("now", &now);
        scope.secret("state", state.expose());
        scope.open("code_challenge", &challenge);
        pending.scope = authorize.query().iter().find(|(name, _)| *name == "scope").map_or_else(
            || requested_scope(exchange, &scope),
            |(_, template)| template.render(&scope).map(|value| answer::scopes(&value.text)).unwrap_or_default(),
        );
        let address = redirect::authorization_url(authorize, &scope, &self.config.base_url)?;
        self.refuse_insecure_redirect(&address)?;
        let (key, record) = (self.pending_key(), pending.to_record());
        self.in_time(At::Writing, work(self.host.save(Kept::PendingLogin, &key, &record))).await?;
        Ok(address)
    }

    /// Finishes a login from the address that the provider sent the user back to; `None` when it is no callback.
    /// `matched` is called when the callback is this client's, before anything is sent.
    pub async fn handle_redirect(
        self: &Rc<Self>,
        address: &str,
        limit: Option<i64>,
        matched: Box<dyn FnOnce()>,
    ) -> Result<Option<Redirected>> {
        self.open()?;
        let (authorize, _, redirect_uri) = self.redirect_login()?;
        let normal = self.host.href(redirect_uri, None).unwrap_or_default();
        let address = self.host.href(address, None).ok_or_else(|| AuthError::input("url", "an absolute address"))?;
        let Some(callback) = redirect::callback(&address, &normal, authorize.echoes_state())? else {
            return Ok(None);
        };

        let digest: [u8; 32] = Sha256::digest(address.as_bytes()).into();
        let known =
            self.state.borrow().callbacks.iter().find(|(known, _)| *known == digest).map(|(_, result)| result.clone());
        let result = known.unwrap_or_else(|| {
            let result = Rc::new(Signal::new());
            {
                let mut state = self.state.borrow_mut();
                if state.callbacks.len() >= REMEMBERED {
                    state.callbacks.remove(0);
                }
                state.callbacks.push((digest, result.clone()));
            }
            let (client, task) = (self.clone(), result.clone());
            self.host.spawn(work(async move {
                let redeemed = client.redeem(callback, limit, matched).await;
                if let Err(Refused::BeforeRedeeming(_)) = &redeemed {
                    client.state.borrow_mut().callbacks.retain(|(known, _)| *known != digest);
                }
                task.set(redeemed.map_err(|(Refused::BeforeRedeeming(error) | Refused::Redeemed(error))| error));
            }));
            result
        });
        result.wait().await.map(Some)
    }

    async fn redeem(
        self: &Rc<Self>,
        callback: Callback,
        limit: Option<i64>,
        matched: Box<dyn FnOnce()>,
    ) -> Result<Redirected, Refused> {
        let pending = self.matching(&callback).await.map_err(Refused::BeforeRedeeming)?;
        matched();
        let attempt = self.supersede();
        let login = work(async {
            let code = match callback.answer {
                CallbackAnswer::Code(code) => Secret::new(code),
                CallbackAnswer::Error(code, text) => {
                    return Err(problem::callback(self.config.provider.problem(), &code, text.as_deref()));
                }
            };
            let held = self.exchange(&pending, &code, limit).await?;
            let held = self.commit(&attempt, held, Change::Login).await?;
            Ok(Redirected { held, return_to: pending.return_to.clone() })
        });
        self.unless_overtaken(&attempt, login).await.map_err(Refused::Redeemed)
    }

    /// The pending login that the callback answers, taken out of the store: it can be used once.
    async fn matching(&self, callback: &Callback) -> Result<Pending> {
        let (authorize, ..) = self.redirect_login()?;
        let key = self.pending_key();
        let loaded = self.in_time(At::Reading, work(self.host.load(Kept::PendingLogin, &key))).await?;
        let record = loaded.ok_or_else(unexpected)?;
        let pending = Pending::from_record(&record).ok_or_else(unexpected)?;
        if pending.deadline < self.host.now() {
            self.take_pending(&key, &record).await?;
            return Err(AuthError::new(
                Code::RedirectUnexpected,
                "the login that this callback answers was begun too long ago",
            )
            .hint("Nothing was sent. Start the login again."));
        }
        if authorize.echoes_state() && callback.state.as_deref() != Some(pending.state.expose()) {
            return Err(AuthError::new(Code::StateMismatch, "the callback's `state` is not the pending login's")
                .hint("Nothing was sent. The callback belongs to another login, or somebody forged it."));
        }
        if pending.issuer.is_some() && callback.issuer != pending.issuer {
            return Err(AuthError::new(
                Code::IssuerMismatch,
                "the callback's `iss` is not the expected issuer (RFC 9207)",
            )
            .hint("Nothing was sent. The callback may come from another server."));
        }
        if self.take_pending(&key, &record).await? { Ok(pending) } else { Err(unexpected()) }
    }

    /// Takes a pending login out of the store; false when somebody else did.
    async fn take_pending(&self, key: &str, record: &str) -> Result<bool> {
        let taken = work(self.host.swap(Kept::PendingLogin, key, Some(record), None));
        self.in_time(At::Writing, taken).await
    }

    async fn exchange(&self, pending: &Pending, code: &Secret, limit: Option<i64>) -> Result<Held> {
        let (authorize, exchange, _) = self.redirect_login()?;
        let page = redirect::exchange(exchange, authorize.pkce());
        let now = (self.host.now() / 1000).to_string();
        let mut scope = Scope::new();
        self.params(&mut scope, &[]);
        scope.open("redirect_uri", &pending.redirect_uri);
        scope.open("now", &now);
        scope.secret("code", code.expose());
        scope.secret("code_verifier", pending.verifier.expose());
        scope.secret("state", pending.state.expose());
        let request = Request::build(Purpose::Exchange, RequestTemplate::new(&page), &scope, &self.config.base_url)?;
        let (grant, sent, monotonic) = self.grant(&request, limit, None).await?;
        Ok(self.held_from(grant, None, &pending.scope, sent, monotonic))
    }

    /// Callbacks handled before a logout are not handled again.
    pub(super) fn forget_callbacks(&self) {
        self.state.borrow_mut().callbacks.retain(|(_, result)| result.get().is_none());
    }

    /// Key of the pending login.
    pub(super) fn pending_key(&self) -> String {
        [&self.config.store_key(), ":pending"].concat()
    }

    /// Fails for providers whose login is none.
    pub fn needs_redirect(&self) -> Result<()> {
        self.redirect_login().map(drop)
    }

    fn redirect_login(&self) -> Result<(AuthorizeTemplate<'_>, RequestTemplate<'_>, &str)> {
        match (self.config.provider.login(), &self.config.redirect_uri) {
            (Login::Redirect { authorize, exchange }, Some(uri)) => Ok((authorize, exchange, uri)),
            _ => {
                let message = [self.config.provider.id(), " does not sign in by redirect"].concat();
                Err(AuthError::new(Code::Unsupported, &message).hint("Call `login`."))
            }
        }
    }

    /// A path, or an address of the redirect URI's origin: never a way to another site.
    fn accepted_return(&self, address: &str, redirect_uri: &str) -> Result<String> {
        let origin = |href: &str| Url::split(href).map(|url| url.origin());
        let home = self.host.href(redirect_uri, None).as_deref().and_then(origin);
        let there = self.host.href(address, Some(redirect_uri)).as_deref().and_then(origin);
        let is_path = address.starts_with('/') || is_absolute(address);
        if is_path && home.is_some() && home == there && !address.chars().any(char::is_control) {
            return Ok(address.to_owned());
        }
        Err(AuthError::input("returnTo", "a path, or an address of the same origin as `redirectUri`"))
    }

    fn refuse_insecure_redirect(&self, address: &str) -> Result<()> {
        let insecure =
            self.host.href(address, None).as_deref().and_then(Url::split).is_none_or(|url| url.is_insecure());
        if insecure && !self.config.allow_insecure {
            return Err(AuthError::new(Code::InsecureUrl, "the user is not sent to sign in over http:")
                .hint("Use https:, or set `allowInsecure: true` for a network that you trust."));
        }
        Ok(())
    }

    fn random_token(&self) -> Result<Secret> {
        let mut random = [0; pkce::ENTROPY];
        self.host.random(&mut random)?;
        Ok(Secret::new(pkce::token(&random)))
    }
}

/// Whether the callback was spent when it was refused.
enum Refused {
    /// The pending login stays.
    BeforeRedeeming(AuthError),
    /// It was this client's, and it is used up.
    Redeemed(AuthError),
}

impl Pending {
    fn to_record(&self) -> String {
        json::write(&Value::map([
            ("v", Value::integer(1)),
            ("state", Value::text(self.state.expose())),
            ("verifier", Value::text(self.verifier.expose())),
            ("redirectUri", Value::text(self.redirect_uri.as_str())),
            ("issuer", self.issuer.clone().into()),
            ("scope", Value::List(self.scope.iter().map(Value::text).collect())),
            ("deadline", Value::integer(self.deadline)),
            ("returnTo", self.return_to.clone().into()),
        ]))
    }

    fn from_record(record: &str) -> Option<Self> {
        let record = json::read(record, Mode::Strict).ok()?;
        let text = |name: &str| record.get(name).and_then(Value::as_str);
        let Some(Value::List(scope)) = record.get("scope") else {
            return None;
        };
        Some(Self {
            state: Secret::new(text("state")?),
            verifier: Secret::new(text("verifier")?),
            redirect_uri: text("redirectUri")?.to_owned(),
            issuer: text("issuer").map(str::to_owned),
            scope: scope.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            deadline: record.get("deadline").and_then(Value::scalar)?.parse().ok()?,
            return_to: text("returnTo").map(str::to_owned),
        })
    }
}

fn unexpected() -> AuthError {
    AuthError::new(Code::RedirectUnexpected, "a callback that no login of this browser awaits")
        .hint("Nothing was sent. Start the login again in the same browser and tab.")
}
