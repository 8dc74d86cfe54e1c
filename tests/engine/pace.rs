//! After failures: how soon the next renewal is tried, and how many are tried while nothing works.

use propusk::error::Code;
use propusk::protocol::request::Purpose;
use propusk::session::Input;
use simulation::calls::{code, login, refresh, refused, refused_again, token, usable};
use simulation::lock::Locking;
use simulation::server::Reply;
use simulation::world::{Context, World, each_seed};

const NO_RETRIES: &str = r#""retries":0"#;

/// A context whose token has expired, and a provider that does not work.
fn outage(world: &std::rc::Rc<World>, options: &str) -> Context {
    world.server.lives("60");
    let context = world.signed_in(options);
    world.executor.advance(61_000);
    *world.server.otherwise.borrow_mut() = Reply::status(500);
    context
}

#[test]
fn the_call_after_one_that_failed_tries_again_at_once() {
    each_seed(|world| {
        let context = outage(world, NO_RETRIES);
        assert_eq!(code(&world.run(usable(&context, 0))), Some(Code::ServerError));
        *world.server.otherwise.borrow_mut() = Reply::Real;
        let start = world.executor.elapsed();
        assert_eq!(token(&world.run(usable(&context, 0))), "access-2");
        assert!(world.executor.elapsed() - start < 100);
    });
}

#[test]
fn after_two_failures_a_call_waits_and_then_tries() {
    each_seed(|world| {
        let context = outage(world, NO_RETRIES);
        for _ in 0..2 {
            assert_eq!(code(&world.run(usable(&context, 0))), Some(Code::ServerError));
        }
        *world.server.otherwise.borrow_mut() = Reply::Real;
        let start = world.executor.elapsed();
        assert_eq!(token(&world.run(usable(&context, 0))), "access-2");
        assert!((950..1100).contains(&(world.executor.elapsed() - start)));
    });
}

#[test]
fn after_many_failures_a_call_rejects_at_once_and_says_when_to_come_again() {
    each_seed(|world| {
        let context = outage(world, NO_RETRIES);
        for _ in 0..5 {
            assert_eq!(code(&world.run(usable(&context, 0))), Some(Code::ServerError));
        }
        let sent = world.server.count(Purpose::Refresh);
        let start = world.executor.elapsed();
        let error = world.run(usable(&context, 0)).err().unwrap();
        assert_eq!((error.code, world.executor.elapsed() - start), (Code::ServerError, 0));
        let wait = error.retry_after.unwrap();
        assert!((7_000..=8_000).contains(&wait), "{wait}");
        assert_eq!(world.server.count(Purpose::Refresh), sent, "nothing was sent");
        *world.server.otherwise.borrow_mut() = Reply::Real;
        world.executor.advance(wait);
        assert_eq!(token(&world.run(usable(&context, 0))), "access-2");
    });
}

#[test]
fn whoever_asks_for_a_renewal_as_such_gets_one_also_after_failures() {
    each_seed(|world| {
        let context = outage(world, NO_RETRIES);
        for tried in 1..10 {
            assert_eq!(code(&world.run(refresh(&context))), Some(Code::ServerError));
            assert_eq!(world.server.count(Purpose::Refresh), tried);
        }
    });
}

#[test]
fn a_success_ends_the_pauses() {
    each_seed(|world| {
        let context = outage(world, NO_RETRIES);
        for _ in 0..3 {
            world.run(usable(&context, 0)).ok();
        }
        *world.server.otherwise.borrow_mut() = Reply::Real;
        world.run(refresh(&context)).unwrap();
        world.executor.advance(61_000);
        world.server.script([Reply::status(500)]);
        assert_eq!(code(&world.run(usable(&context, 0))), Some(Code::ServerError));
        let start = world.executor.elapsed();
        world.run(usable(&context, 0)).unwrap();
        assert!(world.executor.elapsed() - start < 100);
    });
}

#[test]
fn a_token_that_still_serves_is_given_during_a_pause_and_nothing_is_sent() {
    each_seed(|world| {
        world.server.lives("100");
        let context = world.signed_in(r#""retries":0,"refreshBefore":40000"#);
        world.executor.advance(70_000);
        *world.server.otherwise.borrow_mut() = Reply::status(500);
        for _ in 0..20 {
            assert_eq!(token(&world.run(usable(&context, 0))), "access-1");
        }
        assert_eq!(world.server.count(Purpose::Refresh), 2);
    });
}

#[test]
fn the_pause_that_the_provider_asks_for_is_kept_by_later_calls() {
    each_seed(|world| {
        let context = outage(world, "");
        world.server.script([Reply::new(429, &[("retry-after", "120")], "")]);
        for _ in 0..3 {
            let error = world.run(usable(&context, 0)).err().unwrap();
            assert_eq!(error.code, Code::RateLimited);
            assert!(error.retry_after.unwrap() > 110_000);
        }
        assert_eq!(world.server.count(Purpose::Refresh), 1);
    });
}

#[test]
fn in_an_outage_without_end_eight_renewals_are_tried_in_the_first_minute_and_one_in_each_after() {
    for retries in [0, 2] {
        each_seed(|world| {
            let context = outage(world, &format!(r#""retries":{retries}"#));
            let start = world.executor.elapsed();
            for (minutes, most) in [(1, 8), (2, 9), (5, 12)] {
                while world.executor.elapsed() < start + minutes * 60_000 {
                    world.run(usable(&context, 0)).ok();
                    world.executor.advance(250);
                }
                let sent = world.server.count(Purpose::Refresh);
                assert!(sent <= most * (1 + retries), "{sent} requests in {minutes} minutes");
            }
        });
    }
}

#[test]
fn a_session_from_elsewhere_ends_a_pause_that_is_waited_for() {
    each_seed(|world| {
        let context = outage(world, NO_RETRIES);
        let other = world.restored(NO_RETRIES);
        for _ in 0..3 {
            assert_eq!(code(&world.run(usable(&context, 0))), Some(Code::ServerError));
        }
        let start = world.executor.elapsed();
        let waiting = world.executor.start(usable(&context, 0));
        *world.server.otherwise.borrow_mut() = Reply::Real;
        world.run(refresh(&other)).unwrap();
        world.sync(&context);
        assert_eq!(waiting.get().map(|result| token(&result)).as_deref(), Some("access-2"));
        assert!(world.executor.elapsed() - start < 500, "the pause was two seconds");
        world.executor.advance(61_000);
        assert_eq!(token(&world.run(usable(&context, 0))), "access-3", "and it is over");
    });
}

/// A call of the API that is refused, renewed, and refused again; says whether it was worth repeating.
fn refused_twice(world: &World, context: &Context) -> bool {
    let is_repeated = world.run(refused(context, context.generation(), context.login())).unwrap();
    if is_repeated {
        let again = refused_again(context, context.generation(), context.login(), true);
        assert!(!world.run(again).unwrap(), "it is not repeated a second time");
    }
    is_repeated
}

#[test]
fn a_fresh_token_that_is_refused_brakes() {
    each_seed(|world| {
        let context = world.signed_in("");
        let sent = || world.server.count(Purpose::Refresh);
        let mut expected = 0;
        for brake in [5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000] {
            assert!(refused_twice(world, &context), "{brake}");
            expected += 1;
            for _ in 0..30 {
                assert!(!refused_twice(world, &context), "{brake}");
            }
            world.executor.advance(brake - 100);
            assert!(!refused_twice(world, &context), "{brake}");
            assert_eq!(sent(), expected, "{brake}");
            world.executor.advance(200);
        }
        assert!(refused_twice(world, &context));
        context.give(Input::Accepted);
        assert!(refused_twice(world, &context), "a call that went well releases it");
        assert!(!refused_twice(world, &context));
        world.run(login(&context, "other")).unwrap();
        assert!(refused_twice(world, &context), "so does a login");
    });
}

#[test]
fn a_clock_that_was_set_makes_no_brake_longer() {
    for set in [10_000, -10_000] {
        each_seed(|world| {
            let context = world.signed_in("");
            assert!(refused_twice(world, &context));
            assert!(!refused_twice(world, &context));
            world.clock_set.set(set);
            assert!(refused_twice(world, &context), "{set}");
        });
        each_seed(|world| {
            world.has_monotonic.set(false);
            let context = world.signed_in("");
            assert!(refused_twice(world, &context));
            assert!(!refused_twice(world, &context));
            world.clock_set.set(set);
            assert!(refused_twice(world, &context), "{set}");
        });
    }
}

#[test]
fn a_refused_call_that_waits_out_a_pause_is_renewed_for_after_it() {
    each_seed(|world| {
        let context = world.signed_in(NO_RETRIES);
        world.server.script([Reply::status(500), Reply::status(500), Reply::status(500)]);
        for _ in 0..3 {
            assert_eq!(code(&world.run(refresh(&context))), Some(Code::ServerError));
        }
        // Its token is valid by the clock, and was refused all the same.
        let start = world.executor.elapsed();
        assert!(world.run(refused(&context, context.generation(), context.login())).unwrap());
        assert!(world.executor.elapsed() - start > 1_900);
        assert_eq!(world.server.count(Purpose::Refresh), 4);
    });
}

#[test]
fn who_waits_out_a_pause_hears_of_another_contexts_session_when_the_lock_is_given_back() {
    each_seed(|world| {
        let context = outage(world, NO_RETRIES);
        let other = world.restored(NO_RETRIES);
        for _ in 0..3 {
            assert_eq!(code(&world.run(usable(&context, 0))), Some(Code::ServerError));
        }
        let waiting = world.executor.start(usable(&context, 0));
        *world.server.otherwise.borrow_mut() = Reply::Real;
        world.run(refresh(&other)).unwrap();
        world.locking.set(Locking::KeepsSilent);
        let forced = world.executor.start(refresh(&context));
        world.executor.advance(500);
        assert!(!waiting.is_over() && !forced.is_over());
        world.executor.advance(1_000);
        for call in [waiting, forced] {
            assert_eq!(call.get().map(|result| token(&result)).as_deref(), Some("access-2"));
        }
        assert_eq!(*context.host.changes.borrow(), ["sync"]);
    });
}
