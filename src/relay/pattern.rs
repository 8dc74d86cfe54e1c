//! A path as a profile writes it, with what pages and the relay put into it.

use super::knowledge::{Kind, Knowledge};
use crate::error::{AuthError, Code, Result};
use crate::protocol::form;
use crate::provider::Template;
use crate::provider::template::Piece;

/// A path below some base, without its first slash.
#[derive(Clone, Default)]
pub(super) struct Pattern {
    parts: Vec<Part>,
}

#[derive(Clone)]
pub(super) enum Part {
    /// As the profile and the params write it.
    Text(String),
    /// The relay's own; what the page writes there does not count.
    Secret(String),
    /// What the page writes there, within one segment.
    Page,
}

impl Pattern {
    /// Reads what stands before the query, and gives that query, too.
    pub(super) fn read<'t>(
        template: Template<'t>,
        knowledge: &Knowledge,
        place: &str,
    ) -> Result<(Self, Vec<String>, &'t str)> {
        let text = template.text();
        let end = text.bytes().position(|byte| matches!(byte, b'?' | b'#')).unwrap_or(text.len());
        let query = text.get(end..).unwrap_or_default();
        let query = query.strip_prefix('?').unwrap_or_default();
        let query = query.split('#').next().unwrap_or_default();
        let mut pattern = Self::default();
        for piece in Template::new(text.get(..end).unwrap_or_default()).pieces() {
            match piece {
                Piece::Text(text) => pattern.push_text(text),
                Piece::Broken => {}
                Piece::Slot(name, steps) => {
                    let slot = match steps {
                        None => ["{", name, "}"].concat(),
                        Some(steps) => ["{", name, "|", steps, "}"].concat(),
                    };
                    match knowledge.kind(Template::new(&slot), place)? {
                        Kind::Literal(text) | Kind::Known(text) => pattern.push_text(&text),
                        Kind::Secret(Some(text)) => pattern.parts.push(Part::Secret(text)),
                        Kind::Secret(None) => return Err(needed(name)),
                        Kind::Page => pattern.parts.push(Part::Page),
                    }
                }
            }
        }
        let more = pattern.cut_query();
        Ok((pattern, more, query))
    }

    /// Whether something of the relay's own is in it that pages must not see.
    pub(super) fn has_secret(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Secret(_)))
    }

    fn push_text(&mut self, text: &str) {
        match self.parts.last_mut() {
            Some(Part::Text(before)) => before.push_str(text),
            _ => self.parts.push(Part::Text(text.to_owned())),
        }
    }

    /// Takes off a query that came with a param.
    fn cut_query(&mut self) -> Vec<String> {
        let mark = |part: &Part| match part {
            Part::Text(text) => text.bytes().position(|byte| matches!(byte, b'?' | b'#')),
            _ => None,
        };
        let Some((at, end)) = self.parts.iter().enumerate().find_map(|(at, part)| Some((at, mark(part)?))) else {
            return Vec::new();
        };
        self.parts.truncate(at.saturating_add(1));
        let Some(Part::Text(text)) = self.parts.last_mut() else { return Vec::new() };
        let query = text.get(end..).unwrap_or_default().to_owned();
        text.truncate(end);
        let query = query.strip_prefix('?').unwrap_or_default();
        query.split('&').filter(|pair| !pair.is_empty()).map(str::to_owned).collect()
    }

    /// The text that it begins with.
    pub(super) fn start(&self) -> &str {
        match self.parts.first() {
            Some(Part::Text(text)) => text,
            _ => "",
        }
    }

    /// Replaces the text that it begins with.
    pub(super) fn restart(&mut self, start: &str) {
        let start = Part::Text(start.to_owned());
        match self.parts.first_mut() {
            Some(first @ Part::Text(_)) => *first = start,
            _ => self.parts.insert(0, start),
        }
    }

    /// Takes off the slashes that it begins with.
    pub(super) fn trim_start(&mut self) {
        let start = self.start();
        let trimmed = start.trim_start_matches('/').to_owned();
        if trimmed.len() != start.len() {
            self.restart(&trimmed);
        }
    }

    /// Whether pages write a part of it.
    pub(super) fn is_open(&self) -> bool {
        self.parts.iter().any(|part| !matches!(part, Part::Text(_)))
    }

    /// What the page has written into it; `None` where the decoded path is another.
    pub(super) fn written(&self, path: &str) -> Option<Vec<String>> {
        let mut written = Vec::new();
        fits(&self.parts, path, &mut written).then_some(written)
    }

    /// The path as it is sent.
    pub(super) fn sent(&self, written: &[String]) -> String {
        let mut sent = String::new();
        let mut written = written.iter();
        for part in &self.parts {
            match part {
                Part::Text(text) => sent.push_str(text),
                Part::Secret(text) => {
                    written.next();
                    push_segment(text, &mut sent);
                }
                Part::Page => push_segment(written.next().map_or("", String::as_str), &mut sent),
            }
        }
        sent
    }
}

fn needed(name: &str) -> AuthError {
    AuthError::of(
        Code::InvalidConfig,
        &["option `provider.params.", name, "` must be given: an address of the provider names it"],
    )
    .hint("The relay adds secrets itself, so it needs their values.")
}

fn fits(parts: &[Part], path: &str, written: &mut Vec<String>) -> bool {
    let Some((first, rest)) = parts.split_first() else { return path.is_empty() };
    match first {
        // A plus is a plus in a path.
        Part::Text(text) => {
            let text = form::decoded(&text.replace('+', "%2B"));
            path.strip_prefix(text.as_str()).is_some_and(|path| fits(rest, path, written))
        }
        Part::Secret(_) | Part::Page => {
            let segment = path.bytes().position(|byte| byte == b'/').unwrap_or(path.len());
            for end in (1..=segment).rev().filter(|end| path.is_char_boundary(*end)) {
                let (value, path) = path.split_at(end);
                let before = written.len();
                written.push(value.to_owned());
                if fits(rest, path, written) {
                    return true;
                }
                written.truncate(before);
            }
            false
        }
    }
}

/// A part of a segment (RFC 3986 section 3.3).
fn push_segment(text: &str, out: &mut String) {
    let mut buffer = [0; 4];
    for char in text.chars() {
        match char {
            '!' | '$' | '&' | '\'' | '(' | ')' | '*' | '+' | ',' | '=' | ':' | '@' => out.push(char),
            _ => form::percent_encode(char.encode_utf8(&mut buffer), out),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(template: &'static str) -> (Pattern, Vec<String>, &'static str) {
        let params = [("version", "v3"), ("path", "/a?x=1&y=2"), ("client_secret", "se/cret")];
        let knowledge = Knowledge {
            params: params.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            secrets: vec!["client_secret".into(), "pin".into()],
        };
        let (mut pattern, more, query) = Pattern::read(Template::new(template), &knowledge, "url").unwrap();
        pattern.trim_start();
        (pattern, more, query)
    }

    fn sent(template: &'static str, path: &str) -> Option<String> {
        let (pattern, ..) = pattern(template);
        pattern.written(path).map(|written| pattern.sent(&written))
    }

    #[test]
    fn a_path_is_sent_as_the_profile_writes_it() {
        assert_eq!(sent("/{version}/auth/a%20b+c", "v3/auth/a b+c").as_deref(), Some("v3/auth/a%20b+c"));
        for other in ["v3/auth/a b+c/", "V3/auth/a b+c", "v3/auth/a b", "", "/v3/auth/a b+c"] {
            assert_eq!(sent("/{version}/auth/a%20b+c", other), None, "{other}");
        }
    }

    #[test]
    fn what_the_page_writes_stays_in_its_segment() {
        assert_eq!(sent("/bot{token}/getMe", "bot123:abc d/getMe").as_deref(), Some("bot123:abc%20d/getMe"));
        assert_eq!(sent("/u/{user}-{id}", "u/a-b-7").as_deref(), Some("u/a-b-7"));
        for other in ["bot/getMe", "bota/b/getMe", "bota/getMe/x"] {
            assert_eq!(sent("/bot{token}/getMe", other), None, "{other}");
        }
    }

    #[test]
    fn a_secret_in_a_path_is_the_relays() {
        assert_eq!(sent("/hook/{client_secret}/x", "hook/anything/x").as_deref(), Some("hook/se%2Fcret/x"));
        let knowledge = Knowledge { params: Vec::new(), secrets: vec!["pin".into()] };
        let error = Pattern::read(Template::new("/hook/{pin}"), &knowledge, "url").err().unwrap();
        assert!(error.message.contains("params.pin"), "{error:?}");
    }

    #[test]
    fn a_query_is_no_part_of_the_path() {
        let (found, more, query) = pattern("/api.php?method=token&v={version}#top");
        assert!(found.written("api.php").is_some() && more.is_empty());
        assert_eq!(query, "method=token&v={version}");
        let (found, more, query) = pattern("{path}");
        assert!(found.written("a").is_some() && query.is_empty());
        assert_eq!(more, ["x=1", "y=2"]);
    }
}
