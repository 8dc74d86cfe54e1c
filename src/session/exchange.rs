//! One request with its repetitions, deadline and traces.

use super::{CallId, Op, Output, Session, Timer, Tokens, Trace};
use crate::error::{AuthError, Code, Result};
use crate::protocol::answer::{self, Owner};
use crate::protocol::request::{Purpose, Request};
use crate::protocol::response::{Response, Times};
use crate::protocol::url::Url;
use crate::protocol::{body, problem};
use crate::value::Value;

/// A `Retry-After` of at most this is waited for inside the call, milliseconds.
const LONGEST_WAIT: i64 = 30_000;
/// First pause before a repetition; it doubles each time, milliseconds.
const FIRST_PAUSE: i64 = 400;
/// How many redirects within its origin a check follows.
const MOST_REDIRECTS: u32 = 5;

/// A request on its way, or in the pause before its repetition.
#[derive(Clone)]
pub(super) struct Exchange {
    /// Its own number, the same for all repetitions.
    pub(super) id: u32,
    /// The operation that is out.
    op: Option<Op>,
    whose: Whose,
    request: Request,
    reading: Reading,
    /// The caller's own `timeout`.
    limit: Option<i64>,
    /// Whether it is repeated here; else each failure is told to whose it is.
    repeats: bool,
    attempt: u32,
    /// When it was sent, on both clocks.
    sent: (i64, Option<i64>),
    redirects: u32,
}

/// Who waits for an answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    Renewal,
    Login,
    Check(CallId),
    Revocation(CallId),
}

/// How an answer is read.
#[derive(Clone)]
pub(super) enum Reading {
    /// As a token answer: tokens in the place of those before, where that is a renewal.
    Grant { before: Option<std::rc::Rc<Tokens>>, requested: Vec<String>, inferred: Vec<(String, String)> },
    /// As whose the credential is, for a login with the credential itself.
    Direct(Box<Tokens>),
    /// As whose the credential is.
    Owner,
    /// Success is all that counts.
    Success,
}

/// What an answer came to.
pub(super) enum Read {
    Tokens(Box<Tokens>),
    Owner(Owner),
    Success,
}

/// A request to be sent, and what it is for.
pub(super) struct Ask {
    pub(super) whose: Whose,
    pub(super) request: Request,
    pub(super) reading: Reading,
    pub(super) limit: Option<i64>,
    pub(super) repeats: bool,
    pub(super) attempt: u32,
}

impl Session {
    /// Sends a request; gives the number of the exchange.
    pub(super) fn ask(&mut self, ask: Ask) -> Result<u32> {
        let Ask { whose, mut request, reading, limit, repeats, attempt } = ask;
        request.url = self.secure_address(&request.url)?;
        let known = self.tokens().map(|tokens| tokens.secrets.as_slice()).unwrap_or_default();
        known.iter().for_each(|secret| request.redactor.add(secret.expose()));
        let id = self.op();
        let exchange =
            Exchange { id, op: None, whose, request, reading, limit, repeats, attempt, sent: (0, None), redirects: 0 };
        self.exchanges.push(exchange);
        self.send(id);
        Ok(id)
    }

    fn send(&mut self, id: u32) {
        let op = self.op();
        let sent = (self.now.wall, self.now.steady);
        let default = self.config.timeout;
        let Some(exchange) = self.exchanges.iter_mut().find(|exchange| exchange.id == id) else { return };
        exchange.op = Some(op);
        if exchange.redirects == 0 {
            exchange.sent = sent;
        }
        let timeout = exchange.limit.unwrap_or(default);
        self.out.push(Output::Send { op, request: exchange.request.clone(), timeout });
    }

    /// Nobody waits for it any more.
    pub(super) fn cancel(&mut self, id: u32) {
        let Some(at) = self.exchanges.iter().position(|exchange| exchange.id == id) else { return };
        let exchange = self.exchanges.remove(at);
        self.stop(Timer::Repeat(id));
        if let Some(op) = exchange.op {
            self.out.push(Output::Cancel { op });
            self.trace(&exchange, None, Some(Code::Aborted));
        }
    }

    /// Ends all of one kind.
    pub(super) fn cancel_all(&mut self, of: impl Fn(Whose) -> bool) {
        while let Some(id) = self.exchanges.iter().find(|exchange| of(exchange.whose)).map(|exchange| exchange.id) {
            self.cancel(id);
        }
    }

    /// The pause before a repetition is over.
    pub(super) fn repeat(&mut self, id: u32) {
        if let Some(exchange) = self.exchanges.iter_mut().find(|exchange| exchange.id == id) {
            exchange.attempt = exchange.attempt.saturating_add(1);
            exchange.redirects = 0;
            self.send(id);
        }
    }

    pub(super) fn answered(&mut self, op: Op, answer: Result<Response>) {
        let Some(at) = self.exchanges.iter().position(|exchange| exchange.op == Some(op)) else { return };
        let mut exchange = self.exchanges.remove(at);
        exchange.op = None;
        if let Ok(response) = &answer
            && exchange.request.purpose == Purpose::Check
            && exchange.redirects < MOST_REDIRECTS
            && let Some(next) = self.redirected(&exchange.request, response)
        {
            exchange.redirects = exchange.redirects.saturating_add(1);
            exchange.request.url = next;
            let id = exchange.id;
            self.exchanges.push(exchange);
            return self.send(id);
        }
        let status = match &answer {
            Ok(response) => Some(response.status),
            Err(error) => error.status,
        };
        let result = answer.and_then(|response| self.read(&exchange, &response));
        self.trace(&exchange, status, result.as_ref().err().map(|error| error.code));
        if let Err(error) = &result
            && exchange.repeats
            && let Some(pause) = self.pause_before_repeating(exchange.request.purpose, error, exchange.attempt)
        {
            let timer = Timer::Repeat(exchange.id);
            self.exchanges.push(exchange);
            return self.set(timer, pause);
        }
        match (exchange.whose, result) {
            (Whose::Renewal, Ok(Read::Tokens(tokens))) => self.renewal_answered(Ok(*tokens)),
            (Whose::Renewal, Err(error)) => self.renewal_answered(Err(error)),
            (Whose::Login, Ok(Read::Tokens(tokens))) => self.login_answered(Ok(*tokens)),
            (Whose::Login, Err(error)) => self.login_answered(Err(error)),
            (Whose::Check(call), Ok(Read::Owner(owner))) => self.settle(call, Ok(super::Reply::Owner(owner))),
            (Whose::Check(call), Err(error)) => self.settle(call, Err(error)),
            (Whose::Revocation(call), result) => self.revoked(call, result.err()),
            (_, Ok(_)) => {}
        }
    }

    fn read(&mut self, exchange: &Exchange, response: &Response) -> Result<Read> {
        let config = self.config.clone();
        let provider = &config.provider;
        let redactor = &exchange.request.redactor;
        let purpose = exchange.request.purpose;
        let times = Times { sent: exchange.sent.0, received: self.now.wall };
        let owner = || match provider.check() {
            Some(check) => answer::owner(provider, check, response, times, redactor),
            None => Err(AuthError::new(Code::InvalidResponse, "no answer was awaited")),
        };
        match &exchange.reading {
            Reading::Grant { before, requested, inferred } => {
                let mut grant = answer::token(provider, purpose, response, times, redactor)?;
                grant.api_base = self.accepted_base(grant.api_base.take());
                let before = before.as_deref();
                let (mut tokens, left_out) =
                    Tokens::granted(grant, before, requested, exchange.sent.0, exchange.sent.1);
                if left_out {
                    let message = "the answers' other fields are more than 64 KiB: some are left out of `details`";
                    self.warn(AuthError::new(Code::InvalidResponse, message));
                }
                if before.is_none() {
                    tokens.inferred.clone_from(inferred);
                }
                Ok(Read::Tokens(Box::new(tokens)))
            }
            Reading::Direct(tokens) => {
                let owner = owner()?;
                let mut tokens = (**tokens).clone();
                tokens.subject = Some(owner.subject);
                tokens.details = owner.details;
                Ok(Read::Tokens(Box::new(tokens)))
            }
            Reading::Owner => owner().map(Read::Owner),
            // RFC 7009 section 2.2: 200 is success, whatever the body is.
            Reading::Success if response.is_success() => Ok(Read::Success),
            Reading::Success => {
                let tree = body::read(provider.answer(), response).unwrap_or(Value::Null);
                Err(problem::refusal(provider, purpose, response, &tree, times.received, redactor))
            }
        }
    }

    /// How long to wait before a request is sent once more; `None` when it is not.
    pub(super) fn pause_before_repeating(&mut self, purpose: Purpose, error: &AuthError, attempt: u32) -> Option<i64> {
        if attempt > self.config.retries || !repeats(purpose, error) {
            return None;
        }
        match error.retry_after {
            Some(wait) => (wait <= LONGEST_WAIT).then_some(wait),
            // Exponential, with jitter: between half of the pause and the whole.
            None => {
                let whole = FIRST_PAUSE << attempt.saturating_sub(1).min(8);
                Some((whole / 2).saturating_add(self.jitter(whole / 2)))
            }
        }
    }

    /// Where a redirect leads, when it stays within its origin.
    fn redirected(&self, request: &Request, response: &Response) -> Option<String> {
        let is_redirect = matches!(response.status, 301 | 302 | 303 | 307 | 308);
        let next = self.addresses.href(response.header("location").filter(|_| is_redirect)?, Some(&request.url))?;
        let same = Url::split(&next)?.origin() == Url::split(&request.url)?.origin();
        same.then_some(next)
    }

    /// The address as the URL standard writes it, which is the one that is checked and sent to.
    fn secure_address(&self, address: &str) -> Result<String> {
        let wrong = || AuthError::new(Code::InvalidConfig, "the provider's address is no http(s) address");
        let href = self.addresses.href(address, None).ok_or_else(wrong)?;
        let url = Url::split(&href).filter(Url::is_http).ok_or_else(wrong)?;
        if url.is_insecure() && !self.config.allow_insecure {
            return Err(AuthError::new(Code::InsecureUrl, "credentials are not sent over http: to another machine")
                .hint("Use https:, or set `allowInsecure: true` for a network that you trust."));
        }
        Ok(href)
    }

    /// Tells of a request, where somebody listens: the renewal's own not before its lock is given back.
    fn trace(&mut self, exchange: &Exchange, status: Option<u16>, error: Option<Code>) {
        if !self.means.is_traced {
            return;
        }
        let trace = Output::Trace(Trace {
            purpose: exchange.request.purpose,
            method: exchange.request.method.to_owned(),
            url: exchange.request.shown_url(),
            status,
            duration: self.now.wall.saturating_sub(exchange.sent.0).max(0),
            attempt: exchange.attempt,
            error,
        });
        if exchange.whose == Whose::Renewal && self.renewal_is_locked() {
            self.renewal.deferred.push(trace);
        } else {
            self.out.push(trace);
        }
    }
}

/// Which failures of which requests may be repeated: never one that may have changed something twice.
fn repeats(purpose: Purpose, error: &AuthError) -> bool {
    match (purpose, error.status) {
        (_, Some(429 | 503)) => true,
        (Purpose::Refresh | Purpose::Check | Purpose::Revoke, Some(500..=599)) => true,
        (Purpose::Login | Purpose::Refresh | Purpose::Check | Purpose::Revoke, None) => {
            error.code == Code::Network && error.retryable()
        }
        _ => false,
    }
}
