//! The calls of a program, ready to be started, and what came of them.

use propusk::client::Credentials;
use propusk::error::{Code, Result};
use propusk::secret::Secret;

use crate::world::{Context, Session};

/// A password profile with renewal and revocation.
pub const PASSWORD: &str = r#"{
    "id": "p", "baseUrl": "https://p.test", "credentials": ["username", "password"],
    "login": { "kind": "request", "request": { "url": "/token", "form": { "username": "{username}", "password": "{password}" } } },
    "renew": { "url": "/token", "form": { "refresh_token": "{refresh_token}" } },
    "revoke": { "url": "/revoke", "form": { "token": "{refresh_token}" } },
    "check": { "request": { "method": "GET", "url": "/me" }, "subject": "id" },
    "present": { "headers": { "Authorization": "Bearer {access_token}" } }
}"#;

/// What that profile takes.
pub fn credentials(name: &str) -> Credentials {
    vec![("username".to_owned(), Secret::new(name)), ("password".to_owned(), Secret::new("pass-word"))]
}

/// Signs in.
pub fn login(context: &Context, name: &str) -> impl Future<Output = Session> + use<> {
    let (client, credentials) = (context.clone(), credentials(name));
    async move { client.login(credentials, None).await }
}

/// Renews.
pub fn refresh(context: &Context) -> impl Future<Output = Session> + use<> {
    let client = context.clone();
    async move { client.refresh(None).await }
}

/// Gets a session that is good for a while.
pub fn usable(context: &Context, min_validity: i64) -> impl Future<Output = Session> + use<> {
    let client = context.clone();
    async move { client.usable(min_validity, false, None).await }
}

/// Signs out.
pub fn logout(context: &Context) -> impl Future<Output = Result<()>> + use<> {
    let client = context.clone();
    async move { client.logout(true, None).await }
}

/// The access token of a session.
pub fn token(session: &Session) -> String {
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
