//! The class behind `AuthClient`.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::rc::{Rc, Weak};

use js_sys::{Array, Function, Object, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{future_to_promise, spawn_local};

use super::abort::Abort;
use super::bridge::{Bridge, Failure, get, number, set};
use super::host::WebHost;
use super::options::Options;
use super::page::{self, Urls};
use super::store::Store;
use super::transport::{Transport, silence};
use super::{convert, credentials, siblings};
use crate::client::signal::{Work, work};
use crate::client::{Change, Client as Engine, Config, Held, Host, config};
use crate::error::{AuthError, Code, Result};
use crate::protocol::redirect;
use crate::value::Value;

/// One client, as the shell holds it.
#[wasm_bindgen]
pub struct Client {
    pub(super) shared: Rc<Shared>,
}

/// What the class and the tasks that it started have in common.
pub(super) struct Shared {
    pub(super) engine: Rc<Engine<WebHost>>,
    pub(super) bridge: Bridge,
    session: RefCell<JsValue>,
    listeners: RefCell<Vec<(u32, Function)>>,
    next_listener: Cell<u32>,
    /// The token as JavaScript has it, for the session of that generation.
    token: RefCell<Option<(u64, JsValue)>>,
    /// The page's address after a callback was taken out of it, while that callback is being redeemed.
    redeeming: RefCell<Option<(String, String)>>,
}

/// Options of a call.
pub(super) struct Call {
    pub(super) abort: Abort,
    pub(super) timeout: Option<i64>,
}

impl Client {
    /// See [`super::open`].
    pub(super) async fn open(options: &JsValue, bridge: &Bridge) -> Result<Self> {
        let options = Options::read(options)?;
        let config = Config::read(&options.data, options.callbacks.credentials.is_some(), &Urls)?;
        let host = WebHost {
            bridge: bridge.clone(),
            provider: config.provider.id.clone(),
            number: siblings::number(),
            transport: Transport::new(options.fetch, bridge.clone()),
            callbacks: options.callbacks,
            sessions: options.sessions,
            pending: options.pending,
            on_change: Default::default(),
            watch: RefCell::default(),
        };
        let engine = Engine::new(host, config);
        let shared = Rc::new(Shared {
            engine: engine.clone(),
            bridge: bridge.clone(),
            session: RefCell::new(JsValue::NULL),
            listeners: RefCell::default(),
            next_listener: Cell::new(0),
            token: RefCell::default(),
            redeeming: RefCell::default(),
        });
        let is_lost = options.pending_is_lost && engine.config.redirect_uri.is_some();
        if is_lost {
            engine.host.warn(
                AuthError::new(
                    Code::Storage,
                    "there is no sessionStorage here, so a redirect login cannot be finished",
                )
                .hint("Allow the site to store data, or give the option `storage` a store of your own."),
            );
        }
        if let Some(warning) = options.warning {
            engine.host.warn(warning);
        }
        engine.restore().await;
        shared.show_session();
        let weak = Rc::downgrade(&shared);
        let _ = engine.host.on_change.set(Box::new(move |change| {
            if let Some(shared) = weak.upgrade() {
                shared.changed(change);
            }
        }));
        let weak = Rc::downgrade(&engine);
        let key = engine.config.store_key();
        engine.host.watch(&key, move || sync(&weak));
        if let Some(store) = engine.host.sessions.as_ref().and_then(Store::shared) {
            siblings::join(engine.host.number, store, key, Rc::downgrade(&engine));
        }
        Ok(Self { shared })
    }
}

/// Makes a client look into its store.
pub(super) fn sync(engine: &Weak<Engine<WebHost>>) {
    if let Some(engine) = engine.upgrade() {
        spawn_local(async move { engine.sync().await });
    }
}

#[wasm_bindgen]
impl Client {
    /// Name of the provider.
    #[wasm_bindgen(getter)]
    pub fn provider(&self) -> String {
        self.shared.engine.config.provider.id.clone()
    }

    /// The session, or null.
    #[wasm_bindgen(getter)]
    pub fn session(&self) -> JsValue {
        self.shared.session.borrow().clone()
    }

    /// Adds a listener; gives the number to remove it by.
    pub fn subscribe(&self, listener: Function) -> u32 {
        let id = self.shared.next_listener.get();
        self.shared.next_listener.set(id.wrapping_add(1));
        self.shared.listeners.borrow_mut().push((id, listener));
        id
    }

    /// Removes a listener.
    pub fn unsubscribe(&self, id: u32) {
        self.shared.listeners.borrow_mut().retain(|(known, _)| *known != id);
    }

    /// Signs in.
    pub fn login(&self, given: JsValue, options: JsValue) -> Promise {
        let shared = self.shared.clone();
        self.shared.run(&options, &[], move |call| async move {
            shared.engine.needs_credentials()?;
            let credentials = credentials::read(&given, "credentials")?;
            shared.engine.login(credentials, call).await.map(|held| shared.session_of(&held))
        })
    }

    /// Finishes a login in two steps.
    pub fn confirm(&self, code: JsValue, options: JsValue) -> Promise {
        let shared = self.shared.clone();
        self.shared.run(&options, &[], move |call| async move {
            let code = credentials::text(&code, "code")?;
            shared.engine.confirm(code, call).await.map(|held| shared.session_of(&held))
        })
    }

    /// The address to send the user to.
    #[wasm_bindgen(js_name = authorizationUrl)]
    pub fn authorization_url(&self, options: JsValue) -> Promise {
        let shared = self.shared.clone();
        let return_to = get(&options, "returnTo");
        self.shared.run(&options, &["returnTo"], move |_| async move {
            shared.authorization_url(&return_to).await.map(|address| JsValue::from_str(&address))
        })
    }

    /// Sends the user there. Never resolves.
    #[wasm_bindgen(js_name = loginWithRedirect)]
    pub fn login_with_redirect(&self, options: JsValue) -> Promise {
        let shared = self.shared.clone();
        let return_to = get(&options, "returnTo");
        self.shared.run(&options, &["returnTo"], move |_| async move {
            if page::address().is_none() {
                return Err(AuthError::new(Code::Unsupported, "there is no page to redirect")
                    .hint("Call `authorizationUrl` and send the user there yourself."));
            }
            let address = shared.authorization_url(&return_to).await?;
            page::navigate(&address)
                .map_err(|_| AuthError::new(Code::Unsupported, "the page could not be redirected"))?;
            std::future::pending().await
        })
    }

    /// Finishes a redirect login.
    #[wasm_bindgen(js_name = handleRedirect)]
    pub fn handle_redirect(&self, url: JsValue, options: JsValue) -> Promise {
        let shared = self.shared.clone();
        self.shared.run(&options, &[], move |call| async move {
            let is_page = url.is_undefined() || url.is_null();
            shared.engine.needs_redirect()?;
            let address = shared.callback_address(&url)?;
            let (inner, shown) = (shared.clone(), address.clone());
            let matched = move || {
                if is_page {
                    let clean = redirect::cleaned(&shown);
                    page::replace_address(&clean);
                    inner.redeeming.replace(page::address().map(|now| (now, shown)));
                }
            };
            let result = shared.engine.handle_redirect(&address, call, Box::new(matched)).await;
            if is_page {
                shared.redeeming.replace(None);
            }
            let Some(redirected) = result? else {
                return Ok(JsValue::NULL);
            };
            let object = Object::new();
            set(&object, "session", &shared.session_of(&redirected.held));
            set(
                &object,
                "returnTo",
                &redirected.return_to.map_or(JsValue::NULL, |address| JsValue::from_str(&address)),
            );
            Ok(object.into())
        })
    }

    /// Renews the session now.
    pub fn refresh(&self, options: JsValue) -> Promise {
        let shared = self.shared.clone();
        self.shared.run(&options, &[], move |call| async move {
            shared.engine.refresh(call).await.map(|held| shared.session_of(&held))
        })
    }

    /// A token that is valid for a while.
    #[wasm_bindgen(js_name = getAccessToken)]
    pub fn get_access_token(&self, options: JsValue) -> Promise {
        // With a token at hand no executor is entered and no string crosses the edge.
        if options.is_undefined()
            && let Some(token) = self.shared.token_at_hand()
        {
            return Promise::resolve(&token);
        }
        let shared = self.shared.clone();
        let names = ["minValidity", "forceRefresh"];
        let given = names.map(|name| get(&options, name));
        self.shared.run(&options, &names, move |call| async move {
            let [min_validity, force] = given;
            let min_validity = match &min_validity {
                value if value.is_undefined() => 0,
                value => duration(value).ok_or_else(|| AuthError::input("minValidity", "milliseconds, 0 or more"))?,
            };
            let force = match &force {
                value if value.is_undefined() => false,
                value => value.as_bool().ok_or_else(|| AuthError::input("forceRefresh", "true or false"))?,
            };
            shared.engine.needs_token()?;
            shared.engine.usable(min_validity, force, call).await?;
            shared.token_now().ok_or_else(|| AuthError::new(Code::LoginRequired, "nobody is signed in"))
        })
    }

    /// Calls the provider's API with the credential.
    pub fn fetch(&self, input: JsValue, init: JsValue) -> Promise {
        super::call::fetch(&self.shared, input, init)
    }

    /// The provider's own error in an answer, or null.
    pub fn problem(&self, response: JsValue) -> Promise {
        let shared = self.shared.clone();
        self.shared.run(
            &JsValue::UNDEFINED,
            &[],
            move |_| async move { super::problem::read(&shared, &response).await },
        )
    }

    /// Asks who the credential belongs to.
    pub fn check(&self, options: JsValue) -> Promise {
        let shared = self.shared.clone();
        self.shared.run(&options, &[], move |call| async move {
            let owner = shared.engine.check(call).await?;
            let identity = Object::new();
            set(&identity, "subject", &JsValue::from_str(&owner.subject));
            set(&identity, "details", &convert::to_js(&owner.details));
            Ok(shared.bridge.freeze(&identity))
        })
    }

    /// Signs out.
    pub fn logout(&self, options: JsValue) -> Promise {
        let shared = self.shared.clone();
        let revoke = get(&options, "revoke");
        self.shared.run(&options, &["revoke"], move |call| async move {
            let revoke = match &revoke {
                value if value.is_undefined() => true,
                value => value.as_bool().ok_or_else(|| AuthError::input("revoke", "true or false"))?,
            };
            shared.engine.logout(revoke, call).await.map(|()| JsValue::UNDEFINED)
        })
    }

    /// Ends everything that waits, and forgets every secret.
    pub fn close(&self) {
        self.shared.engine.close();
        self.shared.engine.host.watch.replace(None);
        siblings::leave(self.shared.engine.host.number);
        self.shared.session.replace(JsValue::NULL);
        self.shared.token.replace(None);
        self.shared.listeners.borrow_mut().clear();
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.close();
    }
}

impl Shared {
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
        match Call::read(options, more) {
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
            let result = abort.guard(work(shared.engine.until_closed(doing))).await;
            result.map_err(|failure| shared.reject(failure))
        })
    }

    /// What a promise of this client rejects with.
    pub(super) fn reject(&self, failure: Failure) -> JsValue {
        failure.into_js(&self.bridge, Some(&self.engine.config.provider.id))
    }

    async fn authorization_url(&self, return_to: &JsValue) -> Result<String> {
        let return_to = match return_to {
            value if value.is_undefined() || value.is_null() => None,
            value => Some(value.as_string().ok_or_else(|| AuthError::input("returnTo", "text"))?),
        };
        self.engine.authorization_url(return_to.as_deref()).await
    }

    fn callback_address(&self, url: &JsValue) -> Result<String> {
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
    fn session_of(&self, held: &Rc<Held>) -> JsValue {
        match self.engine.held() {
            Some(current) if Rc::ptr_eq(&current, held) => self.session.borrow().clone(),
            _ => self.to_session(held),
        }
    }

    fn to_session(&self, held: &Held) -> JsValue {
        let session = Object::new();
        let scope: Array = held.scope.iter().map(|scope| JsValue::from_str(scope)).collect();
        set(&session, "provider", &JsValue::from_str(&self.engine.config.provider.id));
        set(&session, "subject", &held.subject.as_deref().map_or(JsValue::NULL, JsValue::from_str));
        set(&session, "scope", &scope);
        set(&session, "expiresAt", &held.expires_at.map_or(JsValue::NULL, number));
        set(&session, "renewable", &self.engine.can_renew(held).into());
        set(&session, "details", &convert::to_js(&held.details));
        self.bridge.freeze(&session)
    }

    fn show_session(&self) {
        let session = self.engine.held().map_or(JsValue::NULL, |held| self.to_session(&held));
        self.session.replace(session);
    }

    fn changed(&self, change: Change) {
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

    fn token_at_hand(&self) -> Option<JsValue> {
        self.engine.ready(0)?;
        self.token_now()
    }

    /// The session's token, converted once per session.
    fn token_now(&self) -> Option<JsValue> {
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

impl Call {
    /// Own members `signal`, `timeout`, and those of `more`.
    pub(super) fn read(options: &JsValue, more: &[&str]) -> Result<Self> {
        if options.is_undefined() || options.is_null() {
            return Ok(Self { abort: Abort::read(&JsValue::UNDEFINED)?, timeout: None });
        }
        if !options.is_object() {
            return Err(AuthError::input("options", "an object"));
        }
        for key in Object::keys(options.unchecked_ref::<Object>()).iter() {
            let key = key.as_string().unwrap_or_default();
            if !matches!(key.as_str(), "signal" | "timeout") && !more.contains(&key.as_str()) {
                return Err(AuthError::input(&key, "left out: this call has no such option"));
            }
        }
        let timeout = match get(options, "timeout") {
            value if value.is_undefined() => None,
            value => {
                let value = convert::from_js(&value, "timeout").unwrap_or(Value::Null);
                Some(config::timeout(&value).map_err(|accepts| AuthError::input("timeout", accepts))?)
            }
        };
        Ok(Self { abort: Abort::read(&get(options, "signal"))?, timeout })
    }
}

/// Milliseconds, 0 or more.
fn duration(value: &JsValue) -> Option<i64> {
    let value = convert::from_js(value, "minValidity").ok()?;
    crate::provider::fields::duration(&value).ok()
}
