//! Text with placeholders: `{password|sha256|base64}`.

use sha2::{Digest, Sha256};

use super::cut::{cut, pieces};
use super::scope::{Scope, Secrecy};
pub use crate::protocol::encoding::{base64, base64url};
use crate::protocol::{encoding, form};

/// A template, read where it stands. `{{` stands for one brace.
#[derive(Clone, Copy)]
pub struct Template<'t>(&'t str);

/// A piece of a template.
pub(crate) enum Piece<'t> {
    Text(&'t str),
    /// A name, and the transforms behind it.
    Slot(&'t str, Option<&'t str>),
    /// A brace that is not closed.
    Broken,
}

/// What a template gives.
pub struct Rendered {
    /// The text.
    pub text: String,
    /// Whether a secret went into it.
    pub secrecy: Secrecy,
}

impl Rendered {
    /// Whether a secret went into it.
    pub fn is_secret(&self) -> bool {
        self.secrecy == Secrecy::Secret
    }
}

impl<'t> Template<'t> {
    /// The template of that text.
    pub const fn new(text: &'t str) -> Self {
        Self(text)
    }

    /// As it is written.
    pub const fn text(self) -> &'t str {
        self.0
    }

    /// Says what a template must be, when the text is none.
    pub fn check(self) -> Result<(), &'static str> {
        for piece in self.pieces() {
            match piece {
                Piece::Text(_) => {}
                Piece::Broken => return Err("text whose every `{` has its `}` (`{{` is a literal brace)"),
                Piece::Slot("", _) => return Err("text whose placeholders have a name"),
                Piece::Slot(_, steps) => {
                    let mut last = "";
                    for step in steps.map(|steps| pieces(steps, b'|')).into_iter().flatten() {
                        if !["sha256", "hex", "base64", "base64url", "percent"].contains(&step) {
                            return Err("text with the transforms sha256, hex, base64, base64url and percent only");
                        }
                        last = step;
                    }
                    if last == "sha256" {
                        return Err("text: sha256 gives bytes, so hex, base64 or base64url must follow it");
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether a placeholder of that name stands in it.
    pub fn names(self, wanted: &str) -> bool {
        self.pieces().any(|piece| matches!(piece, Piece::Slot(name, _) if name == wanted))
    }

    /// Whether a placeholder of that name stands in it, or a query parameter of that name in its text.
    #[inline(never)]
    pub fn mentions(self, wanted: &str) -> bool {
        for piece in self.pieces() {
            let found = match piece {
                Piece::Slot(name, _) => name == wanted,
                Piece::Text(text) => has_parameter(text, wanted),
                Piece::Broken => false,
            };
            if found {
                return true;
            }
        }
        false
    }

    /// Hands over each placeholder: its name, whether it is transformed, and whether it stands before the path of an
    /// absolute address, where it would decide where that leads.
    pub(super) fn each(self, take: &mut dyn FnMut(&'t str, bool, bool)) {
        // What does not begin with a scheme stands below the base URL, wherever its values lead.
        let mut is_origin = is_absolute(self.0);
        let mut is_first = true;
        for piece in self.pieces() {
            match piece {
                Piece::Text(text) => {
                    let text = if is_first { after_scheme(text).unwrap_or(text) } else { text };
                    is_origin &= !text.bytes().any(|byte| matches!(byte, b'/' | b'\\' | b'?' | b'#'));
                }
                Piece::Slot(name, steps) => take(name, steps.is_some(), is_origin),
                Piece::Broken => {}
            }
            is_first = false;
        }
    }

    /// The text with its values. `None` when a placeholder has none: the field that it stands in is left out.
    pub fn render(self, scope: &Scope<'_>) -> Option<Rendered> {
        let mut out = Vec::with_capacity(self.0.len());
        let mut secrecy = Secrecy::Open;
        for piece in self.pieces() {
            match piece {
                Piece::Text(text) => out.extend_from_slice(text.as_bytes()),
                Piece::Broken => return None,
                Piece::Slot(name, steps) => {
                    let value = scope.get(name)?;
                    if value.secrecy == Secrecy::Secret {
                        secrecy = Secrecy::Secret;
                    }
                    let mut bytes = value.text.as_bytes().to_vec();
                    for step in steps.map(|steps| pieces(steps, b'|')).into_iter().flatten() {
                        bytes = apply(step, bytes);
                    }
                    out.append(&mut bytes);
                }
            }
        }
        Some(Rendered { text: String::from_utf8(out).ok()?, secrecy })
    }

    pub(crate) fn pieces(self) -> Pieces<'t> {
        Pieces(self.0)
    }
}

/// Whether a parameter of that name stands in a part of an address.
fn has_parameter(text: &str, wanted: &str) -> bool {
    let mut is_name = false;
    let mut start = 0;
    for (at, byte) in text.bytes().chain([b'&']).enumerate() {
        if matches!(byte, b'?' | b'&' | b'=' | b'#') {
            if is_name && text.get(start..at) == Some(wanted) {
                return true;
            }
            is_name = matches!(byte, b'?' | b'&');
            start = at.saturating_add(1);
        }
    }
    false
}

/// See [`Template::pieces`].
pub(crate) struct Pieces<'t>(&'t str);

impl<'t> Iterator for Pieces<'t> {
    type Item = Piece<'t>;

    fn next(&mut self) -> Option<Piece<'t>> {
        let text = self.0;
        let Some(inside) = text.strip_prefix('{') else {
            let end = text.bytes().position(|byte| byte == b'{').unwrap_or(text.len());
            let (piece, rest) = text.split_at_checked(end)?;
            self.0 = rest;
            return (end > 0).then_some(Piece::Text(piece));
        };
        if let Some(rest) = inside.strip_prefix('{') {
            self.0 = rest;
            return inside.get(..1).map(Piece::Text);
        }
        let (slot, rest) = cut(inside, b'}');
        self.0 = rest.unwrap_or_default();
        let (name, steps) = cut(slot, b'|');
        Some(if rest.is_some() { Piece::Slot(name, steps) } else { Piece::Broken })
    }
}

/// Whether a text begins with a scheme, or with two slashes, and so stands below no base.
pub(super) fn is_absolute(text: &str) -> bool {
    after_scheme(text).is_some()
}

/// What follows `scheme:` and the slashes behind it, or slashes that stand for the base's scheme.
fn after_scheme(text: &str) -> Option<&str> {
    let is_slash = |byte: &u8| matches!(byte, b'/' | b'\\');
    let start =
        text.bytes().position(|byte| !matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'+' | b'-' | b'.'))?;
    let rest = match text.as_bytes().get(start) {
        Some(b':') if start > 0 => text.get(start.saturating_add(1)..)?,
        _ if text.bytes().take(2).filter(is_slash).count() == 2 => text,
        _ => return None,
    };
    let slashes = rest.bytes().take_while(is_slash).count();
    rest.get(slashes..)
}

fn apply(step: &str, bytes: Vec<u8>) -> Vec<u8> {
    match step {
        "sha256" => Sha256::digest(&bytes).to_vec(),
        "hex" => encoding::hex(&bytes).into_bytes(),
        "base64" => base64(&bytes).into_bytes(),
        "base64url" => base64url(&bytes).into_bytes(),
        "percent" => {
            let mut text = String::new();
            form::percent_encode(&encoding::lossy(&bytes), &mut text);
            text.into_bytes()
        }
        _ => bytes,
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
        let template = Template::new(template);
        template.check().unwrap();
        template.render(&scope).map(|rendered| rendered.text)
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
            assert!(Template::new(wrong).check().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_template_knows_whether_a_secret_went_into_it() {
        let mut scope = Scope::new();
        scope.open("id", "7");
        scope.secret("password", "p");
        let secrecy = |template| Template::new(template).render(&scope).unwrap().secrecy;
        assert!(secrecy("{id}") == Secrecy::Open);
        assert!(secrecy("{id}{password|sha256|hex}") == Secrecy::Secret);
    }

    #[test]
    fn what_a_query_names_is_mentioned() {
        for (template, expected) in [
            ("/a?state={state}", true),
            ("/a?s={state|percent}", true),
            ("/a?x=1&state=fixed", true),
            ("/a?state", true),
            ("/a?mystate=1&statement=2", false),
            ("/state/{states}", false),
        ] {
            assert_eq!(Template::new(template).mentions("state"), expected, "{template}");
        }
    }

    fn in_origin(template: &'static str) -> Vec<&'static str> {
        let mut names = Vec::new();
        Template::new(template).each(&mut |name, _, is_origin| {
            if is_origin {
                names.push(name);
            }
        });
        names
    }

    #[test]
    fn the_placeholders_that_decide_where_an_address_leads_are_those_before_its_path() {
        for (template, expected) in [
            ("https://{a}.test/{b}", &["a"][..]),
            ("https://{a}{b}", &["a", "b"]),
            ("https:{a}/x", &["a"]),
            ("//{a}/x", &["a"]),
            ("\\\\{a}", &["a"]),
            ("https://x.test:{a}?{b}", &["a"]),
            ("https://x.test{a}", &["a"]),
            ("https://x.test/{a}", &[]),
            ("https://x.test?{a}", &[]),
            ("/{a}/{b}", &[]),
            ("{a}/{b}", &[]),
            ("a{b}:c", &[]),
        ] {
            assert_eq!(in_origin(template), expected, "{template}");
        }
    }
}
