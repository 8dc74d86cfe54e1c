//! Takes addresses apart. They come in as the host's URL parser wrote them (WHATWG), so nothing is normalised here.

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
    /// Takes an absolute address apart; `None` when it has no scheme.
    pub fn split(href: &'a str) -> Option<Self> {
        let (scheme, rest) = href.split_once(':')?;
        if !is_scheme(scheme) {
            return None;
        }
        let (rest, fragment) = cut(rest, '#');
        let (rest, query) = cut(rest, '?');
        let (authority, path) = match rest.strip_prefix("//") {
            Some(rest) => rest.find('/').map_or((rest, ""), |at| rest.split_at(at)),
            None => ("", rest),
        };
        Some(Self { scheme, authority, path, query, fragment })
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> String {
        [self.scheme, "://", self.host_and_port()].concat()
    }

    /// Whether a user name or password stands before the host.
    pub fn has_userinfo(&self) -> bool {
        self.authority.contains('@')
    }

    fn host_and_port(&self) -> &'a str {
        self.authority.rsplit_once('@').map_or(self.authority, |(_, host)| host)
    }

    /// Whether the address is http: or https:.
    pub fn is_http(&self) -> bool {
        matches!(self.scheme, "http" | "https") && !self.authority.is_empty()
    }

    /// Whether what is sent there can be read on the way: http: to another machine.
    pub fn is_insecure(&self) -> bool {
        self.scheme == "http" && !self.is_loopback()
    }

    fn is_loopback(&self) -> bool {
        let host = self.host_and_port();
        if host.starts_with("[::1]") {
            return true;
        }
        let host = host.split(':').next().unwrap_or_default().trim_end_matches('.');
        let name = host == "localhost" || host.ends_with(".localhost");
        let mut parts = host.split('.');
        let number = parts.next() == Some("127")
            && host.split('.').count() == 4
            && parts.all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
        name || number
    }
}

fn cut(text: &str, mark: char) -> (&str, Option<&str>) {
    text.split_once(mark).map_or((text, None), |(before, after)| (before, Some(after)))
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
}

/// Whether the text starts with a scheme, or with `//`, and so does not stand below a base.
pub fn is_absolute(text: &str) -> bool {
    let text = text.trim_start();
    let slash = |character: Option<char>| matches!(character, Some('/' | '\\'));
    let mut characters = text.chars();
    (slash(characters.next()) && slash(characters.next()))
        || text.split_once(':').is_some_and(|(scheme, _)| is_scheme(scheme))
}

/// An address below a base that counts as a folder: `goods` and `/goods` alike.
pub fn below(base: &str, relative: &str) -> String {
    let base = base.trim_end_matches('/');
    match relative.trim_start_matches('/') {
        "" => base.to_owned(),
        query if query.starts_with(['?', '#']) => [base, query].concat(),
        path => [base, "/", path].concat(),
    }
}

/// The address with `more` (already encoded) added to its query.
pub fn with_query(href: &str, more: &str) -> String {
    if more.is_empty() {
        return href.to_owned();
    }
    let (address, fragment) = cut(href, '#');
    let separator = match address.split_once('?') {
        None => "?",
        Some((_, "")) => "",
        Some((_, query)) if query.ends_with('&') => "",
        Some(_) => "&",
    };
    match fragment {
        None => [address, separator, more].concat(),
        Some(fragment) => [address, separator, more, "#", fragment].concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_comes_apart() {
        let url = Url::split("https://user@example.com:8443/a/b?c=d?e#f#g").unwrap();
        assert_eq!((url.scheme, url.authority, url.path), ("https", "user@example.com:8443", "/a/b"));
        assert_eq!((url.query, url.fragment), (Some("c=d?e"), Some("f#g")));
        assert_eq!(url.origin(), "https://example.com:8443");
        assert!(url.has_userinfo());
        assert_eq!(Url::split("com.example.app:/callback").unwrap().path, "/callback");
        assert!(Url::split("/relative").is_none());
    }

    #[test]
    fn only_loopback_may_be_plain_http() {
        for safe in [
            "http://localhost:9000/",
            "http://127.0.0.1/",
            "http://127.9.8.7:1/",
            "http://[::1]:80/",
            "http://a.localhost/",
            "https://example.com/",
        ] {
            assert!(!Url::split(safe).unwrap().is_insecure(), "{safe}");
        }
        for unsafe_ in [
            "http://example.com/",
            "http://127.0.0.1.example.com/",
            "http://localhost.example.com/",
            "http://192.168.0.5:9000/",
            "http://127.0.0.1@example.com/",
            "http://[::2]/",
            "http://127.a.b.c/",
        ] {
            assert!(Url::split(unsafe_).unwrap().is_insecure(), "{unsafe_}");
        }
    }

    #[test]
    fn a_base_counts_as_a_folder() {
        for (base, relative, whole) in [
            ("https://a/v1", "goods", "https://a/v1/goods"),
            ("https://a/v1/", "/goods", "https://a/v1/goods"),
            ("https://a/v1", "", "https://a/v1"),
            ("https://a/api.php", "?app=x", "https://a/api.php?app=x"),
        ] {
            assert_eq!(below(base, relative), whole);
        }
    }

    #[test]
    fn what_leaves_the_base_is_told_apart() {
        for absolute in ["https://a/", "HTTP://a", "//a/b", "\\\\a", "/\\a", " javascript:alert(1)"] {
            assert!(is_absolute(absolute), "{absolute}");
        }
        for relative in ["a", "/a", "a/b:c", "?x=http://a", "", "1a:b"] {
            assert!(!is_absolute(relative), "{relative}");
        }
    }

    #[test]
    fn a_query_grows() {
        for (href, whole) in [
            ("https://a/b", "https://a/b?x=1"),
            ("https://a/b?", "https://a/b?x=1"),
            ("https://a/b?c#d", "https://a/b?c&x=1#d"),
        ] {
            assert_eq!(with_query(href, "x=1"), whole);
        }
        assert_eq!(with_query("https://a#b", ""), "https://a#b");
    }
}
