//! Signing in with credentials, in one step or two.

use std::rc::Rc;

use super::engine::{Client, credential_values, overtaken, signed_out};
use super::held::Held;
use super::host::{Change, Credentials, Host};
use super::signal::{Signal, Work, first, work};
use super::version::Version;
use crate::error::{AuthError, Code, Result};
use crate::protocol::answer::{self, Grant, Owner};
use crate::protocol::request::{Purpose, Request};
use crate::protocol::response::{Response, Times};
use crate::provider::{Login, RequestTemplate, Scope};
use crate::secret::Secret;
use crate::value::Value;

/// Longest credential, in bytes of UTF-8.
const LONGEST_CREDENTIAL: usize = 64 * 1024;

impl<H: Host> Client<H> {
    /// Signs in. The last login started wins.
    pub async fn login(self: &Rc<Self>, credentials: Credentials, limit: Option<i64>) -> Result<Rc<Held>> {
        self.open()?;
        self.needs_credentials()?;
        let credentials = self.accept(credentials)?;
        let attempt = self.supersede();
        self.state.borrow_mut().second_factor = None;
        let login = work(async {
            let credentials = Rc::new(credentials);
            match self.obtain(&credentials, None, limit).await {
                Ok(held) => self.commit(&attempt, held, Change::Login).await,
                Err(error) => {
                    if error.code == Code::SecondFactorRequired {
                        self.state.borrow_mut().second_factor = Some(credentials);
                    }
                    Err(error)
                }
            }
        });
        self.unless_overtaken(&attempt, login).await
    }

    /// Fails for providers whose login is a redirect.
    pub fn needs_credentials(&self) -> Result<()> {
        if !self.config.provider.is_redirect() {
            return Ok(());
        }
        Err(AuthError::of(Code::Unsupported, &[self.config.provider.id(), " signs in by redirect"])
            .hint("Call `loginWithRedirect`, or `authorizationUrl`."))
    }

    /// The second step of a login.
    pub async fn confirm(self: &Rc<Self>, code: Secret, limit: Option<i64>) -> Result<Rc<Held>> {
        self.open()?;
        let pending = self.state.borrow().second_factor.clone();
        let Some(credentials) = pending else {
            return Err(AuthError::new(Code::InvalidInput, "no login waits for a second factor")
                .hint("Call `login` first; `confirm` is for after it rejected with `second_factor_required`."));
        };
        check_text("code", code.expose())?;
        let attempt = self.supersede();
        let login = work(async {
            let held = self.obtain(&credentials, Some(&code), limit).await?;
            self.state.borrow_mut().second_factor = None;
            self.commit(&attempt, held, Change::Login).await
        });
        self.unless_overtaken(&attempt, login).await
    }

    /// Asks the provider who the credential belongs to.
    pub async fn check(self: &Rc<Self>, limit: Option<i64>) -> Result<Owner> {
        self.open()?;
        if self.config.provider.check().is_none() {
            let message = [self.config.provider.id(), " has no way to check a credential"].concat();
            return Err(AuthError::new(Code::Unsupported, &message));
        }
        self.held().ok_or_else(signed_out)?;
        let held = self.usable(0, false, limit).await?;
        self.owner(&held, limit).await
    }

    /// Checks names, presence and size, and writes each credential as the provider takes it.
    pub(super) fn accept(&self, given: Credentials) -> Result<Credentials> {
        let wanted = self.config.provider.credentials();
        if let Some((unknown, _)) =
            given.iter().find(|(name, _)| !wanted.iter().any(|credential| credential.name == *name))
        {
            let names: Vec<&str> = wanted.iter().map(|credential| credential.name).collect();
            let message = ["`", unknown, "` is no credential of ", self.config.provider.id()].concat();
            return Err(AuthError::new(Code::InvalidInput, &message).hint_of(&["`login` takes: ", &names.join(", ")]));
        }
        wanted
            .iter()
            .map(|credential| {
                let value = given.iter().find(|(name, _)| *name == credential.name).map(|(_, value)| value);
                let value = value.ok_or_else(|| AuthError::input(credential.name, "given"))?;
                check_text(credential.name, value.expose())?;
                let value = match credential.format {
                    None => value.clone(),
                    Some(format) => format
                        .normalize(value.expose())
                        .map(Secret::new)
                        .ok_or_else(|| AuthError::input(credential.name, format.accepts()))?,
                };
                Ok((credential.name.to_owned(), value))
            })
            .collect()
    }

    /// Turns credentials into a session that nobody has seen yet.
    pub(super) async fn obtain(
        &self,
        credentials: &Credentials,
        code: Option<&Secret>,
        limit: Option<i64>,
    ) -> Result<Held> {
        let provider = &self.config.provider;
        let inferred = self.inferred(credentials);
        let (purpose, template) = match (provider.login(), provider.second_factor(), code) {
            (_, Some(second), Some(_)) => (Purpose::Confirm, second.request()),
            (Login::Request(request), ..) => (Purpose::Login, request),
            _ => return self.direct(credentials, inferred, limit).await,
        };
        let mut scope = Scope::new();
        self.params(&mut scope, &inferred);
        credential_values(&mut scope, credentials);
        if let Some(code) = code {
            scope.secret("second_factor", code.expose());
        }
        let now = (self.host.now() / 1000).to_string();
        scope.open("now", &now);
        let requested = requested_scope(template, &scope);
        let request = Request::build(purpose, template, &scope, &self.config.base_url)?;
        let (grant, sent, monotonic) = self.grant(&request, limit, None).await?;
        let mut held = self.held_from(grant, None, &requested, sent, monotonic);
        held.inferred = inferred;
        Ok(held)
    }

    /// Sends a token request, repeated as its purpose allows, or as one `attempt` of many; gives when it was sent, on
    /// both clocks.
    pub(super) async fn grant(
        &self,
        request: &Request,
        limit: Option<i64>,
        attempt: Option<u32>,
    ) -> Result<(Grant, i64, Option<i64>)> {
        let provider = &self.config.provider;
        let monotonic = self.host.monotonic();
        let started = self.host.now();
        let mut granted = None;
        let read = &mut |response: &Response, times: Times| {
            let grant = answer::token(provider, request.purpose, response, times, &request.redactor)?;
            // A repeated request was sent later than the first: the monotonic reading moves along.
            let monotonic =
                monotonic.map(|monotonic| monotonic.saturating_add(times.sent.saturating_sub(started).max(0)));
            granted = Some((grant, times.sent, monotonic));
            Ok(())
        };
        match attempt {
            Some(attempt) => self.once(request, attempt, limit, read).await,
            None => self.call(request, limit, read).await,
        }?;
        granted.ok_or_else(nothing_read)
    }

    /// A session from a grant, with an API base only if it may be used.
    pub(super) fn held_from(
        &self,
        mut grant: Grant,
        before: Option<&Held>,
        requested: &[String],
        sent: i64,
        monotonic: Option<i64>,
    ) -> Held {
        grant.api_base = self.accepted_base(grant.api_base.take());
        Held::granted(grant, before, requested, sent, monotonic)
    }

    /// The credentials themselves go with every call; one alone is the token.
    async fn direct(
        &self,
        credentials: &Credentials,
        inferred: Vec<(String, String)>,
        limit: Option<i64>,
    ) -> Result<Held> {
        let token = match credentials.as_slice() {
            [(_, token)] => Some(token.clone()),
            _ => None,
        };
        let mut held = Held {
            version: Version::default(),
            credentials: if token.is_some() { Vec::new() } else { credentials.clone() },
            access_token: token,
            refresh_token: None,
            inferred,
            subject: None,
            scope: Vec::new(),
            expires_at: None,
            obtained_at: self.host.now(),
            monotonic_end: None,
            api_base: None,
            secrets: Vec::new(),
            details: Value::Map(Vec::new()),
        };
        // What could not be sent is refused now, and not at the first call.
        self.credential(Some(&held))?;
        if self.config.provider.check().is_some() {
            let owner = self.owner(&held, limit).await?;
            held.subject = Some(owner.subject);
            held.details = owner.details;
        }
        Ok(held)
    }

    async fn owner(&self, held: &Held, limit: Option<i64>) -> Result<Owner> {
        let provider = &self.config.provider;
        let Some(check) = provider.check() else {
            return Err(signed_out());
        };
        let mut scope = Scope::new();
        self.params(&mut scope, &held.inferred);
        self.session_values(&mut scope, held);
        let request = Request::build(Purpose::Check, check.request(), &scope, &self.config.base_url)?;
        let mut owner = None;
        self.call(&request, limit, &mut |response, times| {
            owner = Some(answer::owner(provider, check, response, times, &request.redactor)?);
            Ok(())
        })
        .await?;
        owner.ok_or_else(nothing_read)
    }

    fn inferred(&self, credentials: &Credentials) -> Vec<(String, String)> {
        let provider = &self.config.provider;
        let inferred = credentials.iter().flat_map(|(name, value)| provider.inferred(name, value.expose()));
        inferred.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    /// Starts a login: an earlier one is overtaken.
    pub(super) fn supersede(&self) -> Rc<Signal<AuthError>> {
        let attempt = Rc::new(Signal::new());
        let earlier = self.state.borrow_mut().attempt.replace(attempt.clone());
        if let Some(earlier) = earlier {
            earlier.set(overtaken());
        }
        if let Some(closed) = self.closed.get() {
            attempt.set(closed);
        }
        attempt
    }

    /// A login that is being stored is no longer overtaken by a later one, which is stored after it; only a logout, which
    /// empties the store after it, and `close` come in its place.
    fn keep(&self, attempt: &Rc<Signal<AuthError>>) {
        let mut state = self.state.borrow_mut();
        state.attempt.take_if(|current| Rc::ptr_eq(current, attempt));
        state.keeping = Some(attempt.clone());
    }

    /// Ends `work` as soon as its login is overtaken.
    pub(super) async fn unless_overtaken<T>(
        &self,
        attempt: &Signal<AuthError>,
        login: Work<'_, Result<T>>,
    ) -> Result<T> {
        first(work(async { Err(attempt.wait().await) }), login).await
    }

    /// Stores a new session, then shows it. Goes to its end even when its caller goes away.
    pub(super) async fn commit(
        self: &Rc<Self>,
        attempt: &Rc<Signal<AuthError>>,
        held: Held,
        change: Change,
    ) -> Result<Rc<Held>> {
        let (client, attempt, done) = (self.clone(), attempt.clone(), Rc::new(Signal::new()));
        let task_done = done.clone();
        self.host.spawn(work(async move {
            let _turn = client.writes.take().await;
            if let Some(overtaken) = attempt.get() {
                return task_done.set(Err(overtaken));
            }
            client.keep(&attempt);
            let held = client.put_login(held).await;
            client.state.borrow_mut().keeping = None;
            if let Some(overtaken) = attempt.get() {
                return task_done.set(Err(overtaken));
            }
            client.overtake_renewal();
            client.adopt(Some(held.clone()), change);
            task_done.set(Ok(held));
        }));
        done.wait().await
    }
}

/// The scope that a request asks for: what holds where the answer does not say (RFC 6749 section 5.1).
pub(super) fn requested_scope(template: RequestTemplate<'_>, scope: &Scope<'_>) -> Vec<String> {
    template.field("scope", scope).map(|text| answer::scopes(&text)).unwrap_or_default()
}

fn nothing_read() -> AuthError {
    AuthError::new(Code::InvalidResponse, "no answer was read")
}

/// A credential's limits.
fn check_text(name: &str, text: &str) -> Result<()> {
    if text.is_empty() {
        return Err(AuthError::input(name, "text that is not empty"));
    }
    if text.len() > LONGEST_CREDENTIAL {
        return Err(AuthError::input(name, "text of at most 64 KiB"));
    }
    Ok(())
}
