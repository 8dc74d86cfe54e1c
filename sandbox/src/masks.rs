//! What is shown of an address or a header: no secret, whatever it is called.

use std::collections::HashSet;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::exchange::{Ask, Credential, basic_pair};
use crate::services::{Id, State};
use crate::wire;

/// What stands where a secret was.
const MASK: &str = "***";
/// All tokens and codes that are made here are as long as this.
const ISSUED: usize = 32;
/// What is shorter may be a part of anything.
const SHORT: usize = 8;

/// The secrets that one request may hold: those of the services, and its own.
pub(crate) struct Masks<'a> {
    whole: HashSet<String>,
    parts: Vec<String>,
    states: Vec<&'a State>,
}

impl<'a> Masks<'a> {
    /// `states` of all services: a credential may have been sent to the wrong one.
    pub(crate) fn new(ask: &Ask, states: Vec<&'a State>) -> Self {
        let mut masks = Self { whole: HashSet::new(), parts: Vec::new(), states };
        for account in Id::ALL.into_iter().flat_map(Id::accounts) {
            for secret in account.secrets() {
                let digest = Sha256::digest(secret);
                masks.add(&STANDARD.encode(digest));
                masks.add(&digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
                masks.add(secret);
            }
        }
        masks.add_own(ask);
        masks
    }

    fn add(&mut self, secret: &str) {
        if secret.len() >= SHORT {
            self.parts.push(secret.to_owned());
        } else if !secret.is_empty() {
            self.whole.insert(secret.to_owned());
        }
    }

    fn add_own(&mut self, ask: &Ask) {
        match ask.credential() {
            Credential::Bearer(token) => self.add(&token),
            Credential::Basic(value) => {
                if let Ok((user, password)) = basic_pair(&value) {
                    self.add(&password);
                    // A token may stand where the user does.
                    if password.is_empty() {
                        self.add(&user);
                    }
                }
                self.add(&value);
            }
            Credential::None | Credential::Broken(_) => {}
        }
        for text in [ask.query.as_deref(), std::str::from_utf8(&ask.body).ok()].into_iter().flatten() {
            for (name, value) in text.split('&').filter_map(|pair| pair.split_once('=')) {
                if wire::is_secret(name) {
                    self.add(&wire::read(value));
                }
            }
        }
        if let Ok(body) = serde_json::from_slice::<Value>(&ask.body) {
            self.add_members(&body);
        }
    }

    fn add_members(&mut self, value: &Value) {
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    match member {
                        Value::String(text) if wire::is_secret(name) => self.add(text),
                        other => self.add_members(other),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.add_members(item)),
            _ => {}
        }
    }

    /// Whether a text, as it was written or decoded, holds a secret.
    fn covers(&self, written: &str) -> bool {
        readings(written).iter().any(|text| self.holds(text))
    }

    /// Whether it is one that is too short to be looked for in what is longer. Words of paths, and names, may be the same.
    fn is_short(&self, written: &str) -> bool {
        readings(written).iter().any(|text| self.whole.contains(text))
    }

    fn holds(&self, text: &str) -> bool {
        let issued = text.as_bytes().windows(ISSUED).filter_map(|window| std::str::from_utf8(window).ok());
        self.parts.iter().any(|part| text.contains(part.as_str()))
            || issued.into_iter().any(|window| self.states.iter().any(|state| state.has_issued(window)))
    }

    /// A path without the segments that hold a secret.
    pub(crate) fn path(&self, path: &str) -> String {
        let masked = path.split('/').map(|segment| if self.covers(segment) { MASK } else { segment });
        let masked = masked.collect::<Vec<_>>().join("/");
        // A secret may have slashes of its own.
        if self.covers(&masked) { format!("/{MASK}") } else { masked }
    }

    /// A query without the values that have a secret's name, or are one.
    pub(crate) fn query(&self, query: &str) -> String {
        let masked = query.split('&').map(|pair| match pair.split_once('=') {
            Some((name, _)) if self.covers(name) => MASK.to_owned(),
            Some((name, value)) if wire::is_secret(name) || self.is_short(value) || self.covers(value) => {
                format!("{name}={MASK}")
            }
            None if !pair.is_empty() => MASK.to_owned(),
            _ => pair.to_owned(),
        });
        masked.collect::<Vec<_>>().join("&")
    }

    /// An address without secrets and fragment.
    pub(crate) fn address(&self, address: &str) -> String {
        let address = address.split_once('#').map_or(address, |(head, _)| head);
        let (head, query) = address.split_once('?').map_or((address, None), |(head, query)| (head, Some(query)));
        let head = if self.covers(head) { self.path(head) } else { head.to_owned() };
        query.map_or(head.clone(), |query| format!("{head}?{}", self.query(query)))
    }

    /// What a header says.
    pub(crate) fn header(&self, name: &str, text: &str) -> String {
        match name {
            "authorization" | "proxy-authorization" => match text.split_once(' ') {
                Some((scheme, _)) if ["basic", "bearer"].contains(&scheme.to_ascii_lowercase().as_str()) => {
                    format!("{scheme} {MASK}")
                }
                _ => MASK.to_owned(),
            },
            "referer" => self.address(text),
            name if wire::is_secret(name) || self.is_short(text) || self.covers(text) => MASK.to_owned(),
            _ => text.to_owned(),
        }
    }
}

/// What servers may read in a text: it as it is written, and decoded as a form and as a path are.
fn readings(written: &str) -> [String; 3] {
    [written.to_owned(), wire::read(written), wire::read(&written.replace('+', "%2B"))]
}

#[cfg(test)]
mod tests {
    use axum::body::Bytes;
    use axum::http::{HeaderMap, HeaderValue, Method};

    use super::*;

    fn asked(headers: &[(&'static str, &str)], body: &'static str) -> Ask {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, HeaderValue::from_str(value).unwrap());
        }
        Ask {
            method: Method::POST,
            path: "/".into(),
            query: None,
            headers: map,
            body: Bytes::from_static(body.as_bytes()),
        }
    }

    #[test]
    fn what_a_secret_is_called_does_not_matter() {
        let ask =
            asked(&[("authorization", "Bearer own/token+of-this")], "password=%D0%BF%D0%B0%D1%80%D0%BE%D0%BB%D1%8C-1");
        let masks = Masks::new(&ask, Vec::new());
        for (query, shown) in [
            ("q=own/token+of-this&page=2", "q=***&page=2"),
            ("q=x-own%2Ftoken%2Bof-this-x", "q=***"),
            ("own%2Ftoken%2Bof-this=1&a=b", "***&a=b"),
            ("who=%D0%BF%D0%B0%D1%80%D0%BE%D0%BB%D1%8C-1", "who=***"),
            ("who=secret&in=secretary&demo=1", "who=***&in=secretary&demo=1"),
            ("digest=K7gNU3sdo%2BOL0wNhqoVWhr3g6s1xYv72ol%2Fpe%2FUnols%3D", "digest=***"),
            ("username=79990000001&goods=7", "username=79990000001&goods=7"),
        ] {
            assert_eq!(masks.query(query), shown);
        }
        assert_eq!(masks.path("/v1/b37c4c689295904ed21eee5d9a48d42e/x"), "/v1/***/x");
        assert_eq!(masks.path("/v1/own/token+of-this/x"), "/***");
        assert_eq!(masks.path("/v1/goods/7"), "/v1/goods/7");
        assert_eq!(masks.address("http://x/?to=own%2ftoken%2bof-this#own"), "http://x/?to=***");
        assert_eq!(masks.header("x-any", "own/token+of-this"), "***");
        assert_eq!(masks.header("accept", "*/*"), "*/*");
        assert_eq!(masks.header("authorization", "Bearer own/token+of-this"), "Bearer ***");
    }

    #[test]
    fn what_sounds_like_a_secret_is_one() {
        let masks = Masks::new(&asked(&[], r#"{"a":[{"apiKey":"key of json"}]}"#), Vec::new());
        for name in [
            "key",
            "api_key",
            "apiKey",
            "sid",
            "session",
            "PHPSESSID",
            "sessionId",
            "pw",
            "pwd",
            "pin",
            "jwt",
            "sig",
            "otp",
            "ticket",
            "Access%5Ftoken",
            "code",
        ] {
            assert_eq!(masks.query(&format!("{name}=x")), format!("{name}=***"));
        }
        for name in ["keyword", "side", "monkey", "pinned", "design", "app", "client_id", "state", "encoded", "turnkey"]
        {
            assert_eq!(masks.query(&format!("{name}=x")), format!("{name}=x"));
        }
        assert_eq!(masks.query("x=key+of+json"), "x=***");
    }
}
