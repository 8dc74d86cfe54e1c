//! How long a token is used, whatever clocks and lifetimes do.

use propusk::protocol::request::Purpose;

use simulation::calls::{refresh, token, usable};
use simulation::world::each_seed;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

#[test]
fn a_token_of_thirty_days_is_not_renewed_for_twenty_nine() {
    each_seed(|world| {
        world.server.lives("2592000");
        let context = world.signed_in("");
        for _ in 0..29 {
            world.executor.advance(DAY);
            assert_eq!(token(&world.run(usable(&context, 0))), "access-1");
        }
        world.executor.advance(DAY);
        assert_eq!(token(&world.run(usable(&context, 0))), "access-2");
    });
}

#[test]
fn a_short_life_is_used_for_half_of_it_at_least() {
    each_seed(|world| {
        world.server.lives("20");
        let context = world.signed_in("");
        for _ in 0..9 {
            world.executor.advance(1000);
            world.run(usable(&context, 0)).unwrap();
        }
        assert_eq!(world.server.count(Purpose::Refresh), 0);
        world.executor.advance(2000);
        world.run(usable(&context, 0)).unwrap();
        assert_eq!(world.server.count(Purpose::Refresh), 1);
    });
}

#[test]
fn a_life_of_nothing_costs_one_request_a_call() {
    for life in ["0", "-1", "\"0\""] {
        each_seed(|world| {
            world.server.lives(life);
            let context = world.signed_in("");
            for calls in 1..5 {
                world.run(usable(&context, 0)).unwrap();
                assert_eq!(world.server.count(Purpose::Refresh), calls);
            }
        });
    }
}

#[test]
fn a_new_token_is_the_answer_though_it_lives_shorter_than_asked_for() {
    each_seed(|world| {
        world.server.lives("60");
        let context = world.signed_in("");
        assert_eq!(token(&world.run(usable(&context, HOUR))), "access-2");
        assert_eq!(world.server.count(Purpose::Refresh), 1);
    });
}

#[test]
fn an_unknown_life_is_neither_over_nor_renewed() {
    each_seed(|world| {
        *world.server.lifetime.borrow_mut() = None;
        let context = world.signed_in("");
        world.executor.advance(400 * DAY);
        assert_eq!(token(&world.run(usable(&context, HOUR))), "access-1");
        assert_eq!(context.held().unwrap().expires_at, None);
    });
}

#[test]
fn a_clock_set_forward_ends_the_token_early_and_one_set_back_does_not_prolong_it() {
    each_seed(|world| {
        world.server.lives("3600");
        let context = world.signed_in("");
        world.clock_set.set(HOUR);
        assert_eq!(token(&world.run(usable(&context, 0))), "access-2");
        world.clock_set.set(-2 * HOUR);
        assert_eq!(token(&world.run(usable(&context, 0))), "access-2");
        world.executor.advance(HOUR);
        assert_eq!(token(&world.run(usable(&context, 0))), "access-3");
        assert_eq!(world.server.count(Purpose::Refresh), 2);
    });
}

#[test]
fn a_machine_that_slept_finds_its_token_old() {
    each_seed(|world| {
        world.server.lives("3600");
        let context = world.signed_in("");
        // A monotonic clock stands still while the machine sleeps.
        world.clock_set.set(8 * HOUR);
        assert_eq!(token(&world.run(usable(&context, 0))), "access-2");
        assert_eq!(token(&world.run(usable(&context, 0))), "access-2");
    });
}

#[test]
fn a_clock_of_the_callers_own_is_the_only_one() {
    each_seed(|world| {
        world.has_monotonic.set(false);
        world.server.lives("3600");
        let context = world.signed_in("");
        world.clock_set.set(-2 * HOUR);
        world.executor.advance(2 * HOUR);
        assert_eq!(token(&world.run(usable(&context, 0))), "access-1");
    });
}

#[test]
fn a_life_counts_from_the_sending_of_the_request() {
    each_seed(|world| {
        world.server.lives("3600");
        let context = world.context("");
        world.hold();
        let (now, monotonic) = (world.now(), world.monotonic().unwrap());
        let call = world.executor.start(simulation::calls::login(&context, "user"));
        world.executor.advance(20_000);
        world.release();
        let session = world.executor.finish(&call).unwrap();
        assert_eq!(session.expires_at, Some(now + HOUR));
        assert_eq!(session.monotonic_end, Some(monotonic + HOUR));
    });
}

#[test]
fn another_contexts_token_that_is_too_short_is_renewed() {
    each_seed(|world| {
        let (one, other) = (world.signed_in(""), world.restored(""));
        world.executor.advance(1_000_000);
        world.run(refresh(&one)).unwrap();
        world.executor.advance(1_000_000);
        assert_eq!(token(&world.run(usable(&other, 2_000_000))), "access-2", "that lasts long enough");
        assert_eq!(token(&world.run(usable(&other, 3_000_000))), "access-3");
        assert_eq!(world.server.reuses.get(), 0);
    });
}

#[test]
fn what_another_context_just_renewed_is_renewed_once_more_for_who_wants_more() {
    each_seed(|world| {
        let (one, other) = (world.signed_in(""), world.restored(""));
        world.executor.advance(1_000_000);
        world.run(refresh(&one)).unwrap();
        world.executor.advance(1_000_000);
        assert_eq!(token(&world.run(usable(&other, 3_000_000))), "access-3");
        assert_eq!(token(&world.run(usable(&other, 3_000_000))), "access-3");
    });
}
