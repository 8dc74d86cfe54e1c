//! The class behind `AuthClient`.

use std::rc::{Rc, Weak};

use js_sys::{Function, Object, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::bridge::{Bridge, get, set};
use super::host::WebHost;
use super::options::Options;
use super::page::{self, Urls};
use super::shared::Shared;
use super::transport::Transport;
use super::{convert, credentials};
use crate::client::signal::work;
use crate::client::{Client as Engine, Config, Host};
use crate::error::{AuthError, Code, Result};
use crate::protocol::redirect;

/// One client, as the shell holds it.
#[wasm_bindgen]
pub struct Client {
    pub(super) shared: Rc<Shared>,
}

impl Client {
    /// See [`super::open`].
    pub(super) async fn open(options: &JsValue, bridge: &Bridge) -> Result<Self> {
        let options = Options::read(options)?;
        let config = Config::read(&options.data, options.callbacks.credentials.is_some(), &Urls)?;
        let stores = options.place.open(bridge).await;
        let host = WebHost {
            bridge: bridge.clone(),
            provider: config.provider.id().to_owned(),
            transport: Transport::new(options.fetch, bridge.clone()),
            callbacks: options.callbacks,
            sessions: stores.sessions,
            pending: stores.pending,
            on_change: Default::default(),
            watch: Default::default(),
            record: Default::default(),
        };
        let engine = Engine::new(host, config);
        let shared = Shared::new(engine.clone(), bridge.clone());
        let is_lost = stores.pending_is_lost && engine.config.redirect_uri.is_some();
        if is_lost {
            engine.warn(
                AuthError::new(
                    Code::Storage,
                    "there is no sessionStorage here, so a redirect login cannot be finished",
                )
                .hint("Allow the site to store data, or give the option `storage` a store of your own."),
            );
        }
        if let Some(warning) = stores.warning {
            engine.warn(warning);
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
        if let Err(error) = engine.host.watch(&key, move || sync(&weak)) {
            engine.warn_of_store(error);
        }
        if engine.host.has_store() || engine.config.auto_refresh {
            spawn_local(heed_wakes(engine));
        }
        Ok(Self { shared })
    }
}

/// Tells the engine whenever the page wakes, until the client is closed.
async fn heed_wakes(engine: Rc<Engine<WebHost>>) {
    let woken = async || {
        engine.host.woken().await;
        Ok(())
    };
    while engine.until_closed(work(woken())).await.is_ok() {
        engine.wake().await;
    }
}

/// Makes a client look into its store.
fn sync(engine: &Weak<Engine<WebHost>>) {
    if let Some(engine) = engine.upgrade() {
        spawn_local(async move { engine.heed_changes().await });
    }
}

#[wasm_bindgen]
impl Client {
    /// Name of the provider.
    #[wasm_bindgen(getter)]
    pub fn provider(&self) -> String {
        self.shared.engine.config.provider.id().to_owned()
    }

    /// The session, or null.
    #[wasm_bindgen(getter)]
    pub fn session(&self) -> JsValue {
        self.shared.session()
    }

    /// Adds a listener; gives the number to remove it by.
    pub fn subscribe(&self, listener: Function) -> u32 {
        self.shared.subscribe(listener)
    }

    /// Removes a listener.
    pub fn unsubscribe(&self, id: u32) {
        self.shared.unsubscribe(id);
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
        let allowed = shared.engine.is_not_asking();
        self.shared.run(&options, &[], move |call| async move {
            allowed?;
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
        let allowed = shared.engine.is_not_asking();
        self.shared.run(&options, &names, move |call| async move {
            allowed?;
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
        self.shared.close();
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.close();
    }
}

/// Milliseconds, 0 or more.
fn duration(value: &JsValue) -> Option<i64> {
    let value = convert::from_js(value, "minValidity").ok()?;
    crate::provider::fields::duration(&value).ok()
}
