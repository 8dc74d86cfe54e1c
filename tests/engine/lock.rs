//! The lock of a store: only a saving, and never in the way of others.

use std::cell::Cell;
use std::rc::Rc;

use propusk::error::{AuthError, Code};
use propusk::protocol::request::Purpose;
use propusk::session::Input;
use simulation::calls::{PASSWORD, check, code, credentials, login, refresh, token};
use simulation::executor::Owner;
use simulation::lock::Locking;
use simulation::server::Reply;
use simulation::store::Store;
use simulation::witness::Witness;
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
        let is_renewing = || context.look(|session| session.audit().is_renewing);
        assert!(is_renewing());
        // For as long as that may take.
        world.executor.advance(1_000);
        assert!(call.is_over());
        assert_eq!(*context.host.changes.borrow(), ["refresh"]);
        assert_eq!(context.host.traces.borrow().len(), 1);
        assert!(!is_renewing());
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

#[test]
fn a_lock_is_waited_for_less_only_after_it_was_not_needed() {
    each_seed(|world| {
        let context = world.signed_in(r#""timeout":3000,"retries":0"#);
        world.locking.set(Locking::Hangs);
        *world.server.otherwise.borrow_mut() = Reply::status(500);
        for _ in 0..3 {
            let start = world.executor.elapsed();
            assert_eq!(code(&world.run(refresh(&context))), Some(Code::ServerError));
            assert!(world.executor.elapsed() - start >= 10_000, "somebody may be at work under it");
            assert_eq!(context.host.warnings.borrow().len(), 1, "it is told the first time");
        }
    });
}

#[test]
fn a_lock_that_is_given_to_nobody_is_given_back_and_one_that_is_not_given_is_not() {
    struct Unlocked(Cell<usize>);
    impl Witness for Unlocked {
        fn notes(&self, _owner: Owner, what: &dyn Fn() -> String) {
            let is_one = what().contains("-> unlock");
            self.0.set(self.0.get() + usize::from(is_one));
        }
    }
    each_seed(|world| {
        let context = world.signed_in("");
        let unlocked = Rc::new(Unlocked(Cell::new(0)));
        world.show_to(unlocked.clone());
        for (lock, expected) in
            [(Ok(false), 0), (Err(AuthError::new(Code::Storage, "the lock failed")), 0), (Ok(true), 1)]
        {
            context.give(Input::Locked { op: 4_000_000, lock });
            assert_eq!(unlocked.0.get(), expected);
        }
        context.close();
        context.give(Input::Locked { op: 4_000_000, lock: Ok(true) });
        assert_eq!(unlocked.0.get(), 2, "also after `close`");
    });
}

#[test]
fn a_store_that_fails_under_the_lock_is_warned_of_when_that_is_given_back() {
    each_seed(|world| {
        world.locking.set(Locking::KeepsSilent);
        let context = world.signed_in("");
        world.store.set(Store::Full);
        let call = world.executor.start(refresh(&context));
        world.executor.advance(500);
        assert!(world.server.count(Purpose::Refresh) == 1 && !call.is_over());
        assert!(context.host.warnings.borrow().is_empty());
        world.executor.advance(1_000);
        assert!(call.is_over());
        assert_eq!(context.host.warnings.borrow().len(), 1);
    });
}
