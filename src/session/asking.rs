//! The caller's `credentials` are asked for, without the lock, as all that is the caller's.

use std::rc::Rc;

use super::job::Job;
use super::renewal::{State, With};
use super::{Credentials, Op, Output, Place, Session, Timer, Tokens};
use crate::error::{AuthError, Code, Result};
use crate::provider::cut::concat;

/// Longest wait for the caller's `credentials`, which may ask a person, milliseconds.
const LONGEST_ASKING: i64 = 300_000;

impl Session {
    /// Asks the caller, without the lock, as all that is the caller's.
    pub(super) fn ask_credentials(&mut self) {
        self.renewal.asked_for = self.generation();
        self.renewal.state = State::Asking { op: None };
        if self.give_back(Place::Session) {
            self.ask_now();
        }
    }

    pub(super) fn ask_now(&mut self) {
        let op = self.op();
        self.renewal.state = State::Asking { op: Some(op) };
        let reason = self.renewal.reason.unwrap_or(Code::LoginRequired);
        self.out.push(Output::Ask { op, reason });
        self.set(Timer::AskDeadline, LONGEST_ASKING);
    }

    pub(super) fn given(&mut self, op: Op, credentials: Result<Option<Credentials>>) {
        if !matches!(self.renewal.state, State::Asking { op: Some(asked) } if asked == op) {
            return;
        }
        self.stop(Timer::AskDeadline);
        self.renewal.state = State::Idle;
        let credentials = match credentials {
            Ok(Some(credentials)) => self.accept(&credentials),
            Ok(None) => return self.credentials_gave_up(),
            Err(error) => Err(error),
        };
        match credentials {
            Ok(credentials) => {
                self.renewal.with = With::Credentials(credentials);
                self.lock_for_renewal();
            }
            Err(error) => self.credentials_failed(error),
        }
    }

    pub(super) fn asked_in_vain(&mut self) {
        if self.renewal.is_asking() {
            self.renewal.state = State::Idle;
            let message = "the function `credentials` gave nothing for five minutes";
            self.credentials_failed(AuthError::new(Code::Timeout, message));
        }
    }

    /// Another context has brought a session meanwhile, whose refresh token nobody has refused: that one is sent. True
    /// when it is.
    fn renews_what_came_meanwhile(&mut self) -> bool {
        let has_refresh = self.tokens().cloned().is_some_and(|tokens| self.has_refresh(&tokens));
        if !has_refresh || self.renewal.asked_for == self.generation() {
            return false;
        }
        self.renewal.refusal = None;
        self.renewal.with = With::RefreshToken;
        self.lock_for_renewal();
        true
    }

    pub(super) fn credentials_gave_up(&mut self) {
        if self.renews_what_came_meanwhile() {
            return;
        }
        if let Some(refusal) = self.renewal.refusal.take() {
            return self.end_session(refusal);
        }
        let message = "`credentials` gave none, so the session cannot be renewed";
        self.finish_renewal(Err(AuthError::new(Code::LoginRequired, message).hint("Sign in again.")));
    }

    pub(super) fn credentials_failed(&mut self, error: AuthError) {
        let is_refused = error.code == Code::LoginRequired;
        if is_refused && self.renews_what_came_meanwhile() {
            return;
        }
        if self.renewal.asked_for != self.generation() {
            // What was refused is not there any more.
            self.renewal.refusal = None;
        }
        match self.renewal.refusal.take() {
            // Refused twice: by the refresh token, and by what `credentials` gave or did not give.
            Some(refusal) if is_refused => self.end_session(refusal),
            None if is_refused && error.status.is_some() => self.end_session(error),
            None => self.finish_renewal(Err(error)),
            // A refresh token that was refused for good is not sent again, though the session may still be had otherwise.
            Some(_) => {
                let Some(before) = self.tokens() else { return self.finish_renewal(Err(error)) };
                let version = before.version.renewed();
                let tokens = Tokens { version, refresh_token: None, ..(**before).clone() };
                self.renewal.state = State::Forgetting { error };
                self.store.jobs.push(Job::Forget(Rc::new(tokens)));
            }
        }
    }
}

/// What `credentials` gave and the provider refused is no session that can be had without the user.
pub(super) fn refused_credentials(mut error: AuthError) -> AuthError {
    // An answer that says "later" ends no session, whatever its body says.
    let is_for_the_moment = matches!(error.status, Some(429 | 500..=599));
    let is_refusal = matches!(
        error.code,
        Code::InvalidCredentials | Code::InvalidToken | Code::SecondFactorRequired | Code::AccessDenied
    );
    if is_refusal && !is_for_the_moment {
        error.message = concat(&["the credentials that `credentials` gave were refused: ", &error.message]);
        error.code = Code::LoginRequired;
    }
    error
}
