//! What the shell holds of one client.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::prelude::*;

use super::jobs::Jobs;
use super::shell::Shell;
use super::values::to_js;
use super::{fault, input, memory, output, problem};
use crate::error::AuthError;
use crate::protocol::json::{self, Mode};
use crate::protocol::redact::{Redactor, shown_url};
use crate::protocol::request::Presented;
use crate::session::{Config, Input, Means, Now, Op, Session, Tokens};
use crate::value::Value;

/// What a status can be.
const STATUSES: std::ops::Range<u16> = 100..600;

/// How many sessions that were are remembered for what is masked.
const MOST_RETIRED: usize = 8;

/// A machine with its requests.
#[wasm_bindgen]
pub struct Engine {
    inner: Rc<Inner>,
}

/// What the requests under way know, too.
pub(super) struct Inner {
    pub(super) shell: Shell,
    pub(super) session: RefCell<Session>,
    pub(super) jobs: Jobs,
    /// Sessions that were: calls that went out with them may still end, and tell of them.
    retired: RefCell<Vec<Rc<Tokens>>>,
    /// Requests that the host cannot send.
    pub(super) unsent: RefCell<Vec<(Op, AuthError)>>,
}

impl Inner {
    /// One step; what follows from it is told when nothing is borrowed any more.
    pub(super) fn step(self: &Rc<Self>, input: Input) {
        let now = self.shell.moment();
        let Ok(mut session) = self.session.try_borrow_mut() else { return };
        let before = session.tokens().cloned();
        let outputs = session.step(now, input);
        if let Some(before) = before.filter(|before| !session.tokens().is_some_and(|now| Rc::ptr_eq(before, now))) {
            let mut retired = self.retired.borrow_mut();
            retired.insert(0, before);
            retired.truncate(MOST_RETIRED);
        }
        drop(session);
        outputs.into_iter().for_each(|output| output::tell(self, output));
    }

    /// Knows every secret of the current session.
    pub(super) fn redactor(&self) -> Redactor {
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

fn texts<'a>(texts: impl Iterator<Item = &'a String>) -> Value {
    Value::List(texts.map(Value::text).collect())
}

fn presented(list: &[Presented]) -> Value {
    let triple = |one: &Presented| {
        Value::List(vec![Value::text(&*one.name), Value::text(&*one.value), Value::Bool(one.is_credential)])
    };
    Value::List(list.iter().map(triple).collect())
}

#[wasm_bindgen]
impl Engine {
    /// A machine with these options, which are data in JSON. Throws the fields of an error.
    pub fn open(
        shell: Shell,
        options: &str,
        can_ask: bool,
        has_store: bool,
        is_traced: bool,
    ) -> Result<Engine, JsValue> {
        let options = json::read(options, Mode::Strict).unwrap_or(Value::Null);
        let config = Config::read(&options, can_ask, &shell).map_err(|error| fault::fields(&error))?;
        let means = Means { has_store, is_traced };
        let session = RefCell::new(Session::new(config, Rc::new(shell.clone()), means));
        let inner =
            Inner { shell, session, jobs: Jobs::default(), retired: RefCell::default(), unsent: RefCell::default() };
        memory::wipe_stack();
        Ok(Self { inner: Rc::new(inner) })
    }

    /// What stays as it is: names and the shape of the provider.
    pub fn about(&self) -> JsValue {
        let session = self.inner.session.borrow();
        let config = session.config();
        let provider = &config.provider;
        let present = provider.present();
        let expired = STATUSES.filter(|status| present.is_expired(*status)).map(|status| Value::integer(status.into()));
        to_js(&Value::map([
            ("provider", Value::text(provider.id())),
            ("key", Value::text(config.store_key())),
            ("hasToken", Value::Bool(provider.has_token())),
            ("redirects", Value::Bool(provider.is_redirect())),
            ("endpoint", provider.endpoint().map(str::to_owned).into()),
            ("isOptional", Value::Bool(present.is_optional())),
            ("varies", Value::Bool(present.varies())),
            ("headers", texts(provider.answer_headers().iter())),
            ("expired", Value::List(expired.collect())),
            ("timeout", Value::integer(config.timeout)),
            ("allowInsecure", Value::Bool(config.allow_insecure)),
        ]))
    }

    /// One input of the machine, by its number in `numbers`; `number` and `other` are what it has of numbers. `text` is
    /// the error of a `failed` operation, and `cause` what the host threw.
    #[expect(clippy::too_many_arguments, reason = "one function for all of them is less than one for each")]
    pub fn input(&self, what: u32, id: f64, number: f64, other: f64, flag: bool, text: Option<String>, cause: JsValue) {
        let given = input::Given { id, number, other, flag, text, cause };
        if let Some(input) = input::read(&self.inner, what, given) {
            self.inner.step(input);
        }
        memory::wipe_stack();
    }

    /// What calls of the API need of the session as it is now.
    pub fn prepared(&self) -> JsValue {
        // Before the session is borrowed: the caller's clock may call the client.
        let now = self.inner.shell.moment();
        let session = self.inner.session.borrow();
        let tokens = session.tokens();
        let credential = match session.credential(now) {
            Ok(credential) => credential,
            Err(error) => return fault::fields(&error),
        };
        let token = tokens.filter(|_| session.config().provider.has_token());
        let token = token.and_then(|tokens| tokens.access_token.as_ref()).map(|token| token.expose().to_owned());
        let fresh = session.fresh();
        let moment = |moment: Option<i64>| moment.map_or(Value::Null, Value::integer);
        to_js(&Value::map([
            ("isSignedIn", Value::Bool(tokens.is_some())),
            ("token", token.into()),
            ("wall", moment(fresh.wall)),
            ("steady", moment(fresh.steady)),
            ("headers", presented(&credential.headers)),
            ("query", presented(&credential.query)),
            ("base", Value::text(session.api_base())),
            ("origins", texts(session.origins().iter())),
            ("generation", Value::integer(i64::from(session.generation()))),
            ("login", Value::integer(session.login())),
        ]))
    }

    /// An address of a call as traces show it.
    pub fn traced(&self, address: &str) -> String {
        shown_url(address, &self.inner.redactor())
    }

    /// A JSON list of texts without the session's secrets, or without those of a stored record.
    pub fn scrubbed(&self, given: &str, record: Option<String>) -> String {
        let redactor = record.map_or_else(|| self.inner.redactor(), |record| problem::of_record(&record));
        fault::scrub(given, &redactor)
    }

    /// The fields of the error that an answer of the API means, or null. `headers` is JSON: names and values.
    pub fn problem(&self, status: u16, headers: &str, body: Vec<u8>) -> JsValue {
        problem::read(&self.inner, status, headers, body)
    }
}
