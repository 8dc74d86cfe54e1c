//! Callers who wait: each is settled once, unless it goes away before.

use std::rc::Rc;

use super::backoff::LONGEST_INSIDE;
use super::refusals::signed_out;
use super::waits::{Call, For, Until, Waits, Wanted};
use super::{CallId, Output, Reply, Session, Timer, Tokens};
use crate::error::{AuthError, Code, Result};

impl Session {
    pub(super) fn wait(&mut self, id: CallId, waits: Waits) {
        self.calls.push(Call { id, waits });
    }

    /// Takes a caller out of those who wait.
    pub(super) fn forget(&mut self, id: CallId) -> Option<Call> {
        let at = self.calls.iter().position(|call| call.id == id)?;
        self.stop(Timer::Call(id));
        Some(self.calls.remove(at))
    }

    /// Ends the wait of a caller, if it still waits.
    pub(super) fn settle(&mut self, call: CallId, result: Result<Reply>) {
        if self.forget(call).is_some() {
            self.out.push(Output::Settle { call, result });
        }
    }

    /// Answers a caller who did not have to wait.
    pub(super) fn reply(&mut self, call: CallId, result: Result<Reply>) {
        self.out.push(Output::Settle { call, result });
    }

    /// A caller waits no longer. What is done for others, or must come to an end, goes on.
    pub(super) fn abandon(&mut self, call: CallId) {
        let Some(gone) = self.forget(call) else { return };
        match gone.waits {
            Waits::Login => self.login_is_abandoned(call),
            Waits::Check => self.check_is_abandoned(call),
            Waits::Logout => self.revocation_is_abandoned(call),
            _ => {}
        }
    }

    /// `refresh`: a new session, whether the old one is good or not.
    pub(super) fn refresh(&mut self, call: CallId, limit: Option<i64>) {
        let provider = &self.config.provider;
        if provider.renew().is_none() && !self.config.can_ask && !self.config.provider.renews_by_login() {
            let error = AuthError::of(Code::Unsupported, &[provider.id(), " has no renewal"])
                .hint("Sign in again, or give `create` the option `credentials`.");
            return self.reply(call, Err(error));
        }
        self.renew_now(call, For::Renewed, limit, "the session has no refresh token");
    }

    fn renew_now(&mut self, call: CallId, purpose: For, limit: Option<i64>, why_not: &str) {
        let Some(tokens) = self.tokens().cloned() else { return self.reply(call, Err(signed_out())) };
        if !self.is_renewable(&tokens) {
            let error = AuthError::new(Code::LoginRequired, why_not)
                .hint("Sign in again, or give `create` the option `credentials`.");
            return self.reply(call, Err(error));
        }
        let wanted = Wanted { purpose, min_validity: 0, limit, was_short: false };
        self.join_renewal(call, wanted, Code::LoginRequired);
    }

    /// `token`: a session whose token is valid for a while.
    pub(super) fn token(&mut self, call: CallId, min_validity: i64, force: bool, limit: Option<i64>) {
        if force {
            return self.renew_now(call, For::Renewed, limit, "the session cannot be renewed without the user");
        }
        self.pursue(call, Wanted { purpose: For::Token, min_validity, limit, was_short: false }, false);
    }

    /// What a caller wants, as soon as it can be had.
    pub(super) fn pursue(&mut self, call: CallId, wanted: Wanted, has_synced: bool) {
        let Some(tokens) = self.tokens().cloned() else {
            if self.store.is_unread() && !has_synced {
                self.wait(call, Waits::Session(wanted, Until::Synced));
                return self.begin_sync();
            }
            return self.reply(call, Err(signed_out()));
        };
        if self.is_ready(&tokens, wanted.min_validity) {
            return self.conclude(call, wanted, Ok(tokens));
        }
        if !self.is_renewable(&tokens) {
            let error = AuthError::new(Code::LoginRequired, "the session has expired and cannot be renewed")
                .hint("Sign in again, or give `create` the option `credentials`.");
            return self.reply(call, Err(error));
        }
        // A renewal ahead of time may fail: the token still serves.
        if self.cooling().is_some() && self.serves(&tokens, wanted.min_validity) {
            return self.conclude(call, wanted, Ok(tokens));
        }
        self.renew_in_time(call, wanted, Code::LoginRequired);
    }

    /// For those who did not ask for a renewal as such: after failures it waits, or fails at once.
    fn renew_in_time(&mut self, call: CallId, wanted: Wanted, reason: Code) {
        if let Some((left, mut error)) = self.cooling().filter(|_| self.renewal.is_idle()) {
            if left > LONGEST_INSIDE.min(wanted.limit.unwrap_or(i64::MAX)) {
                error.retry_after = Some(left);
                return self.conclude(call, wanted, Err(error));
            }
            self.wait(call, Waits::Session(wanted, Until::Cooled(false)));
            return self.set(Timer::Call(call), left);
        }
        self.join_renewal(call, wanted, reason);
    }

    /// Joins the renewal in progress, or starts one. `limit` bounds this caller's wait, and no other's.
    fn join_renewal(&mut self, call: CallId, wanted: Wanted, reason: Code) {
        self.wait(call, Waits::Session(wanted, Until::Renewed));
        // Whoever comes while `credentials` is asked may be that function itself: it must not wait for itself for ever.
        let limit = wanted.limit.or_else(|| self.renewal.is_asking().then_some(self.config.timeout));
        if let Some(limit) = limit {
            self.set(Timer::Call(call), limit);
        }
        if self.renewal.is_idle() {
            // The deadline of whoever starts it must not cut it short for the others.
            let limit = wanted.limit.map(|limit| limit.max(self.config.timeout));
            self.begin_renewal(reason, limit);
        }
    }

    /// A caller's own deadline, or the end of its pause.
    pub(super) fn call_is_due(&mut self, id: CallId) {
        let Some(call) = self.calls.iter_mut().find(|call| call.id == id) else { return };
        match &mut call.waits {
            Waits::Session(_, Until::Cooled(woken)) => *woken = true,
            _ => {
                let message = "the renewal took longer than `timeout`; it goes on in the background";
                self.settle(id, Err(AuthError::new(Code::Timeout, message)));
            }
        }
    }

    /// Those whose pause is over, one way or the other. While a renewal has the lock they wait for it like others, since
    /// nobody is told anything under it.
    pub(super) fn wake_paused(&mut self) {
        let is_locked = self.renewal_is_locked() && !self.renewal.is_idle();
        let is_woken = |call: &Call| matches!(call.waits, Waits::Session(_, Until::Cooled(true)));
        while let Some(id) = self.calls.iter().find(|call| is_woken(call)).map(|call| call.id) {
            let Some(Call { waits: Waits::Session(wanted, _), .. }) = self.forget(id) else { return };
            let reason = match wanted.purpose {
                For::Repeating { .. } => Code::InvalidToken,
                _ => Code::LoginRequired,
            };
            match self.tokens().cloned() {
                _ if is_locked => self.join_renewal(id, wanted, reason),
                None => self.reply(id, Err(signed_out())),
                // A token that was refused is no good, whatever the clock says.
                Some(tokens) if self.is_ready(&tokens, 0) && !self.is_refused(&wanted) => {
                    self.conclude(id, wanted, Ok(tokens));
                }
                Some(_) => self.join_renewal(id, wanted, reason),
            }
        }
    }

    /// Whether the caller waits because of the token that there still is.
    fn is_refused(&self, wanted: &Wanted) -> bool {
        matches!(wanted.purpose, For::Repeating { generation, .. } if generation == self.generation())
    }

    /// The store was looked at for those who could not be answered without.
    pub(super) fn synced_for_callers(&mut self) {
        let waits = |call: &Call| matches!(call.waits, Waits::Session(_, Until::Synced));
        while let Some(id) = self.calls.iter().find(|call| waits(call)).map(|call| call.id) {
            let Some(Call { waits: Waits::Session(wanted, _), .. }) = self.forget(id) else { return };
            self.pursue(id, wanted, true);
        }
    }

    /// The renewal has ended: everybody who waited for it goes on.
    pub(super) fn renewal_ended_for_callers(&mut self, result: &Result<()>) {
        let waits = |call: &&Call| matches!(call.waits, Waits::Session(_, Until::Renewed));
        let waiting: Vec<CallId> = self.calls.iter().filter(waits).map(|call| call.id).collect();
        let mut has_warned = false;
        for id in waiting {
            let Some(Call { waits: Waits::Session(wanted, _), .. }) = self.forget(id) else { return };
            let result = match result {
                Ok(()) => self.tokens().cloned().ok_or_else(signed_out),
                Err(error) => {
                    match self.tokens().filter(|tokens| self.serves_in_spite_of(error, tokens, &wanted)).cloned() {
                        Some(tokens) => {
                            if !std::mem::replace(&mut has_warned, true) {
                                self.warn(error.clone());
                            }
                            Ok(tokens)
                        }
                        None => Err(error.clone()),
                    }
                }
            };
            self.conclude(id, wanted, result);
        }
    }

    /// Whether a caller can do with the old token where the renewal failed for the moment.
    fn serves_in_spite_of(&self, error: &AuthError, tokens: &Tokens, wanted: &Wanted) -> bool {
        matches!(wanted.purpose, For::Token | For::Check)
            && (error.retryable() || error.code == Code::InvalidResponse)
            && self.serves(tokens, wanted.min_validity)
    }

    /// A caller has the session that it wanted, or cannot have it.
    fn conclude(&mut self, call: CallId, mut wanted: Wanted, result: Result<Rc<Tokens>>) {
        let tokens = match result {
            Ok(tokens) => tokens,
            Err(error) => {
                // A pause after failures: what serves, serves.
                let old = self.tokens().filter(|tokens| self.serves_in_spite_of(&error, tokens, &wanted)).cloned();
                let Some(old) = old else { return self.reply(call, Err(error)) };
                self.warn(error);
                old
            }
        };
        let is_short = self.remaining(&tokens).is_some_and(|left| left < wanted.min_validity.max(1))
            && tokens.life().is_some_and(|life| life > wanted.min_validity);
        match wanted.purpose {
            For::Token | For::Renewed | For::Check if is_short && !wanted.was_short && self.is_renewable(&tokens) => {
                // Another context's, which does for others.
                wanted.was_short = true;
                self.renew_in_time(call, wanted, Code::LoginRequired);
            }
            For::Renewed | For::Token => self.reply(call, Ok(Reply::Session(tokens))),
            For::Repeating { login, .. } => self.reply(call, Ok(Reply::Repeat(tokens.version.login == login))),
            For::Check => self.ask_owner(call, &tokens, wanted.limit),
        }
    }

    /// A call was refused: whether it is worth repeating. Nobody's call is repeated as somebody else.
    pub(super) fn refused(&mut self, call: CallId, generation: u32, login: i64, repeated: bool) {
        // Signed out, or refused for good, while the call was out.
        let Some(tokens) = self.tokens().cloned() else { return self.reply(call, Err(signed_out())) };
        let is_other = tokens.version.login != login;
        if repeated && !is_other {
            self.pull_brake();
        }
        if is_other || repeated {
            return self.reply(call, Ok(Reply::Repeat(false)));
        }
        if self.generation() != generation {
            return self.reply(call, Ok(Reply::Repeat(true)));
        }
        if self.is_braked() || !self.is_renewable(&tokens) {
            return self.reply(call, Ok(Reply::Repeat(false)));
        }
        let wanted =
            Wanted { purpose: For::Repeating { login, generation }, min_validity: 0, limit: None, was_short: false };
        self.renew_in_time(call, wanted, Code::InvalidToken);
    }

    /// `check`: whose the credential is.
    pub(super) fn check(&mut self, call: CallId, limit: Option<i64>) {
        if self.config.provider.check().is_none() {
            let message = [self.config.provider.id(), " has no way to check a credential"];
            return self.reply(call, Err(AuthError::of(Code::Unsupported, &message)));
        }
        self.pursue(call, Wanted { purpose: For::Check, min_validity: 0, limit, was_short: false }, false);
    }

    /// Whether a session can be used as it is.
    fn is_ready(&self, tokens: &Tokens, min_validity: i64) -> bool {
        let Some(left) = self.remaining(tokens) else { return true };
        let wanted = if self.is_renewable(tokens) { self.margin(tokens).max(min_validity) } else { min_validity };
        left > 0 && left >= wanted
    }

    /// Whether its token is still valid, if not for long.
    fn serves(&self, tokens: &Tokens, min_validity: i64) -> bool {
        self.remaining(tokens).is_some_and(|left| left > 0 && left >= min_validity)
    }
}
