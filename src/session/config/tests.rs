use super::{Addresses, Config};
use crate::error::{AuthError, Code};
use crate::protocol::json::{self, Mode};

/// Addresses as a browser at that page reads them.
struct Page(Option<&'static str>);

impl Addresses for Page {
    fn href(&self, address: &str, base: Option<&str>) -> Option<String> {
        match base {
            None => url::Url::parse(address),
            Some(base) => url::Url::parse(base).and_then(|base| base.join(address)),
        }
        .ok()
        .map(String::from)
    }

    fn page(&self) -> Option<String> {
        self.0.map(str::to_owned)
    }
}

fn read(options: &str) -> Result<Config, AuthError> {
    Config::read(&json::read(options, Mode::Strict).unwrap(), false, &Page(None))
}

fn kassa(option: &str) -> Result<Config, AuthError> {
    read(&format!(r#"{{"provider":"bifit-kassa",{option}}}"#))
}

#[test]
fn options_have_the_documented_defaults() {
    let config = read(r#"{"provider":"bifit-kassa"}"#).unwrap();
    assert_eq!(config.base_url, "https://kassa.bifit.com/cashdesk-api/v1");
    assert!(!config.base_is_callers && !config.allow_insecure && !config.auto_refresh);
    assert_eq!((config.refresh_before, config.timeout, config.retries), (60_000, 30_000, 2));
    assert_eq!((config.account.as_str(), config.redirect_uri), ("default", None));
}

#[test]
fn a_wrong_option_is_named() {
    for (name, value) in [
        ("baseUrl", "7"),
        ("baseUrl", r#""""#),
        ("baseUrl", r#""/auth/kassa""#),
        ("baseUrl", r#""ftp://a.test""#),
        ("baseUrl", r#""https://u:p@a.test""#),
        ("baseUrl", r#""https://a.test/?x""#),
        ("baseUrl", r##""https://a.test/#x""##),
        ("account", r#""""#),
        ("account", "{}"),
        ("allowedOrigins", r#""https://a.test""#),
        ("allowedOrigins", r#"["https://a.test/path"]"#),
        ("allowedOrigins", r#"["https://u@a.test"]"#),
        ("allowedOrigins", r#"["*"]"#),
        ("allowedOrigins", "[null]"),
        ("allowInsecure", r#""true""#),
        ("refreshBefore", "-1"),
        ("refreshBefore", "1.5"),
        ("refreshBefore", r#""60000""#),
        ("refreshBefore", "1e30"),
        ("autoRefresh", "1"),
        ("timeout", "0"),
        ("timeout", "-5"),
        ("retries", "-1"),
        ("retries", "1.5"),
        ("retries", r#""2""#),
        ("params", "{}"),
        ("redirectUri", r#""https://a.test/cb""#),
        ("clientId", r#""""#),
        ("clientId", "7"),
        ("passwordEncoding", r#""hex""#),
        ("timeOut", "5"),
        ("constructor", "1"),
        ("__proto__", "{}"),
    ] {
        let error = kassa(&format!(r#""{name}":{value}"#)).err().unwrap_or_else(|| panic!("{name}: {value} was taken"));
        assert_eq!(error.code, Code::InvalidConfig, "{name}: {value}");
        assert!(error.message.contains(name), "{name}: {value}: {}", error.message);
    }
    for provider in ["null", "7", r#""""#, r#""kassa""#, r#""toString""#, "[]"] {
        let error = read(&format!(r#"{{"provider":{provider}}}"#)).err().unwrap();
        assert!(error.code == Code::InvalidConfig && error.message.contains("provider"), "{provider}");
    }
    assert!(read("{}").is_err_and(|error| error.message.contains("provider")));
    assert!(read("[]").is_err_and(|error| error.code == Code::InvalidConfig));
}

#[test]
fn a_missing_option_is_named() {
    let error = read(r#"{"provider":"mobile-smarts"}"#).err().unwrap();
    assert!(error.message.contains("baseUrl") && error.message.contains("customer's own server"), "{}", error.message);
    assert!(read(r#"{"provider":"bstats"}"#).is_err_and(|error| error.message.contains("redirectUri")));
}

#[test]
fn a_wrong_redirect_uri_is_refused() {
    for uri in [
        "/cb",
        "app.test/cb",
        "https://a.test/cb#x",
        "https://a.test/cb#",
        "javascript:alert(1)",
        "data:,x",
        "https://u:p@a.test/",
    ] {
        let error = read(&format!(r#"{{"provider":"bstats","redirectUri":"{uri}"}}"#)).err().unwrap();
        assert!(error.code == Code::InvalidConfig && error.message.contains("redirectUri"), "{uri}");
    }
    for uri in ["https://a.test/cb?x=1", "http://127.0.0.1:3000/cb", "http://[::1]/cb", "com.example.app:/cb"] {
        let config = read(&format!(r#"{{"provider":"bstats","redirectUri":"{uri}"}}"#)).unwrap();
        assert_eq!(config.redirect_uri.as_deref(), Some(uri), "kept byte for byte");
    }
}

#[test]
fn plain_http_to_another_machine_must_be_allowed() {
    for (option, uri) in [("baseUrl", "http://192.168.0.5:9000"), ("baseUrl", "http://localhost.evil.test")] {
        let of = |more: &str| read(&format!(r#"{{"provider":"mobile-smarts","{option}":"{uri}"{more}}}"#));
        assert_eq!(of("").err().unwrap().code, Code::InsecureUrl, "{uri}");
        assert_eq!(of(r#","allowInsecure":true"#).unwrap().base_url, uri);
    }
    let error = read(r#"{"provider":"bstats","redirectUri":"http://app.test/cb"}"#).err().unwrap();
    assert_eq!(error.code, Code::InsecureUrl);
    assert!(read(r#"{"provider":"mobile-smarts","baseUrl":"http://localhost:9000/"}"#).is_ok());
}

#[test]
fn a_relay_of_the_page_may_be_given_as_a_path() {
    let options = json::read(r#"{"provider":"bifit-kassa","baseUrl":"/auth/kassa/"}"#, Mode::Strict).unwrap();
    let config = Config::read(&options, false, &Page(Some("https://shop.test/a/b?c"))).unwrap();
    assert_eq!(config.base_url, "https://shop.test/auth/kassa");
    let options = json::read(r#"{"provider":"bifit-kassa","baseUrl":"//evil.test"}"#, Mode::Strict).unwrap();
    assert!(Config::read(&options, false, &Page(Some("https://shop.test/"))).is_err());
}

#[test]
fn keys_are_printable_and_tell_sessions_apart() {
    let mut keys = Vec::new();
    for option in [
        r#""account":"default""#,
        r#""account":"счёт №1""#,
        r#""account":"a:b""#,
        r#""account":"a\nb""#,
        r#""account":"__proto__""#,
        r#""baseUrl":"https://a.test""#,
        r#""baseUrl":"https://a.test/b""#,
        r#""clientId":"other""#,
    ] {
        let key = kassa(option).unwrap().store_key();
        assert!(key.bytes().all(|byte| byte.is_ascii_graphic()), "{key}");
        assert!(!keys.contains(&key), "{key}");
        keys.push(key);
    }
    assert_eq!(kassa(r#""timeout":5"#).unwrap().store_key(), keys[0], "what does not matter to the session");
}

#[test]
fn a_profile_of_the_callers_own_takes_params_and_no_options_of_others() {
    let profile = r#"{"id":"p","baseUrl":"https://p.test","credentials":["token"],"params":{"a":"1","b":"2"},
        "login":{"kind":"direct"},"present":{"headers":{"X":"{token}{a}{b}"}}}"#;
    let of = |more: &str| read(&format!(r#"{{"provider":{profile}{more}}}"#));
    let config = of(r#","params":{"b":"3"}"#).unwrap();
    assert_eq!((config.provider.param("a"), config.provider.param("b")), (Some("1"), Some("3")));
    assert!(of(r#","clientId":"x""#).is_err_and(|error| error.message.contains("clientId")));
    assert!(of(r#","params":{"b":3}"#).is_err_and(|error| error.message.contains("params.b")));
    assert!(of(r#","redirectUri":"https://a.test""#).is_err_and(|error| error.message.contains("redirectUri")));
    let wrong = profile.replace(r#""X":"#, r#""no header":"#);
    assert!(read(&format!(r#"{{"provider":{wrong}}}"#)).is_err_and(|error| error.message.contains("present.headers")));
}
