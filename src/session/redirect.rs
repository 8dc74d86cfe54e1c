//! Authorization code: pending logins, and their callbacks, each of which is redeemed once.

use std::collections::VecDeque;
use std::rc::Rc;

use sha2::{Digest, Sha256};

use super::calls::{Waits, overtaken};
use super::exchange::{Ask, Reading, Whose};
use super::jobs::SignIn;
use super::login::Login;
use super::logout::SignOut;
use super::obtain::requested_scope;
use super::pending::{self, Pending};
use super::store::{At, not_in_time};
use super::{CallId, Op, Output, Place, Redirected, Reply, Session, Timer, Tokens};
use crate::error::{AuthError, Code, Result};
use crate::protocol::redirect::{self, Callback, CallbackAnswer};
use crate::protocol::request::{Purpose, Request};
use crate::protocol::url::{Url, is_absolute};
use crate::protocol::{pkce, problem};
use crate::provider::{self, AuthorizeTemplate, RequestTemplate, Scope};
use crate::secret::Secret;

/// How many callbacks are remembered, so that one handled twice gives the same result.
const REMEMBERED: usize = 8;
/// How often something else may get into the store between a look and a write.
const MOST_LOOKS: u32 = 8;
/// Longest wait for the store, milliseconds.
const PATIENCE: i64 = 5_000;

/// Redirect logins.
#[derive(Clone, Default)]
pub(super) struct Redirect {
    jobs: VecDeque<Job>,
    in_hand: Option<InHand>,
    handled: Vec<Handled>,
}

/// What is done with pending logins, one job at a time.
#[derive(Clone)]
enum Job {
    /// One more.
    Add { call: CallId, pending: Box<Pending>, address: String },
    /// One is taken out by its callback.
    Take(Box<Take>),
    /// All go, with a logout.
    Clear(Box<SignOut>),
}

#[derive(Clone)]
struct Take {
    digest: [u8; 32],
    address: String,
    callback: Callback,
    limit: Option<i64>,
    /// A later login or a logout came before it was redeemed.
    is_overtaken: bool,
}

#[derive(Clone)]
struct InHand {
    job: Job,
    step: Step,
    op: Option<Op>,
    looks: u32,
}

/// What the job in hand waits for.
#[derive(Clone)]
enum Step {
    Locking,
    Loading,
    /// The store, to be without what is taken; or with what is added.
    Writing(Option<Result<Box<Pending>>>),
    Unlocking(Result<Box<Pending>>),
}

/// A callback that was handled, or is being.
#[derive(Clone)]
struct Handled {
    digest: [u8; 32],
    return_to: Option<String>,
    /// `None` as long as it is redeemed.
    result: Option<Result<Redirected>>,
}

impl Redirect {
    pub(super) fn awaits(&self, op: Op) -> bool {
        self.in_hand.as_ref().is_some_and(|in_hand| in_hand.op == Some(op))
    }

    /// Callbacks handled before a logout are not handled again.
    pub(super) fn forget_results(&mut self) {
        self.handled.retain(|handled| handled.result.is_none());
    }

    /// A callback's result counts as long as its session is the current one.
    pub(super) fn forget_others(&mut self, current: Option<&Rc<Tokens>>) {
        self.handled.retain_mut(|handled| match (&mut handled.result, current) {
            (Some(Ok(redirected)), Some(current)) if redirected.tokens.version.login == current.version.login => {
                redirected.tokens = current.clone();
                true
            }
            (Some(Ok(_)), _) => false,
            _ => true,
        });
    }

    /// A later login or a logout comes in the place of callbacks that are not redeemed yet.
    pub(super) fn overtake(&mut self) {
        let in_hand = self.in_hand.iter_mut().map(|in_hand| &mut in_hand.job);
        for job in self.jobs.iter_mut().chain(in_hand) {
            if let Job::Take(take) = job {
                take.is_overtaken = true;
            }
        }
    }
}

impl Session {
    /// Remembers a pending login; settled with the address to send the user to.
    pub(super) fn authorization_url(&mut self, call: CallId, return_to: Option<String>) {
        match self.begin_redirect(return_to) {
            Ok((pending, address)) => {
                self.wait(call, Waits::Url);
                self.redirect.jobs.push_back(Job::Add { call, pending: Box::new(pending), address });
                self.run_redirect();
            }
            Err(error) => self.reply(call, Err(error)),
        }
    }

    fn begin_redirect(&mut self, return_to: Option<String>) -> Result<(Pending, String)> {
        let config = self.config.clone();
        let (authorize, exchange, redirect_uri) = redirect_login(&config)?;
        if let Some(address) = &return_to {
            self.check_return(address, redirect_uri)?;
        }
        let mut pending = Pending {
            state: self.random_token()?,
            verifier: self.random_token()?,
            redirect_uri: redirect_uri.to_owned(),
            issuer: authorize.issuer.clone(),
            scope: Vec::new(),
            deadline: self.now.wall.saturating_add(authorize.lifetime),
            return_to,
        };
        let challenge = pkce::challenge(pending.verifier.expose());
        let moment = self.moment();
        let state = pending.state.clone();
        let mut scope = Scope::new();
        self.params(&mut scope, &[]);
        moment.values(&mut scope);
        scope.secret("state", state.expose());
        scope.open("code_challenge", &challenge);
        pending.scope = requested_scope(&authorize.query, &exchange.body, &scope);
        let address = redirect::authorization_url(authorize, &scope, &config.base_url)?;
        self.refuse_insecure_redirect(&address)?;
        Ok((pending, address))
    }

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
        let take = Take { digest, address, callback, limit, is_overtaken: false };
        self.redirect.jobs.push_back(Job::Take(Box::new(take)));
        self.run_redirect();
    }

    /// The address as the URL standard writes it, and what it says; an error with the address where it is a callback.
    #[expect(clippy::type_complexity, reason = "read where it is called")]
    fn read_callback(&self, address: &str) -> Result<Option<(String, Callback)>, (Option<String>, AuthError)> {
        let (authorize, _, redirect_uri) = redirect_login(&self.config).map_err(|error| (None, error))?;
        let normal = self.addresses.href(redirect_uri, None).unwrap_or_default();
        let address = self.addresses.href(address, None);
        let address = address.ok_or_else(|| (None, AuthError::input("url", "an absolute address")))?;
        match redirect::callback(&address, &normal, authorize.echoes_state) {
            Ok(None) => Ok(None),
            Ok(Some(callback)) => Ok(Some((address, callback))),
            Err(error) => Err((Some(address), error)),
        }
    }

    fn run_redirect(&mut self) {
        while self.redirect.in_hand.is_none() {
            let Some(job) = self.redirect.jobs.pop_front() else { return };
            let step = match job {
                Job::Take(_) => Step::Locking,
                Job::Add { .. } => Step::Loading,
                Job::Clear(_) => Step::Writing(None),
            };
            self.redirect.in_hand = Some(InHand { job, step: step.clone(), op: None, looks: 0 });
            match step {
                Step::Locking => self.take_lock(Place::Pending, None),
                Step::Loading => self.load_pending(),
                _ => self.write_pending(None, None),
            }
        }
    }

    /// The lock is there, or is gone without.
    pub(super) fn redirect_has_lock(&mut self) {
        match &mut self.redirect.in_hand {
            Some(in_hand) if matches!(in_hand.step, Step::Locking) => {
                in_hand.step = Step::Loading;
                self.load_pending();
            }
            _ => {
                self.give_back(Place::Pending);
            }
        }
    }

    fn load_pending(&mut self) {
        let op = self.pending_op();
        self.out.push(Output::Load { op, place: Place::Pending });
    }

    /// `expected`: what was read; `None`: whatever is there.
    fn write_pending(&mut self, expected: Option<Option<String>>, value: Option<String>) {
        let op = self.pending_op();
        let place = Place::Pending;
        self.out.push(match expected {
            Some(expected) => Output::Swap { op, place, expected, value },
            None => Output::Put { op, place, value },
        });
    }

    fn pending_op(&mut self) -> Op {
        let op = self.op();
        if let Some(in_hand) = &mut self.redirect.in_hand {
            in_hand.op = Some(op);
        }
        self.set(Timer::StoreDeadline(Place::Pending), PATIENCE);
        op
    }

    pub(super) fn pending_is_late(&mut self) {
        match self.redirect.in_hand.as_ref().map(|in_hand| &in_hand.step) {
            Some(Step::Loading) => self.pending_loaded(Err(not_in_time(At::Reading))),
            Some(Step::Writing(_)) => self.pending_swapped(Err(not_in_time(At::Writing))),
            _ => {}
        }
    }

    pub(super) fn pending_loaded(&mut self, record: Result<Option<String>>) {
        self.stop(Timer::StoreDeadline(Place::Pending));
        let Some(mut in_hand) = self.redirect.in_hand.take() else { return };
        in_hand.op = None;
        let now = self.now.wall;
        match (&in_hand.job, record) {
            (Job::Add { call, .. }, Err(error)) => {
                let call = *call;
                self.settle(call, Err(error));
                self.run_redirect();
            }
            (Job::Add { pending, .. }, Ok(record)) => {
                let mut logins = pending::read(record.as_deref());
                logins.push((**pending).clone());
                in_hand.step = Step::Writing(None);
                self.redirect.in_hand = Some(in_hand);
                self.write_pending(Some(record), pending::write(logins, now));
            }
            (Job::Take(take), Ok(record)) if !take.is_overtaken => {
                let mut logins = pending::read(record.as_deref());
                let found = self.matching(&take.callback, &logins);
                let (at, found) = match found {
                    Ok(at) => (Some(at), None),
                    Err((at, error)) => (at, Some(error)),
                };
                let taken = at.filter(|at| *at < logins.len()).map(|at| Box::new(logins.remove(at)));
                let outcome = match (taken, found) {
                    (Some(taken), None) => Ok(taken),
                    (taken, error) => {
                        let error = error.unwrap_or_else(unexpected);
                        if taken.is_none() {
                            self.redirect.in_hand = Some(in_hand);
                            return self.unlock_pending(Err(error));
                        }
                        Err(error)
                    }
                };
                in_hand.step = Step::Writing(Some(outcome));
                self.redirect.in_hand = Some(in_hand);
                self.write_pending(Some(record), pending::write(logins, now));
            }
            (Job::Take(_), record) => {
                self.redirect.in_hand = Some(in_hand);
                self.unlock_pending(Err(record.err().unwrap_or_else(overtaken)));
            }
            (Job::Clear(_), _) => self.redirect.in_hand = Some(in_hand),
        }
    }

    pub(super) fn pending_swapped(&mut self, done: Result<bool>) {
        self.stop(Timer::StoreDeadline(Place::Pending));
        let Some(mut in_hand) = self.redirect.in_hand.take() else { return };
        in_hand.op = None;
        if matches!(done, Ok(false)) && !matches!(in_hand.job, Job::Clear(_)) && in_hand.looks < MOST_LOOKS {
            in_hand.looks = in_hand.looks.saturating_add(1);
            in_hand.step = Step::Loading;
            self.redirect.in_hand = Some(in_hand);
            return self.load_pending();
        }
        let done = done.and_then(|done| if done { Ok(()) } else { Err(unexpected()) });
        match (in_hand.job.clone(), in_hand.step.clone()) {
            (Job::Add { call, address, .. }, _) => self.settle(call, done.map(|()| Reply::Url(address))),
            (Job::Clear(sign_out), _) => {
                if let Err(error) = done {
                    self.warn_of_store(error);
                }
                self.signed_out_here(&sign_out);
            }
            (Job::Take(_), Step::Writing(Some(outcome))) => {
                self.redirect.in_hand = Some(in_hand);
                return self.unlock_pending(done.and(outcome));
            }
            (Job::Take(_), _) => {}
        }
        self.run_redirect();
    }

    fn unlock_pending(&mut self, outcome: Result<Box<Pending>>) {
        if let Some(in_hand) = &mut self.redirect.in_hand {
            in_hand.step = Step::Unlocking(outcome);
        }
        if self.give_back(Place::Pending) {
            self.redirect_is_unlocked();
        }
    }

    /// The lock is given back: what was taken is redeemed.
    pub(super) fn redirect_is_unlocked(&mut self) {
        match self.redirect.in_hand.take() {
            Some(InHand { job: Job::Take(take), step: Step::Unlocking(outcome), .. }) => match outcome {
                Ok(_) | Err(_) if take.is_overtaken => self.refuse_callback(*take, overtaken()),
                Ok(pending) => self.redeem(*take, *pending),
                Err(error) => self.refuse_callback(*take, error),
            },
            Some(in_hand) => {
                let is_locking = matches!(in_hand.step, Step::Locking);
                self.redirect.in_hand = Some(in_hand);
                if is_locking {
                    self.take_lock(Place::Pending, None);
                }
                return;
            }
            None => {}
        }
        self.run_redirect();
    }

    /// The pending login that the callback answers; or why there is none, with one that goes all the same.
    fn matching(&self, callback: &Callback, logins: &[Pending]) -> Result<usize, (Option<usize>, AuthError)> {
        let (authorize, ..) = redirect_login(&self.config).map_err(|error| (None, error))?;
        if logins.is_empty() {
            return Err((None, unexpected()));
        }
        let at = if authorize.echoes_state {
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
    fn refuse_callback(&mut self, take: Take, error: AuthError) {
        self.redirect.handled.retain(|handled| handled.digest != take.digest);
        self.out.push(Output::CleanAddress { address: take.address });
        self.settle_callback(take.digest, &Err(error));
    }

    fn redeem(&mut self, take: Take, pending: Pending) {
        self.out.push(Output::CleanAddress { address: take.address });
        self.overtake_login_in_progress();
        let known = self.redirect.handled.iter_mut().find(|handled| handled.digest == take.digest);
        if let Some(handled) = known {
            handled.return_to.clone_from(&pending.return_to);
        }
        let exchange = match take.callback.answer {
            CallbackAnswer::Code(code) => self.exchange(&pending, &Secret::new(code), take.limit),
            CallbackAnswer::Error(code, text) => {
                Err(problem::callback(&self.config.provider.problem, &code, text.as_deref()))
            }
        };
        match exchange {
            Ok(exchange) => self.login = Login::Exchanging { exchange, digest: take.digest },
            Err(error) => self.redeemed(take.digest, Err(error)),
        }
    }

    fn exchange(&mut self, pending: &Pending, code: &Secret, limit: Option<i64>) -> Result<u32> {
        let config = self.config.clone();
        let (authorize, exchange, _) = redirect_login(&config)?;
        let template = redirect::exchange(exchange, authorize.pkce);
        let moment = self.moment();
        let mut scope = Scope::new();
        self.params(&mut scope, &[]);
        moment.values(&mut scope);
        scope.open("redirect_uri", &pending.redirect_uri);
        scope.secret("code", code.expose());
        scope.secret("code_verifier", pending.verifier.expose());
        scope.secret("state", pending.state.expose());
        let request = Request::build(Purpose::Exchange, &template, &scope, &config.base_url)?;
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

    fn settle_callback(&mut self, digest: [u8; 32], result: &Result<Redirected>) {
        let waits = |call: &super::Call| matches!(call.waits, Waits::Callback(known) if known == digest);
        while let Some(id) = self.calls.iter().find(|call| waits(call)).map(|call| call.id) {
            self.settle(id, result.clone().map(Reply::Redirected));
        }
    }

    /// With a logout all pending logins go.
    pub(super) fn clear_pending(&mut self, sign_out: SignOut) {
        self.redirect.jobs.push_back(Job::Clear(Box::new(sign_out)));
        self.run_redirect();
    }

    /// `close`: nobody waits for a redirect any more.
    pub(super) fn abandon_redirects(&mut self) {
        self.redirect = Redirect::default();
        self.stop(Timer::StoreDeadline(Place::Pending));
        self.give_back(Place::Pending);
    }

    /// Fails for providers whose login is none.
    pub fn needs_redirect(&self) -> Result<()> {
        redirect_login(&self.config).map(drop)
    }

    /// A path, or an address of the redirect URI's origin: never a way to another site.
    fn check_return(&self, address: &str, redirect_uri: &str) -> Result<()> {
        let origin = |href: &str| Url::split(href).map(|url| url.origin());
        let home = self.addresses.href(redirect_uri, None).as_deref().and_then(origin);
        let there = self.addresses.href(address, Some(redirect_uri)).as_deref().and_then(origin);
        let is_path = address.starts_with('/') || is_absolute(address);
        if is_path && home.is_some() && home == there && !address.chars().any(char::is_control) {
            return Ok(());
        }
        Err(AuthError::input("returnTo", "a path, or an address of the same origin as `redirectUri`"))
    }

    fn refuse_insecure_redirect(&self, address: &str) -> Result<()> {
        let href = self.addresses.href(address, None);
        let insecure = href.as_deref().and_then(Url::split).is_none_or(|url| url.is_insecure());
        if insecure && !self.config.allow_insecure {
            return Err(AuthError::new(Code::InsecureUrl, "the user is not sent to sign in over http:")
                .hint("Use https:, or set `allowInsecure: true` for a network that you trust."));
        }
        Ok(())
    }

    fn random_token(&mut self) -> Result<Secret> {
        match self.draw() {
            Some(random) => Ok(Secret::new(pkce::token(&random))),
            None => Err(AuthError::new(Code::Unsupported, "this host has no crypto.getRandomValues")),
        }
    }
}

fn redirect_login(config: &super::Config) -> Result<(&AuthorizeTemplate, &RequestTemplate, &str)> {
    match (&config.provider.login, &config.redirect_uri) {
        (provider::Login::Redirect { authorize, exchange }, Some(uri)) => Ok((authorize, exchange, uri)),
        _ => {
            let message = [&config.provider.id, " does not sign in by redirect"].concat();
            Err(AuthError::new(Code::Unsupported, &message).hint("Call `login`."))
        }
    }
}

fn unexpected() -> AuthError {
    AuthError::new(Code::RedirectUnexpected, "a callback that no login of this browser awaits")
        .hint("Nothing was sent. Start the login again in the same browser and tab.")
}
