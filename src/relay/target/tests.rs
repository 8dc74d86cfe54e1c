use proptest::prelude::*;

use super::{Place, Target, is_below, read};

const OWN: &str = "https://app.test";

fn place(target: &str) -> String {
    match read(target, "/auth/kassa", |origin| origin == OWN) {
        Place::Inside(Target { path, query }) => format!("{path} {}", query.unwrap_or("-")),
        Place::Outside => "outside".into(),
        Place::Elsewhere => "elsewhere".into(),
    }
}

#[test]
fn a_target_is_below_the_mount_by_whole_segments() {
    for (target, expected) in [
        ("/auth/kassa", " -"),
        ("/auth/kassa?a=b?c", " a=b?c"),
        ("/auth/kassa/oauth/token?", "/oauth/token "),
        ("/auth/kassa//x", "//x -"),
        ("/auth/kassa2/oauth/token", "outside"),
        ("/auth/kassa;x/oauth/token", "outside"),
        ("/auth/kassa%2foauth/token", "outside"),
        ("/auth%2fkassa/oauth/token", "outside"),
        ("//auth/kassa/x", "outside"),
        ("/auth/../auth/kassa/x", "outside"),
        ("*", "outside"),
        ("auth/kassa/x", "outside"),
        ("", "outside"),
    ] {
        assert_eq!(place(target), expected, "{target}");
    }
}

#[test]
fn an_absolute_target_is_the_relays_own_or_leads_elsewhere() {
    for own in ["https://app.test", "HTTPS://APP.test", "https://app.test:443"] {
        assert_eq!(place(&format!("{own}/auth/kassa/x?y")), "/x y", "{own}");
        assert_eq!(place(&format!("{own}/other")), "outside", "{own}");
    }
    for other in [
        "http://app.test",
        "https://evil.test",
        "https://app.test:444",
        "https://app.test.evil.test",
        "https://user@app.test",
        "https://app.test\\@evil.test",
        "https://",
        "https:///",
        "https://app.test?",
    ] {
        let expected = if other == "https://app.test?" { "outside" } else { "elsewhere" };
        assert_eq!(place(&format!("{other}/auth/kassa/x")), expected, "{other}");
    }
}

/// The decoded path, where it is one that may go below a prefix.
fn plain(path: &str) -> Option<String> {
    let target = Target { path, query: None };
    target.decoded().filter(|decoded| target.is_written() && target.is_plain(decoded))
}

#[test]
fn below_a_prefix_a_path_can_be_read_in_one_way_only() {
    for (path, decoded) in [
        ("/goods", "goods"),
        ("/goods/", "goods/"),
        ("/goods/1.json", "goods/1.json"),
        ("/a/..b/c..", "a/..b/c.."),
        ("/%D1%82%D0%BE%D0%B2%D0%B0%D1%80/100%25", "товар/100%"),
        ("/a%20b+c:@!$&'()*,=~", "a b+c:@!$&'()*,=~"),
        ("", ""),
        ("/", ""),
    ] {
        assert_eq!(plain(path).as_deref(), Some(decoded), "{path}");
    }
    for path in [
        "/goods/..",
        "/goods/../x",
        "/./goods",
        "/goods/.",
        "/goods/%2e%2e/x",
        "/goods/%2E./x",
        "/goods/.%2e",
        "/goods%2f..",
        "/goods%2Fx",
        "/goods%5cx",
        "/goods%5C..%5Cx",
        "/goods\\x",
        "/goods;x",
        "/goods/..;/x",
        "/goods%3bx",
        "/goods%3Bx",
        "/goods%00",
        "/goods%0d%0ax",
        "/goods%7f",
        "/goods%c2%85x",
        "/goods//x",
        "//goods",
        "/goods/%252e%252e/x",
        "/goods%252fx",
        "/goods/%25%32%65",
        "/goods/1%2ejson",
        "/goods/%c0%ae%c0%ae/x",
        "/goods/%ff",
        "/goods/%",
        "/goods/%4",
        "/goods/%zz",
        "/goods/%u002e",
        "/goods x",
        "/goods\tx",
        "/goods#x",
        "/товар",
    ] {
        assert_eq!(plain(path), None, "{path}");
    }
}

#[test]
fn a_prefix_ends_at_a_segment() {
    for (prefix, inside, outside) in [
        ("goods", &["goods", "goods/", "goods/1"][..], &["goodsX", "goods.json", "good", "x/goods", ""][..]),
        ("goods/", &["goods/1", "goods/1/"], &["goods", "goods/", "goodsX", "goods.json/1"]),
        ("a/goods/", &["a/goods/1"], &["a/goods", "a/goods/", "a/"]),
        ("v3/a", &["v3/a", "v3/a/b"], &["v3", "v3/ab"]),
        ("", &["", "goods", "x/y"], &[]),
    ] {
        inside.iter().for_each(|path| assert!(is_below(path, prefix), "{path} {prefix}"));
        outside.iter().for_each(|path| assert!(!is_below(path, prefix), "{path} {prefix}"));
    }
}

/// Pieces of which attacks on paths are made.
fn hostile() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "/",
        "//",
        ".",
        "..",
        "%2e",
        "%2E",
        "%2f",
        "%5c",
        "\\",
        ";",
        "%3b",
        "%00",
        "%25",
        "%252e",
        "%32%65",
        "a",
        "goods",
        "%61",
        "?",
        "#",
        " ",
        "\t",
        "\r\n",
        "%0a",
        "@",
        ":",
        "//evil.test",
        "http://evil.test",
        "é",
        "%c3%a9",
        "%c0%af",
        "%",
        "%4",
        "~",
        "[",
        "]",
        "|",
    ];
    prop::collection::vec(prop::sample::select(PIECES), 0..10).prop_map(|pieces| format!("/{}", pieces.concat()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5_000))]

    #[test]
    fn what_passes_stays_below_its_base_for_every_parser(path in hostile()) {
        let path = path.split('?').next().unwrap();
        if let Some(decoded) = plain(path) {
            let sent = format!("https://provider.test/base{path}");
            let parsed = url::Url::parse(&sent).unwrap();
            prop_assert_eq!(parsed.origin().ascii_serialization(), "https://provider.test");
            // The parser changes nothing but characters that it encodes.
            let again: Vec<u8> = percent_decode(parsed.path());
            prop_assert_eq!(String::from_utf8(again).unwrap(), format!("/base/{decoded}"));
            // A server that decodes once more, or knows other separators, sees the same segments.
            let twice = String::from_utf8(percent_decode(&decoded)).unwrap();
            prop_assert_eq!(&twice, &decoded);
            for separator in ['\\', ';', '\0', '\n', '\r'] {
                prop_assert!(!decoded.contains(separator));
            }
            let mut segments = decoded.split('/');
            prop_assert!(segments.all(|segment| segment != "." && segment != ".."));
        }
    }

    #[test]
    fn no_target_leads_out_of_the_mount(target in hostile()) {
        if let Place::Inside(found) = read(&target, "/goods", |origin| origin == OWN) {
            prop_assert!(target.starts_with("/goods"));
            prop_assert!(found.path.is_empty() || found.path.starts_with('/'));
        }
    }
}

fn percent_decode(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let pair = (*first == b'%').then(|| std::str::from_utf8(after.get(..2)?).ok()).flatten();
        match pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    bytes
}
