//! Logging in again, without the user, with what the caller's `credentials` function gives.

use std::rc::Rc;

use super::engine::{Client, signed_out};
use super::held::Held;
use super::host::{Credentials, Host};
use super::renewal::Renewal;
use super::signal::{first, work};
use super::spend::{MOST_ROUNDS, Taken};
use crate::error::{AuthError, Code, Result};

/// Longest wait for the caller's `credentials`, which may ask a person, milliseconds.
const LONGEST_ASKING: i64 = 300_000;

impl<H: Host> Client<H> {
    /// Logs in again; false when the function gives up. It is asked without the lock, as all that is the caller's.
    pub(super) async fn ask_again(
        self: &Rc<Self>,
        renewal: &Rc<Renewal>,
        before: &Rc<Held>,
        reason: Code,
        limit: Option<i64>,
    ) -> Result<bool> {
        renewal.asking.set(true);
        let asked = self.asked(reason).await;
        renewal.asking.set(false);
        let Some(credentials) = asked? else { return Ok(false) };
        let credentials = self.accept(credentials)?;
        let mut before = before.clone();
        let mut rounds = 0;
        let mut lock = loop {
            rounds += 1;
            let mut lock = self.take_lock(limit).await;
            match self.taken_over(renewal, &before, &mut lock).await? {
                Taken::No => break lock,
                Taken::Over => return Ok(true),
                Taken::ByAnOldOne if rounds > MOST_ROUNDS => break lock,
                Taken::ByAnOldOne => before = self.held().ok_or_else(signed_out)?,
            }
        };
        match self.obtain(&credentials, None, limit).await {
            Ok(mut held) => loop {
                rounds += 1;
                held.version = before.version.renewed();
                if held.subject.is_none() {
                    held.subject.clone_from(&before.subject);
                }
                let taken = self.commit_renewal(renewal, &before, held.clone(), lock.take()).await?;
                match taken {
                    Taken::No | Taken::Over => return Ok(true),
                    // What came meanwhile is no better than what was to be renewed.
                    Taken::ByAnOldOne if rounds > MOST_ROUNDS => return Ok(true),
                    Taken::ByAnOldOne => before = self.held().ok_or_else(signed_out)?,
                }
            },
            Err(mut error) => {
                self.give_back(&mut lock).await;
                if matches!(
                    error.code,
                    Code::InvalidCredentials | Code::InvalidToken | Code::SecondFactorRequired | Code::AccessDenied
                ) {
                    error.message = ["the credentials that `credentials` gave were refused: ", &error.message].concat();
                    error.code = Code::LoginRequired;
                }
                Err(error)
            }
        }
    }

    async fn asked(&self, reason: Code) -> Result<Option<Credentials>> {
        self.asking.set(true);
        let asked = self.host.ask_credentials(reason);
        self.asking.set(false);
        let late = work(async {
            self.host.sleep(LONGEST_ASKING, true).await;
            Err(AuthError::new(Code::Timeout, "the function `credentials` gave nothing for five minutes"))
        });
        first(work(asked), late).await
    }
}
