//! The user is sent to sign in.

use super::obtain::requested_scope;
use super::pending::Pending;
use super::redirect::{Job, redirect_login};
use super::waits::Waits;
use super::{CallId, Session};
use crate::error::{AuthError, Code, Result};
use crate::protocol::url::{Url, is_absolute};
use crate::protocol::{answer, pkce, redirect};
use crate::secret::Secret;

impl Session {
    /// Remembers a pending login; settled with the address to send the user to.
    pub(super) fn authorization_url(&mut self, call: CallId, return_to: Option<String>) {
        match self.begin_redirect(return_to) {
            Ok((pending, address)) => {
                self.wait(call, Waits::Url);
                self.redirect.jobs.push(Job::Add { call, pending: Box::new(pending), address });
                self.run_redirect();
            }
            Err(error) => self.reply(call, Err(error)),
        }
    }

    pub(super) fn begin_redirect(&mut self, return_to: Option<String>) -> Result<(Pending, String)> {
        let config = self.config.clone();
        let (authorize, exchange, redirect_uri) = redirect_login(&config)?;
        if let Some(address) = &return_to {
            self.check_return(address, redirect_uri)?;
        }
        let mut pending = Pending {
            state: self.random_token()?,
            verifier: self.random_token()?,
            redirect_uri: redirect_uri.to_owned(),
            issuer: authorize.issuer().map(str::to_owned),
            scope: Vec::new(),
            deadline: self.now.wall.saturating_add(authorize.lifetime()),
            return_to,
        };
        let challenge = pkce::challenge(pending.verifier.expose());
        let moment = self.moment();
        let state = pending.state.clone();
        let mut scope = self.scope(&[], &moment);
        scope.secret("state", state.expose());
        scope.open("code_challenge", &challenge);
        pending.scope = match authorize.query().iter().find(|(name, _)| *name == "scope") {
            Some((_, template)) => template.render(&scope).map(|value| answer::scopes(&value.text)).unwrap_or_default(),
            None => requested_scope(exchange, &scope),
        };
        let address = redirect::authorization_url(authorize, &scope, &config.base_url)?;
        self.refuse_insecure_redirect(&address)?;
        Ok((pending, address))
    }

    /// Fails for providers whose login is none.
    pub fn needs_redirect(&self) -> Result<()> {
        redirect_login(&self.config).map(drop)
    }

    /// A path, or an address of the redirect URI's origin: never a way to another site.
    pub(super) fn check_return(&self, address: &str, redirect_uri: &str) -> Result<()> {
        let origin = |href: &str| Url::split(href).map(|url| url.origin());
        let home = self.addresses.href(redirect_uri, None).as_deref().and_then(origin);
        let there = self.addresses.href(address, Some(redirect_uri)).as_deref().and_then(origin);
        let is_path = address.starts_with('/') || is_absolute(address);
        if is_path && home.is_some() && home == there && !address.chars().any(char::is_control) {
            return Ok(());
        }
        Err(AuthError::input("returnTo", "a path, or an address of the same origin as `redirectUri`"))
    }

    pub(super) fn refuse_insecure_redirect(&self, address: &str) -> Result<()> {
        let href = self.addresses.href(address, None);
        let insecure = href.as_deref().and_then(Url::split).is_none_or(|url| url.is_insecure());
        if insecure && !self.config.allow_insecure {
            return Err(AuthError::new(Code::InsecureUrl, "the user is not sent to sign in over http:")
                .hint("Use https:, or set `allowInsecure: true` for a network that you trust."));
        }
        Ok(())
    }

    pub(super) fn random_token(&mut self) -> Result<Secret> {
        match self.draw() {
            Some(random) => Ok(Secret::new(pkce::token(&random))),
            None => Err(AuthError::new(Code::Unsupported, "this host has no crypto.getRandomValues")),
        }
    }
}
