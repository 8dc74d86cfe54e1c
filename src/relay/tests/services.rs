//! The five services, and profiles of a caller's own.

use super::{FORM, JSON, judged, open, relay};

/// The body that is sent.
fn sent_body(said: &str) -> &str {
    said.split_once("\n\n").map_or("", |(_, body)| body)
}

#[test]
fn kassa_has_its_secret_from_the_relay_and_none_from_the_page() {
    let kassa = relay(r#"{"provider":"bifit-kassa","clientSecret":"of the relay"}"#, "");
    let page = "grant_type=password&username=79990000001&password=a%2Bb%3D&client_id=c&client_secret=page";
    assert_eq!(
        judged(&kassa, "POST", "/r/oauth/token", &[FORM, ("authorization", "Basic x"), ("accept", "a/b")], page),
        "POST https://kassa.bifit.com/cashdesk-api/v1/oauth/token\naccept: a/b\n\
         content-type: application/x-www-form-urlencoded\n\n\
         grant_type=password&username=79990000001&password=a%2Bb%3D&client_id=cashdesk-rest-client&client_secret=of+the+relay"
    );
    let renewal = judged(
        &kassa,
        "POST",
        "/r/oauth/token?client_secret=q",
        &[FORM],
        "grant_type=refresh_token&refresh_token=r&client_id=c",
    );
    assert!(renewal.starts_with("POST https://kassa.bifit.com/cashdesk-api/v1/oauth/token\n"), "{renewal}");
    assert_eq!(
        sent_body(&renewal),
        "grant_type=refresh_token&refresh_token=r&client_id=cashdesk-rest-client&client_secret=of+the+relay"
    );
    for other in ["grant_type=client_credentials&client_id=c", "", "username=x", "grant_type=", "grant_type=Password"] {
        assert_eq!(judged(&kassa, "POST", "/r/oauth/token", &[FORM], other), "400 invalid_request", "{other}");
    }
}

#[test]
fn invoicebox_is_asked_at_both_paths_unless_the_version_is_known() {
    let both = relay(r#"{"provider":"invoicebox"}"#, "");
    let l3 = relay(r#"{"provider":"invoicebox","version":"l3"}"#, "");
    let headers = [("authorization", "Bearer 1:2"), ("accept", "*/*"), ("user-agent", "browser")];
    for version in ["v3", "l3"] {
        let target = format!("/r/{version}/security/api/auth/auth");
        let expected = format!(
            "GET https://api.invoicebox.ru/{version}/security/api/auth/auth\nauthorization: Bearer 1:2\nAccept: application/json\nUser-Agent: propusk/{}",
            env!("CARGO_PKG_VERSION")
        );
        assert_eq!(judged(&both, "GET", &target, &headers, ""), expected);
        assert_eq!(judged(&l3, "GET", &target, &headers, "") == expected, version == "l3", "{version}");
    }
    assert_eq!(judged(&both, "GET", "/r/v4/security/api/auth/auth", &[], ""), "404 not_found");
    assert_eq!(judged(&both, "POST", "/r/v3/security/api/auth/auth", &[], ""), "405 method_not_allowed\nAllow: GET");
}

#[test]
fn mobile_smarts_logs_in_as_its_options_say() {
    const BASE: &str = r#""provider":"mobile-smarts","baseUrl":"https://ms.test""#;
    let post = relay(&format!(r#"{{{BASE},"clientId":"id"}}"#), "");
    let page = "grant_type=password&username=u&password=p&client_secret=x";
    let said = judged(&post, "POST", "/r/api/session", &[FORM], page);
    assert_eq!(sent_body(&said), "grant_type=password&username=u&password=p&client_id=id");
    let get = relay(&format!(r#"{{{BASE},"method":"session-get"}}"#), "");
    let said = judged(&get, "GET", "/r/api/v1/session?username=u&password=p", &[("authorization", "Bearer x")], "");
    assert_eq!(said, "GET https://ms.test/api/v1/session?username=u&password=p");
    let basic = relay(&format!(r#"{{{BASE},"method":"basic"}}"#), r#","api":["api"]"#);
    let said = judged(&basic, "GET", "/r/api/v1/goods", &[("authorization", "Basic dTpw")], "");
    assert_eq!(said, "GET https://ms.test/api/v1/goods\nauthorization: Basic dTpw");
    assert_eq!(judged(&basic, "POST", "/r/api2", &[], ""), "404 not_found");
}

#[test]
fn bstats_sends_the_browser_on_and_exchanges_codes() {
    let bstats = relay(r#"{"provider":"bstats","redirectUri":"https://app.test/back"}"#, r#","api":["api.php"]"#);
    let evil = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
    for headers in [&[][..], &evil] {
        assert_eq!(
            judged(
                &bstats,
                "GET",
                "/r/api.php/auth?client_id=a&redirect_uri=https%3A%2F%2Fapp.test%2Fback&client_secret=s&x",
                headers,
                ""
            ),
            "302\nLocation: https://bstats.ru/api.php/auth?client_id=a&redirect_uri=https%3A%2F%2Fapp.test%2Fback&x\nCache-Control: no-store"
        );
    }
    assert_eq!(
        judged(&bstats, "GET", "/r/api.php/auth", &[("origin", "https://evil.test")], ""),
        "403 origin_not_allowed"
    );
    assert_eq!(judged(&bstats, "POST", "/r/api.php/auth", &[FORM], "x=1"), "405 method_not_allowed\nAllow: GET");
    let said = judged(
        &bstats,
        "POST",
        "/r/api.php/token?redirect_uri=https%3A%2F%2Fapp.test%2Fback&format=json",
        &[FORM],
        "code=c&client_id=bstats.ru&grant_type=authorization_code",
    );
    assert!(
        said.starts_with(
            "POST https://bstats.ru/api.php/token?redirect_uri=https%3A%2F%2Fapp.test%2Fback&format=json\n"
        ),
        "{said}"
    );
    assert_eq!(sent_body(&said), "code=c&client_id=bstats.ru&grant_type=authorization_code");
    assert_eq!(
        judged(&bstats, "GET", "/r/api.php?app=dossier&access_token=t", &[], ""),
        "GET https://bstats.ru/api.php?app=dossier&access_token=t"
    );
    assert_eq!(judged(&bstats, "GET", "/r/api.php/token", &[], ""), "405 method_not_allowed\nAllow: POST");
}

#[test]
fn smart_satu_logs_in_by_json_and_calls_another_host() {
    let satu =
        relay(r#"{"provider":"smart-satu"}"#, r#","api":["orders"],"apiBase":"https://food.smartsatu.com/api/""#);
    let page = r#"{"username":"u","password":"p","direction":"food","id":12345678901234567890}"#;
    let said = judged(&satu, "POST", "/r/api/user/login", &[JSON, ("country", "kz")], page);
    assert_eq!(
        said,
        format!(
            "POST https://login.smartsatu.com/api/user/login\ncontent-type: application/json; charset=utf-8\ncountry: kz\n\n{page}"
        )
    );
    assert!(judged(&satu, "POST", "/r/api/user/login", &[JSON], page).contains("\ncountry: ru\n"));
    let grant = r#"{"username":"u","grant_type":"client_credentials"}"#;
    for wrong in
        [grant, "{", "[]", "7", r#"{"username":"a","username":"b"}"#, r#"{"username":{"$ne":1}}"#, "\u{feff}{}"]
    {
        assert_eq!(judged(&satu, "POST", "/r/api/user/login", &[JSON], wrong), "400 invalid_request", "{wrong}");
    }
    let call = judged(&satu, "GET", "/r/orders/7", &[("authorization", "Basic dDo="), ("country", "kz")], "");
    assert_eq!(call, "GET https://food.smartsatu.com/api/orders/7\nauthorization: Basic dDo=\ncountry: kz");
}

/// A profile whose parts are given, with its secrets.
fn own(login: &str, more: &str) -> String {
    format!(
        r#"{{"provider":{{"id":"own","baseUrl":"https://own.test/v1","credentials":["username"],"login":{{"kind":"request","request":{login}}},
        "params":{{"client_id":"id","client_secret":"top secret","pin":"1 2"}},"secretParams":["pin"],"optionalParams":["unset"],"present":{{}}{more}}}}}"#
    )
}

#[test]
fn secrets_go_wherever_a_template_names_them() {
    let login = r#"{"url":"/login?tenant={client_id}&kind=a%20b","query":{"pin":"{pin}"},"headers":{"X-Key":"{client_secret|sha256|hex}","X-Kind":"7"},
        "json":{"kind":"x","n":1,"client":{"id":"{client_id}","secret":"{client_secret}"},"list":["{username}","{pin}",null],"who":"{username}"}}"#;
    let relay = relay(&own(login, ""), "");
    let page = r#"{"kind":"x","n":1,"client":{"id":"page","secret":"page","pin":"9"},"list":["u","guess",null],"who":"u","client_secret":"z","deep":[{"client_secret":1,"kept":2}]}"#;
    let said = judged(
        &relay,
        "POST",
        "/r/login?tenant=t&kind=a+b&pin=0&PIN=1&client_secret=2",
        &[JSON, ("x-key", "page"), ("x-kind", "8")],
        page,
    );
    assert_eq!(
        said,
        "POST https://own.test/v1/login?kind=a+b&tenant=id&pin=1+2\ncontent-type: application/json\n\
         X-Key: b6d39f7cd6b3bfa4e1e1e0ab5f5ec42a2f1e0e2cf3b6ce2d9dd3d9b7b1f5a0d4\nX-Kind: 7\n\n\
         {\"kind\":\"x\",\"n\":1,\"client\":{\"id\":\"id\",\"secret\":\"top secret\"},\"list\":[\"u\",\"1 2\",null],\"who\":\"u\",\"deep\":[{\"kept\":2}]}"
            .replace("b6d39f7cd6b3bfa4e1e1e0ab5f5ec42a2f1e0e2cf3b6ce2d9dd3d9b7b1f5a0d4", &digest("top secret"))
    );
    let right = |page: &str| judged(&relay, "POST", "/r/login?tenant=t&kind=a+b", &[JSON], page).starts_with("POST");
    assert!(right(r#"{"kind":"x","n":1,"client":{},"list":["u","",null]}"#));
    for wrong in [
        r#"{"kind":"y","n":1,"client":{},"list":["u","",null]}"#,
        r#"{"kind":"x","n":2,"client":{},"list":["u","",null]}"#,
        r#"{"kind":"x","n":"1","client":{},"list":["u","",null]}"#,
        r#"{"kind":"x","n":1,"client":7,"list":["u","",null]}"#,
        r#"{"kind":"x","n":1,"client":{},"list":["u","",0]}"#,
        r#"{"kind":"x","n":1,"client":{},"list":["u",""]}"#,
        r#"{"kind":"x","Kind":"y","n":1,"client":{},"list":["u","",null]}"#,
    ] {
        assert!(!right(wrong), "{wrong}");
    }
    for query in ["tenant=t", "tenant=t&kind=b", "kind=a+b&kind=c", "kind=a+b&KIND=c", "kind=a+b&kind[]=c"] {
        let page = r#"{"kind":"x","n":1,"client":{},"list":["u","",null]}"#;
        assert_eq!(
            judged(&relay, "POST", &format!("/r/login?{query}"), &[JSON], page),
            "400 invalid_request",
            "{query}"
        );
    }
}

fn digest(text: &str) -> String {
    use sha2::{Digest, Sha256};
    crate::protocol::encoding::hex(&Sha256::digest(text))
}

#[test]
fn which_client_a_secret_goes_with_is_no_choice_of_the_pages() {
    let of_form =
        r#"{"url":"/t","form":{"client_id":"{client_id}","client_secret":"{client_secret}","u":"{username}"}}"#;
    let of_query =
        r#"{"url":"/t","query":{"client_id":"{client_id}"},"form":{"key":"{client_secret}","u":"{username}"}}"#;
    let of_basic =
        r#"{"url":"/t","basic":{"username":"{client_id}","password":"{client_secret}"},"form":{"u":"{username}"}}"#;
    let of_header =
        r#"{"url":"/t","headers":{"X-Client":"{client_id}","X-Key":"{client_secret}"},"form":{"u":"{username}"}}"#;
    let of_json = r#"{"url":"/t","json":{"app":{"client_id":"{client_id}","key":"{client_secret}"},"u":"{username}"}}"#;
    for login in [of_form, of_query, of_basic, of_header, of_json] {
        let relay = relay(&own(login, ""), "");
        let is_json = login == of_json;
        for (query, form) in [
            ("?client_id=evil", "u=1"),
            ("?Client_Id=evil", "u=1&client_id[]=evil"),
            ("", "client_id=evil&u=1"),
            ("", "u=1&CLIENT_ID=evil&client_id=evil&client_assertion=evil&client_assertion_type=evil"),
        ] {
            let json = r#"{"app":{"client_id":"evil"},"u":"1","client_id":"evil","client_assertion":"evil"}"#;
            let (media, body) = if is_json { (JSON, json) } else { (FORM, form) };
            let said = judged(&relay, "POST", &format!("/r/t{query}"), &[media, ("x-client", "evil")], body);
            assert!(said.starts_with("POST https://own.test/v1/t") && !said.contains("evil"), "{said}");
            let told = ["client_id=id", "Basic aWQ6dG9wIHNlY3JldA==", "X-Client: id", r#""client_id":"id""#];
            assert_eq!(told.iter().filter(|told| said.contains(**told)).count(), 1, "{said}");
        }
    }
    let public = relay(&own(r#"{"url":"/t","form":{"client_id":"{client_id}","u":"{username}"}}"#, ""), "");
    assert!(judged(&public, "POST", "/r/t", &[FORM], "client_id=page&u=1").ends_with("\n\nclient_id=page&u=1"));
}

#[test]
fn basic_of_the_client_is_the_relays_and_basic_of_the_user_is_the_pages() {
    let client = own(
        r#"{"url":"/token","basic":{"username":"{client_id}","password":"{client_secret}","encode":"form"},"form":{"grant_type":"password","username":"{username}"}}"#,
        r#","revoke":{"url":"/revoke","basic":{"username":"{client_id}","password":"{client_secret}"},"form":{"token":"{access_token}"}}"#,
    );
    let relay_of_client = relay(&client, "");
    for (path, body) in [("/r/token", "grant_type=password&username=u"), ("/r/revoke", "token=t")] {
        let said = judged(&relay_of_client, "POST", path, &[FORM, ("authorization", "Bearer page")], body);
        let pair = if path == "/r/token" { "aWQ6dG9wK3NlY3JldA==" } else { "aWQ6dG9wIHNlY3JldA==" };
        assert!(said.contains(&format!("\nauthorization: Basic {pair}\n")), "{said}");
        assert!(!said.contains("page"));
    }
    let user =
        relay(&own(r#"{"method":"GET","url":"/session","basic":{"username":"{username}","password":"x"}}"#, ""), "");
    let said = judged(&user, "GET", "/r/session", &[("authorization", "Basic dTp4")], "");
    assert_eq!(said, "GET https://own.test/v1/session\nauthorization: Basic dTp4");
    let bare = relay(&own(r#"{"url":"/session","basic":{"username":"{username}"}}"#, ""), "");
    assert_eq!(
        judged(&bare, "POST", "/r/session", &[FORM, ("content-length", "29")], "grant_type=client_credentials"),
        "415 unsupported_type"
    );
    assert_eq!(judged(&bare, "POST", "/r/session", &[], "grant_type=client_credentials"), "400 invalid_request");
    assert!(
        judged(&bare, "POST", "/r/session", &[("authorization", "Basic dTo=")], "")
            .starts_with("POST https://own.test/v1/session")
    );
}

#[test]
fn a_secret_that_the_relay_does_not_know_is_left_out() {
    let relay = relay(
        &own(r#"{"url":"/token","headers":{"X-Client":"{unset}"},"form":{"a":"{username}","unset":"{unset}"}}"#, "")
            .replace(r#"["pin"]"#, r#"["pin","unset"]"#),
        "",
    );
    let said = judged(&relay, "POST", "/r/token", &[FORM, ("x-client", "page")], "a=1&unset=page&pin=2");
    assert_eq!(said, "POST https://own.test/v1/token\ncontent-type: application/x-www-form-urlencoded\n\na=1");
}

#[test]
fn a_grant_of_the_pages_own_choice_gets_no_secret() {
    let relay = relay(
        &own(
            r#"{"url":"/token","form":{"client_id":"{client_id}","client_secret":"{client_secret}","user":"{username}"}}"#,
            "",
        ),
        "",
    );
    assert!(
        judged(&relay, "POST", "/r/token", &[FORM], "client_id=id&user=u")
            .ends_with("\n\nuser=u&client_id=id&client_secret=top+secret")
    );
    for wrong in [
        "client_id=id&grant_type=client_credentials",
        "GRANT_TYPE=x",
        "grant_type[]=x",
        "grant.type=x",
        "+grant_type=x",
    ] {
        assert_eq!(judged(&relay, "POST", "/r/token", &[FORM], wrong), "400 invalid_request", "{wrong}");
    }
    assert_eq!(
        judged(&relay, "POST", "/r/token?grant_type=client_credentials", &[FORM], "user=u"),
        "400 invalid_request"
    );
}

#[test]
fn client_credentials_pass_where_the_profile_says_so() {
    let profile = own(
        r#"{"url":"/token","form":{"grant_type":"client_credentials","client_id":"{client_id}","client_secret":"{client_secret}"}}"#,
        "",
    );
    let relay = relay(&profile.replace(r#"["username"]"#, "[]"), "");
    let said = judged(&relay, "POST", "/r/token", &[FORM], "grant_type=client_credentials");
    assert!(said.ends_with("\n\ngrant_type=client_credentials&client_id=id&client_secret=top+secret"), "{said}");
}

#[test]
fn an_absolute_address_of_a_template_is_fixed() {
    let relay = relay(
        &own(
            r#"{"url":"https://login.own.test/oauth/token","form":{"u":"{username}"}}"#,
            r#","renew":{"url":"https://own.test/v1/renew","form":{"t":"{refresh_token}"}}"#,
        ),
        "",
    );
    assert!(
        judged(&relay, "POST", "/r/oauth/token", &[FORM], "u=1")
            .starts_with("POST https://login.own.test/oauth/token\n")
    );
    assert!(judged(&relay, "POST", "/r/renew", &[FORM], "t=1").starts_with("POST https://own.test/v1/renew\n"));
    let insecure = own(r#"{"url":"http://login.own.test/t","form":{}}"#, "");
    assert_eq!(
        open(&format!(r#"{{"mount":"/r","provider":{insecure}}}"#)).err().unwrap().code.as_str(),
        "insecure_url"
    );
}

#[test]
fn a_text_of_a_secret_and_the_pages_value_is_refused_at_once() {
    for login in [
        r#"{"url":"/t","form":{"sign":"{username}:{pin}"}}"#,
        r#"{"url":"/t","headers":{"X":"{username}{client_secret}"}}"#,
        r#"{"url":"/t","json":{"a":[{"b":"{username}{pin}"}]}}"#,
        r#"{"url":"/t","basic":{"username":"{username}","password":"{pin}"}}"#,
    ] {
        let error = open(&format!(r#"{{"mount":"/r","provider":{}}}"#, own(login, ""))).err().unwrap();
        assert!(error.code.as_str() == "invalid_config" && error.hint.is_some(), "{error:?}");
    }
}

#[test]
fn of_several_requests_at_one_path_the_one_counts_that_the_page_has_filled_in() {
    let relay = relay(
        &own(
            r#"{"url":"/t","form":{"user":"{username}","a":"{client_secret}"}}"#,
            r#","renew":{"url":"/t","form":{"token":"{refresh_token}","b":"{client_secret}"}}"#,
        ),
        "",
    );
    assert_eq!(sent_body(&judged(&relay, "POST", "/r/t", &[FORM], "user=u")), "user=u&a=top+secret");
    assert_eq!(sent_body(&judged(&relay, "POST", "/r/t", &[FORM], "token=t")), "token=t&b=top+secret");
}

#[test]
fn a_check_that_says_whose_server_asks_is_held_against_its_template() {
    let more = r#","check":{"request":{"url":"/token","form":{"hint":"access","token":"{access_token}","client_secret":"{client_secret}"}},"subject":"sub"}"#;
    let relay = relay(&own(r#"{"url":"/login","form":{"user":"{username}"}}"#, more), "");
    let said = judged(&relay, "POST", "/r/token", &[FORM, ("authorization", "Bearer t")], "hint=access&token=t");
    assert!(said.contains("authorization: Bearer t") && said.ends_with("client_secret=top+secret"), "{said}");
    for wrong in ["token=t", "hint=access&token=t&grant_type=client_credentials", "hint=other&token=t"] {
        assert_eq!(judged(&relay, "POST", "/r/token", &[FORM], wrong), "400 invalid_request", "{wrong}");
    }
}

#[test]
fn what_no_header_can_carry_is_told_at_once() {
    let provider = own(r#"{"url":"/t","headers":{"X-Key":"{client_secret}"}}"#, "").replace("top secret", "copied\\n");
    let error = open(&format!(r#"{{"mount":"/r","provider":{provider}}}"#)).err().unwrap();
    assert!(
        error.code.as_str() == "invalid_config" && error.message.contains("login.request.headers.X-Key"),
        "{error:?}"
    );
    assert!(!format!("{error:?}").contains("copied"));
}

#[test]
fn a_path_is_compared_after_one_decoding_and_sent_as_the_profile_writes_it() {
    let kassa = relay(r#"{"provider":"bifit-kassa"}"#, "");
    for path in ["/r/oauth/%74oken", "/r/%6Fauth/token"] {
        let said = judged(&kassa, "POST", path, &[FORM], "grant_type=password");
        assert!(said.starts_with("POST https://kassa.bifit.com/cashdesk-api/v1/oauth/token\n"), "{said}");
    }
    for path in
        ["/r/oauth/%2574oken", "/r/oauth/token%2f", "/r/oauth/%2e/token", "/r/oauth/token%00", "/r/oauth/token%20"]
    {
        assert_eq!(judged(&kassa, "POST", path, &[FORM], "grant_type=password"), "404 not_found", "{path}");
    }
}
