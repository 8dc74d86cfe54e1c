//! Authorization code: a callback is redeemed once, and only by the login that it answers.

use std::rc::Rc;

use propusk::error::{Code, Result};
use propusk::protocol::form;
use propusk::protocol::pkce;
use propusk::protocol::request::Purpose;
use propusk::secret::Secret;
use propusk::session::{GivenTokens, Redirected};
use propusk::value::Value;

use simulation::calls::{
    REDIRECT, Started, authorization_url, callback, code, comes_back, held, logout, refresh, set_session,
};
use simulation::lock::Locking;
use simulation::server::Reply;
use simulation::store::Store;
use simulation::world::{Context, World, each_seed};

type Handled = Result<Option<Redirected>>;

const OPTIONS: &str = r#""redirectUri":"https://app.test/cb""#;
const PKCE: &str =
    r#"{"url":"https://as.test/authorize","query":{"client_id":"c","scope":"a b"},"issuer":"https://as.test"}"#;
const BARE: &str = r#"{"url":"https://as.test/authorize","query":{},"pkce":false,"echoesState":false}"#;

fn context(world: &Rc<World>, authorize: &str) -> Context {
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
struct Sent(Vec<(String, String)>);

impl Sent {
    fn get(&self, wanted: &str) -> Option<String> {
        self.0.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone())
    }

    fn state(&self) -> String {
        self.get("state").unwrap()
    }
}

/// Begins a login.
fn begin(world: &World, context: &Context, return_to: Option<&'static str>) -> Sent {
    let address = world.run(authorization_url(context, return_to)).unwrap();
    Sent(form::decode(address.split_once('?').unwrap().1))
}

fn start(world: &World, context: &Context, query: &str) -> Started<Option<Redirected>> {
    world.executor.start(callback(context, &format!("https://app.test/cb{query}")))
}

fn handle(world: &World, context: &Context, query: &str) -> Handled {
    world.executor.finish(&start(world, context, query))
}

fn answer(state: &str) -> String {
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

#[test]
fn a_callback_handled_again_gives_its_session_as_long_as_that_is_the_current_one() {
    each_seed(|world| {
        let context = world.context_of(REDIRECT, OPTIONS, false);
        let address = world.run(authorization_url(&context, None)).unwrap();
        let address = comes_back(&address, "user");
        let again = || world.run(callback(&context, &address));
        assert_eq!(again().unwrap().unwrap().tokens.access_token.as_ref().unwrap().expose(), "access-1");
        world.run(refresh(&context)).unwrap();
        let redirected = again().unwrap().unwrap();
        assert!(Rc::ptr_eq(&redirected.tokens, &context.held().unwrap()), "it was renewed since");
        let other = world.run(authorization_url(&context, None)).unwrap();
        world.run(callback(&context, &comes_back(&other, "other"))).unwrap();
        assert_eq!(code(&again()), Some(Code::RedirectUnexpected), "somebody else is signed in");
        assert_eq!(held(&context).as_deref(), Some("access-3"));
    });
}

#[test]
fn a_callback_that_was_overtaken_before_it_was_redeemed_may_be_handled_again() {
    each_seed(|world| {
        let context = context(world, PKCE);
        let callback = answer(&begin(world, &context, None).state());
        world.store.set(Store::Slow(500));
        let overtaken = start(world, &context, &callback);
        world.executor.advance(100);
        world.store.set(Store::Works);
        let tokens = GivenTokens {
            access_token: Secret::new("access-9"),
            refresh_token: None,
            expires_at: None,
            subject: None,
            scope: Vec::new(),
            api_base: None,
            details: Value::Map(Vec::new()),
        };
        world.run(set_session(&context, tokens)).unwrap();
        assert_eq!(code(&world.executor.finish(&overtaken)), Some(Code::Aborted));
        assert!(world.has_pending() && world.server.log.borrow().is_empty());
        assert!(handle(world, &context, &callback).unwrap().is_some());
    });
}

#[test]
fn a_store_that_falls_silent_before_it_has_written_a_login_is_told() {
    each_seed(|world| {
        let context = context(world, PKCE);
        let hanging = Rc::downgrade(world);
        *world.stored.reads_as.borrow_mut() = Some(Box::new(move |_, current| {
            // What is asked after this is not answered.
            hanging.upgrade().unwrap().store.set(Store::Hangs);
            current
        }));
        assert_eq!(code(&world.run(authorization_url(&context, None))), Some(Code::Storage));
        *world.stored.reads_as.borrow_mut() = None;
        world.store.set(Store::Works);
        assert!(world.run(authorization_url(&context, None)).is_ok());
    });
}

#[test]
fn logins_that_begin_at_once_in_several_contexts_are_all_remembered() {
    each_seed(|world| {
        world.locking.set(Locking::None);
        let contexts = [context(world, PKCE), context(world, PKCE), context(world, PKCE)];
        let calls = contexts.each_ref().map(|context| world.executor.start(authorization_url(context, None)));
        let states = calls.map(|call| {
            let address = world.executor.finish(&call).unwrap();
            Sent(form::decode(address.split_once('?').unwrap().1)).state()
        });
        for (context, state) in contexts.iter().zip(states) {
            assert!(handle(world, context, &answer(&state)).unwrap().is_some());
        }
        assert_eq!(world.server.count(Purpose::Exchange), 3);
    });
}

#[test]
fn nothing_is_redeemed_after_close() {
    each_seed(|world| {
        let context = world.context_of(REDIRECT, OPTIONS, false);
        let address = world.run(authorization_url(&context, None)).unwrap();
        world.run(callback(&context, &comes_back(&address, "user"))).unwrap();
        let next = world.run(authorization_url(&context, None)).unwrap();
        // It goes on for as long as the renewal does.
        world.hold();
        let _renewal = world.executor.start(refresh(&context));
        world.executor.advance(50);
        world.store.set(Store::Slow(500));
        let handling = world.executor.start(callback(&context, &comes_back(&next, "user")));
        world.executor.advance(50);
        context.close();
        assert_eq!(code(&world.executor.finish(&handling)), Some(Code::Closed));
        world.executor.advance(2_000);
        world.release();
        world.executor.advance(10_000);
        assert_eq!(world.server.count(Purpose::Exchange), 1);
        assert!(world.has_pending(), "it can be handled by whoever comes next");
    });
}

#[test]
fn a_store_whose_comparison_always_fails_begins_no_login() {
    each_seed(|world| {
        let context = context(world, PKCE);
        world.stored.never_swaps.set(true);
        let error = world.run(authorization_url(&context, None)).unwrap_err();
        assert_eq!(error.code.as_str(), "storage");
        assert_eq!(world.stored.writes.get(), 9, "one, and eight more");
        assert!(!world.has_pending());
        world.stored.never_swaps.set(false);
        assert!(world.run(authorization_url(&context, None)).is_ok());
    });
}
