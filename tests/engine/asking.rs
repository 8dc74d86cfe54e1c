//! The caller's `credentials`, which may help where a refresh token does not.

use std::rc::Rc;

use propusk::error::Code;
use propusk::protocol::request::Purpose;
use propusk::session::version::Version;

use simulation::calls::{
    PASSWORD, access_alone, code, credentials, held, login, refresh, refused, set_session, token, usable,
};
use simulation::record::Record;
use simulation::server::Reply;
use simulation::world::{Context, World, each_seed};

/// A context that can ask, signed in; the next renewal by refresh token is refused.
fn asking(world: &Rc<World>, options: &str) -> Context {
    let context = world.context_of(PASSWORD, options, true);
    world.run(login(&context, "user")).unwrap();
    context.host.changes.borrow_mut().clear();
    *context.host.credentials.borrow_mut() = Some(credentials("user"));
    context
}

fn refusal() -> Reply {
    Reply::error(400, "invalid_grant")
}

#[test]
fn a_session_from_elsewhere_ends_the_wait_for_credentials() {
    each_seed(|world| {
        let (context, other) = (asking(world, ""), world.restored(""));
        context.host.thinks.set(Some(100_000));
        world.server.script([refusal()]);
        let call = world.executor.start(refresh(&context));
        world.executor.advance(3_000);
        assert_eq!(context.host.asked.borrow().len(), 1);
        world.run(refresh(&other)).unwrap();
        world.sync(&context);
        assert_eq!(call.get().map(|result| token(&result)).as_deref(), Some("access-2"));
        world.executor.advance(200_000);
        assert_eq!(world.server.count(Purpose::Login), 1, "what was given too late is not used");
    });
}

#[test]
fn what_is_only_for_the_moment_keeps_a_session_that_is_asked_for() {
    for (reply, expected) in [
        (Reply::status(500), Code::ServerError),
        (Reply::status(429), Code::RateLimited),
        (Reply::error(503, "invalid_grant"), Code::InvalidCredentials),
        (Reply::Broken, Code::Network),
        (
            Reply::new(200, &[("content-type", "text/html")], "<html>Sign in to the network</html>"),
            Code::InvalidResponse,
        ),
    ] {
        each_seed(|world| {
            let context = asking(world, r#""retries":0"#);
            world.server.script([refusal(), reply.clone()]);
            assert_eq!(code(&world.run(refresh(&context))), Some(expected));
            assert_eq!(held(&context).as_deref(), Some("access-1"));
            assert!(context.host.changes.borrow().is_empty());
        });
    }
}

#[test]
fn credentials_that_are_refused_as_well_end_the_session() {
    for reply in [Reply::status(401), refusal()] {
        each_seed(|world| {
            let context = asking(world, "");
            world.server.script([refusal(), reply.clone()]);
            assert_eq!(code(&world.run(refresh(&context))), Some(Code::LoginRequired));
            assert_eq!(*context.host.changes.borrow(), ["expire"]);
            assert_eq!(world.record(), None);
        });
    }
}

#[test]
fn a_refused_refresh_token_is_not_sent_again_though_credentials_failed_for_the_moment() {
    each_seed(|world| {
        let context = asking(world, r#""retries":0"#);
        world.server.script([refusal(), Reply::status(500)]);
        assert_eq!(code(&world.run(refresh(&context))), Some(Code::ServerError));
        assert!(!world.record().unwrap().contains("refresh-1"));
        assert_eq!(token(&world.run(refresh(&context))), "access-2");
        assert_eq!(world.server.count(Purpose::Refresh), 1);
        assert_eq!(context.host.asked.borrow().len(), 2);
    });
}

#[test]
fn none_without_a_refusal_keeps_the_session() {
    each_seed(|world| {
        let context = asking(world, r#""retries":0"#);
        world.server.script([refusal(), Reply::status(500)]);
        world.run(refresh(&context)).err().unwrap();
        // Without a refresh token by now.
        *context.host.credentials.borrow_mut() = None;
        assert_eq!(code(&world.run(refresh(&context))), Some(Code::LoginRequired));
        assert_eq!(held(&context).as_deref(), Some("access-1"));
        assert!(context.host.changes.borrow().is_empty());
        assert_eq!(token(&world.run(usable(&context, 0))), "access-1");
    });
}

#[test]
fn a_function_that_never_answers_is_given_up_after_five_minutes() {
    each_seed(|world| {
        let context = asking(world, "");
        context.host.thinks.set(None);
        world.server.script([refusal()]);
        let start = world.executor.elapsed();
        let call = world.executor.start(refresh(&context));
        assert_eq!(code(&world.executor.finish(&call)), Some(Code::Timeout));
        assert!((300_000..303_000).contains(&(world.executor.elapsed() - start)));
        assert_eq!(held(&context).as_deref(), Some("access-1"));
    });
}

#[test]
fn who_calls_while_credentials_are_asked_waits_for_the_timeout_at_most() {
    each_seed(|world| {
        let context = asking(world, r#""timeout":5000"#);
        context.host.thinks.set(Some(60_000));
        world.server.script([refusal()]);
        let call = world.executor.start(refresh(&context));
        world.executor.advance(3_000);
        assert_eq!(context.host.asked.borrow().len(), 1);
        let start = world.executor.elapsed();
        assert_eq!(code(&world.run(refresh(&context))), Some(Code::Timeout), "it may be that function itself");
        assert!((5_000..5_100).contains(&(world.executor.elapsed() - start)));
        assert_eq!(token(&world.executor.finish(&call)), "access-2", "who asked before waits on");
    });
}

#[test]
fn a_login_again_is_a_renewal_of_the_same_login() {
    each_seed(|world| {
        let context = asking(world, "");
        let before = Record::read(&world.record().unwrap()).unwrap().version;
        world.server.script([refusal()]);
        world.run(refresh(&context)).unwrap();
        let after = Record::read(&world.record().unwrap()).unwrap().version;
        assert_eq!(after, Version { login: before.login, renewal: before.renewal + 1 });
        assert_eq!(*context.host.changes.borrow(), ["refresh"]);
    });
}

#[test]
fn a_session_from_elsewhere_is_renewed_though_credentials_give_none() {
    each_seed(|world| {
        world.server.lives("60");
        let (context, other) = (asking(world, ""), world.restored(""));
        context.host.thinks.set(Some(100_000));
        *context.host.credentials.borrow_mut() = None;
        world.server.script([refusal()]);
        let call = world.executor.start(refresh(&context));
        world.executor.advance(3_000);
        assert_eq!(context.host.asked.borrow().len(), 1);
        world.run(refresh(&other)).unwrap();
        // Too old by itself when it is heard of.
        world.executor.advance(70_000);
        world.sync(&context);
        assert_eq!(held(&context).as_deref(), Some("access-2"));
        assert_eq!(token(&world.executor.finish(&call)), "access-3", "its refresh token was never refused");
        assert!(!context.host.changes.borrow().contains(&"expire"));
    });
}

/// A context that can ask, with a session that has no refresh token.
fn without_refresh_token(world: &Rc<World>, options: &str) -> Context {
    let context = world.context_of(PASSWORD, options, true);
    let tokens = access_alone("access-9", Some(world.now() + 60_000));
    world.run(set_session(&context, tokens)).unwrap();
    context.host.changes.borrow_mut().clear();
    context
}

#[test]
fn refused_credentials_end_a_session_that_nothing_else_renews() {
    each_seed(|world| {
        let context = without_refresh_token(world, "");
        *context.host.credentials.borrow_mut() = Some(credentials("user"));
        world.server.script([Reply::status(401)]);
        assert_eq!(code(&world.run(refresh(&context))), Some(Code::LoginRequired));
        assert_eq!(*context.host.changes.borrow(), ["expire"]);
        assert_eq!((held(&context), world.record()), (None, None));
    });
}

#[test]
fn credentials_that_could_not_be_sent_may_be_corrected_at_once() {
    each_seed(|world| {
        let context = without_refresh_token(world, r#""retries":0"#);
        world.executor.advance(61_000);
        *context.host.credentials.borrow_mut() = Some(Vec::new());
        for _ in 0..5 {
            assert_eq!(code(&world.run(usable(&context, 0))), Some(Code::InvalidInput));
        }
        *context.host.credentials.borrow_mut() = Some(credentials("user"));
        let start = world.executor.elapsed();
        assert_eq!(token(&world.run(usable(&context, 0))), "access-1");
        assert!(world.executor.elapsed() - start < 200, "nothing was sent that failed");
    });
}

#[test]
fn why_credentials_are_asked_for_is_told() {
    each_seed(|world| {
        let context = without_refresh_token(world, "");
        *context.host.credentials.borrow_mut() = Some(credentials("user"));
        assert!(world.run(refused(&context, context.generation(), context.login())).unwrap());
        world.executor.advance(2 * 3_600_000);
        world.server.script([refusal()]);
        world.run(usable(&context, 0)).unwrap();
        assert_eq!(*context.host.asked.borrow(), [Code::InvalidToken, Code::LoginRequired]);
    });
}

#[test]
fn what_another_context_brings_while_the_login_again_is_out_counts_where_it_is_good() {
    for is_good in [true, false] {
        each_seed(|world| {
            let context = asking(world, "");
            let elsewhere = world.record().unwrap().replace("-1\"", "-elsewhere\"");
            let newer = elsewhere.replace(r#""renewal":0"#, r#""renewal":5"#);
            let newer = if is_good { newer } else { newer.replace(r#""expires":18"#, r#""expires":17"#) };
            world.server.script([refusal()]);
            let call = world.executor.start(refresh(&context));
            while context.host.asked.borrow().is_empty() {
                world.executor.advance(10);
            }
            world.hold();
            world.executor.advance(100);
            assert_eq!(world.server.count(Purpose::Login), 2);
            world.put_record(Some(&newer));
            world.release();
            let expected = if is_good { "access-elsewhere" } else { "access-2" };
            assert_eq!(token(&world.executor.finish(&call)), expected);
            assert!(world.record().unwrap().contains(expected));
            assert_eq!(world.server.count(Purpose::Login), 2, "nobody is signed in a third time");
        });
    }
}

#[test]
fn credentials_help_though_a_newer_version_has_written_the_store() {
    each_seed(|world| {
        let context = without_refresh_token(world, "");
        *context.host.credentials.borrow_mut() = Some(credentials("user"));
        let newer = world.record().unwrap().replace(r#""v":2"#, r#""v":3"#);
        world.put_record(Some(&newer));
        assert_eq!(token(&world.run(refresh(&context))), "access-1", "no refresh token is sent that may be spent");
        assert_eq!(world.record(), Some(newer));
    });
}
