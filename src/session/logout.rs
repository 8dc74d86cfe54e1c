//! Signing out: here at once, then in the store, then at the provider.

use super::exchange::{Ask, Reading, Whose};
use super::job::{Job, SignOut};
use super::waits::Waits;
use super::{CallId, Change, Reply, Session, Tokens};
use crate::error::{AuthError, Result};
use crate::protocol::request::{Purpose, Request};

impl Session {
    pub(super) fn logout(&mut self, call: CallId, revoke: bool, limit: Option<i64>) {
        let before = self.account.tokens.clone();
        self.supersede_every_login();
        self.login = Default::default();
        self.redirect.forget_results();
        self.supersede_renewal();
        self.account.forget_logins();
        if before.is_some() {
            self.replace_session(None, Change::Logout);
        }
        self.account.forget_logins();
        self.wait(call, Waits::Logout);
        self.store.jobs.retain(|job| !matches!(job, Job::Sync));
        self.store.jobs.push(Job::SignOut(Box::new(SignOut { call, revoke, limit, before })));
    }

    /// The store has heard of it, or will: pending logins go as well, then the provider is told.
    pub(super) fn store_is_empty(&mut self, sign_out: SignOut) {
        self.synced_for_callers();
        if !self.lifecycle.is_open() {
            return;
        }
        if self.config.redirect_uri.is_some() {
            return self.clear_pending(sign_out);
        }
        self.signed_out_here(&sign_out);
    }

    pub(super) fn signed_out_here(&mut self, sign_out: &SignOut) {
        let SignOut { call, limit, .. } = *sign_out;
        let before = sign_out.before.as_ref().filter(|_| sign_out.revoke);
        let asked = before.map(|before| self.revocation(before)).transpose();
        match asked.map(Option::flatten) {
            Ok(None) => self.settle(call, Ok(Reply::Done)),
            Ok(Some(request)) => {
                let reading = Reading::Success;
                let whose = Whose::Revocation(call);
                if let Err(error) = self.ask(Ask { whose, request, reading, limit, repeats: true, attempt: 1 }) {
                    self.revoked(call, Some(error));
                }
            }
            Err(error) => self.revoked(call, Some(error)),
        }
    }

    fn revocation(&mut self, before: &Tokens) -> Result<Option<Request>> {
        let config = self.config.clone();
        let Some(template) = config.provider.revoke() else { return Ok(None) };
        let moment = self.moment();
        let mut scope = self.scope(&before.inferred, &moment);
        self.token_values(&mut scope, before);
        Request::build(Purpose::Revoke, template, &scope, &config.base_url).map(Some)
    }

    pub(super) fn revoked(&mut self, call: CallId, error: Option<AuthError>) {
        if let Some(error) = error {
            self.warn(error.hint("The session is forgotten here; at the provider it lives until it expires."));
        }
        self.settle(call, Ok(Reply::Done));
    }

    pub(super) fn revocation_is_abandoned(&mut self, call: CallId) {
        self.cancel_all(|whose| whose == Whose::Revocation(call));
    }
}
