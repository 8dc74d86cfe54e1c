use proptest::prelude::*;

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
        "http://a.b.localhost:1/",
        "http://localhost./",
        "http://u:p@127.255.255.255/",
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
        "http://127.0.0.1./",
        "http://127.0.0.1../",
        "http://127.0.0.256/",
        "http://127.0.0.01/",
        "http://127.0.0/",
        "http://127.0.0.0.1/",
        "http://127..0.1/",
        "http://localhost../",
        "http://.localhost/",
        "http://a..localhost/",
        "http://notlocalhost/",
        "http://localhost.evil.test/",
        "http://[::ffff:7f00:1]/",
        "http://127.0.0.1:80@evil.test/",
    ] {
        assert!(Url::split(unsafe_).unwrap().is_insecure(), "{unsafe_}");
    }
}

#[test]
fn what_no_parser_writes_is_no_address() {
    for text in [
        "http://evil.test\\@127.0.0.1/",
        "http://evil.test\\.localhost/",
        "http://[::1]@evil.test/",
        "http://127.0.0.1@localhost@evil.test/",
        "http:\\\\evil.test/",
        "http:/a.test/",
        "http:a.test",
        "http:///a.test/",
        "https://",
        "https:///",
        "https://@/",
        "https://u@/",
        "https://:80/",
        "HTTPS://a.test/",
        "https://A.test/",
        "https://a test/",
        "https://a.test\n/",
        "https://a\t.test/",
        "https://a%2etest/",
        "https://я.рф/",
        "https://a.test:/",
        "https://a.test:8a/",
        "https://a.test:80:80/",
        "https://[::1/",
        "https://[::1]x/",
        "https://[::1].evil.test/",
        "https://a]/",
        "https://a|b/",
        " https://a.test/",
        "1a:b",
        ":b",
        "",
    ] {
        assert!(Url::split(text).is_none(), "{text:?}");
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
    for absolute in [
        "https://a/",
        "HTTP://a",
        "//a/b",
        "\\\\a",
        "/\\a",
        " javascript:alert(1)",
        "\u{1}\n//a",
        "/\t/a",
        "ht\ntps://a",
        "https\r:a",
    ] {
        assert!(is_absolute(absolute), "{absolute}");
    }
    for relative in ["a", "/a", "a/b:c", "?x=http://a", "", "1a:b", "a b:c", "я:b", " /a", "\u{a0}//a"] {
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

/// Addresses as people and attackers write them.
fn address() -> impl Strategy<Value = String> {
    let host = prop_oneof![
        "[a-zA-Zя0-9.-]{1,12}",
        "(127|0|0x7f|1)(\\.(0|1|255|256|01|0x1)){0,4}\\.{0,2}",
        "([a-z]{0,2}\\.){0,2}(localhost|LocalHost)\\.{0,2}",
        "\\[(::1|::2|::ffff:127\\.0\\.0\\.1|::)\\]",
    ];
    let user = prop_oneof![3 => Just(String::new()), 1 => "[a-z:%@\\\\]{0,4}@"];
    let scheme = prop_oneof![4 => Just("http:"), 2 => Just("https:"), 1 => Just("com.app:"), 1 => Just("HTTP:")];
    (scheme, "[/\\\\]{0,3}", user, host, "(:[0-9]{0,4})?", "([/?#\\\\][a-z=&%#?/\\\\ \t]{0,8}){0,3}")
        .prop_map(|(scheme, slashes, user, host, port, rest)| [scheme, &slashes, &user, &host, &port, &rest].concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn an_address_is_seen_as_its_parser_sees_it(text in address()) {
        if let Ok(parsed) = url::Url::parse(&text) {
            let url = Url::split(parsed.as_str());
            prop_assert!(url.is_some(), "{}", parsed);
            let url = url.unwrap();
            prop_assert_eq!(
                (url.scheme, url.path, url.query, url.fragment),
                (parsed.scheme(), parsed.path(), parsed.query(), parsed.fragment())
            );
            prop_assert_eq!(url.has_userinfo(), !parsed.username().is_empty() || parsed.password().is_some());
            if matches!(parsed.scheme(), "http" | "https") {
                prop_assert_eq!(url.origin(), parsed.origin().ascii_serialization());
                let is_loopback = match parsed.host() {
                    Some(url::Host::Ipv4(address)) => address.is_loopback(),
                    Some(url::Host::Ipv6(address)) => address.is_loopback(),
                    Some(url::Host::Domain(name)) => {
                        let labels: Vec<&str> = name.strip_suffix('.').unwrap_or(name).split('.').collect();
                        labels.last() == Some(&"localhost") && !labels.contains(&"")
                    }
                    None => false,
                };
                prop_assert!(url.is_http());
                prop_assert_eq!(url.is_insecure(), parsed.scheme() == "http" && !is_loopback, "{}", parsed);
            }
        }
    }

    #[test]
    fn what_is_taken_unparsed_is_what_a_parser_would_write(text in address()) {
        if let Some(url) = Url::split(&text).filter(Url::is_http)
            && let Ok(parsed) = url::Url::parse(&text)
            && parsed.host_str() == Some(url.host().0)
        {
            prop_assert_eq!(url.is_insecure(), Url::split(parsed.as_str()).unwrap().is_insecure(), "{}", text);
        }
    }

    #[test]
    fn what_is_not_absolute_stays_at_its_origin(text in "[/\\\\:?#a\t\n \u{1}h.é-]{0,8}|(https?:)?[/\\\\\t]{0,3}[a-z:.]{0,6}") {
        let base = url::Url::parse("https://base.test/folder/").unwrap();
        if !is_absolute(&text) {
            prop_assert!(base.join(&text).is_ok_and(|joined| joined.origin() == base.origin()), "{:?}", text);
            let whole = below("https://base.test/folder", &text);
            prop_assert!(whole.starts_with("https://base.test/folder"), "{}", whole);
        }
    }
}
