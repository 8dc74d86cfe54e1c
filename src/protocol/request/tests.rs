//! What goes out, byte for byte.

use super::{Purpose, Request, present};
use crate::error::{Code, Result};
use crate::protocol::json::{self, Mode};
use crate::provider::{BasicEncoding, Login, Provider, RequestTemplate, Scope, builtin};

fn builtin(id: &str, options: &str) -> Provider {
    builtin::provider(id, &json::read(options, Mode::Strict).unwrap()).unwrap()
}

fn scope<'a>(provider: &'a Provider, secrets: &[(&'a str, &'a str)]) -> Scope<'a> {
    let mut scope = Scope::of(provider);
    secrets.iter().for_each(|(name, value)| scope.secret(name, value));
    scope
}

fn build(provider: &Provider, template: RequestTemplate<'_>, secrets: &[(&str, &str)], base: &str) -> Request {
    Request::build(Purpose::Login, template, &scope(provider, secrets), base).unwrap()
}

fn login(provider: &Provider, secrets: &[(&str, &str)], base: &str) -> Request {
    build(provider, provider.grant_request().unwrap(), secrets, base)
}

/// Method, address, headers but Accept (lower-case names), body.
fn sent(request: &Request) -> (String, Vec<String>, &str) {
    let headers = request.headers.iter().filter(|(name, _)| name != "Accept");
    let headers = headers.map(|(name, value)| format!("{}: {value}", name.to_ascii_lowercase())).collect();
    (format!("{} {}", request.method, request.url), headers, request.body.as_deref().unwrap_or_default())
}

fn presented(provider: &Provider, secrets: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
    let credential = present(provider.present(), &scope(provider, secrets)).unwrap();
    let show =
        |list: Vec<super::Presented>| list.into_iter().map(|one| format!("{}: {}", one.name, one.value)).collect();
    (show(credential.headers), show(credential.query))
}

const FORM: &str = "content-type: application/x-www-form-urlencoded";

#[test]
fn bifit_kassa() {
    let kassa = builtin("bifit-kassa", "{}");
    for (password, encoded) in [
        ("", "47DEQpj8HBSa%2B%2FTImW%2B5JCeuQeRkm5NMpJWZG3hSuFU%3D"),
        ("password", "XohImNooBHFR0OVvjcYpJ3NgPQ1qq73WKhHvch0VQtg%3D"),
        ("123456", "jZae727K08KaOmKSgOaGzww%2FXVqGr%2FPKEgIMkjrcbJI%3D"),
        ("qwerty", "ZehL4zUy%2B3hMSBKWdfnv86aCsnFowOp0Syz1juAjN8U%3D"),
        ("test", "n4bQgYhMfWWaL%2BqgxVrQFaO%2FTxsrC4Is0V1sFbDwCgg%3D"),
        ("secret", "K7gNU3sdo%2BOL0wNhqoVWhr3g6s1xYv72ol%2Fpe%2FUnols%3D"),
        ("пароль", "LbxXTaylJomiT7YOg1%2BMGaNkAIMN9zUIWd0y0auq7F0%3D"),
    ] {
        let request = login(&kassa, &[("username", "79999999999"), ("password", password)], kassa.base_url());
        let body = format!(
            "grant_type=password&username=79999999999&password={encoded}&client_id=cashdesk-rest-client&client_secret=cashdesk-rest-client"
        );
        let address = "POST https://kassa.bifit.com/cashdesk-api/v1/oauth/token".to_owned();
        assert_eq!(sent(&request), (address, vec![FORM.to_owned()], body.as_str()));
    }
    let secrets = [("username", "79999999999"), ("password", "test"), ("second_factor", "1234")];
    let confirm = build(&kassa, kassa.second_factor().unwrap().request(), &secrets, kassa.base_url());
    assert!(sent(&confirm).2.ends_with("&client_secret=cashdesk-rest-client&code=1234"));
    let renewal = build(&kassa, kassa.renew().unwrap(), &[("refresh_token", "r+/=")], kassa.base_url());
    assert_eq!(
        sent(&renewal).2,
        "grant_type=refresh_token&refresh_token=r%2B%2F%3D&client_id=cashdesk-rest-client&client_secret=cashdesk-rest-client"
    );
    assert_eq!(presented(&kassa, &[("access_token", "t")]).0, ["Authorization: Bearer t"]);
    let url = builtin("bifit-kassa", r#"{"passwordEncoding":"base64url","clientId":"me"}"#);
    let request = login(&url, &[("username", "7"), ("password", "test")], url.base_url());
    assert!(sent(&request).2.contains("&password=n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg&client_id=me&"));
}

#[test]
fn invoicebox() {
    for (options, version) in [("{}", "v3"), (r#"{"version":"l3"}"#, "l3")] {
        let provider = builtin("invoicebox", options);
        let check = provider.check().unwrap().request();
        let token = "29078-API:b37c4c689295904ed21eee5d9a48d42e";
        let request = build(&provider, check, &[("access_token", token)], provider.base_url());
        let address = format!("GET https://api.invoicebox.ru/{version}/security/api/auth/auth");
        let agent = concat!("user-agent: propusk/", env!("CARGO_PKG_VERSION")).to_owned();
        let expected = vec!["accept: application/json".to_owned(), agent, format!("authorization: Bearer {token}")];
        let headers: Vec<_> =
            request.headers.iter().map(|(name, value)| format!("{}: {value}", name.to_ascii_lowercase())).collect();
        assert_eq!((sent(&request).0, headers, request.body.as_deref()), (address, expected, None));
        let agent = concat!("User-Agent: propusk/", env!("CARGO_PKG_VERSION")).to_owned();
        assert_eq!(
            presented(&provider, &[("access_token", token)]).0,
            [format!("Authorization: Bearer {token}"), agent]
        );
    }
}

#[test]
fn mobile_smarts() {
    let secrets = [("username", "user@domain.ru"), ("password", "123456")];
    let post = builtin("mobile-smarts", r#"{"clientId":"123","clientSecret":"user"}"#);
    let request = login(&post, &secrets, "https://localhost:9000");
    assert_eq!(
        sent(&request),
        (
            "POST https://localhost:9000/api/session".to_owned(),
            vec![FORM.to_owned()],
            "grant_type=password&client_id=123&client_secret=user&username=user%40domain.ru&password=123456"
        )
    );
    let renewal = build(&post, post.renew().unwrap(), &[("refresh_token", "321321321")], "https://localhost:9000");
    assert_eq!(sent(&renewal).2, "grant_type=refresh_token&client_id=123&client_secret=user&refresh_token=321321321");

    let bare = builtin("mobile-smarts", r#"{"tokenPath":"/oauth/token"}"#);
    let request = login(&bare, &secrets, "https://localhost:9000");
    assert_eq!(sent(&request).0, "POST https://localhost:9000/oauth/token");
    assert_eq!(sent(&request).2, "grant_type=password&username=user%40domain.ru&password=123456");

    let get = builtin("mobile-smarts", r#"{"method":"session-get"}"#);
    let request = login(&get, &[("username", "a&b"), ("password", "c d")], "https://localhost:9000");
    let address = "GET https://localhost:9000/api/v1/session?username=a%26b&password=c+d";
    assert_eq!(sent(&request), (address.to_owned(), vec![], ""));
    assert_eq!(request.shown_url(), "https://localhost:9000/api/v1/session?username=***&password=***");

    let basic = builtin("mobile-smarts", r#"{"method":"basic"}"#);
    assert!(matches!(basic.login(), Login::Direct));
    assert_eq!(presented(&basic, &secrets).0, ["Authorization: Basic dXNlckBkb21haW4ucnU6MTIzNDU2"]);
    let plain = builtin("mobile-smarts", r#"{"method":"basic","basicEncoding":"plain"}"#);
    assert_eq!(presented(&plain, &secrets).0, ["Authorization: Basic user@domain.ru:123456"]);
}

#[test]
fn bstats() {
    let bstats = builtin("bstats", r#"{"format":"xml"}"#);
    let secrets = [("code", "c0de"), ("redirect_uri", "https://app.test/cb?a=b")];
    let request = login(&bstats, &secrets, bstats.base_url());
    assert_eq!(
        sent(&request),
        (
            "POST https://bstats.ru/api.php/token?redirect_uri=https%3A%2F%2Fapp.test%2Fcb%3Fa%3Db&format=xml"
                .to_owned(),
            vec![FORM.to_owned()],
            "code=c0de&client_id=bstats.ru&grant_type=authorization_code"
        )
    );
    let (headers, query) = presented(&bstats, &[("access_token", "t")]);
    assert_eq!((headers.len(), query), (0, vec!["access_token: t".to_owned(), "format: xml".to_owned()]));
}

#[test]
fn smart_satu() {
    let satu = builtin("smart-satu", "{}");
    let request = login(&satu, &[("username", "supplier"), ("password", "qwe\"rty")], satu.base_url());
    assert_eq!(
        sent(&request),
        (
            "POST https://login.smartsatu.com/api/user/login".to_owned(),
            vec!["content-type: application/json; charset=utf-8".to_owned(), "country: ru".to_owned()],
            r#"{"username":"supplier","password":"qwe\"rty","direction":"food"}"#
        )
    );
    let token = [("access_token", "bkoUdBoAd1_jlIjwcMfttTNlH15y3Rnd")];
    let expected = ["country: ru", "Authorization: Basic YmtvVWRCb0FkMV9qbElqd2NNZnR0VE5sSDE1eTNSbmQ6"];
    assert_eq!(presented(&satu, &token).0, expected);
    let bearer = builtin("smart-satu", r#"{"presentation":"bearer","country":"kz"}"#);
    assert_eq!(presented(&bearer, &token).0, ["country: kz", "Authorization: Bearer bkoUdBoAd1_jlIjwcMfttTNlH15y3Rnd"]);
}

fn basic(username: &str, password: &str, encode: BasicEncoding) -> Result<String> {
    let provider = match encode {
        BasicEncoding::Plain => builtin("mobile-smarts", r#"{"method":"basic","basicEncoding":"plain"}"#),
        BasicEncoding::None => custom("none"),
        BasicEncoding::Form => custom("form"),
    };
    let credential = present(provider.present(), &scope(&provider, &[("username", username), ("password", password)]))?;
    Ok(credential.headers.into_iter().next().unwrap().value)
}

fn custom(encode: &str) -> Provider {
    let text = format!(
        r#"{{"id":"p","baseUrl":"https://p.test","credentials":["username","password"],"login":{{"kind":"direct"}},
        "present":{{"basic":{{"username":"{{username}}","password":"{{password}}","encode":"{encode}"}}}}}}"#
    );
    builtin::custom(&json::read(&text, Mode::Strict).unwrap(), None).unwrap()
}

#[test]
fn the_vectors_of_the_standards_hold() {
    for (username, password, encode, expected) in [
        ("s6BhdRkqt3", "gX1fBat3bV", BasicEncoding::Form, "Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW"),
        ("s6BhdRkqt3", "gX1fBat3bV", BasicEncoding::None, "Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW"),
        ("Aladdin", "open sesame", BasicEncoding::None, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
        ("test", "123£", BasicEncoding::None, "Basic dGVzdDoxMjPCow=="),
        // RFC 6749 appendix B: " %&+£€" as `+%25%26%2B%C2%A3%E2%82%AC`, on both sides of the colon.
        (" %&+£€", "a:b", BasicEncoding::Form, "Basic KyUyNSUyNiUyQiVDMiVBMyVFMiU4MiVBQzphJTNBYg=="),
        ("a:b", "c", BasicEncoding::Form, "Basic YSUzQWI6Yw=="),
        ("user", "", BasicEncoding::None, "Basic dXNlcjo="),
        ("user", "a:b:c", BasicEncoding::None, "Basic dXNlcjphOmI6Yw=="),
    ] {
        assert_eq!(basic(username, password, encode).unwrap(), expected, "{username}");
    }
}

#[test]
fn what_basic_or_a_header_cannot_carry_is_the_callers_mistake() {
    for (username, password, encode) in [
        ("a:b", "c", BasicEncoding::None),
        ("a:b", "c", BasicEncoding::Plain),
        ("a\n", "c", BasicEncoding::None),
        ("a", "c\u{7f}", BasicEncoding::None),
        ("я", "c", BasicEncoding::Plain),
    ] {
        assert_eq!(basic(username, password, encode).err().unwrap().code, Code::InvalidInput, "{username}");
    }
    let invoicebox = builtin("invoicebox", "{}");
    for token in ["a\r\nX-Evil: 1", "ключ", "a\u{0}"] {
        let refused = present(invoicebox.present(), &scope(&invoicebox, &[("access_token", token)])).err().unwrap();
        assert_eq!(refused.code, Code::InvalidInput);
        assert!(!refused.message.contains(token));
    }
}

#[test]
fn a_traced_address_shows_no_secret() {
    let bstats = builtin("bstats", "{}");
    let request = login(
        &bstats,
        &[("code", "c0de-c0de"), ("redirect_uri", "https://app.test/cb")],
        "https://u:p@relay.test/c0de-c0de",
    );
    assert!(!request.shown_url().contains("c0de") && !request.shown_url().contains("u:p@"), "{}", request.shown_url());
}

/// A provider with that login request, and a value of every kind.
fn asks(request: &str) -> Provider {
    let text = format!(
        r#"{{"id":"p","baseUrl":"https://p.test/v1","credentials":["credential","password"],
        "params":{{"region":"eu","blank":"","host":"https://other.test"}},"optionalParams":["extra"],
        "login":{{"kind":"request","request":{request}}},"present":{{"headers":{{"X-Key":"{{access_token}}"}}}}}}"#
    );
    builtin::custom(&json::read(&text, Mode::Strict).unwrap(), None).unwrap()
}

fn sends(request: &str, values: &[(&str, &str)]) -> Result<Request> {
    let provider = asks(request);
    Request::build(Purpose::Login, provider.grant_request().unwrap(), &scope(&provider, values), provider.base_url())
}

#[test]
fn json_is_sent_as_deep_as_the_profile_writes_it() {
    let json = r#"{"url":"/t","json":{"auth":{"name":"{credential}","none":"{extra}","blank":"{blank}"},
        "list":["{password}","{extra}",7,[true,null,{"r":"{region}"}]],"n":1.50,"text":"a {{b}","quoted":"{credential}!"}}"#;
    let request = sends(json, &[("credential", "a\"b"), ("password", "s3cret-s3cret")]).unwrap();
    assert_eq!(
        request.body.as_deref().unwrap(),
        r#"{"auth":{"name":"a\"b"},"list":["s3cret-s3cret",null,7,[true,null,{"r":"eu"}]],"n":1.50,"text":"a {b}","quoted":"a\"b!"}"#
    );
    assert!(request.headers.contains(&("Content-Type".to_owned(), "application/json".to_owned())));
    assert_eq!(sends(r#"{"url":"/t","json":{}}"#, &[]).unwrap().body.as_deref(), Some("{}"));
    assert_eq!(request.redactor.scrub("got s3cret-s3cret"), "got ***");
}

#[test]
fn no_value_but_a_param_decides_where_a_request_goes() {
    for (url, value, expected) in [
        ("{credential}", "token", Some("https://p.test/v1/token")),
        ("/{credential}/token", "a/../..", Some("https://p.test/v1/a/../../token")),
        ("{host}/{credential}", "x", Some("https://other.test/x")),
        ("https://{region}.p.test/{credential}", "//evil.test/", Some("https://eu.p.test///evil.test/")),
        ("{credential}", "a:b", None),
        ("{credential}", "https://evil.test/", None),
        ("{credential}", "HTTPS://evil.test/", None),
        ("{credential}", "http://p.test/v1", None),
        ("{credential}", "//evil.test/", None),
        ("{credential}", "\\\\evil.test/", None),
        ("{credential}", "/\\evil.test/", None),
        ("{credential}", " https://evil.test/", None),
        ("{credential}", "javascript:alert(1)", None),
        ("{credential}://p.test/", "https", None),
        ("{credential}/token", "https:", None),
    ] {
        let built = sends(&format!(r#"{{"url":"{url}"}}"#), &[("credential", value)]);
        match expected {
            Some(expected) => assert_eq!(built.ok().unwrap().url, expected),
            None => {
                let error = built.err().unwrap_or_else(|| panic!("{url} {value}"));
                assert_eq!(error.code, Code::InvalidInput, "{url} {value}");
                assert!(!error.message.contains("evil"), "{}", error.message);
            }
        }
    }
}

#[test]
fn no_value_brings_a_control_character_into_an_address() {
    for value in ["a\r\nb", "a\0", "\ta", "\u{7f}"] {
        let error = sends(r#"{"url":"/{credential}"}"#, &[("credential", value)]).err().unwrap();
        assert_eq!(error.code, Code::InvalidInput);
        let request = sends(r#"{"url":"/t","query":{"c":"{credential}"}}"#, &[("credential", value)]).unwrap();
        assert!(!request.url.bytes().any(|byte| byte < b' ' || byte == 0x7f), "{}", request.url);
    }
}

#[test]
fn a_field_that_is_only_a_placeholder_without_a_value_is_left_out() {
    let request = sends(
        r#"{"url":"/t","query":{"e":"{extra}","r":"{region}"},"headers":{"X-Blank":"{blank}","X-Region":"{region}"},
        "form":{"e":"{extra}","b":"{blank}","p":"{password}"}}"#,
        &[("password", "p")],
    )
    .unwrap();
    assert_eq!(sent(&request).0, "POST https://p.test/v1/t?r=eu");
    assert_eq!(sent(&request).1, ["x-region: eu".to_owned(), FORM.to_owned()]);
    assert_eq!(sent(&request).2, "p=p");
}

#[test]
fn basic_without_a_user_name_is_left_out() {
    let request = r#"{"url":"/t","basic":{"username":"{extra}","password":"{blank}"}}"#;
    assert!(sends(request, &[]).unwrap().headers.iter().all(|(name, _)| name != "Authorization"));
    let headers = sends(request, &[("extra", "id")]).unwrap().headers;
    assert!(headers.contains(&("Authorization".to_owned(), "Basic aWQ6".to_owned())), "a client without a secret");
}
