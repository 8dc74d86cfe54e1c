//! The user comes back: a callback is matched with its pending login, and redeemed once.

use std::rc::Rc;

use sha2::{Digest, Sha256};

use super::exchange::{Ask, Reading, Whose};
use super::job::SignIn;
use super::login::Login;
use super::pending::Pending;
use super::redirect::{Handled, Job, Take, redirect_login, unexpected};
use super::waits::Waits;
use super::{CallId, Output, Redirected, Reply, Session, Tokens};
use crate::error::{AuthError, Code, Result};
use crate::protocol::problem;
use crate::protocol::redirect::{self, Callback, CallbackAnswer};
use crate::protocol::request::{Purpose, Request};
use crate::provider::RequestTemplate;
use crate::secret::Secret;

/// How many callbacks are remembered, so that one handled twice gives the same result.
const REMEMBERED: usize = 8;

impl Session {
    /// The user came back to that address.
    pub(super) fn callback(&mut self, call: CallId, address: &str, limit: Option<i64>) {
        let (address, callback) = match self.read_callback(address) {
            Ok(Some(found)) => found,
            Ok(None) => return self.reply(call, Ok(Reply::NoCallback)),
            Err((address, error)) => {
                self.out.extend(address.map(|address| Output::CleanAddress { address }));
                return self.reply(call, Err(error));
            }
        };
        let digest: [u8; 32] = Sha256::digest(address.as_bytes()).into();
        let known = self.redirect.handled.iter().find(|handled| handled.digest == digest);
        if let Some(result) = known.map(|handled| handled.result.clone()) {
            self.out.push(Output::CleanAddress { address });
            return match result {
                Some(result) => self.reply(call, result.map(Reply::Redirected)),
                None => self.wait(call, Waits::Callback(digest)),
            };
        }
        if self.redirect.handled.len() >= REMEMBERED
            && let Some(oldest) = self.redirect.handled.iter().position(|handled| handled.result.is_some())
        {
            self.redirect.handled.remove(oldest);
        }
        self.redirect.handled.push(Handled { digest, return_to: None, result: None });
        self.wait(call, Waits::Callback(digest));
        let take = Take { digest, address, callback, limit, is_superseded: false };
        self.redirect.jobs.push(Job::Take(Box::new(take)));
        self.run_redirect();
    }

    /// The address as the URL standard writes it, and what it says; an error with the address where it is a callback.
    #[expect(clippy::type_complexity, reason = "read where it is called")]
    pub(super) fn read_callback(
        &self,
        address: &str,
    ) -> Result<Option<(String, Callback)>, (Option<String>, AuthError)> {
        let (authorize, _, redirect_uri) = redirect_login(&self.config).map_err(|error| (None, error))?;
        let normal = self.addresses.href(redirect_uri, None).unwrap_or_default();
        let address = self.addresses.href(address, None);
        let address = address.ok_or_else(|| (None, AuthError::input("url", "an absolute address")))?;
        match redirect::callback(&address, &normal, authorize.echoes_state()) {
            Ok(None) => Ok(None),
            Ok(Some(callback)) => Ok(Some((address, callback))),
            Err(error) => Err((Some(address), error)),
        }
    }

    /// The pending login that the callback answers; or why there is none, with one that goes all the same.
    pub(super) fn matching(
        &self,
        callback: &Callback,
        logins: &[Pending],
    ) -> Result<usize, (Option<usize>, AuthError)> {
        let (authorize, ..) = redirect_login(&self.config).map_err(|error| (None, error))?;
        if logins.is_empty() {
            return Err((None, unexpected()));
        }
        let at = if authorize.echoes_state() {
            let is_its = |login: &Pending| callback.state.as_deref() == Some(login.state.expose());
            let error = || {
                AuthError::new(Code::StateMismatch, "the callback's `state` is not the pending login's")
                    .hint("Nothing was sent. The callback belongs to another login, or somebody forged it.")
            };
            logins.iter().position(is_its).ok_or_else(|| (None, error()))?
        } else {
            logins.len().saturating_sub(1)
        };
        let Some(pending) = logins.get(at) else { return Err((None, unexpected())) };
        if pending.deadline < self.now.wall {
            let message = "the login that this callback answers was begun too long ago";
            let error = AuthError::new(Code::RedirectUnexpected, message);
            return Err((Some(at), error.hint("Nothing was sent. Start the login again.")));
        }
        if pending.issuer.is_some() && callback.issuer != pending.issuer {
            let message = "the callback's `iss` is not the expected issuer (RFC 9207)";
            let error = AuthError::new(Code::IssuerMismatch, message);
            return Err((None, error.hint("Nothing was sent. The callback may come from another server.")));
        }
        Ok(at)
    }

    /// It was not redeemed: it can be handled again.
    pub(super) fn refuse_callback(&mut self, take: Take, error: AuthError) {
        self.redirect.handled.retain(|handled| handled.digest != take.digest);
        self.out.push(Output::CleanAddress { address: take.address });
        self.settle_callback(take.digest, &Err(error));
    }

    pub(super) fn redeem(&mut self, take: Take, pending: Pending) {
        self.out.push(Output::CleanAddress { address: take.address });
        let known = self.redirect.handled.iter_mut().find(|handled| handled.digest == take.digest);
        if let Some(handled) = known {
            handled.return_to.clone_from(&pending.return_to);
        }
        let exchange = match take.callback.answer {
            CallbackAnswer::Code(code) => {
                self.supersede_login_in_progress();
                self.exchange(&pending, &Secret::new(code), take.limit)
            }
            CallbackAnswer::Error(code, text) => {
                Err(problem::callback(self.config.provider.problem(), &code, text.as_deref()))
            }
        };
        match exchange {
            Ok(exchange) => self.login = Login::Exchanging { exchange, digest: take.digest },
            Err(error) => self.redeemed(take.digest, Err(error)),
        }
    }

    pub(super) fn exchange(&mut self, pending: &Pending, code: &Secret, limit: Option<i64>) -> Result<u32> {
        let config = self.config.clone();
        let (authorize, exchange, _) = redirect_login(&config)?;
        let template = redirect::exchange(exchange, authorize.pkce());
        let moment = self.moment();
        let mut scope = self.scope(&[], &moment);
        scope.open("redirect_uri", &pending.redirect_uri);
        scope.secret("code", code.expose());
        scope.secret("code_verifier", pending.verifier.expose());
        scope.secret("state", pending.state.expose());
        let request = Request::build(Purpose::Exchange, RequestTemplate::new(&template), &scope, &config.base_url)?;
        let reading = Reading::Grant { before: None, requested: pending.scope.clone(), inferred: Vec::new() };
        self.ask(Ask { whose: Whose::Login, request, reading, limit, repeats: true, attempt: 1 })
    }

    pub(super) fn exchanged(&mut self, digest: [u8; 32], result: Result<Tokens>) {
        match result {
            Ok(tokens) => self.store_login(SignIn::of_callback(digest, tokens)),
            Err(error) => self.redeemed(digest, Err(error)),
        }
    }

    /// The callback is used up, one way or the other; handled again, it gives the same.
    pub(super) fn redeemed(&mut self, digest: [u8; 32], result: Result<Rc<Tokens>>) {
        let Some(handled) = self.redirect.handled.iter_mut().find(|handled| handled.digest == digest) else { return };
        let return_to = handled.return_to.clone();
        let result = result.map(|tokens| Redirected { tokens, return_to });
        handled.result = Some(result.clone());
        self.settle_callback(digest, &result);
    }

    pub(super) fn settle_callback(&mut self, digest: [u8; 32], result: &Result<Redirected>) {
        let waits = |call: &super::Call| matches!(call.waits, Waits::Callback(known) if known == digest);
        while let Some(id) = self.calls.iter().find(|call| waits(call)).map(|call| call.id) {
            self.settle(id, result.clone().map(Reply::Redirected));
        }
    }
}
