//! The services accept what their documents say and refuse what comes near it, with an explanation.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, unreachable_pub, dead_code)]

mod client;

use client::{Place, get, post_form, send};
use serde_json::json;

/// `secret`, hashed and percent-encoded.
const SECRET: &str = "K7gNU3sdo%2BOL0wNhqoVWhr3g6s1xYv72ol%2Fpe%2FUnols%3D";
const BIFIT_CLIENT: &str = "client_id=cashdesk-rest-client&client_secret=cashdesk-rest-client";

fn bifit(place: &Place, form: &str) -> client::Answer {
    post_form(&format!("{}/oauth/token", place.base("bifit-kassa")), &format!("{form}&{BIFIT_CLIENT}"))
}

#[test]
fn bifit_kassa_takes_the_hashed_password_and_explains_every_other_reading() {
    let place = Place::start(&[]);
    let login = |phone: &str, password: &str| {
        bifit(&place, &format!("grant_type=password&username={phone}&password={password}"))
    };
    let good = login("79990000001", SECRET);
    assert_eq!((good.status, good.header("cache-control")), (200, Some("no-store")));
    let token = good.json();
    assert_eq!((&token["expires_in"], &token["token_type"]), (&json!(43199), &json!("bearer")));
    assert_eq!(get(&place.api("bifit-kassa"), token["access_token"].as_str().unwrap()).status, 200);
    assert_eq!(login("79990000004", "LbxXTaylJomiT7YOg1%2BMGaNkAIMN9zUIWd0y0auq7F0%3D").status, 200);

    for (phone, password, why) in [
        ("79990000001", "XohImNooBHFR0OVvjcYpJ3NgPQ1qq73WKhHvch0VQtg%3D", "another password"),
        ("79990000001", "secret", "not the padded base64"),
        ("79990000001", "K7gNU3sdo+OL0wNhqoVWhr3g6s1xYv72ol/pe/Unols=", "not percent-encoded"),
        ("79990000001", "K7gNU3sdo%252BOL0wNhqoVWhr3g6s1xYv72ol%252Fpe%252FUnols%253D", "twice"),
        ("79990000001", "K7gNU3sdo-OL0wNhqoVWhr3g6s1xYv72ol_pe_Unols%3D", "base64url"),
        ("79990000001", "K7gNU3sdo%2BOL0wNhqoVWhr3g6s1xYv72ol%2Fpe%2FUnols", "padding"),
        ("%2B79990000001", SECRET, "11 digits"),
    ] {
        let refused = login(phone, password);
        assert_eq!((refused.status, &refused.json()["error"]), (400, &json!("invalid_grant")), "{why}");
        let told = place.why("bifit-kassa");
        assert!(told.contains(why), "{told}");
    }
}

#[test]
fn bifit_kassa_asks_for_the_second_factor_and_refuses_unknown_fields() {
    let place = Place::start(&[]);
    let form = format!("grant_type=password&username=79990000002&password={SECRET}");
    assert_eq!(bifit(&place, &form).json()["error"], "mfa_required");
    assert_eq!(bifit(&place, &format!("{form}&code=000000")).json()["error"], "invalid_grant");
    assert_eq!(bifit(&place, &format!("{form}&code=123456")).status, 200);
    assert_eq!(place.last("bifit-kassa")["purpose"], "confirm");
    assert_eq!(bifit(&place, &format!("{form}&scope=read")).json()["error"], "invalid_request");
    assert!(place.why("bifit-kassa").contains("\"scope\""));
    let url = format!("{}/oauth/token", place.base("bifit-kassa"));
    assert_eq!(send("GET", &url, &[], "").unwrap().status, 405);
    assert_eq!(send("POST", &url, &[("Content-Type", "application/json")], "{}").unwrap().status, 415);
}

#[test]
fn a_refresh_token_works_once() {
    let place = Place::start(&[]);
    let login = bifit(&place, &format!("grant_type=password&username=79990000001&password={SECRET}")).json();
    let first = login["refresh_token"].as_str().unwrap();
    let renew = |token: &str| bifit(&place, &format!("grant_type=refresh_token&refresh_token={token}"));
    let renewed = renew(first).json();
    let second = renewed["refresh_token"].as_str().unwrap();
    assert_ne!(first, second);
    let reused = renew(first);
    assert_eq!((reused.status, &reused.json()["error"]), (400, &json!("invalid_grant")));
    assert!(place.why("bifit-kassa").contains("spent before"));
    assert_eq!(renew(second).status, 400);
    assert_eq!(get(&place.api("bifit-kassa"), renewed["access_token"].as_str().unwrap()).status, 401);
    assert_eq!(
        place.control("GET", "/families?service=bifit-kassa", &json!({})),
        json!({ "issued": 2, "spent": 1, "reuseDetected": 1, "revoked": 1, "maxSpends": 2 })
    );
}

#[test]
fn the_expired_account_needs_a_renewal() {
    let place = Place::start(&[]);
    let login = bifit(&place, &format!("grant_type=password&username=79990000003&password={SECRET}")).json();
    assert_eq!(get(&place.api("bifit-kassa"), login["access_token"].as_str().unwrap()).status, 401);
    let refresh = login["refresh_token"].as_str().unwrap();
    let renewed = bifit(&place, &format!("grant_type=refresh_token&refresh_token={refresh}")).json();
    assert_eq!(get(&place.api("bifit-kassa"), renewed["access_token"].as_str().unwrap()).status, 200);
}

#[test]
fn invoicebox_tells_whose_token_it_is() {
    let place = Place::start(&[]);
    let check = |version: &str, headers: &[(&str, &str)]| {
        let url = format!("{}/{version}/security/api/auth/auth", place.base("invoicebox"));
        send("GET", &url, headers, "").unwrap()
    };
    let json_please = ("Accept", "application/json");
    let v3 = ("Authorization", "Bearer b37c4c689295904ed21eee5d9a48d42e");
    let l3 = ("Authorization", "Bearer 29078-API:b37c4c689295904ed21eee5d9a48d42e");
    let user = json!("01771533-8e75-3234-8e3d-9213ae2d7c52");
    assert_eq!(check("v3", &[json_please, v3]).json()["data"]["userId"], user);
    assert_eq!(check("l3", &[json_please, l3, ("User-Agent", "MyApp 1.0")]).json()["data"]["userId"], user);
    assert_eq!(place.last("invoicebox")["userAgent"], "MyApp 1.0");
    let anonymous = check("v3", &[json_please]);
    assert_eq!((anonymous.status, &anonymous.json()["data"]["userId"]), (200, &json!(null)));
    assert_eq!(check("l3", &[json_please, v3]).status, 401);
    assert!(place.why("invoicebox").contains("29078-API:"));
    assert_eq!(check("v3", &[v3]).status, 406);
    assert_eq!(check("v3", &[json_please, v3, v3]).status, 400);
    let forbidden = ("Authorization", "Bearer f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0");
    assert_eq!(check("v3", &[json_please, forbidden]).json()["error"]["code"], "forbidden");
}

#[test]
fn mobile_smarts_answers_as_its_page_prints() {
    let place = Place::start(&[]);
    let session = |form: &str| post_form(&format!("{}/api/session", place.base("mobile-smarts")), form);
    let good = "grant_type=password&client_id=123&client_secret=user&username=user%40domain.ru&password=123456";
    let body = session(good).body;
    let access = body.split('"').nth(1).unwrap();
    let refresh = body.split('"').nth(5).unwrap();
    let page = format!(
        "{{\n  Access_token:\"{access}\",\n  Token_type:\"bearer\",\n  Expires_in:86400,\n  Refresh_token:\"{refresh}\",\n}}"
    );
    assert_eq!(body, page);
    assert_eq!(get(&place.api("mobile-smarts"), access).status, 200);

    let wrong = session(&good.replace("123456", "654321"));
    assert_eq!((wrong.status, wrong.body.as_str()), (401, ""));
    assert_eq!(place.why("mobile-smarts"), "another password");
    assert_eq!(session(&good.replace("=user&", "=other&")).json()["error"], "invalid_client");

    for (value, status) in [("dXNlckBkb21haW4ucnU6MTIzNDU2", 200), ("user@domain.ru:123456", 200), ("dXNlcg==", 401)] {
        let header = ("Authorization", &*format!("Basic {value}"));
        assert_eq!(send("GET", &place.api("mobile-smarts"), &[header], "").unwrap().status, status, "{value}");
    }
    let by_get = format!("{}/api/v1/session?username=user@domain.ru&password=123456", place.base("mobile-smarts"));
    assert_eq!(send("GET", &by_get, &[], "").unwrap().status, 200);
    assert_eq!(place.last("mobile-smarts")["path"], "/api/v1/session?username=user@domain.ru&password=***");
}

#[test]
fn smart_satu_wants_its_headers_to_the_letter() {
    let place = Place::start(&[]);
    let url = format!("{}/api/user/login", place.base("smart-satu"));
    let json_body = ("Content-Type", "application/json; charset=utf-8");
    let country = ("country", "ru");
    let body = r#"{"username":"supplier","password":"qwerty","direction":"food"}"#;
    let user = send("POST", &url, &[json_body, country], body).unwrap().json();
    assert_eq!(user["access_token"].as_str().unwrap().len(), 32);
    assert!(user["access_token_expiration_time"].is_u64());
    assert!(place.api("smart-satu").starts_with(user["url_api"].as_str().unwrap()));

    assert_eq!(send("POST", &url, &[json_body], body).unwrap().status, 400);
    assert!(place.why("smart-satu").contains("country"));
    assert_eq!(send("POST", &url, &[("Content-Type", "application/json"), country], body).unwrap().status, 415);
    let more = body.replace('{', r#"{"remember":true,"#);
    assert_eq!(send("POST", &url, &[json_body, country], &more).unwrap().status, 400);
    assert!(place.why("smart-satu").contains("remember"));
    let wrong = send("POST", &url, &[json_body, country], &body.replace("qwerty", "ytrewq")).unwrap();
    assert_eq!((wrong.status, &wrong.json()["name"]), (401, &json!("Unauthorized")));

    let token = user["access_token"].as_str().unwrap();
    let bearer = ("Authorization", &*format!("Bearer {token}"));
    assert_eq!(send("GET", &place.api("smart-satu"), &[country, bearer], "").unwrap().status, 200);
    assert_eq!(send("GET", &place.api("smart-satu"), &[bearer], "").unwrap().status, 400);
}

#[test]
fn bstats_gives_a_code_for_consent_and_a_token_for_the_code() {
    let place = Place::start(&[]);
    let base = place.base("bstats");
    let back = "http%3A%2F%2F127.0.0.1%3A5173%2Fcallback%3Ftab%3D1";
    let page = format!(
        "{base}/api.php/auth?client_id=bstats.ru&client_name=dossier&response_type=code&scope=dossier&format=json&redirect_uri={back}"
    );
    let shown = send("GET", &page, &[], "").unwrap();
    assert!(shown.status == 200 && shown.body.contains("Разрешить") && shown.body.contains("песочница"));
    let english = send("GET", &page, &[("Accept-Language", "en-US,en;q=0.9")], "").unwrap().body;
    assert!(english.contains("<html lang=\"en\">") && english.contains(">Allow<") && english.contains("sandbox"));
    assert_eq!(send("GET", &format!("{page}&state=1"), &[], "").unwrap().status, 400);
    assert!(place.why("bstats").contains("\"state\""));
    let elsewhere = page.replace("127.0.0.1%3A5173", "example.com");
    assert_eq!(send("GET", &elsewhere, &[], "").unwrap().status, 400);

    let denied = post_form(&page, "login=&password=&decision=deny");
    let expected = "http://127.0.0.1:5173/callback?tab=1&error=access_denied";
    assert_eq!((denied.status, denied.header("location")), (302, Some(expected)));
    let wrong = post_form(&page, "login=demo&password=no&decision=allow");
    assert!(wrong.status == 200 && wrong.body.contains("Неверный логин или пароль"));
    let allowed = post_form(&page, "login=demo&password=demo&decision=allow");
    let code = allowed.header("location").unwrap().split("&code=").nth(1).unwrap().to_owned();

    let exchange = |back: &str, format: &str| {
        let url = format!("{base}/api.php/token?redirect_uri={back}&format={format}");
        post_form(&url, &format!("code={code}&client_id=bstats.ru&grant_type=authorization_code"))
    };
    let foreign = exchange("http%3A%2F%2F127.0.0.1%3A5173%2Fcallback", "json");
    assert_eq!((foreign.status, &foreign.json()["error"]), (200, &json!("invalid_grant")));
    let token = exchange(back, "json");
    assert_eq!(token.header("content-type"), Some("text/html; charset=utf-8"));
    let again = exchange(back, "XML").body;
    assert!(again.starts_with("<?xml") && again.contains("<error>invalid_grant</error>"), "{again}");
    assert_eq!(place.why("bstats"), "the code was used before");

    let token = token.json()["access_token"].as_str().unwrap().to_owned();
    let call = |method: &str| {
        send("GET", &format!("{base}/api.php/?app=dossier&method={method}&access_token={token}"), &[], "").unwrap()
    };
    assert_eq!(call("customer.getuuid").status, 200);
    assert_eq!((call("customer.fail").status, call("customer.forbidden").status, call("x").status), (200, 403, 404));
    assert_eq!(get(&place.api("bstats"), &token).status, 400);
}
