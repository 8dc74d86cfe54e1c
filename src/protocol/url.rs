//! Takes addresses apart. They come in as the host's URL parser wrote them (WHATWG), so nothing is normalised here: a check of
//! an address that was not parsed first may see another one than the one that is fetched.

pub(super) use crate::provider::cut::cut;
use crate::provider::cut::pieces;

/// The parts of an absolute address.
#[derive(Clone, Copy)]
pub struct Url<'a> {
    /// `https`, lower case.
    pub scheme: &'a str,
    /// User, host and port; empty where the scheme has none.
    pub authority: &'a str,
    /// Starts with `/`, where the scheme has an authority.
    pub path: &'a str,
    /// What follows `?`.
    pub query: Option<&'a str>,
    /// What follows `#`.
    pub fragment: Option<&'a str>,
}

impl<'a> Url<'a> {
    /// Takes an absolute address apart that the host's parser wrote (its `href`). `None` when it has no scheme, and when it is
    /// an http: or https: address that no parser writes so.
    pub fn split(href: &'a str) -> Option<Self> {
        let (scheme, rest) = cut(href, b':');
        let rest = rest.filter(|_| is_scheme(scheme) && !scheme.bytes().any(|byte| byte.is_ascii_uppercase()))?;
        let (rest, fragment) = cut(rest, b'#');
        let (rest, query) = cut(rest, b'?');
        let (authority, path) = match rest.strip_prefix("//") {
            Some(rest) => rest.split_at(rest.bytes().position(|byte| byte == b'/').unwrap_or(rest.len())),
            None => ("", rest),
        };
        let url = Self { scheme, authority, path, query, fragment };
        (!matches!(scheme, "http" | "https") || url.has_written_host()).then_some(url)
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> String {
        let mut origin = String::new();
        for part in [self.scheme, "://", self.host_and_port()] {
            origin.push_str(part);
        }
        origin
    }

    /// Whether a user name or password stands before the host.
    pub fn has_userinfo(&self) -> bool {
        self.authority.bytes().any(|byte| byte == b'@')
    }

    /// Whether the address is http: or https:.
    pub fn is_http(&self) -> bool {
        matches!(self.scheme, "http" | "https") && !self.authority.is_empty()
    }

    /// Whether what is sent there can be read on the way: http: to another machine.
    pub fn is_insecure(&self) -> bool {
        self.scheme == "http" && !self.is_loopback()
    }

    fn host_and_port(&self) -> &'a str {
        let at = self.authority.bytes().rposition(|byte| byte == b'@').map_or(0, |at| at.saturating_add(1));
        self.authority.get(at..).unwrap_or_default()
    }

    /// The host, and what stands behind it.
    fn host(&self) -> (&'a str, &'a str) {
        let text = self.host_and_port();
        let end = match text.as_bytes() {
            [b'[', ..] => text.bytes().position(|byte| byte == b']').map(|at| at.saturating_add(1)),
            _ => text.bytes().position(|byte| byte == b':'),
        };
        text.split_at(end.unwrap_or(text.len()))
    }

    /// Whether a parser writes the authority so: the host in lower case and ASCII, no forbidden character, a port in digits.
    fn has_written_host(&self) -> bool {
        let (host, port) = self.host();
        let user = self.authority.as_bytes().strip_suffix(self.host_and_port().as_bytes()).unwrap_or_default();
        let is_user = user.strip_suffix(b"@").unwrap_or(user).iter().all(|byte| {
            let is_encoded = matches!(
                byte,
                b'"' | b'#' | b'/' | b';' | b'<' | b'=' | b'>' | b'?' | b'@' | b'['..=b'^' | b'`' | b'{'..=b'}'
            );
            byte.is_ascii_graphic() && !is_encoded
        });
        let is_written = |byte: u8| {
            matches!(byte, b'!'..=b'~')
                && !matches!(byte, b'A'..=b'Z' | b'#' | b'%' | b'/' | b'<' | b'>' | b'?' | b'@' | b'\\' | b'^' | b'|')
        };
        let is_port = match port.as_bytes() {
            [] => true,
            [b':', digits @ ..] => !digits.is_empty() && digits.iter().all(u8::is_ascii_digit),
            _ => false,
        };
        let has_no_bracket = |host: &[u8]| !host.iter().any(|byte| matches!(byte, b'[' | b']' | b':'));
        let is_host = match host.as_bytes() {
            [b'[', address @ .., b']'] => address.iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b':'),
            other => !other.is_empty() && has_no_bracket(other),
        };
        is_user && is_host && is_port && host.bytes().all(is_written)
    }

    /// 127.0.0.0/8, [::1], localhost and what is below it: what browsers hold to be this machine.
    pub fn is_loopback(&self) -> bool {
        let (host, _) = self.host();
        if host == "[::1]" {
            return true;
        }
        let (mut is_name, mut last) = (true, "");
        for label in pieces(host.strip_suffix('.').unwrap_or(host), b'.') {
            is_name &= !label.is_empty();
            last = label;
        }
        let (mut is_number, mut count) = (true, 0);
        for number in pieces(host, b'.') {
            is_number &= if count == 0 { number == "127" } else { is_byte(number.as_bytes()) };
            count += 1;
        }
        is_name && last == "localhost" || is_number && count == 4
    }
}

/// 0 to 255, as parsers write it.
fn is_byte(digits: &[u8]) -> bool {
    matches!(
        digits,
        [b'0'..=b'9']
            | [b'1'..=b'9', b'0'..=b'9']
            | [b'1', b'0'..=b'9', b'0'..=b'9']
            | [b'2', b'0'..=b'4', b'0'..=b'9']
            | [b'2', b'5', b'0'..=b'5']
    )
}

fn is_scheme(text: &str) -> bool {
    text.bytes().next().is_some_and(|first| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
}

/// Whether the text starts with a scheme, or with `//`, and so does not stand below a base. Parsers drop blanks and control
/// characters at the start, and tabs and line ends everywhere.
pub fn is_absolute(text: &str) -> bool {
    let start = text.bytes().position(|byte| byte > b' ').unwrap_or(text.len());
    let kept = text.bytes().skip(start).filter(|byte| !matches!(byte, b'\t' | b'\n' | b'\r'));
    let mut slashes = kept.clone().take_while(|byte| matches!(byte, b'/' | b'\\'));
    if slashes.nth(1).is_some() {
        return true;
    }
    let mut scheme = String::new();
    for byte in kept {
        if byte == b':' {
            return is_scheme(&scheme);
        }
        if !byte.is_ascii_graphic() {
            return false;
        }
        scheme.push(char::from(byte));
    }
    false
}

/// An address below a base that counts as a folder: `goods` and `/goods` alike.
pub fn below(base: &str, relative: &str) -> String {
    let is_slash = |byte: &u8| *byte == b'/';
    let end = base.bytes().rposition(|byte| !is_slash(&byte)).map_or(0, |at| at.saturating_add(1));
    let start = relative.bytes().take_while(is_slash).count();
    let relative = relative.get(start..).unwrap_or_default();
    let mut whole = String::from(base.get(..end).unwrap_or_default());
    if !matches!(relative.as_bytes(), [] | [b'?' | b'#', ..]) {
        whole.push('/');
    }
    whole.push_str(relative);
    whole
}

/// The address with `more` (already encoded) added to its query.
pub fn with_query(href: &str, more: &str) -> String {
    let (address, fragment) = cut(href, b'#');
    let mut whole = String::from(address);
    if !more.is_empty() {
        match cut(address, b'?').1.map(str::as_bytes) {
            None => whole.push('?'),
            Some([] | [.., b'&']) => {}
            Some(_) => whole.push('&'),
        }
        whole.push_str(more);
    }
    if let Some(fragment) = fragment {
        whole.push('#');
        whole.push_str(fragment);
    }
    whole
}

/// Whether anything stands behind its path, be it empty.
pub fn has_query_or_fragment(href: &str) -> bool {
    href.bytes().any(|byte| matches!(byte, b'?' | b'#'))
}

/// An address without slashes at its end.
pub fn without_slashes(mut href: String) -> String {
    while href.as_bytes().last() == Some(&b'/') {
        href.pop();
    }
    href
}

#[cfg(test)]
mod tests;
