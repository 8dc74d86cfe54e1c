//! A machine, and what its requests under way know, too.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::jobs::Jobs;
use super::shell::Shell;
use crate::error::AuthError;
use crate::protocol::redact::Redactor;
use crate::session::{Input, Now, Op, Output, Session, Tokens};
use crate::value::Value;

/// How many sessions that were are remembered for what is masked.
const MOST_RETIRED: usize = 8;

/// One client's.
pub(super) struct Inner {
    pub(super) shell: Shell,
    pub(super) session: RefCell<Session>,
    pub(super) jobs: Jobs,
    /// Sessions that were: calls that went out with them may still end, and tell of them.
    retired: RefCell<Vec<Rc<Tokens>>>,
    /// Made when something is first to be masked, and once a session: of long tokens it takes a while.
    redactor: RefCell<Option<Rc<Redactor>>>,
    /// Which generation of the session the shell knows what calls need of.
    pub(super) prepared: Cell<Option<u32>>,
    /// Requests that the host cannot send.
    pub(super) unsent: RefCell<Vec<(Op, AuthError)>>,
}

impl Inner {
    /// Nothing has happened yet.
    pub(super) fn new(shell: Shell, session: Session) -> Self {
        Self {
            shell,
            session: RefCell::new(session),
            jobs: Jobs::default(),
            retired: RefCell::default(),
            redactor: RefCell::default(),
            prepared: Cell::default(),
            unsent: RefCell::default(),
        }
    }

    /// One step, and what follows from it.
    pub(super) fn step(&self, input: Input) -> Vec<Output> {
        let now = self.shell.moment();
        let Ok(mut session) = self.session.try_borrow_mut() else { return Vec::new() };
        let before = session.tokens().cloned();
        let outputs = session.step(now, input);
        let is_same = match (&before, session.tokens()) {
            (Some(before), Some(now)) => Rc::ptr_eq(before, now),
            (before, now) => before.is_none() && now.is_none(),
        };
        if !is_same {
            self.redactor.replace(None);
        }
        if let Some(before) = before.filter(|_| !is_same) {
            let mut retired = self.retired.borrow_mut();
            retired.insert(0, before);
            retired.truncate(MOST_RETIRED);
        }
        outputs
    }

    /// Knows every secret of the current session.
    pub(super) fn redactor(&self) -> Rc<Redactor> {
        self.redactor.borrow_mut().get_or_insert_with(|| Rc::new(self.made_redactor())).clone()
    }

    fn made_redactor(&self) -> Redactor {
        let session = self.session.borrow();
        let mut redactor = Redactor::default();
        for tokens in session.tokens().into_iter().chain(self.retired.borrow().iter()) {
            tokens.access_token.iter().chain(&tokens.refresh_token).for_each(|token| redactor.add(token.expose()));
            tokens.credentials.iter().for_each(|(_, value)| redactor.add(value.expose()));
            tokens.secrets.iter().for_each(|secret| redactor.add(secret.expose()));
        }
        // No secret depends on the moment, and the caller's clock is not called while the session is borrowed.
        let never = Now { wall: 0, steady: None, random: None };
        if let Ok(credential) = session.credential(never) {
            credential.hide_in(&mut redactor);
        }
        redactor
    }

    /// What is shown of a session.
    pub(super) fn shown(&self, tokens: &Tokens) -> Value {
        Value::map([
            ("subject", tokens.subject.clone().into()),
            ("scope", texts(tokens.scope.iter())),
            ("expiresAt", tokens.expires_at.map_or(Value::Null, Value::integer)),
            ("renewable", Value::Bool(self.session.borrow().is_renewable(tokens))),
            ("details", tokens.details.clone()),
        ])
    }
}

pub(super) fn texts<'a>(texts: impl Iterator<Item = &'a String>) -> Value {
    Value::List(texts.map(Value::text).collect())
}
