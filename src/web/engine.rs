//! What the shell holds of one client.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use wasm_bindgen::prelude::*;

use super::inner::{Inner, texts};
use super::shell::Shell;
use super::values::to_js;
use super::{fault, input, prepared, problem};
use crate::memory;
use crate::protocol::json::{self, Mode};
use crate::protocol::redact::shown_url;
use crate::session::{Config, Means, Session};
use crate::value::Value;

/// What a status can be.
const STATUSES: std::ops::Range<u16> = 100..600;

thread_local! {
    /// Pages of providers that clients of this module have.
    static PAGES: RefCell<Vec<Weak<Value>>> = const { RefCell::new(Vec::new()) };
}

/// A machine with its requests.
#[wasm_bindgen]
pub struct Engine {
    inner: Rc<Inner>,
}

#[wasm_bindgen]
impl Engine {
    /// A machine with these options, which are data in JSON: what is an object in them was checked by the other module.
    /// Throws the fields of an error.
    pub fn open(
        shell: Shell,
        options: &str,
        can_ask: bool,
        has_store: bool,
        is_traced: bool,
    ) -> Result<Engine, JsValue> {
        let options = json::read(options, Mode::Strict).unwrap_or(Value::Null);
        let mut config = Config::of_checked(&options, can_ask, &shell).map_err(|error| fault::fields(&error))?;
        PAGES.with_borrow_mut(|known| config.provider.share(known));
        let means = Means { has_store, is_traced };
        let session = Session::new(config, Rc::new(shell.clone()), means);
        let inner = Inner::new(shell, session);
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
            ("readsXml", Value::Bool(provider.answers_in_xml())),
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
        for told in input::take(&self.inner, what, given) {
            told.perform(&self.inner);
        }
        memory::wipe_stack();
    }

    /// What calls of the API need of the session as it is now.
    pub fn prepared(&self) -> JsValue {
        prepared::now(&self.inner)
    }

    /// An address of a call as traces show it.
    pub fn traced(&self, address: &str) -> String {
        shown_url(address, &self.inner.redactor())
    }

    /// A JSON list of texts without the session's secrets, or without those of a stored record.
    pub fn scrubbed(&self, given: &str, record: Option<String>) -> String {
        let redactor = record.map_or_else(|| self.inner.redactor(), |record| Rc::new(problem::of_record(&record)));
        fault::scrub(given, &redactor)
    }

    /// The fields of the error that an answer of the API means, or null. `headers` is JSON: names and values. A list of
    /// arguments is for `xml` of the shell: what that gives makes the answer whole.
    pub fn problem(&self, status: u16, headers: &str, body: Vec<u8>, xml: Option<String>) -> JsValue {
        problem::read(&self.inner, status, headers, body, xml.as_deref())
    }
}
