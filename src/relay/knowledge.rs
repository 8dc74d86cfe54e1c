//! What the relay knows of a template's placeholders: params are its own, credentials and tokens are the page's.

use crate::error::{AuthError, Code, Result};
use crate::protocol::redact::Redactor;
use crate::protocol::request::basic_header;
use crate::provider::cut::fits_header;
use crate::provider::template::Piece;
use crate::provider::{Basic, Fields, Scope, Secrecy, Template};

/// Params with their values, and which of them are secrets.
#[derive(Clone)]
pub(super) struct Knowledge {
    pub(super) params: Vec<(String, String)>,
    pub(super) secrets: Vec<String>,
}

/// Whose matter a template's text is.
#[derive(Clone)]
pub(super) enum Kind {
    /// The profile's: there is no placeholder in it.
    Literal(String),
    /// The relay's alone; without a value it is left out.
    Secret(Option<String>),
    /// The page's, and this where the page says nothing.
    Known(String),
    /// The page's.
    Page,
}

/// A field of a query or form, or a header.
#[derive(Clone)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) kind: Kind,
}

impl Knowledge {
    pub(super) fn scope(&self) -> Scope<'_> {
        let mut scope = Scope::new();
        for (name, value) in &self.params {
            scope.param(name, value, if self.secrets.contains(name) { Secrecy::Secret } else { Secrecy::Open });
        }
        scope
    }

    /// The values of its secrets.
    pub(super) fn values(&self) -> impl Iterator<Item = &str> {
        self.params.iter().filter(|(name, _)| self.secrets.contains(name)).map(|(_, value)| value.as_str())
    }

    /// Whose matter it is what a template gives. `place` is where it stands.
    pub(super) fn kind(&self, template: Template<'_>, place: &str) -> Result<Kind> {
        let rendered = template.render(&self.scope()).map(|rendered| rendered.text);
        let mut has_slot = false;
        let mut is_secret = false;
        for piece in template.pieces() {
            if let Piece::Slot(name, _) = piece {
                has_slot = true;
                is_secret |= self.is_secret(name);
            }
        }
        Ok(match rendered {
            Some(text) if is_secret => Kind::Secret(Some(text)),
            Some(text) if has_slot => Kind::Known(text),
            Some(text) => Kind::Literal(text),
            None if is_secret && self.has_secrets(template) => return Err(mixed(place)),
            None if is_secret => Kind::Secret(None),
            None => Kind::Page,
        })
    }

    /// The same of HTTP Basic.
    pub(super) fn basic(&self, basic: Basic<'_>, place: &str) -> Result<Kind> {
        let parts = [self.kind(basic.username, place)?, self.kind(basic.password, place)?];
        let is_secret = parts.iter().any(|part| matches!(part, Kind::Secret(_)));
        let is_left_out = parts.iter().any(|part| matches!(part, Kind::Secret(None)));
        if parts.iter().any(|part| matches!(part, Kind::Page)) {
            return if is_secret && !is_left_out { Err(mixed(place)) } else { Ok(none_or_page(is_secret)) };
        }
        if is_left_out {
            return Ok(Kind::Secret(None));
        }
        let header = basic_header(basic, &self.scope(), &mut Redactor::default())?;
        // Whoever the client is, the relay says it: of two that say it the provider might believe the other.
        Ok(Kind::Secret(header))
    }

    /// Fields of a query or form, or headers.
    pub(super) fn fields(&self, fields: Fields<'_>, place: &str) -> Result<Vec<Field>> {
        let mut read = Vec::new();
        for (name, template) in fields.iter() {
            let kind = self.kind(template, &[place, ".", name].concat())?;
            read.push(Field { name: name.to_owned(), kind });
        }
        Ok(read)
    }

    /// The same of headers, whose values must be what headers can carry.
    pub(super) fn headers(&self, headers: Fields<'_>, place: &str) -> Result<Vec<Field>> {
        let fields = self.fields(headers, place)?;
        for Field { name, kind } in &fields {
            if let Kind::Literal(text) | Kind::Known(text) | Kind::Secret(Some(text)) = kind
                && !fits_header(text)
            {
                return Err(AuthError::of(
                    Code::InvalidConfig,
                    &["`", place, ".", name, "` of the provider must be printable ASCII with its params filled in"],
                )
                .hint("Check the option `params`: line breaks, and blanks at the ends, often come along with a copied secret."));
            }
        }
        Ok(fields)
    }

    pub(super) fn is_secret(&self, name: &str) -> bool {
        self.secrets.iter().any(|secret| secret == name)
    }

    /// Whether every secret in it has a value.
    fn has_secrets(&self, template: Template<'_>) -> bool {
        template.pieces().all(|piece| match piece {
            Piece::Slot(name, _) if self.is_secret(name) => self.params.iter().any(|(known, _)| known == name),
            _ => true,
        })
    }
}

const fn none_or_page(is_secret: bool) -> Kind {
    if is_secret { Kind::Secret(None) } else { Kind::Page }
}

fn mixed(place: &str) -> AuthError {
    AuthError::of(
        Code::InvalidConfig,
        &["`", place, "` of the provider makes one text of a secret and of what only the page knows"],
    )
    .hint("A relay adds secrets to what pages send, as fields or headers of their own: write the two apart.")
}
