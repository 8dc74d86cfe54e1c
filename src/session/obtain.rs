//! Credentials are turned into tokens: by the login's request, by its second step, or as they are.

use std::rc::Rc;

use super::exchange::{Ask, Reading, Whose};
use super::refusals::signed_out;
use super::values::credential_values;
use super::version::Version;
use super::{CallId, Credentials, Session, Tokens};
use crate::error::{AuthError, Code, Result};
use crate::protocol::answer;
use crate::protocol::request::{Purpose, Request};
use crate::provider::cut::joined;
use crate::provider::{Login, RequestTemplate, Scope};
use crate::secret::Secret;
use crate::value::Value;

/// Longest credential, in bytes of UTF-8.
const LONGEST_CREDENTIAL: usize = 64 * 1024;

/// What came of credentials so far.
pub(super) enum Obtained {
    /// A request is out, by the number of its exchange.
    Asked(u32),
    /// They are the session themselves.
    Ready(Box<Tokens>),
}

impl Session {
    /// Checks names, presence and size, and writes each credential as the provider takes it.
    pub(super) fn accept(&self, given: &Credentials) -> Result<Credentials> {
        let wanted = self.config.provider.credentials();
        if let Some((unknown, _)) =
            given.iter().find(|(name, _)| !wanted.iter().any(|credential| credential.name == *name))
        {
            let names: Vec<&str> = wanted.iter().map(|credential| credential.name).collect();
            let message = ["`", unknown, "` is no credential of ", self.config.provider.id()];
            return Err(
                AuthError::of(Code::InvalidInput, &message).hint_of(&["`login` takes: ", &joined(&names, ", ")])
            );
        }
        let mut accepted = Vec::with_capacity(wanted.len());
        for credential in &wanted {
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
            accepted.push((credential.name.to_owned(), value));
        }
        Ok(accepted)
    }

    /// Turns credentials into a session that nobody has seen yet; `code` is the second step's. `purpose` is `Refresh`
    /// where the login's own request renews.
    pub(super) fn obtain(
        &mut self,
        whose: Whose,
        purpose: Purpose,
        credentials: &Credentials,
        code: Option<&Secret>,
        limit: Option<i64>,
    ) -> Result<Obtained> {
        let config = self.config.clone();
        let provider = &config.provider;
        let inferred = self.inferred(credentials);
        let (purpose, template) = match (provider.login(), provider.second_factor(), code) {
            (_, Some(second), Some(_)) => (Purpose::Confirm, second.request()),
            (Login::Request(request), ..) => (purpose, request),
            _ => return self.direct(whose, credentials, inferred, limit),
        };
        let moment = self.moment();
        let mut scope = self.scope(&inferred, &moment);
        credential_values(&mut scope, credentials);
        if let Some(code) = code {
            scope.secret("second_factor", code.expose());
        }
        let requested = requested_scope(template, &scope);
        let request = Request::build(purpose, template, &scope, &config.base_url)?;
        // What it renews had a refresh token that was refused, or none.
        let before = self.tokens().filter(|_| purpose == Purpose::Refresh);
        let before = before.map(|tokens| Rc::new(Tokens { refresh_token: None, ..(**tokens).clone() }));
        let reading = Reading::Grant { before, requested, inferred };
        let repeats = purpose != Purpose::Refresh;
        let attempt = if repeats { 1 } else { self.renewal.attempt };
        self.ask(Ask { whose, request, reading, limit, repeats, attempt }).map(Obtained::Asked)
    }

    /// The credentials themselves go with every call; one alone is the token.
    fn direct(
        &mut self,
        whose: Whose,
        credentials: &Credentials,
        inferred: Vec<(String, String)>,
        limit: Option<i64>,
    ) -> Result<Obtained> {
        let token = match credentials.as_slice() {
            [(_, token)] => Some(token.clone()),
            _ => None,
        };
        let tokens = Tokens {
            version: Version::default(),
            credentials: if token.is_some() { Vec::new() } else { credentials.clone() },
            access_token: token,
            refresh_token: None,
            inferred,
            subject: None,
            scope: Vec::new(),
            expires_at: None,
            obtained_at: self.now.wall,
            monotonic_end: None,
            api_base: None,
            secrets: Vec::new(),
            details: Value::Map(Vec::new()),
        };
        // What could not be sent is refused now, and not at the first call.
        let moment = self.moment();
        self.credential_of(&tokens, &moment)?;
        if self.config.provider.check().is_none() {
            return Ok(Obtained::Ready(Box::new(tokens)));
        }
        let request = self.owner_request(&tokens)?;
        let reading = Reading::Direct(Box::new(tokens));
        self.ask(Ask { whose, request, reading, limit, repeats: true, attempt: 1 }).map(Obtained::Asked)
    }

    fn owner_request(&mut self, tokens: &Tokens) -> Result<Request> {
        let config = self.config.clone();
        let Some(check) = config.provider.check() else { return Err(signed_out()) };
        let moment = self.moment();
        let mut scope = self.scope(&tokens.inferred, &moment);
        self.token_values(&mut scope, tokens);
        Request::build(Purpose::Check, check.request(), &scope, &config.base_url)
    }

    /// Asks the provider whose the credential is.
    pub(super) fn ask_owner(&mut self, call: CallId, tokens: &Tokens, limit: Option<i64>) {
        let asked = self.owner_request(tokens).and_then(|request| {
            let whose = Whose::Check(call);
            self.ask(Ask { whose, request, reading: Reading::Owner, limit, repeats: true, attempt: 1 })
        });
        match asked {
            Ok(_) => self.wait(call, super::waits::Waits::Check),
            Err(error) => self.reply(call, Err(error)),
        }
    }

    pub(super) fn check_is_abandoned(&mut self, call: CallId) {
        self.cancel_all(|whose| whose == Whose::Check(call));
    }

    pub(super) fn abandon_checks(&mut self) {
        self.cancel_all(|whose| matches!(whose, Whose::Check(_) | Whose::Revocation(_)));
    }

    /// Params that follow from a credential.
    pub(super) fn inferred(&self, credentials: &Credentials) -> Vec<(String, String)> {
        let provider = &self.config.provider;
        let inferred = credentials.iter().flat_map(|(name, value)| provider.inferred(name, value.expose()));
        inferred.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }
}

/// The scope that a request asks for: what holds where the answer does not say (RFC 6749 section 5.1).
pub(super) fn requested_scope(template: RequestTemplate<'_>, scope: &Scope<'_>) -> Vec<String> {
    template.field("scope", scope).map(|text| answer::scopes(&text)).unwrap_or_default()
}

/// A credential's limits.
pub(super) fn check_text(name: &str, text: &str) -> Result<()> {
    if text.is_empty() {
        return Err(AuthError::input(name, "text that is not empty"));
    }
    if text.len() > LONGEST_CREDENTIAL {
        return Err(AuthError::input(name, "text of at most 64 KiB"));
    }
    Ok(())
}
