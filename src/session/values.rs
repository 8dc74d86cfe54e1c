//! What stands for the names in a provider's templates.

use super::{Credentials, Fresh, Now, Session, Tokens};
use crate::error::{AuthError, Code, Result};
use crate::protocol::request::{self, Credential};
use crate::provider::cut::decimal;
use crate::provider::{Login, Scope};

/// What a request of ours is about, besides params.
pub(super) struct Moment {
    now: String,
    uuid: String,
}

impl Moment {
    fn of(wall: i64, random: Option<[u8; 32]>) -> Self {
        Self { now: decimal(wall.div_euclid(1000)), uuid: random.map(uuid).unwrap_or_default() }
    }
}

impl Session {
    /// How the credential of the current session goes with a call at that moment; nothing without a session. Where the
    /// provider's presentation varies, each call has its own.
    pub fn credential(&self, now: Now) -> Result<Credential> {
        match self.tokens() {
            Some(tokens) => self.credential_of(tokens, &Moment::of(now.wall, now.random)),
            None => Ok(Credential { headers: Vec::new(), query: Vec::new() }),
        }
    }

    pub(super) fn credential_of(&self, tokens: &Tokens, moment: &Moment) -> Result<Credential> {
        let mut scope = self.scope(&tokens.inferred, moment);
        self.token_values(&mut scope, tokens);
        request::present(self.config.provider.present(), &scope)
    }

    /// Fails where there is no token to hand out.
    pub fn needs_token(&self) -> Result<()> {
        if self.config.provider.has_token() {
            return Ok(());
        }
        let message = [self.config.provider.id(), " signs calls with the credentials: there is no token"];
        Err(AuthError::of(Code::Unsupported, &message).hint("Call the API with `fetch` of the client."))
    }

    /// Until when the current session can be used without asking the machine.
    pub fn fresh(&self) -> Fresh {
        let Some(tokens) = self.tokens() else { return Fresh { wall: Some(0), steady: None, margin: 0, life: None } };
        let margin = if self.is_renewable(tokens) { self.margin(tokens) } else { 0 };
        let early = |end: i64| end.saturating_sub(margin);
        let (wall, steady) = (tokens.expires_at.map(early), tokens.monotonic_end.map(early));
        Fresh { wall, steady, margin, life: tokens.life() }
    }

    /// The second and the number that are one request's own.
    pub(super) fn moment(&mut self) -> Moment {
        let random = self.draw();
        Moment::of(self.now.wall, random)
    }

    /// The values that every template has: params, those that a credential decided over the profile's, and what is this
    /// request's own.
    pub(super) fn scope<'a>(&'a self, inferred: &'a [(String, String)], moment: &'a Moment) -> Scope<'a> {
        let provider = &self.config.provider;
        let mut scope = Scope::of(provider);
        for (name, value) in inferred {
            scope.param(name, value, provider.param_secrecy(name));
        }
        if let Some(redirect_uri) = &self.config.redirect_uri {
            scope.open("redirect_uri", redirect_uri);
        }
        scope.open("now", &moment.now);
        if !moment.uuid.is_empty() {
            scope.open("uuid", &moment.uuid);
        }
        scope
    }

    /// Puts the secrets of a session into a scope. A credential that is the token goes by both names.
    pub(super) fn token_values<'a>(&'a self, scope: &mut Scope<'a>, tokens: &'a Tokens) {
        credential_values(scope, &tokens.credentials);
        if let Some(token) = &tokens.access_token {
            scope.secret("access_token", token.expose());
            if matches!(self.config.provider.login(), Login::Direct)
                && let Some(credential) = self.config.provider.credentials().first()
            {
                scope.secret(credential.name, token.expose());
            }
        }
        if let Some(token) = &tokens.refresh_token {
            scope.secret("refresh_token", token.expose());
        }
    }
}

/// Puts credentials into a scope. A user name is no secret; traces hide it all the same, by its name.
pub(super) fn credential_values<'a>(scope: &mut Scope<'a>, credentials: &'a Credentials) {
    for (name, value) in credentials {
        if matches!(name.as_str(), "username" | "user" | "login" | "email" | "phone") {
            scope.open(name, value.expose());
        } else {
            scope.secret(name, value.expose());
        }
    }
}

/// A random UUID (RFC 9562 section 5.4).
fn uuid(random: [u8; 32]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(36);
    for (at, byte) in random.iter().take(16).enumerate() {
        let byte = match at {
            6 => byte & 0x0f | 0x40,
            8 => byte & 0x3f | 0x80,
            _ => *byte,
        };
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        for digit in [byte >> 4, byte & 15] {
            text.push(DIGITS.get(usize::from(digit)).copied().unwrap_or(b'0').into());
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_says_that_it_is_random() {
        assert_eq!(uuid([0; 32]), "00000000-0000-4000-8000-000000000000");
        assert_eq!(uuid([0xff; 32]), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    }
}
