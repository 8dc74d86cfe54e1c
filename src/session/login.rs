//! Signing in with credentials, in one step or two, or with tokens from elsewhere. The last login started wins.

use super::exchange::Whose;
use super::job::{Job, SignIn};
use super::obtain::{Obtained, check_text};
use super::refusals::superseded;
use super::version::Version;
use super::waits::Waits;
use super::{CallId, Credentials, GivenTokens, Reply, Session, Tokens};
use crate::error::{AuthError, Code, Result};
use crate::protocol::details;
use crate::protocol::redact::Redactor;
use crate::protocol::request::Purpose;
use crate::secret::Secret;

/// The login in progress. One that is being stored is a job of the store, which a later login does not overtake.
#[derive(Clone, Default)]
pub(super) enum Login {
    #[default]
    Idle,
    /// The first request is out.
    Sending { call: CallId, exchange: u32, credentials: Credentials },
    /// `confirm` is awaited.
    AwaitingSecondFactor { credentials: Credentials },
    /// The second request is out.
    Confirming { call: CallId, exchange: u32, credentials: Credentials },
    /// A callback's code is out, or is about to be.
    Exchanging { exchange: u32, digest: [u8; 32] },
}

impl Session {
    pub(super) fn begin_login(&mut self, call: CallId, credentials: Credentials, limit: Option<i64>) {
        let accepted = self.needs_credentials().and_then(|()| self.accept(&credentials));
        let credentials = match accepted {
            Ok(credentials) => credentials,
            Err(error) => return self.reply(call, Err(error)),
        };
        self.supersede_login();
        self.wait(call, Waits::Login);
        match self.obtain(Whose::Login, Purpose::Login, &credentials, None, limit) {
            Ok(Obtained::Asked(exchange)) => self.login = Login::Sending { call, exchange, credentials },
            Ok(Obtained::Ready(tokens)) => self.store_login(SignIn::of_call(call, *tokens)),
            Err(error) => self.settle(call, Err(error)),
        }
    }

    /// Fails for providers whose login is a redirect.
    pub fn needs_credentials(&self) -> Result<()> {
        if !self.config.provider.is_redirect() {
            return Ok(());
        }
        Err(AuthError::of(Code::Unsupported, &[self.config.provider.id(), " signs in by redirect"])
            .hint("Call `loginWithRedirect`, or `authorizationUrl`."))
    }

    pub(super) fn confirm(&mut self, call: CallId, code: &Secret, limit: Option<i64>) {
        let credentials = match &self.login {
            Login::AwaitingSecondFactor { credentials } | Login::Confirming { credentials, .. } => credentials.clone(),
            _ => {
                let error = AuthError::new(Code::InvalidInput, "no login waits for a second factor")
                    .hint("Call `login` first; `confirm` is for after it rejected with `second_factor_required`.");
                return self.reply(call, Err(error));
            }
        };
        if let Err(error) = check_text("code", code.expose()) {
            return self.reply(call, Err(error));
        }
        self.supersede_login();
        self.wait(call, Waits::Login);
        match self.obtain(Whose::Login, Purpose::Confirm, &credentials, Some(code), limit) {
            Ok(Obtained::Asked(exchange)) => self.login = Login::Confirming { call, exchange, credentials },
            Ok(Obtained::Ready(tokens)) => self.store_login(SignIn::of_call(call, *tokens)),
            Err(error) => {
                self.login = Login::AwaitingSecondFactor { credentials };
                self.settle(call, Err(error));
            }
        }
    }

    /// Takes over tokens from elsewhere, without a request.
    pub(super) fn set_session(&mut self, call: CallId, given: GivenTokens) {
        match self.tokens_of(given) {
            Ok(tokens) => {
                self.supersede_login();
                self.wait(call, Waits::Login);
                self.store_login(SignIn::of_call(call, tokens));
            }
            Err(error) => self.reply(call, Err(error)),
        }
    }

    fn tokens_of(&mut self, given: GivenTokens) -> Result<Tokens> {
        if !self.config.provider.has_token() {
            let message = [self.config.provider.id(), " signs calls with the credentials, not with a token"];
            return Err(AuthError::of(Code::Unsupported, &message).hint("Call `login`."));
        }
        for (name, token) in
            [("accessToken", Some(&given.access_token)), ("refreshToken", given.refresh_token.as_ref())]
        {
            let Some(token) = token else { continue };
            check_text(name, token.expose())?;
            if !token.expose().bytes().all(|byte| byte.is_ascii_graphic()) {
                return Err(AuthError::input(name, "printable ASCII without blanks"));
            }
        }
        let names: Vec<String> = self.config.provider.credentials().iter().map(|known| known.name.to_owned()).collect();
        let inferred = match names.as_slice() {
            [name] => self.inferred(&vec![(name.clone(), given.access_token.clone())]),
            _ => Vec::new(),
        };
        let api_base = self.accepted_base(given.api_base.clone());
        if api_base.is_none() && given.api_base.is_some() {
            let accepts = "an address that calls may go to: https, and of the base URL's origin or `allowedOrigins` where `baseUrl` is given";
            return Err(AuthError::input("apiBase", accepts));
        }
        let mut redactor = Redactor::default();
        let tokens = given.refresh_token.iter().chain([&given.access_token]);
        tokens.for_each(|token| redactor.add(token.expose()));
        let details = details::bounded(details::showable(given.details, &redactor)).members;
        let left = given.expires_at.map(|end| end.saturating_sub(self.now.wall).max(0));
        let tokens = Tokens {
            version: Version::default(),
            access_token: Some(given.access_token),
            refresh_token: given.refresh_token,
            credentials: Vec::new(),
            inferred,
            subject: given.subject,
            scope: given.scope,
            expires_at: given.expires_at,
            obtained_at: self.now.wall,
            monotonic_end: self.now.steady.zip(left).map(|(now, left)| now.saturating_add(left)),
            api_base,
            secrets: Vec::new(),
            details,
        };
        let moment = self.moment();
        self.credential_of(&tokens, &moment)?;
        Ok(tokens)
    }

    pub(super) fn login_answered(&mut self, result: Result<Tokens>) {
        match std::mem::take(&mut self.login) {
            Login::Sending { call, credentials, .. } => match result {
                Ok(tokens) => self.store_login(SignIn::of_call(call, tokens)),
                Err(error) => {
                    if error.code == Code::SecondFactorRequired {
                        self.login = Login::AwaitingSecondFactor { credentials };
                    }
                    self.settle(call, Err(error));
                }
            },
            Login::Confirming { call, credentials, .. } => match result {
                Ok(tokens) => self.store_login(SignIn::of_call(call, tokens)),
                Err(error) => {
                    self.login = Login::AwaitingSecondFactor { credentials };
                    self.settle(call, Err(error));
                }
            },
            Login::Exchanging { digest, .. } => self.exchanged(digest, result),
            other => self.login = other,
        }
    }

    pub(super) fn store_login(&mut self, sign_in: SignIn) {
        self.store.jobs.push(Job::SignIn(Box::new(sign_in)));
    }

    /// It is stored, or memory serves: from now on it is the session.
    pub(super) fn login_is_stored(&mut self, sign_in: SignIn, tokens: Tokens) {
        if sign_in.is_superseded || !self.lifecycle.is_open() {
            return;
        }
        let tokens = std::rc::Rc::new(tokens);
        self.supersede_renewal();
        self.replace_session(Some(tokens.clone()), super::Change::Login);
        match sign_in.callback {
            Some(digest) => self.redeemed(digest, Ok(tokens)),
            None => self.settle(sign_in.call, Ok(Reply::Session(tokens))),
        }
    }

    /// Another login comes in the place of the one in progress, unless that is being stored.
    pub(super) fn supersede_login(&mut self) {
        self.redirect.supersede();
        self.supersede_login_in_progress();
    }

    /// The same, but for callbacks that are not redeemed yet: one of them is the other login.
    pub(super) fn supersede_login_in_progress(&mut self) {
        match std::mem::take(&mut self.login) {
            Login::Idle | Login::AwaitingSecondFactor { .. } => {}
            Login::Sending { call, exchange, .. } | Login::Confirming { call, exchange, .. } => {
                self.cancel(exchange);
                self.settle(call, Err(superseded()));
            }
            Login::Exchanging { exchange, digest } => {
                self.cancel(exchange);
                self.redeemed(digest, Err(superseded()));
            }
        }
        for sign_in in self.store.take_queued_logins() {
            self.login_is_superseded(&sign_in);
        }
    }

    /// A logout comes in the place of every login, also of one that is being stored: the store is emptied after it.
    pub(super) fn supersede_every_login(&mut self) {
        self.supersede_login();
        if let Some(sign_in) = self.store.supersede_login_in_hand() {
            self.login_is_superseded(&sign_in);
        }
    }

    fn login_is_superseded(&mut self, sign_in: &SignIn) {
        match sign_in.callback {
            Some(digest) => self.redeemed(digest, Err(superseded())),
            None => self.settle(sign_in.call, Err(superseded())),
        }
    }

    pub(super) fn login_is_abandoned(&mut self, gone: CallId) {
        match std::mem::take(&mut self.login) {
            Login::Sending { call, exchange, .. } if call == gone => self.cancel(exchange),
            Login::Confirming { call, exchange, credentials } if call == gone => {
                self.cancel(exchange);
                self.login = Login::AwaitingSecondFactor { credentials };
            }
            other => self.login = other,
        }
    }

    /// `close`: nobody waits for a login any more.
    pub(super) fn abandon_login(&mut self) {
        self.cancel_all(|whose| whose == Whose::Login);
        self.login = Login::Idle;
    }
}
