//! Signing in: in one step, in two, with tokens from elsewhere, with credentials that are the session.

use propusk::error::Code;
use propusk::protocol::request::Purpose;
use propusk::secret::Secret;
use propusk::session::{Credentials, GivenTokens};
use propusk::value::Value;

use simulation::calls::{
    SECOND_FACTOR, authorization_url, check, code, confirm, credentials, held, login, login_with, logout, refresh,
    set_session, token,
};
use simulation::record::Record;
use simulation::server::{CODE, Reply};
use simulation::store::Store;
use simulation::world::{START, World, each_seed};

const HOUR: i64 = 3_600_000;

/// Credentials that go with every call.
const PAIR: &str = r#"{"id":"d","baseUrl":"https://p.test","credentials":["login","secret"],"login":{"kind":"direct"},
    "check":{"request":{"method":"GET","url":"/me"},"subject":"id"},
    "present":{"headers":{"X-Login":"{login}","X-Secret":"{secret}"}}}"#;
/// A profile whose answers name where calls go.
const NAMES_BASE: &str = r#"{"id":"b","baseUrl":"https://p.test","credentials":["username","password"],
    "login":{"kind":"request","request":{"url":"/token","form":{"username":"{username}","password":"{password}"}}},
    "answer":{"apiBase":"api"},
    "present":{"headers":{"Authorization":"Bearer {access_token}"}}}"#;

fn given(access: &str, refresh: Option<&str>) -> GivenTokens {
    GivenTokens {
        access_token: Secret::new(access),
        refresh_token: refresh.map(Secret::new),
        expires_at: Some(START + HOUR),
        subject: Some("u1".to_owned()),
        scope: Vec::new(),
        api_base: None,
        details: Value::Map(Vec::new()),
    }
}

#[test]
fn a_login_that_is_being_stored_comes_before_the_next_one() {
    each_seed(|world| {
        let context = world.context("");
        let first = world.executor.start(login(&context, "first"));
        world.store.set(Store::Slow(1_000));
        while world.server.count(Purpose::Login) == 0 {
            world.executor.advance(1);
        }
        // The answer is in, and the store is being read for it.
        world.executor.advance(100);
        let second = world.executor.start(login(&context, "second"));
        assert_eq!(token(&world.executor.finish(&first)), "access-1", "it was being stored already");
        assert_eq!(token(&world.executor.finish(&second)), "access-2");
        assert_eq!(*context.host.changes.borrow(), ["login", "login"]);
        assert!(world.record().unwrap().contains("access-2"));
    });
}

#[test]
fn a_login_that_fails_leaves_a_renewal_alone() {
    each_seed(|world| {
        let context = world.signed_in(r#""retries":0"#);
        world.hold();
        world.server.script([Reply::Real, Reply::status(401)]);
        let renewal = world.executor.start(refresh(&context));
        world.executor.advance(100);
        let refused = world.executor.start(login(&context, "other"));
        world.executor.advance(100);
        world.release();
        assert_eq!(code(&world.executor.finish(&refused)), Some(Code::InvalidCredentials));
        assert_eq!(token(&world.executor.finish(&renewal)), "access-2");
    });
}

#[test]
fn a_login_is_newer_than_what_is_stored_though_the_clock_is_behind() {
    each_seed(|world| {
        let (first, second) = (world.signed_in(""), world.restored(""));
        let before = Record::read(&world.record().unwrap()).unwrap().version;
        second.host.clock_set.set(-48 * HOUR);
        world.run(login(&second, "other")).unwrap();
        assert!(Record::read(&world.record().unwrap()).unwrap().version > before);
        world.sync(&first);
        assert_eq!(held(&first).as_deref(), Some("access-2"));
    });
}

#[test]
fn a_second_factor_is_asked_for_until_it_is_right() {
    each_seed(|world| {
        world.server.second_factor.set(true);
        let context = world.context_of(SECOND_FACTOR, "", false);
        assert_eq!(code(&world.run(confirm(&context, CODE))), Some(Code::InvalidInput), "no login waits for it");
        assert_eq!(code(&world.run(login(&context, "user"))), Some(Code::SecondFactorRequired));
        for _ in 0..2 {
            assert_eq!(code(&world.run(confirm(&context, "111111"))), Some(Code::InvalidSecondFactor));
        }
        assert_eq!(code(&world.run(confirm(&context, ""))), Some(Code::InvalidInput));
        assert_eq!(token(&world.run(confirm(&context, CODE))), "access-1");
        assert_eq!(code(&world.run(confirm(&context, CODE))), Some(Code::InvalidInput), "it is used up");
        let sent = world.server.log.borrow();
        assert!(sent.iter().all(|request| request.field("username") == Some("user")), "as `login` was given them");
    });
}

#[test]
fn a_logout_or_a_login_forgets_what_waits_for_a_second_factor() {
    each_seed(|world| {
        world.server.second_factor.set(true);
        let context = world.context_of(SECOND_FACTOR, "", false);
        world.run(login(&context, "user")).err().unwrap();
        world.run(logout(&context)).unwrap();
        assert_eq!(code(&world.run(confirm(&context, CODE))), Some(Code::InvalidInput));
        world.run(login(&context, "user")).err().unwrap();
        world.server.script([Reply::Broken, Reply::Broken, Reply::Broken]);
        assert_eq!(code(&world.run(login(&context, "other"))), Some(Code::Network));
        assert_eq!(code(&world.run(confirm(&context, CODE))), Some(Code::InvalidInput));
    });
}

#[test]
fn a_confirmation_is_repeated_only_where_it_surely_did_not_happen() {
    for (reply, requests) in
        [(Reply::status(429), 3), (Reply::status(503), 3), (Reply::status(500), 1), (Reply::Broken, 1)]
    {
        each_seed(|world| {
            world.server.second_factor.set(true);
            let context = world.context_of(SECOND_FACTOR, "", false);
            world.run(login(&context, "user")).err().unwrap();
            *world.server.otherwise.borrow_mut() = reply.clone();
            assert!(world.run(confirm(&context, CODE)).is_err());
            assert_eq!(world.server.count(Purpose::Confirm), requests);
        });
    }
}

#[test]
fn credentials_are_checked_before_anything_happens() {
    let one = |name: &str, value: &str| -> Credentials { vec![(name.to_owned(), Secret::new(value))] };
    let long = "x".repeat(64 * 1024 + 1);
    let with = |name: &str, value: &str| -> Credentials {
        let mut all = credentials("user");
        all.iter_mut().filter(|(known, _)| known == name).for_each(|(_, text)| *text = Secret::new(value));
        all
    };
    for wrong in [
        Vec::new(),
        one("username", "user"),
        [credentials("user"), one("colour", "red")].concat(),
        with("password", ""),
        with("username", &long),
    ] {
        each_seed(|world| {
            let context = world.context("");
            let earlier = world.executor.start(login(&context, "user"));
            let result = world.run(login_with(&context, wrong.clone()));
            assert_eq!(code(&result), Some(Code::InvalidInput));
            assert_eq!(token(&world.executor.finish(&earlier)), "access-1", "it is not overtaken");
            assert_eq!(world.server.log.borrow().len(), 1);
        });
    }
}

#[test]
fn credentials_that_go_with_every_call_are_not_stored() {
    each_seed(|world| {
        let context = world.context_of(PAIR, "", false);
        let pair = vec![("login".to_owned(), Secret::new("me")), ("secret".to_owned(), Secret::new("pass-word"))];
        let session = world.run(login_with(&context, pair)).unwrap();
        assert_eq!(session.subject.as_deref(), Some("u1"), "the provider was asked whose they are");
        assert_eq!(world.server.count(Purpose::Check), 1);
        assert_eq!(world.record(), None);
        world.executor.advance(10 * 60_000);
        assert_eq!(world.record(), None);
        world.sync(&context);
        assert!(context.held().is_some(), "an empty store is no logout");
        assert!(context.host.warnings.borrow().is_empty());
    });
}

#[test]
fn credentials_that_the_provider_does_not_know_are_no_session() {
    each_seed(|world| {
        let context = world.context_of(PAIR, "", false);
        world.server.script([Reply::status(401)]);
        let pair = vec![("login".to_owned(), Secret::new("me")), ("secret".to_owned(), Secret::new("wrong"))];
        assert!(world.run(login_with(&context, pair)).is_err());
        assert!(context.held().is_none() && context.host.changes.borrow().is_empty());
    });
}

#[test]
fn what_a_provider_cannot_do_is_refused_before_anything_is_sent() {
    each_seed(|world| {
        let redirect = world.context_of(simulation::calls::REDIRECT, r#""redirectUri":"https://app.test/cb""#, false);
        assert_eq!(code(&world.run(login_with(&redirect, Vec::new()))), Some(Code::Unsupported));
        let password = world.context_of(NAMES_BASE, "", false);
        assert_eq!(code(&world.run(authorization_url(&password, None))), Some(Code::Unsupported));
        assert_eq!(code(&password.look(propusk::session::Session::needs_redirect)), Some(Code::Unsupported));
        assert_eq!(code(&world.run(check(&password))), Some(Code::Unsupported));
        assert_eq!(code(&world.run(refresh(&password))), Some(Code::Unsupported));
        let pair = world.context_of(PAIR, "", false);
        assert_eq!(code(&world.run(set_session(&pair, given("access-9", None)))), Some(Code::Unsupported));
        assert_eq!(code(&pair.look(propusk::session::Session::needs_token)), Some(Code::Unsupported));
        assert!(world.server.log.borrow().is_empty());
    });
}

#[test]
fn a_check_follows_redirects_within_its_origin_only() {
    let to = |address: &str| Reply::new(307, &[("location", address)], "");
    for (replies, expected, requests) in [
        (vec![to("/you")], None, 2),
        (vec![to("https://p.test/you"), to("/me")], None, 3),
        (vec![to("https://evil.test/me")], Some(Code::InvalidResponse), 1),
        (vec![to("http://p.test/me")], Some(Code::InvalidResponse), 1),
        ((0..6).map(|_| to("/me")).collect(), Some(Code::InvalidResponse), 6),
    ] {
        each_seed(|world| {
            let context = world.signed_in("");
            world.server.script(replies.clone());
            assert_eq!(code(&world.run(check(&context))), expected);
            assert_eq!(world.server.count(Purpose::Check), requests);
        });
    }
}

#[test]
fn a_check_renews_an_expired_token_first() {
    each_seed(|world| {
        let context = world.context("");
        assert_eq!(code(&world.run(check(&context))), Some(Code::LoginRequired));
        world.run(login(&context, "user")).unwrap();
        world.executor.advance(2 * HOUR);
        assert_eq!(world.run(check(&context)).unwrap().subject, "u1");
        assert_eq!((world.server.count(Purpose::Refresh), world.server.count(Purpose::Check)), (1, 1));
    });
}

#[test]
fn a_session_that_is_given_is_a_login() {
    each_seed(|world| {
        let context = world.context("");
        let overtaken = world.executor.start(login(&context, "user"));
        world.run(set_session(&context, given("access-9", Some("refresh-9")))).unwrap();
        assert_eq!(code(&world.executor.finish(&overtaken)), Some(Code::Aborted));
        assert_eq!(*context.host.changes.borrow(), ["login"]);
        assert!(world.record().unwrap().contains("refresh-9"));
        assert_eq!(held(&world.restored("")).as_deref(), Some("access-9"));
        for wrong in [given("", None), given("two words", None), given("access-9", Some("line\nbreak"))] {
            assert_eq!(code(&world.run(set_session(&context, wrong))), Some(Code::InvalidInput));
        }
        assert_eq!(held(&context).as_deref(), Some("access-9"));
    });
}

#[test]
fn an_api_base_is_used_only_where_it_may_be_trusted() {
    let base = |named: &str, options: &str| {
        let used = std::cell::RefCell::new(None);
        each_seed(|world| {
            let context = world.context_of(NAMES_BASE, options, false);
            let body = format!(r#"{{"access_token":"access-1","api":"{named}"}}"#);
            world.server.script([Reply::new(200, &[("content-type", "application/json")], &body)]);
            world.run(login(&context, "user")).unwrap();
            let insecure = context.host.warnings.borrow().iter().any(|error| error.code == Code::InsecureUrl);
            assert_eq!(insecure, named.starts_with("http:"), "{named}");
            *used.borrow_mut() = Some(context.look(|session| session.api_base().to_owned()));
        });
        used.take().unwrap()
    };
    let (own, other) = ("https://p.test", "https://api.test/v2");
    assert_eq!(base(other, ""), other, "the profile's own provider names it");
    assert_eq!(base("https://p.test/v2/", r#""baseUrl":"https://p.test""#), "https://p.test/v2");
    assert_eq!(base(other, r#""baseUrl":"https://p.test""#), own, "the caller has chosen the server");
    let allowed = r#""baseUrl":"https://p.test","allowedOrigins":["https://api.test"]"#;
    assert_eq!(base(other, allowed), other);
    assert_eq!(base("http://api.test/v2", ""), own);
    assert_eq!(base("https://user@api.test/", ""), own);
    assert_eq!(base("/v2", ""), own);
}

#[test]
fn the_credential_goes_to_the_provider_and_to_those_whom_the_caller_allows() {
    each_seed(|world| {
        let context = world.context_of(NAMES_BASE, r#""allowedOrigins":["https://files.test"]"#, false);
        let origins = || context.look(propusk::session::Session::origins);
        assert_eq!(origins(), ["https://p.test", "https://files.test"]);
        let body = r#"{"access_token":"access-1","api":"https://api.test/v2"}"#;
        world.server.script([Reply::new(200, &[("content-type", "application/json")], body)]);
        world.run(login(&context, "user")).unwrap();
        assert_eq!(origins(), ["https://p.test", "https://api.test", "https://files.test"]);
    });
}

#[test]
fn a_credential_of_64_kib_is_taken() {
    let world = World::new(0);
    let context = world.context("");
    let mut longest = credentials("user");
    longest.iter_mut().for_each(|(_, value)| *value = Secret::new("x".repeat(64 * 1024)));
    assert_eq!(token(&world.run(login_with(&context, longest))), "access-1");
}

#[test]
fn a_login_takes_over_nothing_of_the_session_before_it() {
    each_seed(|world| {
        let context = world.context("");
        let json = [("content-type", "application/json")];
        let first = r#"{"access_token":"a","refresh_token":"r","scope":"read write","expires_in":3600,"plan":"gold"}"#;
        let second = r#"{"access_token":"b","expires_in":3600}"#;
        world.server.script([Reply::new(200, &json, first), Reply::new(200, &json, second)]);
        let before = world.run(login(&context, "user")).unwrap();
        assert_eq!((before.scope.len(), before.refresh_token.is_some()), (2, true));
        assert!(before.details.get("plan").is_some());
        let after = world.run(login(&context, "other")).unwrap();
        assert!(after.scope.is_empty() && after.refresh_token.is_none() && after.details.get("plan").is_none());
    });
}

#[test]
fn the_scope_that_a_login_asks_for_holds_where_the_answer_does_not_say() {
    const SCOPED: &str = r#"{"id":"s","baseUrl":"https://p.test","credentials":["username","password"],
        "login":{"kind":"request","request":{"url":"/token",
            "form":{"username":"{username}","password":"{password}","scope":"read write"}}},
        "present":{"headers":{"Authorization":"Bearer {access_token}"}}}"#;
    each_seed(|world| {
        let context = world.context_of(SCOPED, "", false);
        assert_eq!(world.run(login(&context, "user")).unwrap().scope, ["read", "write"]);
    });
}

#[test]
fn a_credential_that_is_the_token_is_stored_with_what_follows_from_it() {
    const TOKEN: &str = r#"{"id":"t","baseUrl":"https://p.test","credentials":["token"],"login":{"kind":"direct"},
        "params":{"version":"v3"},
        "infer":[{"credential":"token","digitsThen":"-API:","params":{"version":"l3"}}],
        "present":{"headers":{"Authorization":"Bearer {access_token}","X-Version":"{version}"}}}"#;
    const OTHER: &str = r#""account":"other""#;
    for (credential, version) in [("77-API:x", "l3"), ("77:x", "v3")] {
        each_seed(|world| {
            let context = world.context_of(TOKEN, "", false);
            world.run(login_with(&context, vec![("token".to_owned(), Secret::new(credential))])).unwrap();
            let (had, account) = (world.context_of(TOKEN, OTHER, false), world.context_of(TOKEN, OTHER, false));
            world.run(set_session(&had, given(credential, None))).unwrap();
            world.sync(&account);
            for context in [context, world.context_of(TOKEN, "", false), had, account] {
                assert_eq!(held(&context).as_deref(), Some(credential));
                let sent = context.look(|session| session.credential(context.now())).unwrap();
                let header = sent.headers.iter().find(|header| header.name == "X-Version");
                assert_eq!(header.map(|header| header.value.as_str()), Some(version));
            }
            assert!(world.server.log.borrow().is_empty());
        });
    }
}

#[test]
fn credentials_are_sent_over_http_only_where_that_is_allowed() {
    let elsewhere = simulation::calls::PASSWORD.replace(r#""url": "/token""#, r#""url": "http://login.test/token""#);
    each_seed(|world| {
        let refused = world.context_of(&elsewhere, "", false);
        assert_eq!(code(&world.run(login(&refused, "user"))), Some(Code::InsecureUrl));
        assert!(world.server.log.borrow().is_empty());
        let allowed = world.context_of(&elsewhere, r#""allowInsecure":true"#, false);
        assert_eq!(token(&world.run(login(&allowed, "user"))), "access-1");
    });
}

#[test]
fn a_login_that_waits_for_the_store_is_overtaken_by_a_later_one() {
    each_seed(|world| {
        let context = world.context("");
        let first = world.executor.start(login(&context, "first"));
        world.store.set(Store::Slow(1_000));
        world.executor.advance(100);
        let second = world.executor.start(login(&context, "second"));
        world.executor.advance(100);
        assert_eq!(world.server.count(Purpose::Login), 2);
        let third = world.executor.start(login(&context, "third"));
        assert_eq!(token(&world.executor.finish(&first)), "access-1", "it was being stored");
        assert_eq!(code(&world.executor.finish(&second)), Some(Code::Aborted));
        assert_eq!(token(&world.executor.finish(&third)), "access-3");
        assert_eq!(*context.host.changes.borrow(), ["login", "login"]);
    });
}

#[test]
fn each_call_has_a_number_of_its_own_where_the_provider_wants_one() {
    const NUMBERED: &str = r#"{"id":"n","baseUrl":"https://p.test","credentials":["token"],"login":{"kind":"direct"},
        "present":{"headers":{"Authorization":"Bearer {access_token}","X-Request":"{uuid}"}}}"#;
    each_seed(|world| {
        let context = world.context_of(NUMBERED, "", false);
        world.run(login_with(&context, vec![("token".to_owned(), Secret::new("secret"))])).unwrap();
        let number = || {
            let sent = context.look(|session| session.credential(context.now())).unwrap();
            sent.headers.into_iter().find(|header| header.name == "X-Request").unwrap().value
        };
        let (first, second) = (number(), number());
        assert!(first.len() == 36 && second.len() == 36 && first != second, "{first} {second}");
    });
}
