//! The control port: faults as a client sees them, held requests, options, the journal.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, unreachable_pub, dead_code)]

mod client;

use client::{Place, get, send};
use serde_json::{Value, json};

const DEMO: &str = "b37c4c689295904ed21eee5d9a48d42e";

fn fault(place: &Place, what: Value) {
    let mut fault = json!({ "service": "invoicebox", "purpose": "api" });
    fault.as_object_mut().unwrap().extend(what.as_object().unwrap().clone());
    place.control("POST", "/faults", &fault);
}

#[test]
fn an_answer_can_be_cut_off_refused_replaced_or_withheld() {
    let place = Place::start(&[]);
    let url = place.api("invoicebox");

    fault(&place, json!({ "kind": "truncate" }));
    let cut = get(&url, DEMO);
    let announced: usize = cut.header("content-length").unwrap().parse().unwrap();
    assert!(!cut.body.is_empty() && cut.body.len() < announced, "{cut:?}");
    assert_eq!(place.last("invoicebox")["verdict"], "fault");

    fault(&place, json!({ "kind": "reset" }));
    assert!(send("GET", &url, &[], "").is_none());

    fault(
        &place,
        json!({ "kind": "status", "status": 503, "headers": { "Retry-After": "7" }, "after": 1, "times": 2 }),
    );
    let statuses: Vec<_> = (0..4).map(|_| get(&url, DEMO).status).collect();
    assert_eq!(statuses, [200, 503, 503, 200]);

    fault(&place, json!({ "kind": "body", "body": "<html>", "contentType": "text/html" }));
    assert_eq!(get(&url, DEMO).body, "<html>");

    fault(&place, json!({ "kind": "redirect", "location": "http://127.0.0.1:1/", "status": 308 }));
    let moved = get(&url, DEMO);
    assert_eq!((moved.status, moved.header("location")), (308, Some("http://127.0.0.1:1/")));
}

#[test]
fn a_held_request_goes_on_when_released() {
    let place = Place::start(&[]);
    fault(&place, json!({ "kind": "hold" }));
    let url = place.api("invoicebox");
    let waiting = std::thread::spawn(move || get(&url, DEMO).status);
    let held = place.control("GET", "/held?service=invoicebox&purpose=api&atLeast=1", &json!({}));
    assert_eq!(held["held"], 1);
    assert_eq!(place.last("invoicebox")["verdict"], "pending");
    assert_eq!(place.control("POST", "/release", &json!({ "service": "invoicebox" }))["released"], 1);
    assert_eq!(waiting.join().unwrap(), 200);
    assert_eq!(place.control("GET", "/counts", &json!({}))["invoicebox"]["api"], 1);
}

#[test]
fn options_are_checked_and_a_reset_undoes_them() {
    let place = Place::start(&["--token-lifetime", "30"]);
    let changed =
        place.control("PATCH", "/options", &json!({ "service": "bstats", "codeLifetime": 0.5, "cors": false }));
    assert_eq!((&changed["bstats"]["codeLifetime"], &changed["bstats"]["tokenLifetime"]), (&json!(0.5), &json!(30)));
    let preflight = |service: &str| {
        let headers = [
            ("Origin", "http://127.0.0.1:5173"),
            ("Access-Control-Request-Method", "GET"),
            ("Access-Control-Request-Headers", "authorization,country"),
        ];
        send("OPTIONS", &place.api(service), &headers, "").unwrap()
    };
    assert_eq!(preflight("bstats").header("access-control-allow-origin"), None);
    place.control("POST", "/reset", &json!({}));
    let allowed = preflight("bstats");
    assert_eq!(allowed.status, 204);
    assert_eq!(allowed.header("access-control-allow-origin"), Some("http://127.0.0.1:5173"));
    assert_eq!(allowed.header("access-control-allow-headers"), Some("authorization,country"));

    place.control("POST", "/expire", &json!({ "service": "invoicebox" }));
    assert_eq!(get(&place.api("invoicebox"), DEMO).status, 401);
}

#[test]
fn the_journal_holds_no_secret() {
    let place = Place::start(&[]);
    let url = format!("{}&token={DEMO}", place.api("invoicebox").replace("order/order", "order/order?page=2"));
    let headers = [("Authorization", &*format!("Bearer {DEMO}")), ("X-Token", DEMO), ("Cookie", DEMO)];
    send("GET", &url, &headers, "").unwrap();
    let form = format!("{{\"password\":\"{DEMO}==\"}}");
    client::post_form(&format!("{}/api/session", place.base("mobile-smarts")), &form);
    let journal = place.control("GET", "/journal", &json!({}));
    assert_eq!(journal[0]["headers"]["authorization"], "Bearer ***");
    assert_eq!(journal[0]["path"], "/v3/billing/api/order/order?page=2&token=***");
    assert!(!journal.to_string().contains(DEMO), "{journal}");
}
