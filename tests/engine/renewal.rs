//! One renewal for everybody, and which failures end a session.

use propusk::error::Code;
use propusk::protocol::request::Purpose;

use simulation::calls::{
    access_alone, code, forced, held, login, logout, refresh, refused, set_session, token, usable,
};
use simulation::server::Reply;
use simulation::world::each_seed;

#[test]
fn callers_at_once_share_one_request() {
    each_seed(|world| {
        let context = world.signed_in("");
        let calls: Vec<_> = (0..10).map(|_| world.executor.start(refresh(&context))).collect();
        let tokens: Vec<_> = calls.iter().map(|call| token(&world.executor.finish(call))).collect();
        assert_eq!(tokens, ["access-2"; 10]);
        assert_eq!(world.server.count(Purpose::Refresh), 1);
        assert_eq!(*context.host.changes.borrow(), ["refresh"]);
    });
}

#[test]
fn a_failure_is_shared_and_a_later_call_tries_again() {
    each_seed(|world| {
        let context = world.signed_in(r#""retries":0"#);
        world.server.script([Reply::status(500)]);
        let calls: Vec<_> = (0..5).map(|_| world.executor.start(refresh(&context))).collect();
        for call in calls {
            assert_eq!(code(&world.executor.finish(&call)), Some(Code::ServerError));
        }
        assert_eq!(world.server.count(Purpose::Refresh), 1);
        assert_eq!(token(&world.run(refresh(&context))), "access-2");
        assert_eq!(world.server.count(Purpose::Refresh), 2);
    });
}

#[test]
fn a_refusal_of_an_older_token_sends_nothing() {
    each_seed(|world| {
        let context = world.signed_in("");
        let (sent, generation) = (context.login(), context.generation());
        world.run(refresh(&context)).unwrap();
        assert!(world.run(refused(&context, generation, sent)).unwrap());
        assert_eq!(world.server.count(Purpose::Refresh), 1);
    });
}

#[test]
fn a_refused_call_is_not_repeated_as_somebody_else() {
    each_seed(|world| {
        let context = world.signed_in("");
        let (sent, generation) = (context.login(), context.generation());
        world.run(login(&context, "other")).unwrap();
        assert!(!world.run(refused(&context, generation, sent)).unwrap());
        assert_eq!(world.server.count(Purpose::Refresh), 0);
    });
}

#[test]
fn many_refused_calls_renew_once_for_their_token() {
    each_seed(|world| {
        let context = world.signed_in("");
        let (sent, generation) = (context.login(), context.generation());
        let calls: Vec<_> = (0..8).map(|_| world.executor.start(refused(&context, generation, sent))).collect();
        calls.iter().for_each(|call| assert!(world.executor.finish(call).unwrap()));
        assert_eq!(world.server.count(Purpose::Refresh), 1);
    });
}

#[test]
fn an_answer_without_a_refresh_token_keeps_the_old_one() {
    each_seed(|world| {
        let context = world.signed_in("");
        world.server.rotates.set(false);
        for expected in ["access-2", "access-3"] {
            assert_eq!(token(&world.run(refresh(&context))), expected);
        }
        assert!(world.record().unwrap().contains("refresh-1"));
    });
}

#[test]
fn what_is_only_for_the_moment_keeps_the_session() {
    let html = [("content-type", "text/html")];
    let json = [("content-type", "application/json")];
    for (reply, expected) in [
        (Reply::status(429), Code::RateLimited),
        (Reply::status(500), Code::ServerError),
        (Reply::new(502, &html, "<html>Bad gateway</html>"), Code::ServerError),
        (Reply::new(503, &json, r#"{"message":"later"}"#), Code::ServerError),
        (Reply::error(503, "invalid_grant"), Code::ServerError),
        (Reply::error(400, "temporarily_unavailable"), Code::ServerError),
        (Reply::error(401, "invalid_client"), Code::InvalidClient),
        (Reply::error(400, "invalid_scope"), Code::InvalidScope),
        (Reply::error(400, "something_new"), Code::InvalidRequest),
        (Reply::status(403), Code::InvalidResponse),
        (Reply::status(404), Code::InvalidResponse),
        (Reply::new(307, &[("location", "https://elsewhere.test/")], ""), Code::InvalidResponse),
        (Reply::new(200, &html, "<html>Sign in to the network</html>"), Code::InvalidResponse),
        (Reply::new(200, &json, r#"{"access_token":"acc"#), Code::InvalidResponse),
        (Reply::new(200, &json, ""), Code::InvalidResponse),
        (Reply::new(200, &json, "{}"), Code::InvalidResponse),
        (Reply::Broken, Code::Network),
        (Reply::Silence, Code::Timeout),
    ] {
        each_seed(|world| {
            let context = world.signed_in(r#""retries":0"#);
            let record = world.record();
            world.server.script([reply.clone()]);
            assert_eq!(code(&world.run(refresh(&context))), Some(expected));
            assert_eq!(held(&context).as_deref(), Some("access-1"));
            assert_eq!(world.record(), record);
            assert!(context.host.changes.borrow().is_empty());
            assert_eq!(token(&world.run(refresh(&context))), "access-2", "the next call renews");
        });
    }
}

#[test]
fn a_final_refusal_ends_the_session_once_for_everybody() {
    for reply in [
        Reply::error(400, "invalid_grant"),
        Reply::error(200, "invalid_grant"),
        Reply::error(401, "invalid_token"),
        Reply::status(401),
    ] {
        each_seed(|world| {
            let context = world.signed_in("");
            world.server.script([reply.clone()]);
            let calls: Vec<_> = (0..4).map(|_| world.executor.start(refresh(&context))).collect();
            for call in calls {
                let ended = world.executor.finish(&call);
                assert_eq!(code(&ended), Some(Code::LoginRequired));
                assert!(ended.is_err_and(|error| error.status.is_some()), "the refusal's status is told");
            }
            assert_eq!(*context.host.changes.borrow(), ["expire"]);
            assert_eq!((held(&context), world.record()), (None, None));
            assert_eq!(code(&world.run(usable(&context, 0))), Some(Code::LoginRequired));
            assert_eq!(world.server.count(Purpose::Refresh), 1);
        });
    }
}

#[test]
fn a_token_that_still_serves_is_given_when_a_renewal_ahead_of_time_fails() {
    each_seed(|world| {
        world.server.lives("100");
        let context = world.signed_in(r#""retries":0,"refreshBefore":40000"#);
        world.executor.advance(70_000);
        world.server.script([Reply::Broken]);
        assert_eq!(token(&world.run(usable(&context, 0))), "access-1");
        assert_eq!(context.host.warnings.borrow().len(), 1);
        world.server.script([Reply::Broken]);
        assert_eq!(code(&world.run(usable(&context, 35_000))), Some(Code::Network), "it is not valid that long");
    });
    let html = [("content-type", "text/html")];
    for (reply, expected) in [
        (Reply::new(200, &html, "<html>Sign in to the network</html>"), None),
        (Reply::error(401, "invalid_client"), Some(Code::InvalidClient)),
    ] {
        each_seed(|world| {
            world.server.lives("100");
            let context = world.signed_in(r#""retries":0,"refreshBefore":40000"#);
            world.executor.advance(70_000);
            world.server.script([reply.clone()]);
            assert_eq!(code(&world.run(usable(&context, 0))), expected, "a fault of the set-up is no outage");
        });
    }
}

#[test]
fn credentials_are_asked_for_when_the_refresh_token_is_refused() {
    each_seed(|world| {
        let context = world.context_of(simulation::calls::PASSWORD, "", true);
        world.run(simulation::calls::login(&context, "user")).unwrap();
        *context.host.credentials.borrow_mut() = Some(simulation::calls::credentials("user"));
        world.server.revoke_all();
        let calls: Vec<_> = (0..3).map(|_| world.executor.start(refresh(&context))).collect();
        calls.iter().for_each(|call| assert_eq!(token(&world.executor.finish(call)), "access-2"));
        assert_eq!(context.host.asked.borrow().len(), 1);
        assert_eq!(*context.host.changes.borrow(), ["login", "refresh"]);
        *context.host.credentials.borrow_mut() = None;
        world.server.revoke_all();
        assert_eq!(code(&world.run(refresh(&context))), Some(Code::LoginRequired));
        assert_eq!(context.host.changes.borrow().last(), Some(&"expire"));
    });
}

#[test]
fn a_renewal_needs_a_session() {
    each_seed(|world| {
        let context = world.signed_in("");
        world.run(logout(&context)).unwrap();
        assert_eq!(code(&world.run(refresh(&context))), Some(Code::LoginRequired));
        assert_eq!(world.server.count(Purpose::Refresh), 0);
    });
}

#[test]
fn a_refusal_is_believed_after_a_second() {
    each_seed(|world| {
        let context = world.signed_in("");
        world.server.revoke_all();
        let read = world.stored.reads.get();
        let start = world.executor.elapsed();
        world.run(refresh(&context)).err().unwrap();
        assert!((1_000..1_200).contains(&(world.executor.elapsed() - start)));
        assert_eq!(world.stored.reads.get() - read, 6, "once before, four times after, and once to remove it");
    });
}

#[test]
fn a_session_that_cannot_be_renewed_says_so() {
    each_seed(|world| {
        let context = world.context("");
        let tokens = access_alone("access-9", Some(world.now() + 60_000));
        world.run(set_session(&context, tokens)).unwrap();
        assert_eq!(code(&world.run(refresh(&context))), Some(Code::LoginRequired));
        assert_eq!(code(&world.run(forced(&context))), Some(Code::LoginRequired));
        assert_eq!(token(&world.run(usable(&context, 0))), "access-9");
        assert!(!world.run(refused(&context, context.generation(), context.login())).unwrap());
        world.executor.advance(61_000);
        assert_eq!(code(&world.run(usable(&context, 0))), Some(Code::LoginRequired));
        assert!(world.server.log.borrow().is_empty());
    });
}
