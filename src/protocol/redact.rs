//! Takes secrets out of texts that others will see.

use super::form;
use crate::provider::template::{base64, base64url};
use crate::secret::Secret;

/// What stands in place of a secret.
pub const MASK: &str = "***";

/// Shorter secrets are part of too many innocent paths.
const SHORTEST_IN_PATH: usize = 4;

/// Knows the secrets of one request.
#[derive(Clone, Default)]
pub struct Redactor {
    secrets: Vec<Secret>,
}

impl Redactor {
    /// Adds a secret.
    pub fn add(&mut self, secret: &str) {
        if !secret.is_empty() {
            self.secrets.push(Secret::new(secret));
        }
    }

    /// Every form in which a secret may come back: as it is, form-encoded, percent-encoded, in both base64 alphabets.
    pub fn forms(&self) -> Vec<String> {
        let mut forms: Vec<String> = Vec::new();
        for secret in &self.secrets {
            let text = secret.expose();
            let mut form = String::new();
            form::encode_component(text, &mut form);
            let mut percent = String::new();
            form::percent_encode(text, &mut percent);
            let padded = base64(text.as_bytes());
            let bare = padded.trim_end_matches('=').to_owned();
            for form in [text.to_owned(), form, percent, padded, bare, base64url(text.as_bytes())] {
                if !forms.contains(&form) {
                    // A secret that holds another is masked first.
                    let shorter = forms.iter().position(|other| other.len() < form.len());
                    forms.insert(shorter.unwrap_or(forms.len()), form);
                }
            }
        }
        forms
    }

    /// The text without any of the secrets.
    pub fn scrub(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for form in self.forms() {
            if text.contains(&form) {
                text = text.replace(&form, MASK);
            }
        }
        text
    }
}

/// Whether a query parameter of that name is worth hiding in a trace, whoever put it there.
pub fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [
        "token",
        "password",
        "passwd",
        "secret",
        "code",
        "signature",
        "api_key",
        "apikey",
        "authorization",
        "session",
        "ticket",
    ]
    .iter()
    .any(|word| name.contains(word))
        || matches!(name.as_str(), "key" | "sig" | "pwd" | "pass" | "auth" | "jwt" | "login" | "username")
}

/// An address without query for traces: no user name, secrets of its path masked.
pub fn shown_address(address: &str, redactor: &Redactor) -> String {
    let (scheme, rest) = address.split_once("://").unwrap_or(("", address));
    let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let mut path = path.to_owned();
    for form in redactor.forms().iter().filter(|form| form.len() >= SHORTEST_IN_PATH) {
        path = path.replace(form, MASK);
    }
    [scheme, "://", host, &path].concat()
}

/// An address for traces: secrets of its query masked by name or by value, no user name, no fragment.
pub fn shown_url(href: &str, redactor: &Redactor) -> String {
    let href = href.split('#').next().unwrap_or_default();
    let (address, query) = href.split_once('?').unwrap_or((href, ""));
    let mut shown = shown_address(address, redactor);
    for (position, pair) in query.split('&').filter(|pair| !pair.is_empty()).enumerate() {
        shown.push(if position == 0 { '?' } else { '&' });
        match pair.split_once('=') {
            Some((name, value)) if !value.is_empty() => {
                let hides = |(name, value): &(String, String)| is_secret_name(name) || redactor.scrub(value) != *value;
                let hidden = form::decode(pair).first().is_some_and(hides);
                shown.push_str(name);
                shown.push('=');
                shown.push_str(if hidden { MASK } else { value });
            }
            _ => shown.push_str(&redactor.scrub(pair)),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn knowing(secrets: &[&str]) -> Redactor {
        let mut redactor = Redactor::default();
        secrets.iter().for_each(|secret| redactor.add(secret));
        redactor
    }

    #[test]
    fn a_secret_is_masked_in_every_form_it_may_come_back_in() {
        let redactor = knowing(&["p@ss wörd"]);
        for form in ["p@ss wörd", "p%40ss+w%C3%B6rd", "p%40ss%20w%C3%B6rd", "cEBzcyB3w7ZyZA==", "cEBzcyB3w7ZyZA"] {
            assert_eq!(redactor.scrub(&["got <", form, ">"].concat()), "got <***>", "{form}");
        }
    }

    #[test]
    fn a_longer_secret_goes_first() {
        assert_eq!(knowing(&["abc", "abcdef"]).scrub("abcdef abc"), "*** ***");
        assert_eq!(knowing(&[""]).scrub("abc"), "abc");
    }

    #[test]
    fn a_traced_address_hides_by_name_and_by_value() {
        let redactor = knowing(&["hunter2"]);
        assert_eq!(
            shown_url("https://u:p@a/b/hunter2?access_token=x&q=hunter2&page=2&empty=&flag#access_token=y", &redactor),
            "https://a/b/***?access_token=***&q=***&page=2&empty=&flag"
        );
        assert_eq!(shown_url("https://a/b", &redactor), "https://a/b");
    }
}
