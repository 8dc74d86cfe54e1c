//! The lock of a store: only a saving, and never in the way of others.

use propusk::error::Code;
use propusk::protocol::request::Purpose;
use simulation::calls::{PASSWORD, check, code, credentials, login, refresh, token};
use simulation::lock::Locking;
use simulation::server::Reply;
use simulation::world::each_seed;

#[test]
fn a_request_under_the_lock_ends_before_others_give_up() {
    for (timeout, most) in [(30_000, 24_000), (60_000, 48_000), (10_000, 10_000)] {
        each_seed(|world| {
            let options = format!(r#""timeout":{timeout},"retries":0"#);
            let (context, other) = (world.signed_in(&options), world.restored(&options));
            world.server.script([Reply::Silence]);
            let start = world.executor.elapsed();
            let silent = world.executor.start(refresh(&context));
            world.executor.advance(10);
            let waiting = world.executor.start(refresh(&other));
            assert_eq!(code(&world.executor.finish(&silent)), Some(Code::Timeout));
            assert!((most..most + 100).contains(&(world.executor.elapsed() - start)), "{timeout}");
            if timeout <= 30_000 {
                assert_eq!(token(&world.executor.finish(&waiting)), "access-2");
                assert!(other.host.warnings.borrow().is_empty(), "it has had the lock: {timeout}");
            }
        });
    }
}

#[test]
fn nothing_of_a_renewal_is_told_under_the_lock() {
    each_seed(|world| {
        world.locking.set(Locking::KeepsSilent);
        let context = world.signed_in("");
        context.host.traces.borrow_mut().clear();
        let call = world.executor.start(refresh(&context));
        world.executor.advance(500);
        assert_eq!(world.server.count(Purpose::Refresh), 1);
        assert!(!call.is_over() && context.host.changes.borrow().is_empty(), "the lock is not given back yet");
        assert!(context.host.traces.borrow().is_empty());
        // For as long as that may take.
        world.executor.advance(1_000);
        assert!(call.is_over());
        assert_eq!(*context.host.changes.borrow(), ["refresh"]);
        assert_eq!(context.host.traces.borrow().len(), 1);
    });
}

#[test]
fn the_lock_is_not_held_while_credentials_are_asked_for() {
    each_seed(|world| {
        let context = world.context_of(PASSWORD, "", true);
        world.run(login(&context, "user")).unwrap();
        let other = world.restored("");
        context.host.thinks.set(None);
        world.server.script([Reply::error(400, "invalid_grant")]);
        let _asking = world.executor.start(refresh(&context));
        world.executor.advance(3_000);
        assert_eq!(context.host.asked.borrow().len(), 1);
        let start = world.executor.elapsed();
        assert_eq!(token(&world.run(refresh(&other))), "access-2");
        assert!(world.executor.elapsed() - start < 100);
        *context.host.credentials.borrow_mut() = Some(credentials("user"));
    });
}

#[test]
fn a_lock_that_fails_is_as_none() {
    each_seed(|world| {
        world.locking.set(Locking::Fails);
        let context = world.signed_in("");
        for expected in ["access-2", "access-3"] {
            let start = world.executor.elapsed();
            assert_eq!(token(&world.run(refresh(&context))), expected);
            assert!(world.executor.elapsed() - start < 200);
        }
        let warnings: Vec<_> = context.host.warnings.borrow().iter().map(|error| error.code).collect();
        assert_eq!(warnings, [Code::Storage], "once an outage");
    });
}

#[test]
fn a_lock_that_comes_too_late_is_given_back() {
    each_seed(|world| {
        let (context, other) = (world.signed_in(r#""timeout":3000"#), world.restored(r#""timeout":3000"#));
        world.server.script([Reply::Silence]);
        let holder = world.executor.start(refresh(&other));
        world.executor.advance(50);
        // It waits in the queue when its caller goes away and somebody signs in, and has no need of it then.
        let waiting = world.executor.start(refresh(&context));
        world.executor.advance(50);
        world.run(login(&context, "user")).unwrap();
        assert_eq!(code(&world.executor.finish(&waiting)), Some(Code::Aborted));
        world.executor.finish(&holder).ok();
        world.executor.advance(100);
        let start = world.executor.elapsed();
        world.run(refresh(&other)).unwrap();
        world.run(check(&context)).unwrap();
        assert!(world.executor.elapsed() - start < 300, "nobody has the lock");
    });
}
