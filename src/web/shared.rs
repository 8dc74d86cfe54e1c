//! What one client of the page or process is made of, besides the engine: its session object, listeners, promises.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::rc::Rc;

use js_sys::{Array, Function, Object, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use super::abort::Abort;
use super::bridge::{Bridge, Failure, get, number, set};
use super::call_options::CallOptions;
use super::host::WebHost;
use super::transport::silence;
use super::{convert, page};
use crate::client::signal::{Work, work};
use crate::client::{Change, Client as Engine, Held, Host};
use crate::error::{AuthError, Result};

/// What the class and the tasks that it started have in common.
pub(super) struct Shared {
    pub(super) engine: Rc<Engine<WebHost>>,
    pub(super) bridge: Bridge,
    session: RefCell<JsValue>,
    listeners: RefCell<Vec<(u32, Function)>>,
    next_listener: Cell<u32>,
    /// The token as JavaScript has it, for the session of that generation.
    token: RefCell<Option<(u64, JsValue)>>,
    /// The page's address after a callback was taken out of it, and before, while that callback is being redeemed.
    pub(super) redeeming: RefCell<Option<(String, String)>>,
}

impl Shared {
    /// Around an engine; shows no session yet.
    pub(super) fn new(engine: Rc<Engine<WebHost>>, bridge: Bridge) -> Rc<Self> {
        Rc::new(Self {
            engine,
            bridge,
            session: RefCell::new(JsValue::NULL),
            listeners: RefCell::default(),
            next_listener: Cell::new(0),
            token: RefCell::default(),
            redeeming: RefCell::default(),
        })
    }

    /// The session object, or null.
    pub(super) fn session(&self) -> JsValue {
        self.session.borrow().clone()
    }

    /// Adds a listener; gives the number to remove it by.
    pub(super) fn subscribe(&self, listener: Function) -> u32 {
        let id = self.next_listener.get();
        self.next_listener.set(id.wrapping_add(1));
        self.listeners.borrow_mut().push((id, listener));
        id
    }

    /// Removes a listener.
    pub(super) fn unsubscribe(&self, id: u32) {
        self.listeners.borrow_mut().retain(|(known, _)| *known != id);
    }

    /// Ends everything that waits, and forgets every secret.
    pub(super) fn close(&self) {
        self.engine.close();
        self.engine.host.watch.replace(None);
        self.engine.host.record.replace(None);
        self.session.replace(JsValue::NULL);
        self.token.replace(None);
        self.listeners.borrow_mut().clear();
    }

    /// Reads the options of a call and runs it, until it ends, its signal is aborted, or the client is closed.
    pub(super) fn run<F>(
        self: &Rc<Self>,
        options: &JsValue,
        more: &[&str],
        start: impl FnOnce(Option<i64>) -> F,
    ) -> Promise
    where
        F: Future<Output = Result<JsValue>> + 'static,
    {
        match CallOptions::read(options, more) {
            Ok(call) => {
                let doing = work(start(call.timeout));
                self.promise(call.abort, doing)
            }
            Err(error) => Promise::reject(&self.reject(error.into())),
        }
    }

    /// A promise of what is being done, until it ends, its signal is aborted, or the client is closed.
    pub(super) fn promise(self: &Rc<Self>, abort: Abort, doing: Work<'static, Result<JsValue>>) -> Promise {
        let shared = self.clone();
        future_to_promise(async move {
            let result = abort.guard(&shared.bridge, work(shared.engine.until_closed(doing))).await;
            result.map_err(|failure| shared.reject(failure))
        })
    }

    /// What a promise of this client rejects with.
    pub(super) fn reject(&self, failure: Failure) -> JsValue {
        failure.into_js(&self.bridge, Some(self.engine.config.provider.id()))
    }

    /// The address to send the user to.
    pub(super) async fn authorization_url(&self, return_to: &JsValue) -> Result<String> {
        let return_to = match return_to {
            value if value.is_undefined() || value.is_null() => None,
            value => Some(value.as_string().ok_or_else(|| AuthError::input("returnTo", "text"))?),
        };
        self.engine.authorization_url(return_to.as_deref()).await
    }

    /// The address that the user came back to: given, or the page's.
    pub(super) fn callback_address(&self, url: &JsValue) -> Result<String> {
        let page = page::address();
        if url.is_undefined() || url.is_null() {
            let here =
                page.ok_or_else(|| AuthError::input("url", "given: there is no page whose address could be read"))?;
            // Asked again while the callback is being redeemed: its address is the one before it was cleaned.
            let redeeming = self.redeeming.borrow();
            return Ok(match redeeming.as_ref() {
                Some((cleaned, original)) if *cleaned == here => original.clone(),
                _ => here,
            });
        }
        let text = url.as_string().or_else(|| get(url, "href").as_string());
        let text = text.ok_or_else(|| AuthError::input("url", "text or a URL"))?;
        self.engine.host.href(&text, page.as_deref()).ok_or_else(|| AuthError::input("url", "an absolute address"))
    }

    /// The session object of a session; the current one where it is that.
    pub(super) fn session_of(&self, held: &Rc<Held>) -> JsValue {
        match self.engine.held() {
            Some(current) if Rc::ptr_eq(&current, held) => self.session.borrow().clone(),
            _ => self.to_session(held),
        }
    }

    fn to_session(&self, held: &Held) -> JsValue {
        let session = Object::new();
        let scope: Array = held.scope.iter().map(|scope| JsValue::from_str(scope)).collect();
        set(&session, "provider", &JsValue::from_str(self.engine.config.provider.id()));
        set(&session, "subject", &held.subject.as_deref().map_or(JsValue::NULL, JsValue::from_str));
        set(&session, "scope", &scope);
        set(&session, "expiresAt", &held.expires_at.map_or(JsValue::NULL, number));
        set(&session, "renewable", &self.engine.can_renew(held).into());
        set(&session, "details", &convert::to_js(&held.details));
        self.bridge.freeze(&session)
    }

    /// Makes a session object of what the engine holds now.
    pub(super) fn show_session(&self) {
        let session = self.engine.held().map_or(JsValue::NULL, |held| self.to_session(&held));
        self.session.replace(session);
    }

    /// Shows the new session, then tells the listeners.
    pub(super) fn changed(&self, change: Change) {
        self.show_session();
        let session = self.session.borrow().clone();
        let ids: Vec<u32> = self.listeners.borrow().iter().map(|(id, _)| *id).collect();
        for id in ids {
            // One listener may stop another, or close the client.
            let listener =
                self.listeners.borrow().iter().find(|(known, _)| *known == id).map(|(_, known)| known.clone());
            let Some(listener) = listener else { continue };
            // What a listener throws does not disturb the client.
            silence(listener.call2(&JsValue::UNDEFINED, &session, &change.as_str().into()));
        }
    }

    /// The token, if it can be used as it is.
    pub(super) fn token_at_hand(&self) -> Option<JsValue> {
        self.engine.ready(0)?;
        self.token_now()
    }

    /// The session's token, converted once per session.
    pub(super) fn token_now(&self) -> Option<JsValue> {
        let generation = self.engine.generation();
        if let Some((known, token)) = self.token.borrow().as_ref()
            && *known == generation
        {
            return Some(token.clone());
        }
        let held = self.engine.held()?;
        let token = JsValue::from_str(held.access_token.as_ref()?.expose());
        self.token.replace(Some((generation, token.clone())));
        Some(token)
    }
}
