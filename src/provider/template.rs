//! Text with placeholders: `{password|sha256|base64}`.

use sha2::{Digest, Sha256};

pub use crate::protocol::encoding::{base64, base64url};
use crate::protocol::{encoding, form};

/// A parsed template. `{{` stands for one brace.
#[derive(Clone, Default)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Clone)]
enum Part {
    Text(String),
    Slot { name: String, transforms: Vec<Transform> },
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Transform {
    Sha256,
    Hex,
    Base64,
    Base64Url,
    Percent,
}

impl Transform {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "sha256" => Self::Sha256,
            "hex" => Self::Hex,
            "base64" => Self::Base64,
            "base64url" => Self::Base64Url,
            "percent" => Self::Percent,
            _ => return None,
        })
    }

    fn apply(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Hex => encoding::hex(bytes).into_bytes(),
            Self::Base64 => base64(bytes).into_bytes(),
            Self::Base64Url => base64url(bytes).into_bytes(),
            Self::Percent => {
                let mut text = String::new();
                form::percent_encode(&String::from_utf8_lossy(bytes), &mut text);
                text.into_bytes()
            }
        }
    }
}

/// Where the values of placeholders come from.
#[derive(Default)]
pub struct Scope<'a> {
    values: Vec<(&'a str, &'a str, Secrecy)>,
}

/// Whether a value may be shown in a trace.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Secrecy {
    /// May be shown.
    Open,
    /// Must not be shown.
    Secret,
}

impl<'a> Scope<'a> {
    /// A scope without values.
    pub const fn new() -> Self {
        Self { values: Vec::new() }
    }

    /// Adds a value that may be shown; what was set later wins.
    pub fn open(&mut self, name: &'a str, value: &'a str) {
        self.values.push((name, value, Secrecy::Open));
    }

    /// Adds a value that must not be shown; what was set later wins.
    pub fn secret(&mut self, name: &'a str, value: &'a str) {
        self.values.push((name, value, Secrecy::Secret));
    }

    fn get(&self, wanted: &str) -> Option<(&'a str, Secrecy)> {
        self.values.iter().rev().find(|(name, ..)| *name == wanted).map(|&(_, value, secrecy)| (value, secrecy))
    }

    /// Every value that must not be shown.
    pub fn secrets(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.values.iter().filter(|(.., secrecy)| *secrecy == Secrecy::Secret).map(|&(_, value, _)| value)
    }
}

/// What a template gives.
pub struct Rendered {
    /// The text.
    pub text: String,
    /// Whether a secret went into it.
    pub secrecy: Secrecy,
}

impl Template {
    /// Reads a template. The error says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            literal.push_str(before);
            if let Some(escaped) = after.strip_prefix('{') {
                literal.push('{');
                rest = escaped;
                continue;
            }
            let (slot, after) =
                after.split_once('}').ok_or("text whose every `{` has its `}` (`{{` is a literal brace)")?;
            if !literal.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut literal)));
            }
            parts.push(Self::slot(slot)?);
            rest = after;
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(Part::Text(literal));
        }
        Ok(Self { parts })
    }

    fn slot(text: &str) -> Result<Part, &'static str> {
        let mut words = text.split('|');
        let name = words.next().unwrap_or_default();
        if name.is_empty() {
            return Err("text whose placeholders have a name");
        }
        let transforms: Vec<Transform> = words
            .map(Transform::parse)
            .collect::<Option<_>>()
            .ok_or("text with the transforms sha256, hex, base64, base64url and percent only")?;
        if transforms.last() == Some(&Transform::Sha256) {
            return Err("text: sha256 gives bytes, so hex, base64 or base64url must follow it");
        }
        Ok(Part::Slot { name: name.to_owned(), transforms })
    }

    /// Names of the placeholders.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Slot { name, .. } => Some(name.as_str()),
            Part::Text(_) => None,
        })
    }

    /// Whether a placeholder of that name stands in it, or a query parameter of that name in its text.
    pub fn mentions(&self, wanted: &str) -> bool {
        self.parts.iter().any(|part| match part {
            Part::Slot { name, .. } => name == wanted,
            Part::Text(text) => {
                text.split(['?', '&']).skip(1).any(|pair| pair.split('=').next().is_some_and(|name| name == wanted))
            }
        })
    }

    /// The text with its values. `None` when it is one placeholder without a value (the field is left out), or when a
    /// placeholder inside text has none.
    pub fn render(&self, scope: &Scope<'_>) -> Option<Rendered> {
        let mut rendered = Rendered { text: String::new(), secrecy: Secrecy::Open };
        for part in &self.parts {
            match part {
                Part::Text(text) => rendered.text.push_str(text),
                Part::Slot { name, transforms } => {
                    let (value, secrecy) = scope.get(name)?;
                    if secrecy == Secrecy::Secret {
                        rendered.secrecy = Secrecy::Secret;
                    }
                    match transforms.split_first() {
                        None => rendered.text.push_str(value),
                        Some((first, others)) => {
                            let bytes =
                                others.iter().fold(first.apply(value.as_bytes()), |bytes, step| step.apply(&bytes));
                            rendered.text.push_str(&String::from_utf8(bytes).unwrap_or_default());
                        }
                    }
                }
            }
        }
        Some(rendered)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(template: &str, values: &[(&'static str, &'static str)]) -> Option<String> {
        let mut scope = Scope::new();
        for (name, value) in values {
            scope.secret(name, value);
        }
        Template::parse(template).unwrap().render(&scope).map(|rendered| rendered.text)
    }

    #[test]
    fn the_password_digest_matches_the_known_answers() {
        for (password, standard, url) in [
            ("", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"),
            ("test", "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=", "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg"),
            ("secret", "K7gNU3sdo+OL0wNhqoVWhr3g6s1xYv72ol/pe/Unols=", "K7gNU3sdo-OL0wNhqoVWhr3g6s1xYv72ol_pe_Unols"),
            ("пароль", "LbxXTaylJomiT7YOg1+MGaNkAIMN9zUIWd0y0auq7F0=", "LbxXTaylJomiT7YOg1-MGaNkAIMN9zUIWd0y0auq7F0"),
        ] {
            assert_eq!(render("{password|sha256|base64}", &[("password", password)]).as_deref(), Some(standard));
            assert_eq!(render("{password|sha256|base64url}", &[("password", password)]).as_deref(), Some(url));
        }
    }

    #[test]
    fn text_braces_and_chains_of_transforms_are_kept_in_order() {
        assert_eq!(render("{{a} {x}-{x|hex}", &[("x", "Я/")]).as_deref(), Some("{a} Я/-d0af2f"));
        assert_eq!(render("{x|base64|percent}", &[("x", "??>")]).as_deref(), Some("Pz8%2B"));
        assert_eq!(
            render("{x|sha256|hex}", &[("x", "")]).as_deref(),
            Some("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        );
    }

    #[test]
    fn a_placeholder_without_a_value_gives_nothing() {
        assert_eq!(render("{client_id}", &[]), None);
        assert_eq!(render("", &[]).as_deref(), Some(""));
    }

    #[test]
    fn a_template_that_cannot_work_is_refused() {
        for wrong in ["{", "{}", "{a", "a{b|md5}", "{a|sha256}", "{|base64}", "{a|}"] {
            assert!(Template::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_template_knows_whether_a_secret_went_into_it() {
        let mut scope = Scope::new();
        scope.open("id", "7");
        scope.secret("password", "p");
        let secrecy = |template| Template::parse(template).unwrap().render(&scope).unwrap().secrecy;
        assert!(secrecy("{id}") == Secrecy::Open);
        assert!(secrecy("{id}{password|sha256|hex}") == Secrecy::Secret);
    }
}
