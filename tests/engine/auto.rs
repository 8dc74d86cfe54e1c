//! Renewal in the background.

use propusk::error::Code;
use propusk::protocol::request::Purpose;

use simulation::calls::{held, logout};
use simulation::server::Reply;
use simulation::world::each_seed;

const HOUR: i64 = 3_600_000;
const AUTO: &str = r#""autoRefresh":true,"retries":0"#;

#[test]
fn a_session_is_renewed_before_it_ends() {
    each_seed(|world| {
        let context = world.signed_in(AUTO);
        world.executor.advance(HOUR - 61_000);
        assert_eq!(held(&context).as_deref(), Some("access-1"));
        world.executor.advance(3000);
        assert_eq!(held(&context).as_deref(), Some("access-2"));
        world.executor.advance(10 * HOUR);
        assert!((10..=12).contains(&world.server.count(Purpose::Refresh)));
        assert!(context.host.warnings.borrow().is_empty());
    });
}

#[test]
fn without_the_option_nothing_is_sent() {
    each_seed(|world| {
        let _context = world.signed_in("");
        world.executor.advance(10 * HOUR);
        assert_eq!(world.server.count(Purpose::Refresh), 0);
        assert_eq!(world.executor.sleeping(), 0);
    });
}

#[test]
fn a_life_of_thirty_days_needs_no_timer_that_overflows() {
    each_seed(|world| {
        world.server.lives("2592000");
        let context = world.signed_in(AUTO);
        world.executor.advance(29 * 24 * HOUR);
        assert_eq!(world.server.count(Purpose::Refresh), 0);
        world.executor.advance(24 * HOUR);
        assert_eq!(world.server.count(Purpose::Refresh), 1);
        assert_eq!(held(&context).as_deref(), Some("access-2"));
    });
}

#[test]
fn a_clock_set_forward_is_noticed_within_a_slice() {
    each_seed(|world| {
        world.server.lives("86400");
        let context = world.signed_in(AUTO);
        world.clock_set.set(48 * HOUR);
        world.executor.advance(HOUR + 1000);
        assert_eq!(held(&context).as_deref(), Some("access-2"));
    });
}

#[test]
fn a_clock_set_forward_is_noticed_at_once_when_the_page_wakes() {
    each_seed(|world| {
        world.server.lives("86400");
        let context = world.signed_in(AUTO);
        world.executor.advance(1000);
        world.clock_set.set(48 * HOUR);
        world.wake(&context);
        world.executor.advance(1000);
        assert_eq!(held(&context).as_deref(), Some("access-2"));
    });
}

#[test]
fn a_machine_that_slept_renews_when_it_wakes() {
    for counts in [true, false] {
        each_seed(|world| {
            let context = world.signed_in(AUTO);
            world.executor.advance(1000);
            world.executor.sleep_through(24 * HOUR);
            if !counts {
                world.slept.set(24 * HOUR);
            }
            world.executor.advance(1000);
            assert_eq!(held(&context).as_deref(), Some("access-2"));
            assert_eq!(world.server.count(Purpose::Refresh), 1);
        });
    }
}

#[test]
fn a_failed_renewal_is_warned_about_and_tried_again_ever_less_often() {
    each_seed(|world| {
        let context = world.signed_in(AUTO);
        *world.server.otherwise.borrow_mut() = Reply::status(500);
        world.executor.advance(3 * HOUR);
        let tried = world.server.count(Purpose::Refresh);
        assert!((20..=40).contains(&tried), "{tried}");
        assert_eq!(context.host.warnings.borrow().len(), tried);
        *world.server.otherwise.borrow_mut() = Reply::Real;
        world.executor.advance(HOUR / 10);
        assert_eq!(held(&context).as_deref(), Some("access-2"));
    });
}

#[test]
fn a_page_in_place_of_an_answer_is_warned_about_and_tried_again() {
    each_seed(|world| {
        let context = world.signed_in(AUTO);
        world.server.script([Reply::new(200, &[("content-type", "text/html")], "<html>Sign in to the network</html>")]);
        world.executor.advance(2 * HOUR);
        assert_eq!(
            context.host.warnings.borrow().first().map(|error| error.code),
            Some(Code::InvalidResponse),
            "a background renewal that failed is a warning"
        );
        assert_ne!(held(&context).as_deref(), Some("access-1"), "it was tried again");
    });
}

#[test]
fn the_wait_that_the_provider_asks_for_is_kept() {
    each_seed(|world| {
        let _context = world.signed_in(AUTO);
        world.server.script([Reply::new(429, &[("retry-after", "600")], "")]);
        world.executor.advance(HOUR + 900_000);
        let moments = world.server.moments(Purpose::Refresh);
        assert!(moments[1] - moments[0] >= 600_000, "{moments:?}");
    });
}

#[test]
fn a_token_without_a_life_is_not_renewed_all_the_time() {
    for life in ["0", "-1", "1"] {
        each_seed(|world| {
            world.server.lives(life);
            let _context = world.signed_in(AUTO);
            world.executor.advance(60_000);
            let tried = world.server.count(Purpose::Refresh);
            assert!(tried <= 130, "{tried} requests in a minute for a life of {life} s");
        });
    }
}

#[test]
fn a_final_refusal_or_a_logout_ends_it() {
    each_seed(|world| {
        let context = world.signed_in(AUTO);
        world.server.revoke_all();
        world.executor.advance(24 * HOUR);
        assert_eq!(world.server.count(Purpose::Refresh), 1);
        assert_eq!(*context.host.changes.borrow(), ["expire"]);
        let context = world.signed_in(AUTO);
        world.run(logout(&context)).unwrap();
        world.executor.advance(24 * HOUR);
        assert_eq!(world.server.count(Purpose::Refresh), 1);
        assert_eq!(world.executor.sleeping(), 0);
    });
}

#[test]
fn contexts_that_share_a_store_renew_once() {
    each_seed(|world| {
        let _contexts = [world.signed_in(AUTO), world.restored(AUTO), world.restored(AUTO)];
        world.executor.advance(HOUR);
        assert_eq!(world.server.count(Purpose::Refresh), 1);
        assert_eq!(world.server.reuses.get(), 0);
    });
}
