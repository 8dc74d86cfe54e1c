//! Takes secrets out of texts that others will see.

use super::{form, json};
use crate::provider::template::{base64, base64url};
use crate::secret::Secret;
use crate::value::Value;

/// What stands in place of a secret.
pub const MASK: &str = "***";

/// How much of a provider's text is looked at, in characters, beyond what a secret may take.
const SHOWN: usize = 2_000;

/// Secrets up to this length are part of too many innocent paths.
const LONGEST_SHOWN_IN_PATH: usize = 3;

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

    /// Every form in which a secret may come back, but for percent-encoding: as it is, in both base64 alphabets, and in
    /// JSON as careful and as careless writers escape it.
    /// Longer ones first: a secret that holds another is masked before it.
    fn plain_forms(&self) -> Vec<String> {
        let mut forms: Vec<String> = Vec::new();
        let mut add = |form: String| {
            if !forms.contains(&form) {
                let shorter = forms.iter().position(|other| other.len() < form.len());
                forms.insert(shorter.unwrap_or(forms.len()), form);
            }
        };
        for secret in &self.secrets {
            let text = secret.expose();
            let padded = base64(text.as_bytes());
            add(padded.trim_end_matches('=').to_owned());
            add(padded);
            add(base64url(text.as_bytes()));
            let json = json::write(&Value::text(text));
            let json = json.get(1..json.len().saturating_sub(1)).unwrap_or_default();
            add(json.replace('/', "\\/").chars().map(ascii).collect());
            add(json.to_owned());
            add(text.to_owned());
        }
        forms
    }

    /// Every form in which a secret may come back, as text to look for.
    pub fn forms(&self) -> Vec<String> {
        let mut forms = self.plain_forms();
        for at in 0..forms.len() {
            let Some(plain) = forms.get(at).cloned() else { break };
            let mut form = String::new();
            form::encode_component(&plain, &mut form);
            let mut percent = String::new();
            form::percent_encode(&plain, &mut percent);
            forms.extend([form, percent].into_iter().filter(|form| *form != plain));
        }
        forms
    }

    /// The text without any of the secrets, however they are percent-encoded.
    pub fn scrub(&self, text: &str) -> String {
        self.scrub_longer_than(0, text)
    }

    /// The start of a text, which may be very long, without any of the secrets.
    pub fn scrub_start(&self, text: &str) -> String {
        let longest = self.plain_forms().first().map_or(0, String::len).saturating_mul(3);
        let enough = SHOWN.saturating_add(longest);
        match text.char_indices().nth(enough) {
            None => self.scrub(text),
            Some((end, _)) => {
                let mut shown = self.scrub(text.get(..end).unwrap_or_default());
                // Where the text was cut a secret may have been cut too.
                let kept = shown.chars().count().saturating_sub(longest);
                shown.truncate(shown.char_indices().nth(kept).map_or(shown.len(), |(at, _)| at));
                shown
            }
        }
    }

    fn scrub_longer_than(&self, length: usize, text: &str) -> String {
        let forms = self.plain_forms();
        let forms = forms.iter().filter(|form| form.len() > length);
        forms.fold(text.to_owned(), |text, form| masked(&text, form))
    }
}

/// A character as writers of ASCII-only JSON escape it.
fn ascii(character: char) -> String {
    let mut units = [0; 2];
    let digit = |nibble: u16| char::from_digit(u32::from(nibble & 15), 16).unwrap_or_default();
    match character {
        ..='\u{7f}' => character.to_string(),
        _ => (character.encode_utf16(&mut units).iter())
            .flat_map(|unit| ['\\', 'u', digit(unit >> 12), digit(unit >> 8), digit(unit >> 4), digit(*unit)])
            .collect(),
    }
}

/// The text with each occurrence of the secret masked. A byte of the secret may stand there as it is or as `%XX`, a
/// space also as `+`: encoders differ in what they encode.
fn masked(text: &str, secret: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        if let Some(behind) = after(rest, secret) {
            shown.push_str(MASK);
            rest = behind;
        } else {
            shown.push(next);
            rest = rest.get(next.len_utf8()..).unwrap_or_default();
        }
    }
    shown
}

/// What stands behind the secret, when the text starts with it.
fn after<'t>(text: &'t str, secret: &str) -> Option<&'t str> {
    let mut rest = text.as_bytes();
    for wanted in secret.bytes() {
        rest = match rest.split_first()? {
            (b'%', encoded) if encoded.get(..2).and_then(byte_of) == Some(wanted) => encoded.get(2..)?,
            (b'+', behind) if wanted == b' ' => behind,
            (found, behind) if *found == wanted => behind,
            _ => return None,
        };
    }
    text.get(text.len().checked_sub(rest.len())?..)
}

fn byte_of(digits: &[u8]) -> Option<u8> {
    u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
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
    [scheme, "://", host, &redactor.scrub_longer_than(LONGEST_SHOWN_IN_PATH, path)].concat()
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
