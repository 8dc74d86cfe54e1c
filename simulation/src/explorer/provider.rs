//! A provider as small as it can be: numbers for tokens, families of refresh tokens.

use propusk::protocol::form;
use propusk::protocol::request::{Purpose, Request};
use propusk::protocol::response::Response;

/// The provider.
#[derive(Clone, Default, Hash)]
pub(super) struct Provider {
    families: Vec<Family>,
    /// Which family a token belongs to, by its number less one.
    of: Vec<usize>,
    /// Whether a refresh token that comes again ends its family.
    pub(super) revokes: bool,
    /// Whether that has happened.
    pub(super) has_seen_reuse: bool,
    codes: Vec<String>,
    /// Whether a code has come twice.
    pub(super) has_seen_code_twice: bool,
}

#[derive(Clone, Hash)]
struct Family {
    current: usize,
    is_revoked: bool,
}

impl Provider {
    /// Nobody has signed in.
    pub(super) fn new(revokes: bool) -> Self {
        Self { revokes, ..Self::default() }
    }

    /// Carries a request out.
    pub(super) fn receive(&mut self, request: &Request) -> Response {
        let form = form::decode(request.body.as_deref().unwrap_or_default());
        let token = |wanted: &str| form.iter().find(|(name, _)| name == wanted).and_then(|(_, token)| number(token));
        match request.purpose {
            Purpose::Refresh => token("refresh_token").map_or_else(refusal, |token| self.renew(token)),
            Purpose::Revoke => {
                if let Some(family) = token("token").and_then(|token| self.of.get(token - 1).copied()) {
                    self.families[family].is_revoked = true;
                }
                answer(200, String::new())
            }
            _ => {
                if let Some((_, code)) = form.into_iter().find(|(name, _)| name == "code") {
                    self.has_seen_code_twice |= self.codes.contains(&code);
                    self.codes.push(code);
                }
                self.families.push(Family { current: 0, is_revoked: false });
                self.issue(self.families.len() - 1)
            }
        }
    }

    /// The newest refresh token of the family of another one.
    pub(super) fn newest(&self, token: &str) -> Option<String> {
        let family = self.of.get(number(token)? - 1)?;
        Some(format!("refresh-{}", self.families[*family].current))
    }

    fn renew(&mut self, token: usize) -> Response {
        let Some(family) = self.of.get(token - 1).copied() else { return refusal() };
        if self.families[family].is_revoked {
            return refusal();
        }
        if self.families[family].current != token {
            self.has_seen_reuse |= self.revokes;
            self.families[family].is_revoked = self.revokes;
            return refusal();
        }
        self.issue(family)
    }

    fn issue(&mut self, family: usize) -> Response {
        self.of.push(family);
        let number = self.of.len();
        self.families[family].current = number;
        let body = format!(
            r#"{{"access_token":"access-{number}","refresh_token":"refresh-{number}","token_type":"bearer","expires_in":3600}}"#
        );
        answer(200, body)
    }
}

fn number(token: &str) -> Option<usize> {
    token.rsplit('-').next()?.parse().ok()
}

fn refusal() -> Response {
    answer(400, r#"{"error":"invalid_grant"}"#.to_owned())
}

fn answer(status: u16, body: String) -> Response {
    Response {
        status,
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: body.into_bytes(),
        xml: None,
    }
}
