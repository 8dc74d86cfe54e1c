//! What renews is sent, and what comes back is stored; or the session ends.

use std::rc::Rc;

use super::account::Found;
use super::asking::refused_credentials;
use super::exchange::{Ask, Reading, Whose};
use super::job::Job;
use super::obtain::Obtained;
use super::refusals::signed_out;
use super::renewal::{State, With};
use super::{Change, Credentials, Place, Session, Timer, Tokens};
use crate::error::{AuthError, Code, Result};
use crate::protocol::request::{Purpose, Request};

impl Session {
    /// Sends what renews.
    pub(super) fn send_renewal(&mut self) {
        let limit = self.renewal.limit;
        let limit = if self.session_lock.is_held() { Some(self.holding(limit)) } else { limit };
        let sent = match self.renewal.with.clone() {
            With::RefreshToken => self.send_refresh_token(limit),
            With::Params => self.obtain(Whose::Renewal, Purpose::Refresh, &Credentials::new(), None, limit).map(Some),
            With::Credentials(credentials) => {
                self.obtain(Whose::Renewal, Purpose::Login, &credentials, None, limit).map(Some)
            }
        };
        match sent {
            Ok(Some(Obtained::Asked(exchange))) => self.renewal.state = State::Sending { exchange },
            Ok(Some(Obtained::Ready(tokens))) => self.renewal_answered(Ok(*tokens)),
            Ok(None) => {
                let Some(tokens) = self.tokens().cloned() else { return self.finish_renewal(Err(signed_out())) };
                self.renew_with_what_there_is(&tokens);
            }
            Err(error) => self.finish_renewal(Err(error)),
        }
    }

    /// `None`: there is none any more.
    pub(super) fn send_refresh_token(&mut self, limit: Option<i64>) -> Result<Option<Obtained>> {
        let config = self.config.clone();
        let (Some(before), Some(template)) = (self.tokens().cloned(), config.provider.renew()) else { return Ok(None) };
        if before.refresh_token.is_none() {
            return Ok(None);
        }
        let moment = self.moment();
        let mut scope = self.scope(&before.inferred, &moment);
        self.token_values(&mut scope, &before);
        let request = Request::build(Purpose::Refresh, template, &scope, &config.base_url)?;
        let attempt = self.renewal.attempt;
        let reading = Reading::Grant { before: Some(before.clone()), requested: Vec::new(), inferred: Vec::new() };
        let whose = Whose::Renewal;
        self.ask(Ask { whose, request, reading, limit, repeats: false, attempt }).map(|id| Some(Obtained::Asked(id)))
    }

    /// What was sent has been answered, and repeated as it may be.
    pub(super) fn renewal_answered(&mut self, result: Result<Tokens>) {
        self.renewal.state = State::Idle;
        let error = match result {
            Ok(tokens) => return self.store_renewed(tokens),
            Err(error) => error,
        };
        if matches!(self.renewal.with, With::Credentials(_)) {
            return self.credentials_failed(refused_credentials(error));
        }
        if error.code == Code::LoginRequired {
            self.renewal.state = State::Doubting { refusal: error, reads: 1 };
            return self.store.jobs.push(Job::Reread);
        }
        let attempt = self.renewal.attempt;
        match self.pause_before_repeating(Purpose::Refresh, &error, attempt).filter(|_| self.lifecycle.is_open()) {
            Some(pause) => {
                self.renewal.attempt = attempt.saturating_add(1);
                self.renewal.state = State::Pausing;
                self.give_back(Place::Session);
                self.set(Timer::RenewalPause, pause);
            }
            None => self.finish_renewal(Err(error)),
        }
    }

    /// New tokens are stored before anyone sees them.
    pub(super) fn store_renewed(&mut self, mut tokens: Tokens) {
        self.session_lock.was_not_needed();
        let Some(before) = self.tokens() else { return self.finish_renewal(Err(signed_out())) };
        tokens.version = before.version.renewed();
        if tokens.subject.is_none() {
            tokens.subject.clone_from(&before.subject);
        }
        self.renewal.state = State::Storing;
        self.store.jobs.push(Job::Renewed(Rc::new(tokens)));
    }

    /// What was to be written is, or memory serves.
    pub(super) fn renewal_is_stored(&mut self, job: Job) {
        match (job, std::mem::take(&mut self.renewal.state)) {
            (Job::Renewed(tokens), _) => {
                self.replace_session(Some(tokens), Change::Refresh);
                self.finish_renewal(Ok(()));
            }
            (Job::Forget(tokens), State::Forgetting { error }) => {
                // Nobody is told: what callers see of the session is the same.
                self.account.tokens = Some(tokens);
                self.finish_renewal(Err(error));
            }
            (_, State::Ending { refusal }) => {
                self.replace_session(None, Change::Expire);
                self.finish_renewal(Err(refusal));
            }
            (_, other) => self.renewal.state = other,
        }
    }

    /// Something newer was found where something was to be written.
    pub(super) fn renewal_is_behind(&mut self, job: Job, found: Found) {
        match (job, std::mem::take(&mut self.renewal.state), found) {
            (Job::Renewed(tokens), _, Found::Newer(newer))
                if matches!(self.renewal.with, With::Credentials(_)) && !self.is_good(&newer) =>
            {
                // What came meanwhile is no better than what was to be renewed.
                self.replace_session(Some(newer), Change::Sync);
                self.renewal.rounds = self.renewal.rounds.saturating_add(1);
                self.store_renewed((*tokens).clone());
            }
            // Signed out elsewhere, after the refusal: it is over in either case.
            (Job::End, State::Ending { refusal }, Found::Gone) => {
                self.replace_session(None, Change::Expire);
                self.finish_renewal(Err(refusal));
            }
            (_, _, found) => self.give_way(found),
        }
    }

    /// The refusal is no other context's doing.
    pub(super) fn believe(&mut self, refusal: AuthError) {
        if self.config.can_ask {
            self.renewal.refusal = Some(refusal);
            return self.ask_credentials();
        }
        if self.config.provider.renews_by_login() && matches!(self.renewal.with, With::RefreshToken) {
            self.renewal.with = With::Params;
            return self.send_renewal();
        }
        self.end_session(refusal);
    }

    pub(super) fn end_session(&mut self, refusal: AuthError) {
        self.renewal.state = State::Ending { refusal };
        self.store.jobs.push(Job::End);
    }
}
