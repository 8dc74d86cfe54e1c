//! Signing out.

use std::rc::Rc;

use super::engine::{Client, overtaken};
use super::held::Held;
use super::host::{Change, Host, Kept};
use super::signal::{Signal, work};
use super::store::At;
use crate::error::Result;
use crate::protocol::request::{Purpose, Request};
use crate::protocol::{body, problem};
use crate::provider::Scope;
use crate::value::Value;

impl<H: Host> Client<H> {
    /// Forgets the session, here and in the store, then revokes it where the provider can.
    pub async fn logout(self: &Rc<Self>, revoke: bool, limit: Option<i64>) -> Result<()> {
        self.open()?;
        let (held, attempts) = {
            let mut state = self.state.borrow_mut();
            state.second_factor = None;
            state.generation = state.generation.wrapping_add(1);
            (state.held.clone(), [state.attempt.take(), state.keeping.take()])
        };
        attempts.iter().flatten().for_each(|attempt| attempt.set(overtaken()));
        self.forget_callbacks();
        self.overtake_renewal();
        self.forget_logins();
        self.leaving.set(self.leaving.get().saturating_add(1));
        if held.is_some() {
            self.adopt(None, Change::Logout);
        }
        let (client, done, before) = (self.clone(), Rc::new(Signal::new()), held.clone());
        let task_done = done.clone();
        self.host.spawn(work(async move {
            let _turn = client.writes.take().await;
            // A login may have begun and ended since.
            let newest = client.empty(before.as_deref()).await;
            client.leaving.set(client.leaving.get().saturating_sub(1));
            let key = client.pending_key();
            let removed = work(client.host.remove(Kept::PendingLogin, &key));
            if let Err(error) = client.in_time(At::Writing, removed).await {
                client.warn_of_store(error);
            }
            task_done.set(newest);
        }));
        // Another context may have renewed it, unheard: what is revoked is the newest.
        let held = done.wait().await.or(held);
        if let Some(held) = held.filter(|_| revoke) {
            self.revoke(&held, limit).await;
        }
        Ok(())
    }

    async fn revoke(&self, held: &Held, limit: Option<i64>) {
        let provider = &self.config.provider;
        let Some(template) = provider.revoke() else { return };
        let result = async {
            let mut scope = Scope::new();
            self.params(&mut scope, &held.inferred);
            self.session_values(&mut scope, held);
            let request = Request::build(Purpose::Revoke, template, &scope, &self.config.base_url)?;
            self.call(&request, limit, &mut |response, times| {
                // RFC 7009 section 2.2: 200 is success, whatever the body is.
                if response.is_success() {
                    return Ok(());
                }
                let tree = body::read(provider.answer(), response).unwrap_or(Value::Null);
                Err(problem::refusal(provider, Purpose::Revoke, response, &tree, times.received, &request.redactor))
            })
            .await
        };
        if let Err(error) = result.await {
            self.warn(error.hint("The session is forgotten here; at the provider it lives until it expires."));
        }
    }
}
