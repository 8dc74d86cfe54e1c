//! Token requests that one server reads in another way than the next.

use proptest::prelude::*;

use super::{FORM, JSON, judged, relay};
use crate::protocol::form;

#[test]
fn a_field_that_decides_is_said_once() {
    let kassa = relay(r#"{"provider":"bifit-kassa"}"#, "");
    const RIGHT: &str = "grant_type=password&username=u&password=p";
    for more in [
        "grant_type=client_credentials",
        "grant_type=password",
        "GRANT_TYPE=x",
        "grant%5Ftype=x",
        "grant_type[]=x",
        "grant_type%5B%5D=x",
        "grant.type=x",
        "+grant_type=x",
        "grant_type%00=x",
        "grant_type=",
        "a=%ff",
    ] {
        for body in [format!("{RIGHT}&{more}"), format!("{more}&{RIGHT}")] {
            assert_eq!(judged(&kassa, "POST", "/r/oauth/token", &[FORM], &body), "400 invalid_request", "{body}");
        }
        if more != "a=%ff" {
            let target = format!("/r/oauth/token?{}", more.replace('[', "%5B").replace(']', "%5D"));
            assert_eq!(judged(&kassa, "POST", &target, &[FORM], RIGHT), "400 invalid_request", "{target}");
        }
    }
    // What some servers take for the end of a pair is a character of its value.
    let said = judged(
        &kassa,
        "POST",
        "/r/oauth/token?x=1;grant_type=a",
        &[FORM],
        "grant_type=password&username=a;grant_type=b",
    );
    assert!(said.contains("/oauth/token?x=1%3Bgrant_type%3Da\n"), "{said}");
    assert!(said.contains("username=a%3Bgrant_type%3Db&"), "{said}");
}

#[test]
fn a_secret_of_the_page_is_dropped_however_it_is_spelled() {
    let kassa = relay(r#"{"provider":"bifit-kassa"}"#, "");
    for name in [
        "client_secret",
        "CLIENT_SECRET",
        "client%5Fsecret",
        "client_secret[]",
        "client_secret[a]",
        "client.secret",
        "+client_secret",
    ] {
        let body = format!("grant_type=password&{name}=page&username=u");
        let said = judged(
            &kassa,
            "POST",
            &format!("/r/oauth/token?{}=page", name.replace('[', "%5B").replace(']', "%5D")),
            &[FORM],
            &body,
        );
        assert!(
            said.starts_with("POST https://kassa.bifit.com/cashdesk-api/v1/oauth/token\n") && !said.contains("page"),
            "{name}: {said}"
        );
        assert!(said.ends_with("client_secret=cashdesk-rest-client"), "{said}");
    }
}

proptest! {
    #[test]
    fn no_form_gets_the_secret_for_another_grant(pairs in prop::collection::vec(("(grant_type|Grant_Type|grant_type\\[\\]|client_secret|username|a;grant_type|é)", "(password|client_credentials|refresh_token|;grant_type=x|&|%)"), 0..6), raw in any::<bool>()) {
        let kassa = relay(r#"{"provider":"bifit-kassa","clientSecret":"of-the-relay"}"#, "");
        let body = if raw {
            pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
        } else {
            form::encode(&pairs)
        };
        let said = judged(&kassa, "POST", "/r/oauth/token", &[FORM], &body);
        if let Some((_, body)) = said.split_once("\n\n") {
            let fields: Vec<(String, String)> = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
            let grants: Vec<_> = fields.iter().filter(|(name, _)| name.to_lowercase().starts_with("grant_type")).collect();
            prop_assert_eq!(grants.len(), 1);
            prop_assert!(["password", "refresh_token"].contains(&grants[0].1.as_str()));
            let secrets: Vec<_> = fields.iter().filter(|(name, _)| name == "client_secret").map(|(_, value)| value.as_str()).collect();
            prop_assert_eq!(secrets, ["of-the-relay"]);
        }
    }

    #[test]
    fn any_body_and_type_is_judged(body: String, media in "(application/json|application/x-www-form-urlencoded|text/plain|;|=|charset|\"|utf-8| ){0,5}") {
        for provider in [r#"{"provider":"bifit-kassa"}"#, r#"{"provider":"smart-satu"}"#] {
            let relay = relay(provider, "");
            for path in ["/r/oauth/token", "/r/api/user/login"] {
                for header in [FORM, JSON, ("content-type", media.as_str())] {
                    let said = judged(&relay, "POST", path, &[header], &body);
                    prop_assert!(said.starts_with('4') || said.starts_with("POST https://"), "{}", said);
                }
            }
        }
    }
}
