//! One renewal for everybody who waits for it.

use std::rc::Rc;

use super::engine::{Client, Renewal, overtaken, signed_out};
use super::held::Held;
use super::host::{Change, Host};
use super::signal::{Signal, first, work};
use super::store::Stored;
use crate::error::{AuthError, Code, Result};
use crate::protocol::request::{Purpose, Request};
use crate::provider::{RequestTemplate, Scope};

/// Longest wait for the caller's `credentials`, which may ask a person, milliseconds.
const LONGEST_ASKING: i64 = 300_000;

impl<H: Host> Client<H> {
    /// Renews the session now.
    pub async fn refresh(self: &Rc<Self>, limit: Option<i64>) -> Result<Rc<Held>> {
        self.open()?;
        let provider = &self.config.provider;
        if provider.renew.is_none() && !self.config.can_ask {
            return Err(AuthError::of(Code::Unsupported, &[&provider.id, " has no renewal"])
                .hint("Sign in again, or give `create` the option `credentials`."));
        }
        let held = self.held().ok_or_else(signed_out)?;
        if !self.can_renew(&held) {
            return Err(AuthError::new(Code::LoginRequired, "the session has no refresh token").hint("Sign in again."));
        }
        self.renew(Code::LoginRequired, limit).await
    }

    /// After a call was refused with a session of that generation: whether it is worth repeating with the current one.
    pub async fn after_refusal(self: &Rc<Self>, generation: u64) -> Result<bool> {
        // Signed out, or refused for good, while the call was out.
        let held = self.held().ok_or_else(signed_out)?;
        if self.generation() != generation {
            return Ok(true);
        }
        if !self.can_renew(&held) {
            return Ok(false);
        }
        self.renew(Code::InvalidToken, None).await.map(|_| true)
    }

    /// Joins the renewal in progress, or starts one. `limit` bounds this caller's wait, and no other's.
    pub(super) async fn renew(self: &Rc<Self>, reason: Code, limit: Option<i64>) -> Result<Rc<Held>> {
        if self.asking.get() {
            return Err(AuthError::new(
                Code::LoginRequired,
                "the session that `credentials` is asked for is not there yet",
            )
            .hint("Do not use the client inside the `credentials` function."));
        }
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
        if let Some(renewal) = running {
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
            task.result.set(result);
        }));
        renewal
    }

    fn renewal_ended(&self, renewal: &Rc<Renewal>) {
        let mut state = self.state.borrow_mut();
        if state.renewal.as_ref().is_some_and(|current| Rc::ptr_eq(current, renewal)) {
            state.renewal = None;
        }
    }

    /// Lets everybody who waits for a renewal go: its result would be of an older session.
    pub(super) fn overtake_renewal(&self) {
        let renewal = self.state.borrow_mut().renewal.take();
        if let Some(renewal) = renewal {
            renewal.overtaken.set(overtaken());
        }
    }

    async fn renew_once(self: &Rc<Self>, renewal: &Rc<Renewal>, reason: Code, limit: Option<i64>) -> Result<()> {
        let before = self.held().ok_or_else(signed_out)?;
        let mut lock = self.host.lock(&self.config.store_key()).await.unwrap_or_else(|error| {
            // The lock only saves requests: correctness rests on reading the store again.
            self.warn(error);
            None
        });
        if lock.is_some() {
            self.hold_reports();
        }
        if self.taken_over(renewal, &before, &mut lock).await? {
            return Ok(());
        }
        let refused = match &self.config.provider.renew {
            Some(template) if before.refresh_token.is_some() => match self.spend(template, &before, limit).await {
                Ok(held) => return self.commit_renewal(renewal, &before, held, lock).await,
                Err(error) if error.code == Code::LoginRequired => Some(error),
                Err(error) => return Err(error),
            },
            _ => None,
        };
        // The refusal may mean that another context was faster.
        if refused.is_some() && self.taken_over(renewal, &before, &mut lock).await? {
            return Ok(());
        }
        self.give_back(&mut lock).await;
        if self.config.can_ask {
            renewal.asking.set(true);
            let asked = self.ask_again(&before, reason, limit).await;
            renewal.asking.set(false);
            match (asked, &refused) {
                (Ok(Some(held)), _) => return self.commit_renewal(renewal, &before, held, None).await,
                (Ok(None), _) => {}
                // Refused twice: by the refresh token, and by what `credentials` gave or did not give.
                (Err(error), Some(_)) if error.code == Code::LoginRequired => {}
                (Err(error), None) if error.code == Code::LoginRequired && error.status.is_some() => {
                    self.end(renewal).await;
                    return Err(error);
                }
                (Err(error), Some(_)) => {
                    self.forget_refresh_token(renewal, &before).await;
                    return Err(error);
                }
                (Err(error), None) => return Err(error),
            }
        }
        match refused {
            Some(error) => {
                self.end(renewal).await;
                Err(error)
            }
            None => {
                Err(AuthError::new(Code::LoginRequired, "`credentials` gave none, so the session cannot be renewed")
                    .hint("Sign in again."))
            }
        }
    }

    /// Whether another context has renewed the session, or ended it, in the meantime.
    async fn taken_over(
        self: &Rc<Self>,
        renewal: &Rc<Renewal>,
        before: &Rc<Held>,
        lock: &mut Option<H::Lock>,
    ) -> Result<bool> {
        let newer = match self.look(Some(before)).await {
            Stored::Same => return Ok(false),
            Stored::Newer(held) => Some(held),
            Stored::Gone => None,
        };
        self.give_back(lock).await;
        if let Some(error) = renewal.overtaken.get() {
            return Err(error);
        }
        self.renewal_ended(renewal);
        let result = newer.as_ref().map(|_| true).ok_or_else(signed_out);
        self.adopt(newer, Change::Sync);
        result
    }

    /// Gives the lock back: listeners and the caller's other functions are not called under it.
    async fn give_back(&self, lock: &mut Option<H::Lock>) {
        if let Some(lock) = lock.take() {
            self.host.unlock(lock).await;
        }
        self.release_reports();
    }

    /// Sends the refresh token.
    async fn spend(&self, template: &RequestTemplate, before: &Held, limit: Option<i64>) -> Result<Held> {
        let mut scope = Scope::new();
        self.params(&mut scope, &before.inferred);
        self.session_values(&mut scope, before);
        let now = self.host.now().to_string();
        scope.open("now", &now);
        let request = Request::build(Purpose::Refresh, template, &scope, &self.config.base_url)?;
        let (grant, sent, monotonic) = self.grant(&request, limit).await?;
        Ok(self.held_from(grant, Some(before), &[], sent, monotonic))
    }

    /// Logs in again with what the caller's `credentials` gives; `None` when it gives up.
    async fn ask_again(&self, before: &Held, reason: Code, limit: Option<i64>) -> Result<Option<Held>> {
        self.asking.set(true);
        let asked = self.host.ask_credentials(reason);
        self.asking.set(false);
        let late = work(async {
            self.host.sleep(LONGEST_ASKING, true).await;
            Err(AuthError::new(Code::Timeout, "the function `credentials` gave nothing for five minutes"))
        });
        let Some(credentials) = first(work(asked), late).await? else { return Ok(None) };
        let credentials = self.accept(credentials)?;
        let mut held = self.obtain(&credentials, None, limit).await.map_err(|mut error| {
            if matches!(
                error.code,
                Code::InvalidCredentials | Code::InvalidToken | Code::SecondFactorRequired | Code::AccessDenied
            ) {
                error.message = ["the credentials that `credentials` gave were refused: ", &error.message].concat();
                error.code = Code::LoginRequired;
            }
            error
        })?;
        if held.subject.is_none() {
            held.subject.clone_from(&before.subject);
        }
        Ok(Some(held))
    }

    /// Stores the renewed session, then shows it; unless another context has written meanwhile: then that one counts.
    async fn commit_renewal(
        self: &Rc<Self>,
        renewal: &Rc<Renewal>,
        before: &Rc<Held>,
        held: Held,
        mut lock: Option<H::Lock>,
    ) -> Result<()> {
        let done = Rc::new(Signal::new());
        let (client, renewal, before, task_done) = (self.clone(), renewal.clone(), before.clone(), done.clone());
        // Not to be cut off half way: the old refresh token is spent.
        self.host.spawn(work(async move {
            let _turn = client.writes.take().await;
            let overtaken = || renewal.overtaken.get().is_some_and(|error| error.code != Code::Closed);
            let result = if overtaken() {
                Ok(())
            } else {
                match client.taken_over(&renewal, &before, &mut lock).await {
                    Ok(false) => {
                        // Also when the client was closed meanwhile: who opens the store next needs the new tokens.
                        client.write_store(Some(&held)).await;
                        client.give_back(&mut lock).await;
                        if overtaken() {
                            let current = client.held();
                            client.write_store(current.as_deref()).await;
                        } else {
                            client.renewal_ended(&renewal);
                            client.adopt(Some(Rc::new(held)), Change::Refresh);
                        }
                        Ok(())
                    }
                    other => other.map(drop),
                }
            };
            task_done.set(result);
        }));
        done.wait().await
    }

    /// A refresh token that was refused for good is not sent again, though the session may still be obtained otherwise.
    async fn forget_refresh_token(&self, renewal: &Rc<Renewal>, before: &Held) {
        let _turn = self.writes.take().await;
        if renewal.overtaken.get().is_none() {
            let held = Rc::new(Held { refresh_token: None, ..before.clone() });
            self.write_store(Some(&held)).await;
            self.state.borrow_mut().held = Some(held);
        }
    }

    /// Ends a session whose renewal was refused for good.
    async fn end(self: &Rc<Self>, renewal: &Rc<Renewal>) {
        let _turn = self.writes.take().await;
        if renewal.overtaken.get().is_some() {
            return;
        }
        self.write_store(None).await;
        self.renewal_ended(renewal);
        self.adopt(None, Change::Expire);
    }
}
