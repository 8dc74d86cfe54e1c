//! Authorization code: a callback is redeemed once, and only by the login that it answers.

use std::rc::Rc;

use propusk::error::{Code, Result};
use propusk::protocol::form;
use propusk::protocol::pkce;
use propusk::protocol::request::Purpose;
use propusk::session::Redirected;

use simulation::calls::{Started, authorization_url, callback, code, held, logout};
use simulation::lock::Locking;
use simulation::server::Reply;
use simulation::store::Store;
use simulation::world::{Context, World, each_seed};

type Handled = Result<Option<Redirected>>;

pub(super) const OPTIONS: &str = r#""redirectUri":"https://app.test/cb""#;
pub(super) const PKCE: &str =
    r#"{"url":"https://as.test/authorize","query":{"client_id":"c","scope":"a b"},"issuer":"https://as.test"}"#;
const BARE: &str = r#"{"url":"https://as.test/authorize","query":{},"pkce":false,"echoesState":false}"#;

pub(super) fn context(world: &Rc<World>, authorize: &str) -> Context {
    context_with(world, authorize, "")
}

fn context_with(world: &Rc<World>, authorize: &str, more: &str) -> Context {
    let profile = format!(
        r#"{{"id":"r","baseUrl":"https://p.test","credentials":[],"login":{{"kind":"redirect","authorize":{authorize},
        "exchange":{{"url":"/token","form":{{}}}}}},"present":{{"headers":{{"Authorization":"Bearer {{access_token}}"}}}}}}"#
    );
    world.context_of(&profile, &[OPTIONS, more].concat(), false)
}

/// The query of the address that the user was sent to.
pub(super) struct Sent(pub(super) Vec<(String, String)>);

impl Sent {
    fn get(&self, wanted: &str) -> Option<String> {
        self.0.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone())
    }

    pub(super) fn state(&self) -> String {
        self.get("state").unwrap()
    }
}

/// Begins a login.
pub(super) fn begin(world: &World, context: &Context, return_to: Option<&'static str>) -> Sent {
    let address = world.run(authorization_url(context, return_to)).unwrap();
    Sent(form::decode(address.split_once('?').unwrap().1))
}

pub(super) fn start(world: &World, context: &Context, query: &str) -> Started<Option<Redirected>> {
    world.executor.start(callback(context, &format!("https://app.test/cb{query}")))
}

pub(super) fn handle(world: &World, context: &Context, query: &str) -> Handled {
    world.executor.finish(&start(world, context, query))
}

pub(super) fn answer(state: &str) -> String {
    format!("?code=c1&state={state}&iss=https://as.test")
}

#[test]
fn a_login_comes_back_with_its_code_and_proves_it_began_there() {
    each_seed(|world| {
        let context = context(world, PKCE);
        let sent = begin(world, &context, Some("/inbox"));
        assert_eq!(sent.get("redirect_uri").as_deref(), Some("https://app.test/cb"));
        assert_eq!(sent.get("code_challenge_method").as_deref(), Some("S256"));
        let redirected = handle(world, &context, &answer(&sent.state())).unwrap().unwrap();
        assert_eq!(redirected.return_to.as_deref(), Some("/inbox"));
        assert_eq!(redirected.tokens.scope, ["a", "b"], "as requested, where the answer does not say");
        let log = world.server.log.borrow();
        let exchange = log.first().unwrap();
        assert_eq!(exchange.field("grant_type"), Some("authorization_code"));
        assert_eq!(exchange.field("redirect_uri"), Some("https://app.test/cb"));
        let verifier = exchange.field("code_verifier").unwrap();
        assert_eq!((verifier.len(), Some(pkce::challenge(verifier))), (43, sent.get("code_challenge")));
        assert!(!world.has_pending(), "the pending login is used up");
    });
}

#[test]
fn a_callback_handled_twice_gives_the_same_and_sends_one_request() {
    each_seed(|world| {
        let context = context(world, PKCE);
        let callback = answer(&begin(world, &context, None).state());
        let calls = [start(world, &context, &callback), start(world, &context, &callback)];
        let [first, second] = calls.map(|call| world.executor.finish(&call).unwrap().unwrap());
        let third = handle(world, &context, &callback).unwrap().unwrap();
        assert!(Rc::ptr_eq(&first.tokens, &second.tokens) && Rc::ptr_eq(&first.tokens, &third.tokens));
        assert_eq!(world.server.count(Purpose::Exchange), 1);
        assert_eq!(*context.host.changes.borrow(), ["login"]);
        world.run(logout(&context)).unwrap();
        assert_eq!(code(&handle(world, &context, &callback)), Some(Code::RedirectUnexpected), "after a logout");
    });
}

#[test]
fn a_forged_callback_sends_nothing_and_leaves_the_pending_login() {
    each_seed(|world| {
        let context = context(world, PKCE);
        let state = begin(world, &context, None).state();
        for (query, expected) in [
            ("?code=c1&state=other&iss=https://as.test".to_owned(), Code::StateMismatch),
            ("?code=c1&iss=https://as.test".to_owned(), Code::StateMismatch),
            ("?error=access_denied".to_owned(), Code::StateMismatch),
            (format!("?code=c1&state={state}&state={state}&iss=https://as.test"), Code::StateMismatch),
            ("?code=c1&state=__proto__&iss=https://as.test".to_owned(), Code::StateMismatch),
            (format!("?code=c1&state={state}"), Code::IssuerMismatch),
            (format!("?code=c1&state={state}&iss=https://as.test/"), Code::IssuerMismatch),
            (format!("?error=access_denied&state={state}&iss=https://evil.test"), Code::IssuerMismatch),
        ] {
            assert_eq!(code(&handle(world, &context, &query)), Some(expected), "{query}");
        }
        assert_eq!((world.server.log.borrow().len(), held(&context)), (0, None));
        assert!(handle(world, &context, &answer(&state)).is_ok());
    });
}

#[test]
fn a_code_that_nobody_awaits_is_refused() {
    for authorize in [PKCE, BARE] {
        each_seed(|world| {
            let context = context(world, authorize);
            assert_eq!(code(&handle(world, &context, "?code=c1&state=s")), Some(Code::RedirectUnexpected));
            assert_eq!(code(&handle(world, &context, "?error=access_denied")), Some(Code::RedirectUnexpected));
            assert!(world.server.log.borrow().is_empty());
        });
    }
}

#[test]
fn other_addresses_are_none() {
    each_seed(|world| {
        let context = context(world, BARE);
        begin(world, &context, None);
        for query in ["", "?page=2", "?code=", "/deeper?code=c1", "#code=c1"] {
            assert!(handle(world, &context, query).unwrap().is_none(), "{query}");
        }
        assert!(world.has_pending());
    });
}

#[test]
fn a_login_that_was_begun_too_long_ago_is_over() {
    each_seed(|world| {
        let context = context(world, PKCE);
        let callback = answer(&begin(world, &context, None).state());
        world.executor.advance(601_000);
        assert_eq!(code(&handle(world, &context, &callback)), Some(Code::RedirectUnexpected));
        assert!(world.server.log.borrow().is_empty() && !world.has_pending());
    });
}

#[test]
fn where_no_state_comes_back_the_pending_login_alone_binds() {
    each_seed(|world| {
        let context = context(world, BARE);
        let sent = begin(world, &context, None);
        assert_eq!((sent.get("state"), sent.get("code_challenge")), (None, None));
        let calls = [start(world, &context, "?code=c1"), start(world, &context, "?code=c2")];
        let results = calls.map(|call| world.executor.finish(&call));
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "one of two codes is redeemed");
        assert_eq!(world.server.count(Purpose::Exchange), 1);
    });
}

#[test]
fn a_state_that_was_not_sent_is_not_looked_at() {
    each_seed(|world| {
        let context = context(world, BARE);
        for query in ["?code=c1&state=a", "?code=c2&state=a&state=b"] {
            begin(world, &context, None);
            assert_eq!(code(&handle(world, &context, query)), None, "{query}");
        }
    });
}

#[test]
fn a_refusal_uses_the_pending_login_up() {
    each_seed(|world| {
        let context = context(world, BARE);
        begin(world, &context, None);
        assert_eq!(code(&handle(world, &context, "?error=access_denied")), Some(Code::AccessDenied));
        assert!(!world.has_pending());
        begin(world, &context, None);
        world.server.script([Reply::error(200, "invalid_grant")]);
        assert_eq!(code(&handle(world, &context, "?code=c1")), Some(Code::CodeExpired));
        assert_eq!(held(&context), None);
    });
}

#[test]
fn an_exchange_is_repeated_only_where_it_surely_did_not_happen() {
    for (reply, requests) in
        [(Reply::status(429), 3), (Reply::status(503), 3), (Reply::status(500), 1), (Reply::Broken, 1)]
    {
        each_seed(|world| {
            let context = context(world, BARE);
            begin(world, &context, None);
            *world.server.otherwise.borrow_mut() = reply.clone();
            assert!(handle(world, &context, "?code=c1").is_err());
            assert_eq!(world.server.count(Purpose::Exchange), requests);
        });
    }
}

#[test]
fn the_way_back_leads_nowhere_else() {
    each_seed(|world| {
        let context = context(world, BARE);
        for allowed in ["/", "/inbox?x=1#y", "https://app.test/z"] {
            begin(world, &context, Some(allowed));
        }
        for refused in [
            "",
            "inbox",
            "//evil.test",
            "/\\evil.test",
            "\\\\evil.test",
            "https://evil.test/",
            "javascript:alert(1)",
            "http://app.test/",
            "https://app.test.evil.test/",
            "https://app.test@evil.test/",
            "/\t/evil.test",
            "data:,x",
        ] {
            let result = world.run(authorization_url(&context, Some(refused)));
            assert_eq!(code(&result), Some(Code::InvalidInput), "{refused}");
        }
    });
}

#[test]
fn logins_begun_side_by_side_are_each_finished() {
    each_seed(|world| {
        let context = context(world, PKCE);
        let sent: Vec<_> = (0..3).map(|_| begin(world, &context, None)).collect();
        for (number, sent) in sent.iter().enumerate() {
            let query = format!("?code=c{number}&state={}&iss=https://as.test", sent.state());
            assert!(handle(world, &context, &query).unwrap().is_some(), "{number}");
        }
        assert_eq!(world.server.count(Purpose::Exchange), 3);
        assert!(!world.has_pending());
        let sent: Vec<_> = (0..9).map(|_| begin(world, &context, None)).collect();
        let first = handle(world, &context, &answer(&sent[0].state()));
        assert_eq!(code(&first), Some(Code::StateMismatch), "eight are remembered");
        assert!(handle(world, &context, &answer(&sent[1].state())).is_ok());
    });
}

#[test]
fn a_callback_is_redeemed_once_in_all_contexts() {
    for locking in [Locking::Works, Locking::None] {
        each_seed(|world| {
            world.locking.set(locking);
            let contexts = [context(world, PKCE), context(world, PKCE), context(world, PKCE)];
            let callback = answer(&begin(world, &contexts[0], None).state());
            let calls = contexts.each_ref().map(|context| start(world, context, &callback));
            let results = calls.map(|call| world.executor.finish(&call));
            assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
            assert_eq!(world.server.count(Purpose::Exchange), 1);
            assert!(results.iter().all(|result| matches!(code(result), None | Some(Code::RedirectUnexpected))));
        });
    }
}

#[test]
fn a_callback_that_the_store_failed_at_may_come_again() {
    each_seed(|world| {
        let context = context(world, PKCE);
        let callback = answer(&begin(world, &context, None).state());
        for trouble in [Store::Fails, Store::Full, Store::Hangs] {
            world.store.set(trouble);
            assert_eq!(code(&handle(world, &context, &callback)), Some(Code::Storage), "{trouble:?}");
        }
        world.store.set(Store::Works);
        assert!(world.server.log.borrow().is_empty());
        assert!(handle(world, &context, &callback).unwrap().is_some());
    });
}

#[test]
fn the_address_is_cleaned_before_anything_is_sent() {
    each_seed(|world| {
        let context = context(world, PKCE);
        let callback = answer(&begin(world, &context, None).state());
        handle(world, &context, &callback).unwrap();
        let address = format!("https://app.test/cb{callback}");
        let cleaned = context.host.cleaned.borrow();
        assert!(cleaned.iter().all(|(cleaned, sent)| *cleaned == address && *sent == 0));
        assert!(!cleaned.is_empty());
    });
}

#[test]
fn a_login_by_redirect_is_overtaken_like_any_other() {
    each_seed(|world| {
        for pause in 0..60 {
            let context = context(world, PKCE);
            let callback = answer(&begin(world, &context, None).state());
            let call = start(world, &context, &callback);
            world.executor.advance(pause);
            let is_shown = held(&context).is_some();
            world.run(logout(&context)).unwrap();
            let result = world.executor.finish(&call);
            if !is_shown {
                assert!(matches!(code(&result), Some(Code::Aborted | Code::RedirectUnexpected)), "{pause}");
                assert!(context.host.changes.borrow().is_empty(), "{pause}");
            }
            world.executor.advance(1000);
            assert_eq!((held(&context), world.record()), (None, None), "{pause}");
        }
        let context = context(world, PKCE);
        let sent = [begin(world, &context, None), begin(world, &context, None)];
        world.hold();
        let calls = sent.map(|sent| {
            start(world, &context, &answer(&sent.state()).replace("code=c1", &format!("code={}", sent.state())))
        });
        world.executor.advance(500);
        world.release();
        let results = calls.map(|call| world.executor.finish(&call));
        assert_eq!(code(&results[0]), Some(Code::Aborted));
        assert!(results[1].is_ok());
    });
}

#[test]
fn a_logout_forgets_pending_logins() {
    each_seed(|world| {
        let context = context(world, PKCE);
        let callback = answer(&begin(world, &context, None).state());
        world.run(logout(&context)).unwrap();
        assert!(!world.has_pending());
        assert_eq!(code(&handle(world, &context, &callback)), Some(Code::RedirectUnexpected));
        assert!(world.server.log.borrow().is_empty());
    });
}

#[test]
fn a_login_that_could_not_be_kept_is_not_begun() {
    for trouble in [Store::Fails, Store::Full, Store::Hangs] {
        each_seed(|world| {
            let context = context(world, PKCE);
            world.store.set(trouble);
            assert_eq!(code(&world.run(authorization_url(&context, None))), Some(Code::Storage));
        });
    }
}

#[test]
fn nobody_is_sent_to_sign_in_over_http_unless_that_is_allowed() {
    each_seed(|world| {
        let insecure = BARE.replace("https:", "http:");
        let refused = world.run(authorization_url(&context(world, &insecure), None));
        assert_eq!(code(&refused), Some(Code::InsecureUrl));
        let allowed = context_with(world, &insecure, r#","allowInsecure":true"#);
        assert!(world.run(authorization_url(&allowed, None)).unwrap().starts_with("http://as.test/authorize?"));
    });
}

#[test]
fn what_became_of_the_last_eight_callbacks_is_remembered() {
    each_seed(|world| {
        let context = context(world, PKCE);
        let refused: Vec<_> = (0..8)
            .map(|_| answer(&begin(world, &context, None).state()).replace("code=c1", "error=access_denied"))
            .collect();
        for callback in &refused {
            assert_eq!(code(&handle(world, &context, callback)), Some(Code::AccessDenied));
        }
        for callback in &refused {
            assert_eq!(code(&handle(world, &context, callback)), Some(Code::AccessDenied), "again");
        }
        let another = answer(&begin(world, &context, None).state());
        assert!(handle(world, &context, &another).is_ok());
        assert_eq!(code(&handle(world, &context, &refused[1])), Some(Code::AccessDenied));
        assert_eq!(code(&handle(world, &context, &refused[0])), Some(Code::RedirectUnexpected), "the oldest one");
        world.run(logout(&context)).unwrap();
        assert_eq!(code(&handle(world, &context, &refused[2])), Some(Code::RedirectUnexpected), "after a logout");
    });
}
