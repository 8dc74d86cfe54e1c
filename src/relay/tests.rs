use proptest::prelude::*;

use super::{Head, Headers, Passing, Refusal, Relay, What, answer};
use crate::error::AuthError;
use crate::protocol::json::{self, Mode};
use crate::session::Addresses;

mod attacks;
mod services;

/// Addresses as a server reads them.
struct Urls;

impl Addresses for Urls {
    fn href(&self, address: &str, base: Option<&str>) -> Option<String> {
        match base {
            None => url::Url::parse(address),
            Some(base) => url::Url::parse(base).and_then(|base| base.join(address)),
        }
        .ok()
        .map(String::from)
    }

    fn page(&self) -> Option<String> {
        None
    }
}

fn open(options: &str) -> Result<Relay, AuthError> {
    Relay::new(&json::read(options, Mode::Strict).unwrap(), &Urls)
}

/// A relay of a provider below `/r`, with more options.
fn relay(provider: &str, more: &str) -> Relay {
    open(&format!(r#"{{"mount":"/r","provider":{provider}{more}}}"#)).unwrap()
}

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const JSON: (&str, &str) = ("content-type", "application/json");

/// What becomes of a request, in words.
fn judged(relay: &Relay, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> String {
    let headers: Headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let head = Head { method, target, own: "https://app.test", headers: &headers };
    let mut verdict = relay.judge(&head, None);
    if matches!(verdict.what, What::Read) {
        verdict = relay.judge(&head, Some(body.as_bytes()));
    }
    let lines =
        |headers: &Headers| headers.iter().map(|(name, value)| format!("\n{name}: {value}")).collect::<String>();
    match verdict.what {
        What::Outside => "outside".into(),
        What::Refuse(refusal) => format!("{} {}{}", refusal.words().0, refusal.words().1, lines(&verdict.headers)),
        What::Answer(status, own) => format!("{status}{}{}", lines(&own), lines(&verdict.headers)),
        What::Read => "read".into(),
        What::Send(send) => {
            let body = match send.body {
                Passing::None => String::new(),
                Passing::Text(text) => format!("\n\n{text}"),
                Passing::Stream => "\n\n(stream)".into(),
            };
            format!("{} {}{}{body}", send.method, send.url, lines(&send.headers))
        }
    }
}

fn refused(option: &str) -> String {
    let error = open(&format!("{{{option}}}")).err().unwrap();
    assert!(error.hint.is_some() || error.message.contains("baseUrl"), "{error:?}");
    format!("{error:?}")
}

#[test]
fn a_wrong_option_is_named_with_a_hint() {
    const REST: &str = r#""mount":"/r","provider":{"provider":"bifit-kassa"}"#;
    for mount in [
        "7",
        r#""""#,
        r#""auth""#,
        r#""/a?b""#,
        r##""/a#b""##,
        r#""/a/../b""#,
        r#""/a//b""#,
        r#""//a""#,
        r#""/a;b""#,
        r#""/%61""#,
        r#""/вход""#,
        r#""/a b""#,
        r#""/a//""#,
        "[]",
        "null",
    ] {
        let said = refused(&format!(r#""mount":{mount},"provider":{{"provider":"bifit-kassa"}}"#));
        assert!(said.starts_with("invalid_config: option `mount` must be"), "{mount}: {said}");
    }
    for provider in [r#""bifit-kassa""#, "null", "[]"] {
        let said = refused(&format!(r#""mount":"/r","provider":{provider}"#));
        assert!(said.starts_with("invalid_config: option `provider` must be an object"), "{provider}: {said}");
    }
    for (name, values) in [
        (
            "api",
            &[
                r#""goods""#,
                r#"[""]"#,
                "[7]",
                r#"["../x"]"#,
                r#"["a/./b"]"#,
                r#"["a//b"]"#,
                r#"["a?b"]"#,
                r#"["a%2fb"]"#,
                r#"["https://a.test/"]"#,
                r#"["//a"]"#,
                r#"["a\\b"]"#,
                r#"["a;b"]"#,
                r#"["*"]"#,
                "{}",
            ][..],
        ),
        (
            "apiBase",
            &["7", r#""""#, r#""/api""#, r#""ftp://a.test""#, r#""https://u@a.test""#, r#""https://a.test/?x""#],
        ),
        (
            "origins",
            &[
                r#""https://a.test""#,
                r#"["*"]"#,
                r#"["null"]"#,
                r#"["https://a.test/path"]"#,
                r#"["https://*.a.test"]"#,
                r#"["a.test"]"#,
                "[null]",
                r#"["https://a.test?"]"#,
                r#"["ftp://a.test"]"#,
            ],
        ),
        ("maxBody", &["-1", "1.5", r#""1""#, "true"]),
        ("timeout", &["0", "-1", "1.5", r#""1""#]),
    ] {
        for value in values {
            let error = open(&format!(r#"{{{REST},"{name}":{value}}}"#)).err().unwrap();
            let said = format!("{error:?}");
            assert!(said.starts_with(&format!("invalid_config: option `{name}` must be")), "{value}: {said}");
        }
    }
    let unknown = open(&format!(r#"{{{REST},"orgins":[]}}"#)).err().unwrap();
    assert!(unknown.message.starts_with("option `orgins` must be left out") && unknown.hint.is_some(), "{unknown:?}");
    for name in ["mount", "provider", "api", "apiBase", "origins", "maxBody", "timeout", "onTrace", "fetch"] {
        assert!(unknown.message.contains(name), "{name}: {unknown:?}");
    }
    let path = open(r#"{"mount":"/r","provider":{"provider":"bifit-kassa","baseUrl":"/auth"}}"#).err().unwrap();
    assert!(path.message.starts_with("option `baseUrl`"), "{path:?}");
    let insecure = open(&format!(r#"{{{REST},"apiBase":"http://food.test/api"}}"#)).err().unwrap();
    assert_eq!(insecure.code.as_str(), "insecure_url");
}

#[test]
fn what_is_the_relays_and_what_is_not() {
    let kassa = relay(r#"{"provider":"bifit-kassa"}"#, "");
    for outside in ["/", "/rx", "/r2/oauth/token", "/R/oauth/token", "*"] {
        assert_eq!(judged(&kassa, "POST", outside, &[], ""), "outside", "{outside}");
    }
    assert_eq!(judged(&kassa, "POST", "https://evil.test/r/oauth/token", &[], ""), "404 not_found");
    for nowhere in
        ["/r", "/r/", "/r/oauth", "/r/oauth/token/", "/r/oauth/token/x", "/r/OAUTH/token", "/r/protected/goods"]
    {
        assert_eq!(judged(&kassa, "POST", nowhere, &[], ""), "404 not_found", "{nowhere}");
        assert_eq!(judged(&kassa, "GET", nowhere, &[("origin", "https://evil.test")], ""), "403 origin_not_allowed");
    }
    assert_eq!(judged(&kassa, "GET", "/r/oauth/token", &[], ""), "405 method_not_allowed\nAllow: POST");
    assert_eq!(judged(&kassa, "TRACE", "/r/oauth/token", &[], ""), "405 method_not_allowed\nAllow: POST");
    let root = open(r#"{"mount":"/","provider":{"provider":"bifit-kassa"},"api":["/protected/"]}"#).unwrap();
    assert!(
        judged(&root, "GET", "/protected/goods", &[], "")
            .starts_with("GET https://kassa.bifit.com/cashdesk-api/v1/protected/goods")
    );
}

#[test]
fn bodies_are_bounded_and_typed() {
    let kassa = relay(r#"{"provider":"bifit-kassa"}"#, r#","maxBody":10,"api":["protected/"]"#);
    for path in ["/r/oauth/token", "/r/protected/goods"] {
        assert_eq!(judged(&kassa, "POST", path, &[FORM, ("content-length", "11")], ""), "413 too_large");
        assert_eq!(judged(&kassa, "POST", path, &[FORM, ("content-encoding", "gzip")], ""), "415 unsupported_type");
        let upgrade = [("connection", "Upgrade"), ("upgrade", "websocket")];
        assert_eq!(judged(&kassa, "POST", path, &upgrade, ""), "400 invalid_request");
    }
    for other in [
        "application/json",
        "text/plain",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded; charset=utf-7",
        "",
    ] {
        assert_eq!(
            judged(&kassa, "POST", "/r/oauth/token", &[("content-type", other)], "x"),
            "415 unsupported_type",
            "{other}"
        );
    }
    assert_eq!(judged(&kassa, "POST", "/r/oauth/token", &[], ""), "415 unsupported_type");
    let utf8 = [("content-type", "Application/X-WWW-Form-Urlencoded;charset=UTF-8")];
    assert_eq!(judged(&kassa, "POST", "/r/oauth/token", &utf8, ""), "400 invalid_request");
}

#[test]
fn pages_of_listed_origins_are_answered_with_cors_headers() {
    let kassa = relay(
        r#"{"provider":"bifit-kassa"}"#,
        r#","api":["protected/"],"origins":["https://shop.test","https://app.test"]"#,
    );
    let shop = ("origin", "https://shop.test");
    let preflight = [shop, ("access-control-request-method", "POST")];
    let said = judged(&kassa, "OPTIONS", "/r/oauth/token", &preflight, "");
    assert!(said.starts_with("204\nAccess-Control-Allow-Methods: POST\nAccess-Control-Allow-Headers: accept, accept-language, content-type, if-none-match, range, authorization"), "{said}");
    assert!(said.contains("\nVary: Origin\nAccess-Control-Allow-Origin: https://shop.test\n"), "{said}");
    assert!(!said.to_ascii_lowercase().contains("credentials"));
    let own = [("origin", "https://app.test"), ("access-control-request-method", "POST")];
    assert_eq!(
        judged(&kassa, "OPTIONS", "/r/oauth/token", &own, ""),
        "405 method_not_allowed\nVary: Origin\nAllow: POST"
    );
    for path in ["/r/oauth/token", "/r/nothing"] {
        let foreign = [("origin", "https://evil.test"), ("access-control-request-method", "POST")];
        assert_eq!(judged(&kassa, "OPTIONS", path, &foreign, ""), "403 origin_not_allowed\nVary: Origin");
    }
    assert!(
        judged(&kassa, "OPTIONS", "/r/nothing", &preflight, "")
            .starts_with("404 not_found\nVary: Origin\nAccess-Control-Allow-Origin: https://shop.test")
    );
    assert!(judged(&kassa, "GET", "/r/protected/x", &[shop], "").starts_with("GET https://kassa.bifit.com/"));
}

#[test]
fn a_call_of_the_api_takes_along_what_is_listed_and_nothing_else() {
    let kassa = relay(r#"{"provider":"bifit-kassa"}"#, r#","api":["protected/"]"#);
    let headers = [
        ("accept", "text/csv"),
        ("accept-language", "ru"),
        ("content-type", "application/json"),
        ("if-none-match", "\"1\""),
        ("range", "bytes=0-1"),
        ("authorization", "Bearer t"),
        ("cookie", "sid=1"),
        ("host", "app.test"),
        ("origin", "https://app.test"),
        ("referer", "https://app.test/"),
        ("user-agent", "browser"),
        ("x-forwarded-for", "127.0.0.1"),
        ("forwarded", "for=1"),
        ("x-requested-with", "y"),
        ("connection", "keep-alive, Range"),
    ];
    assert_eq!(
        judged(&kassa, "PATCH", "/r/protected/goods/%D1%82?a=1&client_secret=x&b=%2F&Client_Secret=y&c", &headers, ""),
        "PATCH https://kassa.bifit.com/cashdesk-api/v1/protected/goods/%D1%82?a=1&b=%2F&c\naccept: text/csv\n\
         accept-language: ru\ncontent-type: application/json\nif-none-match: \"1\"\nauthorization: Bearer t\n\n(stream)"
    );
    assert!(judged(&kassa, "HEAD", "/r/protected/x", &[], "").starts_with("HEAD https"));
    assert_eq!(
        judged(&kassa, "OPTIONS", "/r/protected/x", &[], ""),
        "405 method_not_allowed\nAllow: GET, HEAD, POST, PUT, PATCH, DELETE"
    );
}

/// What a page gets of an answer, in lines.
fn answered(status: u16, headers: &[(&str, &str)], is_scripts: bool) -> Result<String, Refusal> {
    let given: Headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let kept = answer(status, &given, is_scripts)?;
    Ok(kept.into_iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join("\n"))
}

#[test]
fn a_script_gets_no_challenge_for_which_its_browser_would_ask_for_a_password() {
    const REST: &str = "cache-control: no-store";
    fn challenged(status: u16, challenge: &str, is_scripts: bool) -> Result<String, Refusal> {
        answered(status, &[("www-authenticate", challenge)], is_scripts)
    }
    for challenge in ["Basic realm=\"x\"", "digest nonce=a, qop=\"auth,auth-int\"", "Negotiate, NTLM", "NTLM YWJj=="] {
        assert_eq!(challenged(401, challenge, true), Ok(REST.to_owned()), "{challenge}");
        for (status, is_scripts) in [(401, false), (403, true), (200, true)] {
            assert_eq!(challenged(status, challenge, is_scripts), Ok(format!("www-authenticate: {challenge}\n{REST}")));
        }
    }
    let bearer = r#"Bearer error="invalid_token""#;
    for challenge in [bearer.to_owned(), format!("Basic realm=a, {bearer}"), format!("{bearer}, Negotiate")] {
        assert_eq!(challenged(401, &challenge, true), Ok(format!("www-authenticate: {bearer}\n{REST}")));
    }
}

#[test]
fn a_browser_says_whether_a_script_asks() {
    let kassa = relay(r#"{"provider":"bifit-kassa"}"#, r#","api":["protected/"]"#);
    for (headers, expected) in [
        (&[("sec-fetch-dest", "empty"), ("sec-fetch-mode", "cors"), ("sec-fetch-site", "same-origin")][..], true),
        (&[("sec-fetch-dest", "document"), ("sec-fetch-mode", "navigate"), ("sec-fetch-site", "none")], false),
        (&[("sec-fetch-dest", "image"), ("sec-fetch-mode", "no-cors"), ("sec-fetch-site", "same-origin")], false),
        // Node's `fetch`.
        (&[("sec-fetch-mode", "cors")], false),
        (&[], false),
    ] {
        let headers: Headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let head = Head { method: "GET", target: "/r/protected/x", own: "https://app.test", headers: &headers };
        assert_eq!(kassa.judge(&head, None).is_scripts, expected, "{headers:?}");
    }
}

#[test]
fn answers_bring_back_what_is_listed_and_nothing_else() {
    let answer = |status: u16, headers: &[(&str, &str)]| answered(status, headers, false);
    let all = [
        ("content-type", "text/csv"),
        ("content-length", "3"),
        ("date", "d"),
        ("retry-after", "1"),
        ("www-authenticate", "Basic"),
        ("etag", "e"),
        ("content-disposition", "a"),
        ("cache-control", "private"),
        ("set-cookie", "x"),
        ("access-control-allow-origin", "*"),
        ("location", "/"),
        ("content-range", "bytes 0-2/9"),
    ];
    let listed = "content-type: text/csv\ncontent-length: 3\ndate: d\nretry-after: 1\nwww-authenticate: Basic\netag: e\ncontent-disposition: a\ncache-control: private";
    assert_eq!(answer(200, &all), Ok(listed.to_owned()));
    assert_eq!(answer(206, &all), Ok(format!("{listed}\ncontent-range: bytes 0-2/9")));
    assert_eq!(
        answer(503, &[("content-length", "9"), ("content-encoding", "gzip")]),
        Ok("cache-control: no-store".into())
    );
    assert!(answer(304, &[]).is_ok());
    for status in [0, 100, 101, 199, 300, 301, 302, 303, 307, 308, 399, 600, 999] {
        assert_eq!(answer(status, &[]), Err(Refusal::BadGateway), "{status}");
    }
}

#[test]
fn traces_show_no_secret() {
    let relay = relay(r#"{"provider":"bifit-kassa","clientSecret":"relay-secret"}"#, "");
    let headers: Headers = vec![("authorization".into(), "Bearer the-token".into())];
    let shown = |target: &str| relay.shown(&Head { method: "GET", target, own: "https://app.test", headers: &headers });
    assert_eq!(shown("/r/protected/goods?page=2"), "/protected/goods?page=2");
    assert_eq!(shown("/r"), "/");
    assert_eq!(shown("/r?a"), "/?a");
    assert_eq!(shown("https://app.test/r/x"), "/x");
    assert_eq!(shown("/r/x?access_token=abc&code=d&q=the-token"), "/x?access_token=***&code=***&q=***");
    assert_eq!(shown("/r/the-token/relay%2dsecret"), "/***/***");
    assert_eq!(shown("/other?x=1"), "/other?x=1");
    assert!(shown("/r/\u{202e}\n").is_ascii() && shown(&format!("/r/{}", "é".repeat(9000))).chars().count() <= 500);
}

proptest! {
    #[test]
    fn whatever_is_sent_goes_to_the_provider_and_below_its_base(path in "(/|\\.|%2e|%2f|%5c|\\\\|;|a|protected|oauth|token|\\?|#|@|:|%00|%25){0,12}", method in "GET|POST|PUT") {
        let kassa = relay(r#"{"provider":"bifit-kassa"}"#, r#","api":["protected/"]"#);
        let said = judged(&kassa, &method, &format!("/r/{path}"), &[FORM], "grant_type=password");
        if let Some((_, sent)) = said.lines().next().unwrap().split_once(" http") {
            let url = url::Url::parse(&format!("http{sent}")).unwrap();
            prop_assert_eq!(url.host_str(), Some("kassa.bifit.com"));
            let below = url.path().strip_prefix("/cashdesk-api/v1/").map(str::to_owned);
            let below = below.unwrap_or_default();
            prop_assert!(below == "oauth/token" || below.starts_with("protected/"), "{}", below);
        }
    }
}
