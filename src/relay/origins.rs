//! Whose pages may use the relay.

use super::Head;
use crate::protocol::url::Url;

/// Whose page asks.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub(super) enum Standing {
    /// One of the relay's own origin, or no page at all.
    Own,
    /// One of another origin that is listed.
    Listed(String),
    /// Another one.
    Foreign,
}

/// Whose page has sent a request: Origin says it, else Sec-Fetch-Site, else Referer. `listed` replaces the relay's own origin.
pub(super) fn standing(head: &Head<'_>, listed: Option<&[String]>) -> Standing {
    let is_allowed = |origin: &str| match listed {
        Some(listed) => listed.iter().any(|known| known == origin),
        None => is_own(head, origin),
    };
    if let Some(origin) = head.header("origin") {
        return match is_allowed(origin) {
            true if is_own(head, origin) => Standing::Own,
            true => Standing::Listed(origin.to_owned()),
            false => Standing::Foreign,
        };
    }
    let is_of = |referer: &str| Url::split(referer).is_some_and(|url| is_allowed(&url.origin()));
    let is_own = match (head.header("sec-fetch-site"), head.header("referer")) {
        // Where origins are listed, the name that the page was asked for counts for nothing.
        (Some("same-origin"), Some(referer)) if listed.is_some() => is_of(referer),
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(referer)) => is_of(referer),
        (None, None) => true,
    };
    if is_own { Standing::Own } else { Standing::Foreign }
}

/// Whether an origin is the one that the request was sent to. This machine has several names, and some servers (Next's) write
/// one of them into a request's address whichever the browser has used: Host has the browser's own then.
fn is_own(head: &Head<'_>, origin: &str) -> bool {
    if origin == head.own {
        return true;
    }
    let (Some(own), Some(asked)) = (Url::split(head.own), Url::split(origin)) else { return false };
    let are_this_machine = own.is_loopback() && asked.is_loopback() && own.scheme == asked.scheme;
    are_this_machine && asked.origin() == origin && head.header("host") == Some(asked.authority)
}

/// Whether the browser goes there in a tab of its own, so that no page can read what comes of it.
pub(super) fn is_navigation(head: &Head<'_>) -> bool {
    let says = |name: &str, expected: &str| head.header(name).is_none_or(|value| value == expected);
    // Browsers that say nothing of it send no Origin with a GET that is none of a script.
    let is_told = head.header("sec-fetch-mode").is_some() || head.header("origin").is_none() && !has_site(head);
    head.method == "GET" && says("sec-fetch-mode", "navigate") && says("sec-fetch-dest", "document") && is_told
}

fn has_site(head: &Head<'_>) -> bool {
    head.header("sec-fetch-site").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(headers: &[(&str, &str)], listed: Option<&[&str]>) -> (Standing, bool) {
        asked_at("https://app.test", headers, listed)
    }

    fn asked_at(own: &str, headers: &[(&str, &str)], listed: Option<&[&str]>) -> (Standing, bool) {
        let headers: Vec<_> = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let head = Head { method: "GET", target: "/", own, headers: &headers };
        let listed: Option<Vec<String>> =
            listed.map(|listed| listed.iter().map(|origin| (*origin).to_owned()).collect());
        (standing(&head, listed.as_deref()), is_navigation(&head))
    }

    #[test]
    fn a_page_of_the_relays_own_origin_may_ask_and_no_other() {
        for (headers, expected) in [
            (&[][..], Standing::Own),
            (&[("origin", "https://app.test")], Standing::Own),
            (&[("origin", "https://app.test"), ("sec-fetch-site", "cross-site")], Standing::Own),
            (&[("sec-fetch-site", "same-origin")], Standing::Own),
            (&[("sec-fetch-site", "none")], Standing::Own),
            (&[("sec-fetch-site", "same-origin"), ("referer", "https://evil.test/")], Standing::Own),
            (&[("referer", "https://app.test/page?x#y")], Standing::Own),
            (&[("origin", "https://evil.test")], Standing::Foreign),
            (&[("origin", "https://evil.test"), ("sec-fetch-site", "same-origin")], Standing::Foreign),
            (&[("origin", "null")], Standing::Foreign),
            (&[("origin", "")], Standing::Foreign),
            (&[("origin", "http://app.test")], Standing::Foreign),
            (&[("origin", "https://app.test:8443")], Standing::Foreign),
            (&[("origin", "https://app.test.evil.test")], Standing::Foreign),
            (&[("origin", "https://app.test, https://evil.test")], Standing::Foreign),
            (&[("sec-fetch-site", "same-site")], Standing::Foreign),
            (&[("sec-fetch-site", "cross-site"), ("referer", "https://app.test/")], Standing::Foreign),
            (&[("sec-fetch-site", "")], Standing::Foreign),
            (&[("referer", "https://evil.test/https://app.test/")], Standing::Foreign),
            (&[("referer", "https://app.test@evil.test/")], Standing::Foreign),
            (&[("referer", "about:client")], Standing::Foreign),
            (&[("referer", "https:\\\\app.test/")], Standing::Foreign),
        ] {
            assert_eq!(asked(headers, None).0, expected, "{headers:?}");
        }
    }

    #[test]
    fn this_machine_may_have_another_name_in_the_requests_address_than_in_the_browser() {
        fn standing(own: &str, origin: &str, host: &str) -> Standing {
            asked_at(own, &[("host", host), ("origin", origin)], None).0
        }
        let local = "http://localhost:3000";
        for name in ["127.0.0.1:3000", "[::1]:3000", "app.localhost:3000"] {
            assert_eq!(standing(local, &format!("http://{name}"), name), Standing::Own);
        }
        for (own, origin, host) in [
            (local, "http://127.0.0.1:3000", "localhost:3000"),
            (local, "http://127.0.0.1:4000", "127.0.0.1:3000"),
            (local, "https://127.0.0.1:3000", "127.0.0.1:3000"),
            (local, "http://evil.test:3000", "evil.test:3000"),
            (local, "http://127.0.0.1:3000/", "127.0.0.1:3000"),
            ("https://app.test", "http://127.0.0.1:3000", "127.0.0.1:3000"),
            ("", "http://127.0.0.1:3000", "127.0.0.1:3000"),
        ] {
            assert_eq!(standing(own, origin, host), Standing::Foreign, "{own} {origin} {host}");
        }
        let listed = asked_at(local, &[("host", "127.0.0.1:3000"), ("origin", "http://127.0.0.1:3000")], Some(&[]));
        assert_eq!(listed.0, Standing::Foreign);
    }

    #[test]
    fn listed_origins_replace_the_relays_own() {
        let listed: &[&str] = &["https://shop.test", "http://[::1]:3000"];
        for origin in listed {
            assert_eq!(asked(&[("origin", origin)], Some(listed)).0, Standing::Listed((*origin).to_owned()));
            assert_eq!(asked(&[("referer", &format!("{origin}/x"))], Some(listed)).0, Standing::Own);
        }
        assert_eq!(asked(&[("origin", "https://app.test")], Some(listed)).0, Standing::Foreign);
        assert_eq!(asked(&[("referer", "https://app.test/")], Some(listed)).0, Standing::Foreign);
        assert_eq!(asked(&[("origin", "https://app.test")], Some(&["https://app.test"])).0, Standing::Own);
        assert_eq!(asked(&[("sec-fetch-site", "same-origin")], Some(&[])).0, Standing::Own);
        assert_eq!(asked(&[("origin", "https://shop.test")], Some(&[])).0, Standing::Foreign);
    }

    #[test]
    fn only_the_browser_itself_navigates() {
        let navigate =
            [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
        assert!(asked(&navigate, None).1);
        assert!(asked(&[("referer", "https://mail.test/")], None).1, "a browser that sends no Sec-Fetch headers");
        for other in [
            &[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty")][..],
            &[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "image")],
            &[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")],
            &[("sec-fetch-site", "cross-site")],
            &[("origin", "https://evil.test")],
        ] {
            assert!(!asked(other, None).1, "{other:?}");
        }
    }
}
