//! One request with its repetitions, deadline and trace.

use super::engine::Client;
use super::host::{Host, Trace};
use crate::error::{AuthError, Code, Result};
use crate::protocol::request::{Purpose, Request};
use crate::protocol::response::{Response, Times};
use crate::protocol::url::Url;

/// A `Retry-After` of at most this is waited for inside the call, milliseconds.
const LONGEST_WAIT: i64 = 30_000;
/// First pause before a repetition; it doubles each time, milliseconds.
const FIRST_PAUSE: i64 = 400;
/// How many redirects within its origin a check follows.
const MOST_REDIRECTS: u32 = 5;

impl<H: Host> Client<H> {
    /// Sends a request, reads its answer with `read`, and repeats it as its purpose allows.
    pub(super) async fn call(
        &self,
        request: &Request,
        limit: Option<i64>,
        read: &mut dyn FnMut(&Response, Times) -> Result<()>,
    ) -> Result<()> {
        let mut attempt = 1;
        loop {
            let result = self.once(request, attempt, limit, read).await;
            let Err(error) = &result else { return result };
            let Some(pause) = self.pause_before_repeating(request.purpose, error, attempt)? else { return result };
            attempt += 1;
            self.host.sleep(pause, false).await;
        }
    }

    /// How long to wait before a request is sent once more; `None` when it is not.
    pub(super) fn pause_before_repeating(
        &self,
        purpose: Purpose,
        error: &AuthError,
        attempt: u32,
    ) -> Result<Option<i64>> {
        if attempt > self.config.retries || !repeats(purpose, error) {
            return Ok(None);
        }
        match error.retry_after {
            Some(wait) => Ok((wait <= LONGEST_WAIT).then_some(wait)),
            None => self.backoff(attempt).map(Some),
        }
    }

    /// Sends a request once.
    pub(super) async fn once(
        &self,
        request: &Request,
        attempt: u32,
        limit: Option<i64>,
        read: &mut dyn FnMut(&Response, Times) -> Result<()>,
    ) -> Result<()> {
        self.refuse_insecure(request)?;
        let timeout = limit.unwrap_or(self.config.timeout);
        let mut tracing =
            Tracing { client: self, request, attempt, started: self.host.now(), outcome: Outcome::Dropped };
        let mut answer = self.host.send(request, timeout).await;
        let mut hops = 0;
        while let (Purpose::Check, Ok(response)) = (request.purpose, &answer) {
            let Some(next) = self.redirected(request, response).filter(|_| hops < MOST_REDIRECTS) else {
                break;
            };
            hops += 1;
            answer = self.host.send(&Request { url: next, ..request.clone() }, timeout).await;
        }
        let times = Times { sent: tracing.started, received: self.host.now() };
        let status = answer.as_ref().ok().map(|response| response.status);
        let result = answer.and_then(|response| read(&response, times));
        tracing.outcome = Outcome::Ended { status, error: result.as_ref().err().map(|error| error.code) };
        result
    }

    /// Where a redirect leads, when it stays within its origin.
    fn redirected(&self, request: &Request, response: &Response) -> Option<String> {
        let is_redirect = matches!(response.status, 301 | 302 | 303 | 307 | 308);
        let next = self.host.href(response.header("location").filter(|_| is_redirect)?, Some(&request.url))?;
        let same = Url::split(&next)?.origin() == Url::split(&request.url)?.origin();
        same.then_some(next)
    }

    fn refuse_insecure(&self, request: &Request) -> Result<()> {
        let url = Url::split(&request.url).filter(Url::is_http);
        let url =
            url.ok_or_else(|| AuthError::new(Code::InvalidConfig, "the provider's address is no http(s) address"))?;
        if url.is_insecure() && !self.config.allow_insecure {
            return Err(AuthError::new(Code::InsecureUrl, "credentials are not sent over http: to another machine")
                .hint("Use https:, or set `allowInsecure: true` for a network that you trust."));
        }
        Ok(())
    }

    /// Exponential, with jitter: between half of the pause and the whole.
    fn backoff(&self, attempt: u32) -> Result<i64> {
        let whole = FIRST_PAUSE << attempt.saturating_sub(1).min(8);
        Ok(whole / 2 + self.jitter(whole / 2)?)
    }

    /// From nothing to `most`, at random.
    pub(super) fn jitter(&self, most: i64) -> Result<i64> {
        let mut random = [0; 2];
        self.host.random(&mut random)?;
        Ok(most * i64::from(u16::from_le_bytes(random)) / i64::from(u16::MAX))
    }
}

/// Which failures of which requests may be repeated: never one that may have changed something twice.
fn repeats(purpose: Purpose, error: &AuthError) -> bool {
    match (purpose, error.status) {
        (Purpose::Api, _) => false,
        (_, Some(429 | 503)) => true,
        (Purpose::Refresh | Purpose::Check | Purpose::Revoke, Some(500..=599)) => true,
        (Purpose::Login | Purpose::Refresh | Purpose::Check | Purpose::Revoke, None) => error.code == Code::Network,
        _ => false,
    }
}

/// Traces the request when it ends, also when its caller went away.
struct Tracing<'a, H: Host> {
    client: &'a Client<H>,
    request: &'a Request,
    attempt: u32,
    started: i64,
    outcome: Outcome,
}

enum Outcome {
    Dropped,
    Ended { status: Option<u16>, error: Option<Code> },
}

impl<H: Host> Drop for Tracing<'_, H> {
    fn drop(&mut self) {
        let (status, error) = match self.outcome {
            Outcome::Dropped => (None, Some(Code::Aborted)),
            Outcome::Ended { status, error } => (status, error),
        };
        self.client.trace(Trace {
            purpose: self.request.purpose,
            method: self.request.method.to_owned(),
            url: self.request.shown_url.clone(),
            status,
            duration: self.client.host.now().saturating_sub(self.started).max(0),
            attempt: self.attempt,
            error,
        });
    }
}
