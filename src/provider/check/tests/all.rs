//! All faults of a profile at once.

use super::{DIRECT, REDIRECT, REQUEST, read, refused, with};
use crate::provider::check::faults;
use crate::value::Value;

fn places(page: &Value) -> Vec<String> {
    faults(page).into_iter().map(|(place, _)| place).collect()
}

#[test]
fn a_profile_without_faults_has_none() {
    for profile in [REQUEST, REDIRECT, DIRECT] {
        assert_eq!(faults(&read(profile)), []);
    }
}

#[test]
fn every_fault_is_told_with_its_place() {
    let page = read(
        r#"{"id":"o wn","baseUrl":"https://own.test","credentials":["username"],"colour":"red","color":1,
        "params":{"region":""},
        "login":{"kind":"request","request":{"url":"/{region}/token","method":"GET","form":{"u":"{user}","p":"{password|md5}"},
            "headers":{"X Y":"1","X-Z":"{username}"}}},
        "renew":{"form":{"r":"{code}","s":"{code}"}},
        "answer":{"expires":{"at":"x","unit":"m"},"secret":["a",7,"b..c"]},
        "problem":{"map":{"x":"wrong"}}}"#,
    );
    assert_eq!(
        places(&page),
        [
            "colour",
            "color",
            "id",
            "params.region",
            "login.request.headers.X Y",
            "login.request.form.u",
            "login.request.form.p",
            "login.request.method",
            "renew.url",
            "renew.form.r",
            "renew.form.s",
            "answer.expires.unit",
            "answer.secret.1",
            "answer.secret.2",
            "problem.map.x",
            "present",
        ]
    );
}

#[test]
fn what_is_no_profile_at_all_is_one_fault() {
    for page in ["[]", "7", "null", "\"\""] {
        assert_eq!(faults(&read(page)), [(String::new(), "an object".to_owned())]);
    }
}

#[test]
fn the_first_of_them_is_what_a_client_is_refused_for() {
    for (place, value) in [
        ("id", "7"),
        ("login.request.url", "\"https://{username}.test\""),
        ("secondFactor.when", "[]"),
        ("present.headers.Authorization", "\"{nobody}\""),
        ("params.client_id", "[]"),
        ("check.subject", "7"),
    ] {
        let page = with(REQUEST, place, value);
        let all = faults(&page);
        let Some((place, accepts)) = all.first() else { panic!("taken: {place}: {value}") };
        assert_eq!(refused(&page), format!("option `provider.{place}` must be {accepts}"));
    }
}
