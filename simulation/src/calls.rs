//! The calls of a program, ready to be started, and what came of them.

use std::rc::Rc;

use propusk::error::{Code, Result};
use propusk::protocol::answer::Owner;
use propusk::protocol::form;
use propusk::secret::Secret;
use propusk::session::{CallId, Credentials, GivenTokens, Input, Redirected, Reply, Tokens};
use propusk::value::Value;

use crate::context::Slot;
use crate::world::{Context, Signed};

/// A password profile with renewal and revocation.
pub const PASSWORD: &str = r#"{
    "id": "p", "baseUrl": "https://p.test", "credentials": ["username", "password"],
    "login": { "kind": "request", "request": { "url": "/token", "form": { "username": "{username}", "password": "{password}" } } },
    "renew": { "url": "/token", "form": { "refresh_token": "{refresh_token}" } },
    "revoke": { "url": "/revoke", "form": { "token": "{refresh_token}" } },
    "check": { "request": { "method": "GET", "url": "/me" }, "subject": "id" },
    "present": { "headers": { "Authorization": "Bearer {access_token}" } }
}"#;

/// The same with a second factor.
pub const SECOND_FACTOR: &str = r#"{
    "id": "p", "baseUrl": "https://p.test", "credentials": ["username", "password"],
    "login": { "kind": "request", "request": { "url": "/token", "form": { "username": "{username}", "password": "{password}" } } },
    "secondFactor": {
        "when": { "path": "error", "oneOf": ["mfa_required"] },
        "request": { "url": "/token", "form": { "username": "{username}", "password": "{password}", "factor": "{second_factor}" } }
    },
    "renew": { "url": "/token", "form": { "refresh_token": "{refresh_token}" } },
    "revoke": { "url": "/revoke", "form": { "token": "{refresh_token}" } },
    "check": { "request": { "method": "GET", "url": "/me" }, "subject": "id" },
    "present": { "headers": { "Authorization": "Bearer {access_token}" } }
}"#;

/// A redirect profile with renewal and revocation; callbacks come to [`CALLBACK`].
pub const REDIRECT: &str = r#"{
    "id": "r", "baseUrl": "https://p.test", "credentials": [],
    "login": {
        "kind": "redirect",
        "authorize": { "url": "https://as.test/authorize", "query": { "client_id": "c" } },
        "exchange": { "url": "/token", "form": {} }
    },
    "renew": { "url": "/token", "form": { "refresh_token": "{refresh_token}" } },
    "revoke": { "url": "/revoke", "form": { "token": "{refresh_token}" } },
    "check": { "request": { "method": "GET", "url": "/me" }, "subject": "id" },
    "present": { "headers": { "Authorization": "Bearer {access_token}" } }
}"#;

/// Where the user comes back to.
pub const CALLBACK: &str = "https://app.test/cb";

/// The address at which the user of that name comes back from the address of the provider.
pub fn comes_back(sent_to: &str, user: &str) -> String {
    let query = form::decode(sent_to.split_once('?').map_or("", |(_, query)| query));
    let state = query.iter().find(|(name, _)| name == "state").map_or("", |(_, state)| state.as_str());
    format!("{CALLBACK}?code={user}&state={state}")
}

/// A call that was not started yet.
pub struct Call<T> {
    context: Context,
    input: Box<dyn FnOnce(CallId) -> Input>,
    read: fn(Reply) -> T,
}

/// A call that was started.
pub struct Started<T> {
    /// Whose.
    pub context: Context,
    call: CallId,
    slot: Rc<Slot>,
    read: fn(Reply) -> T,
}

impl<T> Call<T> {
    fn new(context: &Context, read: fn(Reply) -> T, input: impl FnOnce(CallId) -> Input + 'static) -> Self {
        Self { context: context.clone(), input: Box::new(input), read }
    }

    /// Starts it.
    pub fn start(self) -> Started<T> {
        let (call, slot) = self.context.call(self.input);
        Started { context: self.context, call, slot, read: self.read }
    }
}

impl<T> Started<T> {
    /// What came of it, when something has.
    pub fn get(&self) -> Option<Result<T>> {
        let result = self.slot.result.borrow().clone()?;
        Some(result.map(self.read))
    }

    /// Whether something has.
    pub fn is_over(&self) -> bool {
        self.slot.result.borrow().is_some()
    }

    /// Its caller goes away.
    pub fn abandon(&self) {
        self.context.abandon(self.call);
    }

    /// The same, for later.
    pub fn leaver(&self) -> impl FnOnce() + 'static + use<T> {
        let (context, call) = (Rc::downgrade(&self.context), self.call);
        move || {
            if let Some(context) = context.upgrade() {
                context.abandon(call);
            }
        }
    }

    /// What is to be done with the result.
    pub fn then(&self, then: impl FnOnce(&Result<Reply>) + 'static) {
        let result = self.slot.result.borrow().clone();
        match result {
            Some(result) => then(&result),
            None => *self.slot.then.borrow_mut() = Some(Box::new(then)),
        }
    }
}

fn session(reply: Reply) -> Rc<Tokens> {
    match reply {
        Reply::Session(tokens) => tokens,
        _ => panic!("the reply is no session"),
    }
}

fn done(reply: Reply) {
    assert!(matches!(reply, Reply::Done), "the reply says more than that it is done");
}

/// What that profile takes.
pub fn credentials(name: &str) -> Credentials {
    vec![("username".to_owned(), Secret::new(name)), ("password".to_owned(), Secret::new("pass-word"))]
}

/// Reads the store.
pub fn open(context: &Context) -> Call<()> {
    Call::new(context, done, |call| Input::Open { call })
}

/// Signs in.
pub fn login(context: &Context, name: &str) -> Call<Rc<Tokens>> {
    login_with(context, credentials(name))
}

/// Signs in with other credentials.
pub fn login_with(context: &Context, credentials: Credentials) -> Call<Rc<Tokens>> {
    Call::new(context, session, move |call| Input::Login { call, credentials, limit: None })
}

/// The second step of a login.
pub fn confirm(context: &Context, code: &str) -> Call<Rc<Tokens>> {
    let code = Secret::new(code);
    Call::new(context, session, move |call| Input::Confirm { call, code, limit: None })
}

/// Tokens from elsewhere: one that cannot be renewed, and when it ends.
pub fn access_alone(access_token: &str, expires_at: Option<i64>) -> GivenTokens {
    GivenTokens {
        access_token: Secret::new(access_token),
        refresh_token: None,
        expires_at,
        subject: None,
        scope: Vec::new(),
        api_base: None,
        details: Value::Map(Vec::new()),
    }
}

/// Takes over tokens from elsewhere.
pub fn set_session(context: &Context, tokens: GivenTokens) -> Call<Rc<Tokens>> {
    Call::new(context, session, |call| Input::SetSession { call, tokens: Box::new(tokens) })
}

/// Asks whose the credential is.
pub fn check(context: &Context) -> Call<Owner> {
    let read = |reply| match reply {
        Reply::Owner(owner) => owner,
        _ => panic!("the reply is no owner"),
    };
    Call::new(context, read, |call| Input::Check { call, limit: None })
}

/// Renews.
pub fn refresh(context: &Context) -> Call<Rc<Tokens>> {
    refresh_within(context, None)
}

/// Renews, and waits for so long at most.
pub fn refresh_within(context: &Context, limit: Option<i64>) -> Call<Rc<Tokens>> {
    Call::new(context, session, move |call| Input::Refresh { call, limit })
}

/// Gets a session that is good for a while.
pub fn usable(context: &Context, min_validity: i64) -> Call<Rc<Tokens>> {
    Call::new(context, session, move |call| Input::Token { call, min_validity, force: false, limit: None })
}

/// Gets a new session.
pub fn forced(context: &Context) -> Call<Rc<Tokens>> {
    Call::new(context, session, |call| Input::Token { call, min_validity: 0, force: true, limit: None })
}

/// After a call was refused with the session of that generation and login: whether it is worth repeating.
pub fn refused(context: &Context, generation: u32, login: i64) -> Call<bool> {
    refused_again(context, generation, login, false)
}

/// The same for a call that was repeated already, or not.
pub fn refused_again(context: &Context, generation: u32, login: i64, repeated: bool) -> Call<bool> {
    let read = |reply| match reply {
        Reply::Repeat(repeat) => repeat,
        _ => panic!("the reply does not say whether to repeat"),
    };
    Call::new(context, read, move |call| Input::Refused { call, generation, login, repeated })
}

/// Signs out.
pub fn logout(context: &Context) -> Call<()> {
    Call::new(context, done, |call| Input::Logout { call, revoke: true, limit: None })
}

/// Begins a login by redirect.
pub fn authorization_url(context: &Context, return_to: Option<&str>) -> Call<String> {
    let read = |reply| match reply {
        Reply::Url(url) => url,
        _ => panic!("the reply is no address"),
    };
    let return_to = return_to.map(str::to_owned);
    Call::new(context, read, |call| Input::AuthorizationUrl { call, return_to })
}

/// Comes back from one; `None`: the address is no callback.
pub fn callback(context: &Context, address: &str) -> Call<Option<Redirected>> {
    let read = |reply| match reply {
        Reply::Redirected(redirected) => Some(redirected),
        Reply::NoCallback => None,
        _ => panic!("the reply is none to a callback"),
    };
    let address = address.to_owned();
    Call::new(context, read, |call| Input::Callback { call, address, limit: None })
}

/// The access token of a session.
pub fn token(session: &Signed) -> String {
    session.as_ref().unwrap().access_token.as_ref().unwrap().expose().to_owned()
}

/// The access token that the context holds.
pub fn held(context: &Context) -> Option<String> {
    context.held().map(|held| token(&Ok(held)))
}

/// The code of a failure.
pub fn code<T>(result: &Result<T>) -> Option<Code> {
    result.as_ref().err().map(|error| error.code)
}
