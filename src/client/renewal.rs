//! One renewal for everybody who waits for it.

use std::cell::Cell;
use std::rc::Rc;

use super::engine::{Client, overtaken, signed_out};
use super::guard::Guard;
use super::held::Held;
use super::host::Host;
use super::pace::LONGEST_INSIDE;
use super::signal::{Signal, first, work};
use super::spend::{Spent, Taken};
use super::store::LINGER;
use crate::error::{AuthError, Code, Result};

/// A renewal in progress.
#[derive(Default)]
pub(super) struct Renewal {
    pub(super) result: Signal<Result<()>>,
    /// Set when a login or logout overtakes it.
    pub(super) overtaken: Signal<AuthError>,
    /// Set while the caller's `credentials` function is waited for.
    pub(super) asking: Cell<bool>,
    /// Set while the refresh token is out, and until what comes back is kept.
    pub(super) spending: Cell<bool>,
    /// Set when nothing of it runs any more.
    ended: Signal<()>,
}

impl<H: Host> Client<H> {
    /// Fails inside the caller's `credentials` function, which would wait for itself.
    pub fn is_not_asking(&self) -> Result<()> {
        if !self.asking.get() {
            return Ok(());
        }
        Err(AuthError::new(Code::LoginRequired, "the session that `credentials` is asked for is not there yet")
            .hint("Do not use the client inside the `credentials` function."))
    }

    /// Renews the session now.
    pub async fn refresh(self: &Rc<Self>, limit: Option<i64>) -> Result<Rc<Held>> {
        self.open()?;
        let provider = &self.config.provider;
        if provider.renew().is_none() && !self.config.can_ask {
            return Err(AuthError::of(Code::Unsupported, &[provider.id(), " has no renewal"])
                .hint("Sign in again, or give `create` the option `credentials`."));
        }
        let held = self.held().ok_or_else(signed_out)?;
        if !self.can_renew(&held) {
            return Err(AuthError::new(Code::LoginRequired, "the session has no refresh token").hint("Sign in again."));
        }
        self.renew(Code::LoginRequired, limit).await
    }

    /// After a call was refused with the session `sent`, of that generation: whether it is worth repeating with the
    /// current one. Nobody's call is repeated as somebody else.
    pub async fn after_refusal(self: &Rc<Self>, sent: &Held, generation: u64) -> Result<bool> {
        // Signed out, or refused for good, while the call was out.
        let held = self.held().ok_or_else(signed_out)?;
        if held.version.login != sent.version.login {
            return Ok(false);
        }
        if self.generation() != generation {
            return Ok(true);
        }
        if !self.can_renew(&held) {
            return Ok(false);
        }
        let renewed = self.renew_paced(Code::InvalidToken, None).await?;
        Ok(renewed.version.login == sent.version.login)
    }

    /// The same, for those who did not ask for a renewal as such: after failures it waits, or fails at once.
    pub(super) async fn renew_paced(self: &Rc<Self>, reason: Code, limit: Option<i64>) -> Result<Rc<Held>> {
        let is_running = self.state.borrow().renewal.is_some();
        if let Some((left, mut error)) = self.cooling().filter(|_| !is_running) {
            if left > LONGEST_INSIDE.min(limit.unwrap_or(i64::MAX)) {
                error.retry_after = Some(left);
                return Err(error);
            }
            let changed = self.state.borrow().changed.clone();
            let generation = self.generation();
            first(work(changed.wait()), work(self.host.sleep(left, false))).await;
            self.open()?;
            if self.generation() != generation
                && let Some(held) = self.ready(0)
            {
                return Ok(held);
            }
        }
        self.renew(reason, limit).await
    }

    /// Joins the renewal in progress, or starts one. `limit` bounds this caller's wait, and no other's.
    pub(super) async fn renew(self: &Rc<Self>, reason: Code, limit: Option<i64>) -> Result<Rc<Held>> {
        let renewal = self.renewal(reason, limit);
        // Whoever comes while `credentials` is asked may be that function itself: it must not wait for itself for ever.
        let limit = limit.or_else(|| renewal.asking.get().then_some(self.config.timeout));
        match limit {
            None => renewal.result.wait().await?,
            Some(limit) => {
                let late = work(async {
                    self.host.sleep(limit, false).await;
                    Err(AuthError::new(
                        Code::Timeout,
                        "the renewal took longer than `timeout`; it goes on in the background",
                    ))
                });
                first(work(renewal.result.wait()), late).await?;
            }
        }
        self.held().ok_or_else(signed_out)
    }

    fn renewal(self: &Rc<Self>, reason: Code, limit: Option<i64>) -> Rc<Renewal> {
        let running = self.state.borrow().renewal.clone();
        if let Some(renewal) = running.filter(|_| self.host.has(Guard::OneFlight)) {
            return renewal;
        }
        let renewal: Rc<Renewal> = Rc::default();
        self.state.borrow_mut().renewal = Some(renewal.clone());
        let (client, task) = (self.clone(), renewal.clone());
        // The deadline of whoever starts it must not cut it short for the others.
        let limit = limit.map(|limit| limit.max(self.config.timeout));
        self.host.spawn(work(async move {
            let overtaken = work(async { Err(task.overtaken.wait().await) });
            let result = first(overtaken, work(client.renew_once(&task, reason, limit))).await;
            client.renewal_ended(&task);
            // A renewal that was overtaken has let go of its lock.
            client.release_reports();
            if let Err(error) = &result {
                client.renewal_failed(error);
            }
            task.result.set(result);
            task.ended.set(());
        }));
        renewal
    }

    pub(super) fn renewal_ended(&self, renewal: &Rc<Renewal>) {
        let mut state = self.state.borrow_mut();
        if state.renewal.as_ref().is_some_and(|current| Rc::ptr_eq(current, renewal)) {
            state.renewal = None;
        }
    }

    /// A login or logout comes in the place of a renewal in progress.
    pub(super) fn overtake_renewal(&self) {
        let renewal = self.state.borrow_mut().renewal.take();
        if let Some(renewal) = renewal {
            renewal.overtaken.set(overtaken());
        }
    }

    /// What another context did comes in the place of a renewal in progress.
    pub(super) fn settle_renewal(&self, outcome: Result<()>) {
        let renewal = self.state.borrow_mut().renewal.take();
        if let Some(renewal) = renewal {
            renewal.result.set(outcome);
            renewal.overtaken.set(overtaken());
        }
    }

    /// Whoever waits for a renewal waits no longer, but a refresh token that is out is not given up at once.
    pub(super) fn end_after_close(self: &Rc<Self>, renewal: Rc<Renewal>, error: AuthError) {
        renewal.result.set(Err(error.clone()));
        if !(renewal.spending.get() && self.host.has_store()) {
            return renewal.overtaken.set(error);
        }
        let client = self.clone();
        self.host.spawn(work(async move {
            first(work(renewal.ended.wait()), work(client.host.sleep(LINGER, true))).await;
            renewal.overtaken.set(error);
        }));
    }

    async fn renew_once(self: &Rc<Self>, renewal: &Rc<Renewal>, reason: Code, limit: Option<i64>) -> Result<()> {
        let mut refused = None;
        if let Some(template) = self.config.provider.renew() {
            match self.spend(renewal, template, limit).await? {
                Spent::Nothing => {}
                Spent::Kept => return Ok(()),
                Spent::Refused(error) => refused = Some(error),
            }
        }
        let before = self.held().ok_or_else(signed_out)?;
        if self.config.can_ask {
            match (self.ask_again(renewal, &before, reason, limit).await, &refused) {
                (Ok(true), _) => return Ok(()),
                (Ok(false), _) => {}
                // Refused twice: by the refresh token, and by what `credentials` gave or did not give.
                (Err(error), Some(_)) if error.code == Code::LoginRequired => {}
                (Err(error), None) if error.code == Code::LoginRequired && error.status.is_some() => {
                    self.end(renewal, &before, None).await?;
                    return Err(error);
                }
                (Err(error), Some(_)) => {
                    self.forget_refresh_token(renewal, &before).await;
                    return Err(error);
                }
                (Err(error), None) => return Err(error),
            }
        }
        let Some(error) = refused else {
            return Err(AuthError::new(
                Code::LoginRequired,
                "`credentials` gave none, so the session cannot be renewed",
            )
            .hint("Sign in again."));
        };
        match self.end(renewal, &before, None).await? {
            Taken::No => Err(error),
            Taken::Over | Taken::ByAnOldOne => Ok(()),
        }
    }
}
