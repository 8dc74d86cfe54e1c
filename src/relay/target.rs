//! Reads a request's target as it came, before anything has parsed it as an address: a parser takes out what an attack
//! consists of, and what it makes of it another parser reads in another way.

use crate::protocol::encoding::nibble;
use crate::provider::cut::cut;

/// A target below the mount, as it was written.
#[derive(Clone, Copy)]
pub(super) struct Target<'t> {
    /// What follows the mount: empty, or begins with a slash.
    pub(super) path: &'t str,
    /// What follows the first `?`.
    pub(super) query: Option<&'t str>,
}

/// Where a target leads.
pub(super) enum Place<'t> {
    /// To the relay.
    Inside(Target<'t>),
    /// To another path of the server.
    Outside,
    /// To another server: absolute-form (RFC 9112 section 3.2.2), as for a proxy.
    Elsewhere,
}

/// Reads a target. `is_own` knows the origins that absolute targets may have.
pub(super) fn read<'t>(target: &'t str, mount: &str, is_own: impl Fn(&str) -> bool) -> Place<'t> {
    let local = match origin_length(target) {
        None => target,
        Some(length) => {
            let (origin, rest) = target.split_at(length);
            if !is_own(&written(origin)) {
                return Place::Elsewhere;
            }
            rest
        }
    };
    let Some(rest) = local.strip_prefix(mount) else { return Place::Outside };
    let (path, query) = cut(rest, b'?');
    if path.is_empty() || path.starts_with('/') { Place::Inside(Target { path, query }) } else { Place::Outside }
}

/// How long scheme and authority of an absolute target are.
fn origin_length(target: &str) -> Option<usize> {
    let scheme = ["http://", "https://"]
        .into_iter()
        .find(|scheme| target.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))?;
    let rest = target.get(scheme.len()..)?;
    let end = rest.bytes().position(|byte| matches!(byte, b'/' | b'?' | b'#')).unwrap_or(rest.len());
    Some(scheme.len().saturating_add(end))
}

/// An origin in lower case, without the port that its scheme has anyway.
fn written(origin: &str) -> String {
    let origin = origin.to_ascii_lowercase();
    let port = if origin.starts_with("https:") { ":443" } else { ":80" };
    origin.strip_suffix(port).unwrap_or(&origin).to_owned()
}

impl Target<'_> {
    /// Whether it consists of characters that targets consist of.
    pub(super) fn is_written(self) -> bool {
        let fits = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
        fits(self.path) && self.query.is_none_or(fits)
    }

    /// Its path, decoded once, without its first slash; `None` where that gives no text.
    pub(super) fn decoded(self) -> Option<String> {
        let path = self.path.strip_prefix('/').unwrap_or(self.path);
        let mut bytes = Vec::with_capacity(path.len());
        let mut rest = path.as_bytes();
        while let Some((first, after)) = rest.split_first() {
            rest = after;
            bytes.push(if *first == b'%' {
                let byte = encoded(after)?;
                rest = after.get(2..)?;
                byte
            } else {
                *first
            });
        }
        String::from_utf8(bytes).ok()
    }

    /// Whether every server reads the path as it is written. `decoded` is what [`Target::decoded`] gave.
    pub(super) fn is_plain(self, decoded: &str) -> bool {
        let mut pairs = self.path.as_bytes();
        while let Some((first, after)) = pairs.split_first() {
            pairs = after;
            if *first == b'%' && matches!(encoded(after), None | Some(b'/' | b'.' | b'\\' | b';')) {
                return false;
            }
        }
        is_plain(decoded)
    }
}

/// Whether a decoded path has no segment that leads elsewhere, and nothing that some server reads as more than a character.
pub(super) fn is_plain(path: &str) -> bool {
    let bytes = path.as_bytes();
    let is_odd = |byte: &u8| matches!(byte, b'\\' | b';' | 0x7f) || *byte < b' ';
    let is_encoded_twice =
        |at: usize| bytes.get(at) == Some(&b'%') && bytes.get(at.saturating_add(1)..).is_some_and(is_code);
    let mut segments = bytes.split(|byte| *byte == b'/').peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        // Some systems leave out dots and blanks at the end of a name.
        let is_dots = segment.first() == Some(&b'.') && segment.iter().all(|byte| matches!(byte, b'.' | b' '));
        if is_dots || segment.is_empty() && !is_last {
            return false;
        }
    }
    // Beyond ASCII there are control characters, too, and ends of lines.
    let has_control = path.chars().any(|char| char.is_control() || matches!(char, '\u{2028}' | '\u{2029}'));
    !has_control && !bytes.iter().any(is_odd) && !(0..bytes.len()).any(is_encoded_twice)
}

/// Whether a server that decodes once more finds a character behind a `%`: two digits, or four after a `u`.
fn is_code(rest: &[u8]) -> bool {
    match rest {
        [b'u' | b'U', digits @ ..] => digits.len() >= 4 && digits.iter().take(4).all(u8::is_ascii_hexdigit),
        _ => encoded(rest).is_some(),
    }
}

/// The byte behind a `%`.
fn encoded(digits: &[u8]) -> Option<u8> {
    match digits {
        [high, low, ..] => Some(nibble(*high)? << 4 | nibble(*low)?),
        _ => None,
    }
}

/// Whether a decoded path is at or below a prefix: `goods` is itself and what is below, `goods/` only what is below.
pub(super) fn is_below(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| match prefix.ends_with('/') {
        true => !rest.is_empty(),
        false => prefix.is_empty() || rest.is_empty() || rest.starts_with('/'),
    })
}

#[cfg(test)]
mod tests;
