//! The answers of the five services, as their documents print them.

use super::super::{owner, token};
use super::{TIMES, builtin, grant, refused, response};
use crate::error::Code;
use crate::protocol::json;
use crate::protocol::redact::Redactor;
use crate::protocol::request::Purpose;

const SMARTS: &str = "{\n  Access_token:\"123123123\",\n  Token_type:\"bearer\",\n  Expires_in:86400,\n  Refresh_token:\"321321321\",\n}";

const SATU: &str = r####"{
"id": 132,
"is_replacement": false,
"currency": "тг",
"price_decimals": 02,
"price_radix": " ",
"price_decimals_separator": ".",
"price_before_currency": true,
"price_pattern": "### ### тг.## тг",
"cashback_enabled": true,
"company_id": 84,
"access_token_expiration_time": 1579535438,
"time_zone_offset": 21600
"country": "kz",
"direction": "Food",
"access_token": "bkoUdBoAd1_jlIjwcMfttTNlH15y3Rnd",
"url_api": "https://food.smartsatu.com/api"
}"####;

#[test]
fn bifit_kassa() {
    let kassa = builtin("bifit-kassa", "{}");
    for id in [r#""user_id": 77"#, r#""2user_id": 77"#, r#""user_id": "77""#] {
        let body = format!(
            r#"{{"access_token":"a","expires_in":43199,"refresh_token":"r","scope":"read write","token_type":"bearer",{id}}}"#
        );
        let answer = grant(&kassa, &body).unwrap();
        assert_eq!(answer.expires_at, Some(TIMES.sent + 43_199_000));
        assert_eq!(answer.subject.as_deref(), Some("77"), "{id}");
        assert_eq!(answer.scope, Some(vec!["read".to_owned(), "write".to_owned()]));
        assert_eq!(answer.refresh_token.as_ref().map(|token| token.expose()), Some("r"));
        assert_eq!(json::write(&answer.details), "{}");
    }
}

#[test]
fn bifit_kassa_asks_for_a_second_factor() {
    let kassa = builtin("bifit-kassa", "{}");
    for code in ["mfa_required", "two_factor_required", "2fa_required", "otp_required", "second_factor_required"] {
        for status in [400, 401, 403] {
            for body in [format!(r#"{{"error":"{code}"}}"#), format!(r#"{{"error":{{"code":"{code}"}}}}"#)] {
                let ask = |purpose| {
                    let answer = response(status, &[], &body);
                    token(&kassa, purpose, &answer, TIMES, &Redactor::default()).err().unwrap()
                };
                assert_eq!(ask(Purpose::Login).code, Code::SecondFactorRequired);
                assert_eq!(ask(Purpose::Login).provider_code.as_deref(), Some(code));
                assert_eq!(ask(Purpose::Confirm).code, Code::InvalidSecondFactor);
                assert_ne!(ask(Purpose::Refresh).code, Code::SecondFactorRequired);
            }
        }
    }
    assert_ne!(refused(&kassa, r#"{"error":"mfa_required"}"#), Code::SecondFactorRequired, "only a 4xx answer asks");
}

#[test]
fn invoicebox() {
    let box_ = builtin("invoicebox", "{}");
    let check = box_.check().unwrap();
    let ask = |status, body: &str| owner(&box_, check, &response(status, &[], body), TIMES, &Redactor::default());
    let known = r#"{"data":{"userId":"01771533-8e75-3234-8e3d-9213ae2d7c52","profile":null,"accessToken":null},"extendedData":[]}"#;
    let found = ask(200, known).ok().unwrap();
    assert_eq!(found.subject, "01771533-8e75-3234-8e3d-9213ae2d7c52");
    assert!(!json::write(&found.details).contains("accessToken"));

    let nobody =
        ask(200, r#"{"data":{"userId":null,"profile":null,"accessToken":null},"extendedData":[]}"#).err().unwrap();
    assert_eq!((nobody.code, nobody.status), (Code::InvalidToken, Some(200)));

    let wrong = ask(401, r#"{"error":{"message":"Unauthorized","code":"unauthorized"}}"#).err().unwrap();
    assert_eq!(wrong.code, Code::InvalidToken);
    assert_eq!(
        (wrong.provider_code.as_deref(), wrong.provider_message.as_deref()),
        (Some("unauthorized"), Some("Unauthorized"))
    );
}

#[test]
fn mobile_smarts() {
    let smarts = builtin("mobile-smarts", "{}");
    let answer = grant(&smarts, SMARTS).unwrap();
    assert_eq!(answer.access_token.expose(), "123123123");
    assert_eq!(answer.refresh_token.as_ref().map(|token| token.expose()), Some("321321321"));
    assert_eq!(answer.expires_at, Some(TIMES.sent + 86_400_000));
    assert_eq!(json::write(&answer.details), "{}");
    let lower = r#"{"access_token":"123123123","token_type":"Bearer","expires_in":"86400"}"#;
    assert_eq!(grant(&smarts, lower).unwrap().expires_at, Some(TIMES.sent + 86_400_000));
}

#[test]
fn smart_satu() {
    let satu = builtin("smart-satu", "{}");
    for body in [
        SATU.to_owned(),
        SATU.replace("1579535438", "\"1579535438\"").replace("02,", "\"02\",").replace("21600\n", "21600,\n"),
    ] {
        let answer = grant(&satu, &body).unwrap();
        assert_eq!(answer.expires_at, Some(1_579_535_438_000));
        assert_eq!(answer.subject.as_deref(), Some("132"));
        assert_eq!(answer.api_base.as_deref(), Some("https://food.smartsatu.com/api"));
        for (name, shown) in [
            ("currency", true),
            ("url_api", true),
            ("company_id", true),
            ("id", false),
            ("access_token", false),
            ("access_token_expiration_time", false),
        ] {
            assert_eq!(answer.details.get(name).is_some(), shown, "{name}");
        }
    }
}

#[test]
fn no_cut_off_body_is_ever_read() {
    for (id, body) in [("mobile-smarts", SMARTS), ("smart-satu", SATU)] {
        let provider = builtin(id, "{}");
        for (end, _) in body.char_indices() {
            assert_eq!(refused(&provider, &body[..end]), Code::InvalidResponse, "{end}");
        }
    }
}

#[test]
fn bodies_as_printed_are_read_only_where_the_profile_is_lenient() {
    assert_eq!(refused(&builtin("bifit-kassa", "{}"), SMARTS), Code::InvalidResponse);
    assert_eq!(refused(&builtin("bstats", "{}"), SMARTS), Code::InvalidResponse);
}

#[test]
fn bstats() {
    for format in ["json", "xml"] {
        let bstats = builtin("bstats", &format!(r#"{{"format":"{format}"}}"#));
        let exchange = |kind: &str, body: &str| {
            let answer = response(200, &[("content-type", kind)], body);
            token(&bstats, Purpose::Exchange, &answer, TIMES, &Redactor::default())
        };
        for (kind, body) in [
            ("text/html", r#"{"access_token":"b936356100e3883cabf59abed221d03d"}"#),
            ("application/json", r#"{ "access_token": "b936356100e3883cabf59abed221d03d" }"#),
            (
                "text/xml; charset=utf-8",
                "<?xml version=\"1.0\"?>\n<response>\n    <access_token>b936356100e3883cabf59abed221d03d</access_token> \n</response>",
            ),
            ("text/html", "<response><access_token>b936356100e3883cabf59abed221d03d</access_token></response>"),
        ] {
            let answer = exchange(kind, body).unwrap();
            assert_eq!(answer.access_token.expose(), "b936356100e3883cabf59abed221d03d", "{body}");
            assert_eq!((answer.expires_at, answer.refresh_token.is_none()), (None, true));
        }
        for (body, expected) in [
            (r#"{"error":"invalid_grant","error_description":"Invalid code"}"#, Code::CodeExpired),
            (
                "<response>\n<error>invalid_grant</error><error_description>x</error_description></response>",
                Code::CodeExpired,
            ),
            (r#"{"error":"invalid_request"}"#, Code::InvalidRequest),
            (r#"{"access_token":"t","error":"access_denied"}"#, Code::AccessDenied),
            // As the document prints it: no JSON.
            (r#"{ "error": "invalid_request }"#, Code::InvalidResponse),
            ("<html>Log in</html>", Code::InvalidResponse),
            ("<response><access_token></access_token></response>", Code::InvalidResponse),
        ] {
            assert_eq!(exchange("text/html", body).err().unwrap().code, expected, "{body}");
        }
    }
}
