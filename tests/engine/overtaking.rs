//! The last login started wins, and a logout wins over all before it.

use propusk::error::Code;
use propusk::protocol::request::Purpose;

use simulation::calls::{code, held, login, logout, refresh, token};
use simulation::lock::Locking;
use simulation::world::each_seed;

#[test]
fn the_last_login_wins_whichever_answer_comes_first() {
    each_seed(|world| {
        let context = world.context("");
        let calls = ["a", "b", "c"].map(|name| {
            let call = world.executor.start(login(&context, name));
            // Sometimes the request is out, sometimes its answer is in, before the next login begins.
            let pause = i64::try_from(world.executor.random.below(30)).unwrap();
            world.executor.advance(pause);
            call
        });
        let [first, second, last] = calls.map(|call| world.executor.finish(&call));
        world.executor.advance(1000);
        let winner = token(&last);
        assert_eq!(held(&context), Some(winner.clone()));
        assert!(world.record().unwrap().contains(&winner));
        let mut changes = 1;
        for overtaken in [first, second] {
            match code(&overtaken) {
                None => changes += 1,
                other => assert_eq!(other, Some(Code::Aborted)),
            }
        }
        assert_eq!(context.host.changes.borrow().len(), changes, "only who won was shown");
    });
}

#[test]
fn a_logout_overtakes_a_login_at_any_moment() {
    each_seed(|world| {
        for pause in 0..50 {
            let context = world.context("");
            let call = world.executor.start(login(&context, "user"));
            world.executor.advance(pause);
            let is_shown = held(&context).is_some();
            world.run(logout(&context)).unwrap();
            let result = world.executor.finish(&call);
            if !is_shown {
                assert_eq!(code(&result), Some(Code::Aborted), "{pause}");
                assert!(context.host.changes.borrow().is_empty(), "{pause}");
            }
            world.executor.advance(1000);
            assert_eq!((held(&context), world.record()), (None, None), "{pause}");
        }
    });
}

#[test]
fn a_logout_overtakes_a_renewal_at_any_moment() {
    each_seed(|world| {
        for pause in 0..50 {
            let context = world.signed_in("");
            let before = held(&context);
            let call = world.executor.start(refresh(&context));
            world.executor.advance(pause);
            let is_renewed = held(&context) != before;
            world.run(logout(&context)).unwrap();
            let result = world.executor.finish(&call);
            if !is_renewed {
                assert_eq!(code(&result), Some(Code::Aborted), "{pause}");
                assert_eq!(*context.host.changes.borrow(), ["logout"], "{pause}");
            }
            world.executor.advance(1000);
            assert_eq!((held(&context), world.record()), (None, None), "{pause}");
        }
    });
}

#[test]
fn a_login_overtakes_a_renewal_at_any_moment() {
    each_seed(|world| {
        for pause in 0..50 {
            let context = world.signed_in("");
            let renewal = world.executor.start(refresh(&context));
            world.executor.advance(pause);
            let session = world.run(login(&context, "other"));
            match world.executor.finish(&renewal) {
                Ok(_) => {}
                error => assert_eq!(code(&error), Some(Code::Aborted), "{pause}"),
            }
            world.executor.advance(1000);
            let winner = token(&session);
            assert_eq!(held(&context), Some(winner.clone()), "{pause}");
            assert!(world.record().unwrap().contains(&winner), "{pause}");
        }
    });
}

#[test]
fn a_login_that_fails_leaves_the_session_alone() {
    each_seed(|world| {
        let context = world.signed_in("");
        world.server.script([simulation::server::Reply::status(401)]);
        assert_eq!(code(&world.run(login(&context, "other"))), Some(Code::InvalidCredentials));
        assert_eq!(held(&context).as_deref(), Some("access-1"));
        assert!(context.host.changes.borrow().is_empty());
    });
}

#[test]
fn a_logout_resolves_though_the_revocation_fails() {
    each_seed(|world| {
        let context = world.signed_in(r#""retries":0"#);
        world.server.script([simulation::server::Reply::Broken]);
        world.run(logout(&context)).unwrap();
        assert_eq!(context.host.warnings.borrow().len(), 1);
        assert_eq!(world.server.count(Purpose::Revoke), 1);
        assert_eq!((held(&context), world.record()), (None, None));
        world.run(logout(&context)).unwrap();
        assert_eq!(world.server.count(Purpose::Revoke), 1, "nobody was signed in");
    });
}

#[test]
fn a_login_while_a_renewal_gives_its_lock_back_is_all_that_is_shown() {
    each_seed(|world| {
        world.locking.set(Locking::KeepsSilent);
        let context = world.signed_in("");
        context.host.traces.borrow_mut().clear();
        let renewal = world.executor.start(refresh(&context));
        world.executor.advance(500);
        assert_eq!((held(&context).as_deref(), renewal.is_over()), (Some("access-2"), false));
        assert_eq!(token(&world.run(login(&context, "other"))), "access-3");
        assert_eq!(code(&world.executor.finish(&renewal)), Some(Code::Aborted));
        // The next one begins while the lock is on its way back.
        assert_eq!(token(&world.run(refresh(&context))), "access-4");
        assert_eq!(*context.host.changes.borrow(), ["login", "refresh"]);
        let traced: Vec<_> = context.host.traces.borrow().iter().map(|trace| trace.purpose).collect();
        assert_eq!(traced, ["login", "refresh", "refresh"], "the first renewal's request is told of all the same");
    });
}
