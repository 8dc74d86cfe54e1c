//! One renewal for everybody who waits for it.
//!
//! The lock is taken, the store is read again, the refresh token is sent, what comes back is stored, then shown. A refusal
//! is doubted first: another context may have been faster. Without a refresh token, or when it is refused, `credentials`
//! may help, or the login's own request where params suffice for it.

use std::rc::Rc;

use super::account::Found;
use super::calls::{overtaken, signed_out};
use super::exchange::{Ask, Reading, Whose};
use super::jobs::Job;
use super::obtain::Obtained;
use super::{Change, Credentials, Op, Output, Place, Session, Timer, Tokens};
use crate::error::{AuthError, Code, Result};
use crate::protocol::request::{Purpose, Request};
use crate::provider::Scope;

/// Pauses between attempts to read a store that has just begun to fail, milliseconds.
const SECOND_READS: [i64; 2] = [200, 800];
/// How often other contexts' sessions, each to be renewed itself, may come in between.
const MOST_ROUNDS: u32 = 8;
/// Pauses between looks into the store after a refusal: another context may have been faster, and still be writing.
const SECOND_LOOKS: [i64; 4] = [0, 100, 300, 600];
/// Longest wait for the caller's `credentials`, which may ask a person, milliseconds.
const LONGEST_ASKING: i64 = 300_000;

/// The renewal in progress.
#[derive(Clone, Default)]
pub(super) struct Renewal {
    pub(super) state: State,
    with: With,
    reason: Option<Code>,
    limit: Option<i64>,
    pub(super) attempt: u32,
    rounds: u32,
    /// The refresh token's refusal, while other ways are tried.
    refusal: Option<AuthError>,
    /// What is told once the lock is given back.
    pub(super) deferred: Vec<Output>,
}

/// What it waits for.
#[derive(Clone, Default)]
pub(super) enum State {
    #[default]
    Idle,
    /// The lock.
    Locking,
    /// The store, for the `tries`-th time.
    Rereading { tries: usize, was_unread: bool },
    /// The answer.
    Sending { exchange: u32 },
    /// The store, after a refusal, or the pause before the next look.
    Doubting { refusal: AuthError, looks: usize },
    /// The pause before the request is repeated.
    Pausing,
    /// `credentials`; `None` while the lock is being given back.
    Asking { op: Option<Op> },
    /// The store, to take what came back.
    Storing,
    /// The store, to be emptied.
    Ending { refusal: AuthError },
    /// The store, to forget a refused refresh token.
    Forgetting { error: AuthError },
    /// The lock, to be given back.
    Finishing { result: Result<()> },
}

/// What is sent.
#[derive(Clone, Default)]
enum With {
    #[default]
    RefreshToken,
    /// What `credentials` gave.
    Credentials(Credentials),
    /// The login's own request, for which params suffice.
    Params,
}

impl Renewal {
    pub(super) fn is_asking(&self) -> bool {
        matches!(self.state, State::Asking { .. })
    }

    /// Whether it uses the store and the session; not while somebody is waited for who may take long.
    pub(super) fn is_busy(&self) -> bool {
        !matches!(self.state, State::Idle | State::Asking { .. } | State::Finishing { .. })
    }

    /// Whether a refresh token is out, and until what comes of it is in the store.
    pub(super) fn must_end(&self) -> bool {
        matches!(self.state, State::Sending { .. } | State::Storing | State::Ending { .. })
    }

    /// The exchange that is out.
    pub(super) fn exchange(&self) -> Option<u32> {
        match self.state {
            State::Sending { exchange } => Some(exchange),
            _ => None,
        }
    }
}

impl Session {
    /// Whether nothing of the renewal may be told yet.
    pub(super) fn renewal_is_locked(&self) -> bool {
        use super::lock::LockState::{Held, Returning};
        matches!(self.session_lock.state, Held(_) | Returning(_))
    }

    pub(super) fn begin_renewal(&mut self, reason: Code, limit: Option<i64>) {
        let deferred = std::mem::take(&mut self.renewal.deferred);
        self.renewal = Renewal { reason: Some(reason), limit, attempt: 1, deferred, ..Renewal::default() };
        let Some(tokens) = self.tokens().cloned() else { return self.finish_renewal(Err(signed_out())) };
        self.renew_with_what_there_is(&tokens);
    }

    fn renew_with_what_there_is(&mut self, tokens: &Tokens) {
        if self.has_refresh(tokens) {
            self.renewal.with = With::RefreshToken;
        } else if self.config.can_ask {
            return self.ask_credentials();
        } else {
            self.renewal.with = With::Params;
        }
        self.lock_for_renewal();
    }

    fn lock_for_renewal(&mut self) {
        self.renewal.state = State::Locking;
        if self.session_lock.is_held() {
            return self.reread();
        }
        if self.means.has_store {
            self.take_lock(Place::Session, self.renewal.limit);
        } else {
            self.reread();
        }
    }

    /// The lock is there, or is gone without.
    pub(super) fn renewal_has_lock(&mut self) {
        if matches!(self.renewal.state, State::Locking) {
            self.reread();
        } else {
            self.give_back(Place::Session);
        }
    }

    fn reread(&mut self) {
        let was_unread = self.store.is_unread();
        self.renewal.state = State::Rereading { tries: 0, was_unread };
        self.store.jobs.push_back(Job::Reread);
    }

    /// The pause is over.
    pub(super) fn renewal_goes_on(&mut self) {
        match self.renewal.state {
            State::Rereading { .. } | State::Doubting { .. } => self.store.jobs.push_back(Job::Reread),
            State::Pausing => self.lock_for_renewal(),
            _ => {}
        }
    }

    /// The store was read.
    pub(super) fn renewal_reread(&mut self, found: Found) {
        match (std::mem::take(&mut self.renewal.state), found) {
            (State::Rereading { .. } | State::Doubting { .. }, found @ (Found::Newer(_) | Found::Gone)) => {
                self.give_way(found);
            }
            (State::Rereading { tries, was_unread }, Found::Unknown) => {
                let pause = SECOND_READS.get(tries).filter(|_| !was_unread && !self.store.hangs());
                match pause {
                    Some(pause) => {
                        self.renewal.state = State::Rereading { tries: tries.saturating_add(1), was_unread };
                        self.set(Timer::RenewalPause, *pause);
                    }
                    None => self.spend(),
                }
            }
            (State::Rereading { .. }, _) => self.spend(),
            (State::Doubting { refusal, looks }, _) => match SECOND_LOOKS.get(looks).filter(|_| self.means.has_store) {
                Some(pause) => {
                    self.renewal.state = State::Doubting { refusal, looks: looks.saturating_add(1) };
                    self.set(Timer::RenewalPause, *pause);
                }
                None => self.believe(refusal),
            },
            (other, _) => self.renewal.state = other,
        }
    }

    /// Takes what another context wrote: a session, which may have to be renewed itself, or that somebody signed out.
    fn give_way(&mut self, found: Found) {
        let Found::Newer(newer) = found else {
            self.replace_session(None, Change::Sync);
            return self.finish_renewal(Err(signed_out()));
        };
        let is_good = self.is_good(&newer);
        self.replace_session(Some(newer.clone()), Change::Sync);
        if is_good {
            return self.finish_renewal(Ok(()));
        }
        self.renewal.rounds = self.renewal.rounds.saturating_add(1);
        if self.renewal.rounds > MOST_ROUNDS.saturating_add(self.config.retries) {
            let error = AuthError::new(Code::Storage, "the store gives another session each time that it is read")
                .hint("Check the store: what was set under a key must be what `get` gives.");
            return self.finish_renewal(Err(error));
        }
        if matches!(self.renewal.with, With::Credentials(_)) {
            return self.spend();
        }
        self.renewal.refusal = None;
        if self.has_refresh(&newer) {
            self.renewal.with = With::RefreshToken;
            return self.spend();
        }
        self.renew_with_what_there_is(&newer);
    }

    /// Sends what renews.
    fn spend(&mut self) {
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
    fn send_refresh_token(&mut self, limit: Option<i64>) -> Result<Option<Obtained>> {
        let config = self.config.clone();
        let (Some(before), Some(template)) = (self.tokens().cloned(), &config.provider.renew) else { return Ok(None) };
        if before.refresh_token.is_none() {
            return Ok(None);
        }
        let moment = self.moment();
        let mut scope = Scope::new();
        self.params(&mut scope, &before.inferred);
        self.token_values(&mut scope, &before);
        moment.values(&mut scope);
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
            self.renewal.state = State::Doubting { refusal: error, looks: 1 };
            return self.store.jobs.push_back(Job::Reread);
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
    fn store_renewed(&mut self, mut tokens: Tokens) {
        self.session_lock.was_not_needed();
        let Some(before) = self.tokens() else { return self.finish_renewal(Err(signed_out())) };
        tokens.version = before.version.renewed();
        if tokens.subject.is_none() {
            tokens.subject.clone_from(&before.subject);
        }
        self.renewal.state = State::Storing;
        self.store.jobs.push_back(Job::Renewed(Rc::new(tokens)));
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
    fn believe(&mut self, refusal: AuthError) {
        if self.config.can_ask {
            self.renewal.refusal = Some(refusal);
            return self.ask_credentials();
        }
        if self.renews_by_login() && matches!(self.renewal.with, With::RefreshToken) {
            self.renewal.with = With::Params;
            return self.spend();
        }
        self.end_session(refusal);
    }

    fn end_session(&mut self, refusal: AuthError) {
        self.renewal.state = State::Ending { refusal };
        self.store.jobs.push_back(Job::End);
    }

    /// Asks the caller, without the lock, as all that is the caller's.
    fn ask_credentials(&mut self) {
        self.renewal.state = State::Asking { op: None };
        if self.give_back(Place::Session) {
            self.ask_now();
        }
    }

    fn ask_now(&mut self) {
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

    fn credentials_gave_up(&mut self) {
        if let Some(refusal) = self.renewal.refusal.take() {
            return self.end_session(refusal);
        }
        let message = "`credentials` gave none, so the session cannot be renewed";
        self.finish_renewal(Err(AuthError::new(Code::LoginRequired, message).hint("Sign in again.")));
    }

    fn credentials_failed(&mut self, error: AuthError) {
        let is_refused = error.code == Code::LoginRequired;
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
                self.store.jobs.push_back(Job::Forget(Rc::new(tokens)));
            }
        }
    }

    /// Its result, told as soon as the lock is given back.
    pub(super) fn finish_renewal(&mut self, result: Result<()>) {
        self.stop(Timer::AskDeadline);
        self.renewal.state = State::Finishing { result };
        if self.give_back(Place::Session) {
            self.renewal_is_unlocked();
        }
    }

    /// The lock is given back: what waited for that goes on.
    pub(super) fn renewal_is_unlocked(&mut self) {
        self.tell_deferred();
        match std::mem::take(&mut self.renewal.state) {
            State::Finishing { result } => self.renewal_is_over(result),
            State::Asking { op: None } => self.ask_now(),
            State::Locking => self.lock_for_renewal(),
            other => self.renewal.state = other,
        }
    }

    fn tell_deferred(&mut self) {
        let deferred = std::mem::take(&mut self.renewal.deferred);
        self.out.extend(deferred);
    }

    fn renewal_is_over(&mut self, result: Result<()>) {
        if let Err(error) = &result {
            self.renewal_failed(error);
            self.refresh_failed(error);
        }
        self.renewal_ended_for_callers(&result);
        if std::mem::take(&mut self.store.is_look_wanted) {
            self.look_for_changes();
        }
    }

    /// A login or logout comes in the place of a renewal in progress.
    pub(super) fn overtake_renewal(&mut self) {
        if matches!(self.renewal.state, State::Idle) {
            return;
        }
        self.drop_renewal();
        self.renewal_ended_for_callers(&Err(overtaken()));
    }

    /// Ends it without a word.
    pub(super) fn drop_renewal(&mut self) {
        if let Some(exchange) = self.renewal.exchange() {
            self.cancel(exchange);
        }
        self.renewal.state = State::Idle;
        self.renewal.with = With::default();
        self.renewal.refusal = None;
        self.stop(Timer::RenewalPause);
        self.stop(Timer::AskDeadline);
        self.store.drop_renewal_jobs();
        if self.give_back(Place::Session) {
            self.tell_deferred();
        }
    }
}

/// What `credentials` gave and the provider refused is no session that can be had without the user.
fn refused_credentials(mut error: AuthError) -> AuthError {
    if matches!(
        error.code,
        Code::InvalidCredentials | Code::InvalidToken | Code::SecondFactorRequired | Code::AccessDenied
    ) {
        error.message = ["the credentials that `credentials` gave were refused: ", &error.message].concat();
        error.code = Code::LoginRequired;
    }
    error
}
