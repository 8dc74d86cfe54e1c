//! The table of shapes against the declarations that callers read.

use std::rc::Rc;

use super::shape::{Kind, PROFILE, Shape};
use super::{Provider, builtin};
use crate::protocol::json::{self, Mode};

/// The declarations of the package.
fn declarations() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/pkg-template/types/index.d.ts");
    let text = std::fs::read_to_string(path).unwrap();
    // Comments name members too.
    let mut bare = String::new();
    let mut rest = text.as_str();
    while let Some((before, comment)) = rest.split_once("/*") {
        bare.push_str(before);
        rest = comment.split_once("*/").unwrap().1;
    }
    bare.push_str(rest);
    bare.lines().map(|line| line.split(" // ").next().unwrap()).collect::<Vec<_>>().join("\n")
}

/// Members of the object type that begins behind `start`: name, and whether it may be left out.
fn members(text: &str, start: &str) -> Vec<(String, bool)> {
    let body = text.split_once(start).unwrap_or_else(|| panic!("no {start}")).1;
    let (mut depth, mut found, mut word, mut reads_name) = (0, Vec::new(), String::new(), true);
    for character in body.chars() {
        match character {
            '}' if depth == 0 => break,
            '{' | '(' | '[' => depth += 1,
            '}' | ')' | ']' => depth -= 1,
            ':' if depth == 0 && reads_name => {
                let name = word.trim().trim_start_matches("readonly ").to_owned();
                found.push((name.trim_end_matches('?').to_owned(), name.ends_with('?')));
                reads_name = false;
            }
            ';' if depth == 0 => {
                reads_name = true;
                word.clear();
            }
            other if depth == 0 && reads_name => word.push(other),
            _ => {}
        }
    }
    found
}

fn in_table(shape: &Shape) -> Vec<(String, bool)> {
    shape.members.iter().map(|member| (member.name.to_owned(), !member.is_needed)).collect()
}

fn shapes<'s>(shape: &'s Shape, found: &mut Vec<&'s Shape>) {
    fn of_kind<'s>(kind: &'s Kind, found: &mut Vec<&'s Shape>) {
        match kind {
            Kind::Object(shape) | Kind::In(_, shape) => shapes(shape, found),
            Kind::List(kind) | Kind::ListOrOne(kind) | Kind::Map(kind) => of_kind(kind, found),
            Kind::Either(union) => union.shapes.iter().for_each(|shape| shapes(shape, found)),
            _ => {}
        }
    }
    if !shape.name.is_empty() && found.iter().any(|known| known.name == shape.name) {
        return;
    }
    found.push(shape);
    shape.members.iter().for_each(|member| of_kind(&member.kind, found));
}

#[test]
fn the_declarations_and_the_table_name_the_same_members() {
    let text = declarations();
    let mut found = Vec::new();
    shapes(&PROFILE, &mut found);
    let mut seen = Vec::new();
    for shape in found.iter().filter(|shape| !shape.name.is_empty()) {
        let (mut table, mut declared) = (in_table(shape), members(&text, &format!("interface {} {{", shape.name)));
        table.sort();
        declared.sort();
        assert_eq!(table, declared, "{}", shape.name);
        seen.push(shape.name);
    }
    assert_eq!(
        seen,
        [
            "ProviderProfile",
            "RequestTemplate",
            "BasicTemplate",
            "AuthorizeTemplate",
            "Condition",
            "AnswerShape",
            "ProblemShape",
            "Presentation"
        ]
    );
}

#[test]
fn the_declarations_and_the_table_name_the_same_inner_members() {
    let text = declarations();
    let inner = |owner: &str| {
        let member = PROFILE.members.iter().find(|member| member.name == owner).unwrap();
        let mut found = Vec::new();
        match member.kind {
            Kind::Object(shape) => found.push(shape),
            Kind::List(Kind::Object(shape)) => found.push(*shape),
            _ => panic!("{owner}"),
        }
        in_table(found[0])
    };
    for (owner, start) in
        [("secondFactor", "secondFactor?: {"), ("check", "check?: {"), ("infer", "infer?: readonly {")]
    {
        let profile = text.split_once("interface ProviderProfile").unwrap().1;
        assert_eq!(inner(owner), members(profile, start), "{owner}");
    }
    for kind in ["request", "direct", "redirect"] {
        let start = format!(r#"{{ kind: "{kind}""#);
        assert!(text.contains(&start), "{kind}");
    }
}

fn provider(members: &str) -> Provider {
    let text = format!(r#"{{"id":"p","baseUrl":"https://p.test",{members}}}"#);
    builtin::custom(&json::read(&text, Mode::Strict).unwrap(), None).unwrap()
}

#[test]
fn clients_of_the_same_provider_have_one_page_for_as_long_as_one_of_them_lives() {
    let login = r#""credentials":["token"],"login":{"kind":"direct"},"present":{}"#;
    let mut known = Vec::new();
    let mut made = |members: &str| {
        let mut provider = provider(members);
        provider.share(&mut known);
        (provider, known.len())
    };
    let (one, _) = made(login);
    let (same, after_the_same) = made(login);
    assert!(Rc::ptr_eq(&one.page, &same.page));
    assert_eq!(after_the_same, 1);
    let (other, after_another) = made(&format!(r#"{login},"params":{{"region":"kz"}}"#));
    assert!(!Rc::ptr_eq(&one.page, &other.page));
    assert_eq!((other.params(), after_another), (vec![("region", "kz")], 2));
    drop((one, same));
    assert_eq!(made(login).1, 2, "what nobody has any more is forgotten");
}

#[test]
fn a_provider_that_needs_no_credentials_is_renewed_by_its_login() {
    let login = r#""login":{"kind":"request","request":{"url":"/token","form":{}}},"present":{}"#;
    assert!(provider(&format!(r#""credentials":[],{login}"#)).renews_by_login());
    assert!(!provider(&format!(r#""credentials":["user"],{login}"#)).renews_by_login());
    assert!(!provider(r#""credentials":[],"login":{"kind":"direct"},"present":{}"#).renews_by_login());
    assert!(!builtin::provider("bstats", &json::read("{}", Mode::Strict).unwrap()).unwrap().renews_by_login());
}

#[test]
fn the_headers_that_a_profile_reads_are_known() {
    let read = provider(
        r#""credentials":["t"],"login":{"kind":"direct"},"present":{},
        "check":{"request":{"url":"/me"},"subject":"id|header:X-User"},
        "answer":{"accessToken":"header:X-Token|token","secret":["header:Set-Sid"],"require":[{"path":"header:X-Token"}]},
        "problem":{"code":["header:X-Error"],"map":{"header:none|header:of":"rate_limited"}}"#,
    );
    let mut found = read.answer_headers();
    found.sort();
    assert_eq!(found, ["set-sid", "x-error", "x-token", "x-user"]);
    for (id, _) in builtin::BUILTIN {
        let provider = builtin::provider(id, &json::read("{}", Mode::Strict).unwrap()).unwrap();
        assert!(provider.answer_headers().is_empty(), "{id}");
    }
}

#[test]
fn a_presentation_that_differs_from_call_to_call_says_so() {
    let of = |present: &str| {
        provider(&format!(r#""credentials":["t"],"login":{{"kind":"direct"}},"present":{present}"#)).present().varies()
    };
    assert!(!of(r#"{"headers":{"X-Key":"{t}"},"query":{"knows":"uuid"}}"#));
    assert!(of(r#"{"headers":{"X-Key":"{t}","X-Request-Id":"{uuid}"}}"#));
    assert!(of(r#"{"query":{"at":"{now}"}}"#) && of(r#"{"basic":{"username":"{t}","password":"{now|sha256|hex}"}}"#));
}

#[test]
fn which_statuses_of_calls_mean_expired_the_profile_says() {
    let of =
        |present: &str| provider(&format!(r#""credentials":["t"],"login":{{"kind":"direct"}},"present":{present}"#));
    let expired = |provider: &Provider| [200, 401, 403, 419].map(|status| provider.present().is_expired(status));
    assert_eq!(expired(&of("{}")), [false, true, false, false]);
    assert_eq!(expired(&of(r#"{"expired":[403,419]}"#)), [false, false, true, true]);
    assert_eq!(expired(&of(r#"{"expired":[]}"#)), [false; 4]);
}
