//! A refresh token is sent, and what comes back is kept; or the session ends.

use std::rc::Rc;

use super::engine::{Client, signed_out};
use super::guard::Guard;
use super::held::Held;
use super::host::{Change, Host};
use super::renewal::Renewal;
use super::signal::{Signal, work};
use super::store::Stored;
use crate::error::{AuthError, Code, Result};
use crate::protocol::request::{Purpose, Request};
use crate::provider::{RequestTemplate, Scope};

/// Pauses between attempts to read a store that has just begun to fail, milliseconds.
const SECOND_READS: [i64; 2] = [200, 800];
/// How often other contexts' sessions, each to be renewed itself, may come in between.
pub(super) const MOST_ROUNDS: u32 = 8;
/// Pauses between looks into the store after a refusal: another context may have been faster, and still be writing.
const SECOND_LOOKS: [i64; 4] = [0, 100, 300, 600];

/// What came of a refresh token.
pub(super) enum Spent {
    /// There is none.
    Nothing,
    /// There is a newer session.
    Kept,
    /// It was refused for good.
    Refused(AuthError),
}

/// Whether another context's session came in the place of the one that is renewed.
#[derive(Clone, Copy)]
pub(super) enum Taken {
    No,
    Over,
    /// By one that has to be renewed itself.
    ByAnOldOne,
}

impl<H: Host> Client<H> {
    /// Sends the refresh token, again after failures that may pass. The lock is given back in the pauses, and the store
    /// is read again after each.
    pub(super) async fn spend(
        self: &Rc<Self>,
        renewal: &Rc<Renewal>,
        template: RequestTemplate<'_>,
        limit: Option<i64>,
    ) -> Result<Spent> {
        let mut attempt = 1;
        for _ in 0..MOST_ROUNDS.saturating_add(self.config.retries) {
            let before = self.held().ok_or_else(signed_out)?;
            if before.refresh_token.is_none() {
                return Ok(Spent::Nothing);
            }
            let mut lock = self.take_lock(limit).await;
            if self.host.has(Guard::ReRead) {
                match self.read_again(renewal, &before, &mut lock).await? {
                    Taken::No => {}
                    Taken::Over => return Ok(Spent::Kept),
                    Taken::ByAnOldOne => continue,
                }
            }
            renewal.spending.set(true);
            let limit = if lock.is_some() { Some(self.holding(limit)) } else { limit };
            let error = match self.send_refresh_token(template, &before, attempt, limit).await {
                Ok(held) => {
                    self.lock_is_dead.set(self.lock_is_lost.get());
                    let taken = self.commit_renewal(renewal, &before, held, lock).await;
                    renewal.spending.set(false);
                    match taken? {
                        Taken::ByAnOldOne => continue,
                        Taken::No | Taken::Over => return Ok(Spent::Kept),
                    }
                }
                Err(error) => error,
            };
            renewal.spending.set(false);
            if error.code == Code::LoginRequired {
                match self.refused(renewal, &before, error, lock).await? {
                    Some(spent) => return Ok(spent),
                    None => continue,
                }
            }
            self.give_back(&mut lock).await;
            self.open()?;
            let Some(pause) = self.pause_before_repeating(Purpose::Refresh, &error, attempt)? else {
                return Err(error);
            };
            attempt += 1;
            self.host.sleep(pause, false).await;
        }
        Err(AuthError::new(Code::Storage, "the store gives another session each time that it is read")
            .hint("Check the store: what was set under a key must be what `get` gives."))
    }

    /// The refresh token was refused for good; unless that only means that another context was faster. `None`: what that
    /// one brought has to be renewed itself.
    async fn refused(
        self: &Rc<Self>,
        renewal: &Rc<Renewal>,
        before: &Rc<Held>,
        error: AuthError,
        mut lock: Option<H::Lock>,
    ) -> Result<Option<Spent>> {
        let looks = if self.host.has(Guard::SecondLook) && self.host.has_store() { SECOND_LOOKS.len() } else { 1 };
        for pause in SECOND_LOOKS.into_iter().take(looks) {
            if pause > 0 {
                self.host.sleep(pause, false).await;
            }
            match self.taken_over(renewal, before, &mut lock).await? {
                Taken::No => {}
                Taken::Over => return Ok(Some(Spent::Kept)),
                Taken::ByAnOldOne => return Ok(None),
            }
        }
        if self.config.can_ask {
            self.give_back(&mut lock).await;
            return Ok(Some(Spent::Refused(error)));
        }
        match self.end(renewal, before, lock).await? {
            Taken::No => Err(error),
            Taken::Over => Ok(Some(Spent::Kept)),
            Taken::ByAnOldOne => Ok(None),
        }
    }

    /// Whether a session that another context wrote can be used as it is, or not be helped.
    pub(super) fn is_good(&self, held: &Held) -> bool {
        !self.can_renew(held) || self.remaining(held).is_none_or(|left| left > 0 && left >= self.margin(held))
    }

    /// One request with the refresh token.
    async fn send_refresh_token(
        &self,
        template: RequestTemplate<'_>,
        before: &Held,
        attempt: u32,
        limit: Option<i64>,
    ) -> Result<Held> {
        let mut scope = Scope::new();
        self.params(&mut scope, &before.inferred);
        self.session_values(&mut scope, before);
        let now = (self.host.now() / 1000).to_string();
        scope.open("now", &now);
        let request = Request::build(Purpose::Refresh, template, &scope, &self.config.base_url)?;
        let (grant, sent, monotonic) = self.grant(&request, limit, Some(attempt)).await?;
        Ok(self.held_from(grant, Some(before), &[], sent, monotonic))
    }

    /// Reads the store before the refresh token is sent; again where it has just begun to fail, which may pass.
    async fn read_again(
        self: &Rc<Self>,
        renewal: &Rc<Renewal>,
        before: &Rc<Held>,
        lock: &mut Option<H::Lock>,
    ) -> Result<Taken> {
        let is_old_outage = self.is_unread();
        let mut taken = self.taken_over(renewal, before, lock).await?;
        for pause in SECOND_READS {
            if is_old_outage || !self.is_unread() || self.store_hangs() {
                break;
            }
            self.host.sleep(pause, false).await;
            taken = self.taken_over(renewal, before, lock).await?;
        }
        Ok(taken)
    }

    /// Whether another context has renewed the session, or ended it, in the meantime.
    pub(super) async fn taken_over(
        self: &Rc<Self>,
        renewal: &Rc<Renewal>,
        before: &Rc<Held>,
        lock: &mut Option<H::Lock>,
    ) -> Result<Taken> {
        // What is being written here is no news.
        let _turn = self.writes.take().await;
        let stored = self.look(Some(before)).await.stored;
        self.give_way(renewal, stored, lock).await
    }

    /// Takes what the store was found to hold, where that is newer than what is renewed.
    async fn give_way(
        self: &Rc<Self>,
        renewal: &Rc<Renewal>,
        stored: Stored,
        lock: &mut Option<H::Lock>,
    ) -> Result<Taken> {
        let newer = match stored {
            Stored::Same | Stored::Older => return Ok(Taken::No),
            Stored::Newer(held) => Some(held),
            Stored::Gone => None,
        };
        self.give_back(lock).await;
        if let Some(error) = renewal.overtaken.get() {
            return Err(error);
        }
        self.open()?;
        let Some(newer) = newer else {
            self.renewal_ended(renewal);
            self.adopt(None, Change::Sync);
            return Err(signed_out());
        };
        let is_good = self.is_good(&newer);
        if is_good {
            self.renewal_ended(renewal);
        }
        self.adopt(Some(newer), Change::Sync);
        Ok(if is_good { Taken::Over } else { Taken::ByAnOldOne })
    }

    /// Stores the renewed session, then shows it; unless another context has written meanwhile: then that one counts.
    pub(super) async fn commit_renewal(
        self: &Rc<Self>,
        renewal: &Rc<Renewal>,
        before: &Rc<Held>,
        held: Held,
        mut lock: Option<H::Lock>,
    ) -> Result<Taken> {
        let done = Rc::new(Signal::new());
        let (client, renewal, before, task_done) = (self.clone(), renewal.clone(), before.clone(), done.clone());
        // Not to be cut off half way: the old refresh token is spent.
        self.host.spawn(work(async move {
            let _turn = client.writes.take().await;
            let overtaken = || renewal.overtaken.get().is_some_and(|error| error.code != Code::Closed);
            if overtaken() {
                client.give_back(&mut lock).await;
                return task_done.set(Ok(Taken::No));
            }
            let held = Rc::new(held);
            if !client.host.has(Guard::StoreFirst) {
                client.adopt(Some(held.clone()), Change::Refresh);
            }
            // Also when the client was closed meanwhile: who opens the store next needs the new tokens.
            let stored = client.replace(&before, Some(&held)).await;
            let taken = client.give_way(&renewal, stored, &mut lock).await;
            if matches!(taken, Ok(Taken::No)) {
                client.give_back(&mut lock).await;
                if overtaken() {
                    client.put_current().await;
                } else {
                    client.renewal_ended(&renewal);
                    if client.host.has(Guard::StoreFirst) {
                        client.adopt(Some(held), Change::Refresh);
                    }
                }
            }
            task_done.set(taken);
        }));
        done.wait().await
    }

    /// A refresh token that was refused for good is not sent again, though the session may still be obtained otherwise.
    pub(super) async fn forget_refresh_token(self: &Rc<Self>, renewal: &Rc<Renewal>, before: &Held) {
        let _turn = self.writes.take().await;
        if renewal.overtaken.get().is_none() {
            let version = before.version.renewed();
            let held = Rc::new(Held { version, refresh_token: None, ..before.clone() });
            if matches!(self.replace(before, Some(&held)).await, Stored::Same) {
                self.state.borrow_mut().held = Some(held);
            }
        }
    }

    /// Ends a session whose renewal was refused for good, unless another context has a newer one by now.
    pub(super) async fn end(
        self: &Rc<Self>,
        renewal: &Rc<Renewal>,
        before: &Rc<Held>,
        mut lock: Option<H::Lock>,
    ) -> Result<Taken> {
        let _turn = self.writes.take().await;
        if let Some(error) = renewal.overtaken.get() {
            return Err(error);
        }
        let stored = self.replace(before, None).await;
        if let Some(error) = renewal.overtaken.get() {
            return Err(error);
        }
        if matches!(stored, Stored::Newer(_)) {
            return self.give_way(renewal, stored, &mut lock).await;
        }
        self.give_back(&mut lock).await;
        self.renewal_ended(renewal);
        self.adopt(None, Change::Expire);
        Ok(Taken::No)
    }
}
