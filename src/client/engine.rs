//! The client: its state, and what every call goes through.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::config::Config;
use super::held::Held;
use super::host::{Change, Credentials, Host};
use super::pace::Pace;
use super::redirect::Callbacks;
use super::renewal::Renewal;
use super::reports::Reports;
use super::signal::{Signal, Work, first, work};
use super::store::Shelf;
use super::turn::Turns;
use crate::error::{AuthError, Code, Result};
use crate::protocol::request::{self, Credential};
use crate::protocol::url::{self, Url};
use crate::provider::Scope;

/// One signed-in, or not yet signed-in, account at one provider. Every method takes `&self` or an `Rc`; no borrow of the
/// state lives across an await or a call of the host.
pub struct Client<H: Host> {
    /// The outside.
    pub host: H,
    /// Options.
    pub config: Config,
    pub(super) state: RefCell<State>,
    pub(super) closed: Signal<AuthError>,
    pub(super) writes: Turns,
    pub(super) reports: Reports,
    pub(super) shelf: Shelf,
    /// Logouts that the store has not heard of yet.
    pub(super) leaving: Cell<u32>,
    /// Set while the store's lock is not given.
    pub(super) lock_is_lost: Cell<bool>,
    /// Set when a renewal went well without that lock: then nobody holds it who is still at work.
    pub(super) lock_is_dead: Cell<bool>,
    pub(super) pace: Pace,
    /// Set, then replaced, when timers may have slept.
    pub(super) woken: RefCell<Rc<Signal<()>>>,
    /// Set while the caller's `credentials` function runs.
    pub(super) asking: Cell<bool>,
}

/// What changes.
#[derive(Default)]
pub(super) struct State {
    pub(super) held: Option<Rc<Held>>,
    /// Counts changes of `held`.
    pub(super) generation: u64,
    /// The login in progress; its signal is set when it is overtaken.
    pub(super) attempt: Option<Rc<Signal<AuthError>>>,
    /// The login that is being stored; its signal is set when somebody signs out.
    pub(super) keeping: Option<Rc<Signal<AuthError>>>,
    /// The renewal in progress.
    pub(super) renewal: Option<Rc<Renewal>>,
    /// Set at each change of `held`, then replaced.
    pub(super) changed: Rc<Signal<()>>,
    /// Credentials of a login that waits for its second factor.
    pub(super) second_factor: Option<Rc<Credentials>>,
    pub(super) callbacks: Callbacks,
}

impl<H: Host> Client<H> {
    /// A client without a session; see [`restore`](Self::restore).
    pub fn new(host: H, config: Config) -> Rc<Self> {
        Rc::new(Self {
            host,
            config,
            state: RefCell::default(),
            closed: Signal::new(),
            writes: Turns::default(),
            reports: Reports::default(),
            shelf: Shelf::default(),
            leaving: Cell::new(0),
            lock_is_lost: Cell::new(false),
            lock_is_dead: Cell::new(false),
            pace: Pace::default(),
            woken: RefCell::default(),
            asking: Cell::new(false),
        })
    }

    /// The session.
    pub fn held(&self) -> Option<Rc<Held>> {
        self.state.borrow().held.clone()
    }

    /// Counts changes of the session, so that copies of it can be told to be old.
    pub fn generation(&self) -> u64 {
        self.state.borrow().generation
    }

    /// Fails once the client is closed.
    pub fn open(&self) -> Result<()> {
        self.closed.get().map_or(Ok(()), Err)
    }

    /// Ends with `closed` as soon as the client is closed.
    pub async fn until_closed<T>(&self, doing: Work<'_, Result<T>>) -> Result<T> {
        first(work(async { Err(self.closed.wait().await) }), doing).await
    }

    /// Makes everything that waits reject with `closed`, and forgets every secret. A renewal whose refresh token is out
    /// goes on for a moment where there is a store: whoever opens that next needs what comes back.
    pub fn close(self: &Rc<Self>) {
        if self.closed.get().is_some() {
            return;
        }
        let error =
            AuthError::new(Code::Closed, "the client was closed").hint("Create a new one with `AuthClient.create`.");
        self.closed.set(error.clone());
        let state = std::mem::take(&mut *self.state.borrow_mut());
        state.attempt.iter().chain(&state.keeping).for_each(|attempt| attempt.set(error.clone()));
        if let Some(renewal) = state.renewal {
            self.end_after_close(renewal, error);
        }
        state.changed.set(());
    }

    /// Replaces the session and tells the host.
    pub(super) fn adopt(self: &Rc<Self>, held: Option<Rc<Held>>, change: Change) {
        if self.closed.get().is_some() {
            return;
        }
        let changed = {
            let mut state = self.state.borrow_mut();
            match (&held, &state.held) {
                (Some(held), _) => self.remember(held, change),
                (None, Some(ended)) => self.outlive(ended.version),
                (None, None) => {}
            }
            state.held = held;
            state.generation = state.generation.wrapping_add(1);
            std::mem::take(&mut state.changed)
        };
        self.renewal_works();
        changed.set(());
        self.arm();
        self.host.changed(change);
    }

    /// Whether the session can be obtained again without the user.
    pub fn can_renew(&self, held: &Held) -> bool {
        self.has_refresh(held) || self.config.can_ask
    }

    pub(super) fn has_refresh(&self, held: &Held) -> bool {
        self.config.provider.renew().is_some() && held.refresh_token.is_some()
    }

    /// What is left of the session's token; `None` where no end is known.
    pub(super) fn remaining(&self, held: &Held) -> Option<i64> {
        held.remaining(self.host.now(), self.host.monotonic())
    }

    /// The session, if it can be used as it is for at least `min_validity` milliseconds more.
    pub fn ready(&self, min_validity: i64) -> Option<Rc<Held>> {
        let held = self.held()?;
        let Some(left) = self.remaining(&held) else {
            return Some(held);
        };
        let wanted = if self.can_renew(&held) { self.margin(&held).max(min_validity) } else { min_validity };
        (left > 0 && left >= wanted).then_some(held)
    }

    /// How early a token is renewed: never more than half of its life.
    pub(super) fn margin(&self, held: &Held) -> i64 {
        let half = held.life().unwrap_or(i64::MAX) / 2;
        self.config.refresh_before.min(half)
    }

    /// A session whose token is valid for at least `min_validity` more, renewed when needed.
    pub async fn usable(self: &Rc<Self>, min_validity: i64, force: bool, limit: Option<i64>) -> Result<Rc<Held>> {
        self.open()?;
        if self.held().is_none() && self.is_unread() {
            self.sync().await;
        }
        let held = self.held().ok_or_else(signed_out)?;
        if force && self.can_renew(&held) {
            return self.refresh(limit).await;
        }
        if force {
            return Err(AuthError::new(Code::LoginRequired, "the session cannot be renewed without the user")
                .hint("Sign in again, or give `create` the option `credentials`."));
        }
        if let Some(held) = self.ready(min_validity) {
            return Ok(held);
        }
        if !self.can_renew(&held) {
            return Err(AuthError::new(Code::LoginRequired, "the session has expired and cannot be renewed")
                .hint("Sign in again, or give `create` the option `credentials`."));
        }
        // A renewal ahead of time may fail: the token still serves.
        if self.cooling().is_some()
            && let Some(held) = self.ready_though_old(min_validity)
        {
            return Ok(held);
        }
        let mut renewed = self.renew_paced(Code::LoginRequired, limit).await;
        let is_short = |held: &Rc<Held>| {
            self.remaining(held).is_some_and(|left| left < min_validity.max(1))
                && held.life().is_some_and(|life| life > min_validity)
        };
        if renewed.as_ref().is_ok_and(|held| is_short(held) && self.can_renew(held)) {
            // Another context's, which does for others.
            renewed = self.renew_paced(Code::LoginRequired, limit).await;
        }
        match renewed {
            Ok(held) => Ok(held),
            Err(error) => match self.ready_though_old(min_validity) {
                Some(held) if error.code.retryable() || error.code == Code::InvalidResponse => {
                    self.warn(error);
                    Ok(held)
                }
                _ => Err(error),
            },
        }
    }

    /// Timers may have slept, and messages of other contexts may have been missed: looks at the clock and the store.
    pub async fn wake(self: &Rc<Self>) {
        let woken = self.woken.take();
        woken.set(());
        self.heed_changes().await;
    }

    fn ready_though_old(&self, min_validity: i64) -> Option<Rc<Held>> {
        let held = self.held()?;
        let left = self.remaining(&held)?;
        (left > 0 && left >= min_validity).then_some(held)
    }

    /// The session's access token, for `getAccessToken`.
    pub fn needs_token(&self) -> Result<()> {
        if self.config.provider.has_token() {
            return Ok(());
        }
        Err(AuthError::of(
            Code::Unsupported,
            &[self.config.provider.id(), " signs calls with the credentials: there is no token"],
        )
        .hint("Call the API with `fetch` of the client."))
    }

    /// Where relative addresses of `fetch` start.
    pub fn api_base(&self) -> String {
        let named = self.held().and_then(|held| held.api_base.clone());
        named.unwrap_or_else(|| self.config.base_url.clone())
    }

    /// An API base that an answer names, if it may be used.
    pub(super) fn accepted_base(&self, named: Option<String>) -> Option<String> {
        let href = self.host.href(&named?, None)?;
        let url = Url::split(&href)?;
        if !url.is_http() || url.has_userinfo() || href.contains(['?', '#']) {
            return None;
        }
        if url.is_insecure() && !self.config.allow_insecure {
            self.warn(
                AuthError::new(Code::InsecureUrl, "the answer names an http: address for calls; it is not used")
                    .hint("Set `allowInsecure: true` for a network that you trust."),
            );
            return None;
        }
        let origin = url.origin();
        let is_own = Url::split(&self.config.base_url).is_some_and(|base| base.origin() == origin);
        let trusted = !self.config.base_is_callers || is_own || self.config.allowed_origins.contains(&origin);
        trusted.then(|| href.trim_end_matches('/').to_owned())
    }

    /// The absolute address of a call, if the credential may go there.
    pub fn call_address(&self, input: &str) -> Result<String> {
        let whole = if url::is_absolute(input) {
            self.host.href(input, Some(&self.api_base()))
        } else {
            let base = match self.config.provider.endpoint() {
                Some(endpoint) if input.trim_start_matches('/').is_empty() || input.starts_with('?') => {
                    url::below(&self.api_base(), endpoint)
                }
                _ => self.api_base(),
            };
            self.host.href(&url::below(&base, input), None)
        };
        let whole = whole.ok_or_else(|| AuthError::input("input", "an address"))?;
        let Some(found) = Url::split(&whole) else {
            return Err(AuthError::input("input", "an address"));
        };
        if found.has_userinfo() {
            return Err(AuthError::input("input", "an address without user name and password"));
        }
        let origin = found.origin();
        let is_own = |base: &str| Url::split(base).is_some_and(|base| base.origin() == origin);
        let allowed =
            is_own(&self.config.base_url) || is_own(&self.api_base()) || self.config.allowed_origins.contains(&origin);
        if !found.is_http() || !allowed {
            return Err(AuthError::of(
                Code::OriginNotAllowed,
                &["the credential is not sent to ", if found.is_http() { &origin } else { found.scheme }],
            )
            .hint("Add the origin to the option `allowedOrigins` if it belongs to the provider."));
        }
        if found.is_insecure() && !self.config.allow_insecure {
            return Err(AuthError::new(Code::InsecureUrl, "the credential is not sent over http: to another machine")
                .hint("Use https:, or set `allowInsecure: true` for a network that you trust."));
        }
        Ok(whole)
    }

    /// How the credential of a session goes with a call. Without a session there is none.
    pub fn credential(&self, held: Option<&Held>) -> Result<Credential> {
        let Some(held) = held else {
            return Ok(Credential { headers: Vec::new(), query: Vec::new() });
        };
        let mut scope = Scope::new();
        self.params(&mut scope, &held.inferred);
        self.session_values(&mut scope, held);
        request::present(self.config.provider.present(), &scope)
    }

    /// Puts the secrets of a session into a scope. A credential that is the token goes by both names.
    pub(super) fn session_values<'a>(&'a self, scope: &mut Scope<'a>, held: &'a Held) {
        credential_values(scope, &held.credentials);
        if let Some(token) = &held.access_token {
            scope.secret("access_token", token.expose());
            if self.config.provider.is_direct()
                && let Some(credential) = self.config.provider.credentials().first()
            {
                scope.secret(credential.name, token.expose());
            }
        }
        if let Some(token) = &held.refresh_token {
            scope.secret("refresh_token", token.expose());
        }
    }

    /// Puts params into a scope: those that a credential decided over the profile's.
    pub(super) fn params<'a>(&'a self, scope: &mut Scope<'a>, inferred: &'a [(String, String)]) {
        let provider = &self.config.provider;
        let inferred = inferred.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        for (name, value) in provider.params().into_iter().chain(inferred) {
            scope.param(name, value, provider.param_secrecy(name));
        }
    }
}

/// Puts credentials into a scope. A user name is no secret; traces hide it all the same, by its name.
pub(super) fn credential_values<'a>(scope: &mut Scope<'a>, credentials: &'a Credentials) {
    for (name, value) in credentials {
        if matches!(name.as_str(), "username" | "user" | "login" | "email" | "phone") {
            scope.open(name, value.expose());
        } else {
            scope.secret(name, value.expose());
        }
    }
}

pub(super) fn signed_out() -> AuthError {
    AuthError::new(Code::LoginRequired, "nobody is signed in").hint("Call `login` first.")
}

pub(super) fn overtaken() -> AuthError {
    AuthError::new(Code::Aborted, "a later login or a logout overtook this call")
}
