//! How often, and how soon, a request is repeated.

use std::cell::RefCell;
use std::collections::BTreeSet;

use propusk::error::Code;
use propusk::protocol::request::Purpose;

use simulation::calls::{check, code, login, logout, refresh};
use simulation::server::Reply;
use simulation::world::{Context, World, each_seed};

/// Sends a request of that purpose; gives the error, if any.
fn attempt(world: &World, context: &Context, purpose: Purpose) -> Option<Code> {
    match purpose {
        Purpose::Login => code(&world.run(login(context, "user"))),
        Purpose::Refresh => code(&world.run(refresh(context))),
        Purpose::Check => code(&world.run(check(context))),
        _ => {
            world.run(logout(context)).unwrap();
            context.host.warnings.borrow().last().map(|error| error.code)
        }
    }
}

#[test]
fn each_purpose_repeats_what_it_may_and_nothing_else() {
    let all = [Purpose::Login, Purpose::Refresh, Purpose::Check, Purpose::Revoke];
    let not_login = [Purpose::Refresh, Purpose::Check, Purpose::Revoke];
    for (reply, repeated_for, expected) in [
        (Reply::status(429), all.as_slice(), Code::RateLimited),
        (Reply::status(503), &all, Code::ServerError),
        (Reply::status(500), &not_login, Code::ServerError),
        (Reply::status(502), &not_login, Code::ServerError),
        (Reply::status(504), &not_login, Code::ServerError),
        (Reply::Broken, &all, Code::Network),
        (Reply::status(404), &[], Code::InvalidResponse),
    ] {
        for purpose in all {
            for retries in [0, 1, 2, 5] {
                each_seed(|world| {
                    let context = world.signed_in(&format!(r#""retries":{retries}"#));
                    world.server.log.borrow_mut().clear();
                    *world.server.otherwise.borrow_mut() = reply.clone();
                    assert_eq!(attempt(world, &context, purpose), Some(expected));
                    let expected = if repeated_for.contains(&purpose) { 1 + retries } else { 1 };
                    assert_eq!(world.server.count(purpose), expected, "{} x {retries}", purpose.as_str());
                    let attempts: Vec<u32> = context.host.traces.borrow().iter().map(|trace| trace.attempt).collect();
                    assert_eq!(attempts.last().map(|last| *last as usize), Some(expected));
                });
            }
        }
    }
}

#[test]
fn a_repetition_that_goes_well_is_a_success() {
    each_seed(|world| {
        let context = world.signed_in("");
        world.server.script([Reply::Broken, Reply::status(500)]);
        assert_eq!(attempt(world, &context, Purpose::Refresh), None);
    });
}

#[test]
fn a_pause_doubles_and_keeps_within_its_bounds() {
    let first_pauses = RefCell::new(BTreeSet::new());
    each_seed(|world| {
        let context = world.signed_in(r#""retries":3"#);
        *world.server.otherwise.borrow_mut() = Reply::status(500);
        attempt(world, &context, Purpose::Refresh);
        let moments = world.server.moments(Purpose::Refresh);
        for (pair, whole) in moments.windows(2).zip([400, 800, 1600]) {
            let pause = pair[1] - pair[0];
            // A request takes up to 40 ms besides.
            assert!((whole / 2..=whole + 40).contains(&pause), "{pause} of {whole}");
        }
        first_pauses.borrow_mut().insert((moments[1] - moments[0]) / 50);
    });
    assert!(first_pauses.borrow().len() > 2 || std::env::var("SEED").is_ok(), "clients do not come back all at once");
}

#[test]
fn the_wait_that_the_provider_asks_for_is_kept_to_the_second() {
    for (header, wait) in [("0", 0), ("2", 2000), ("30", 30_000)] {
        each_seed(|world| {
            let context = world.signed_in("");
            world.server.script([Reply::new(503, &[("retry-after", header)], "")]);
            assert_eq!(attempt(world, &context, Purpose::Refresh), None);
            let moments = world.server.moments(Purpose::Refresh);
            assert!((wait..=wait + 50).contains(&(moments[1] - moments[0])), "{moments:?}");
        });
    }
}

#[test]
fn a_longer_wait_rejects_at_once_and_is_told() {
    for (header, wait) in [("31", 31_000), ("3600", 3_600_000)] {
        each_seed(|world| {
            let context = world.signed_in("");
            world.server.script([Reply::new(429, &[("retry-after", header)], "")]);
            let before = world.executor.elapsed();
            let error = world.run(refresh(&context)).err().unwrap();
            assert!(world.executor.elapsed() - before < 100);
            assert_eq!((error.code, error.retry_after), (Code::RateLimited, Some(wait)));
            assert!(error.code.retryable());
            assert_eq!(world.server.count(Purpose::Refresh), 1);
        });
    }
}

#[test]
fn a_request_that_gets_no_answer_ends_in_time_and_is_not_repeated() {
    each_seed(|world| {
        let context = world.signed_in(r#""timeout":5000"#);
        *world.server.otherwise.borrow_mut() = Reply::Silence;
        let before = world.executor.elapsed();
        assert_eq!(attempt(world, &context, Purpose::Refresh), Some(Code::Timeout));
        assert!((5000..5100).contains(&(world.executor.elapsed() - before)));
        assert_eq!(world.server.count(Purpose::Refresh), 1);
    });
}

#[test]
fn a_code_that_decides_for_any_purpose_decides_for_a_revocation_too() {
    for purpose in [Purpose::Login, Purpose::Refresh, Purpose::Check, Purpose::Revoke] {
        each_seed(|world| {
            let context = world.signed_in("");
            world.server.script([Reply::error(400, "invalid_client")]);
            assert_eq!(attempt(world, &context, purpose), Some(Code::InvalidClient), "{}", purpose.as_str());
        });
    }
}

#[test]
fn a_request_that_is_given_up_is_traced() {
    each_seed(|world| {
        let context = world.context("");
        world.hold();
        let given_up = world.executor.start(login(&context, "user"));
        world.executor.advance(50);
        let _next = world.executor.start(login(&context, "other"));
        assert_eq!(code(&world.executor.finish(&given_up)), Some(Code::Aborted));
        let traces = context.host.traces.borrow();
        let told: Vec<_> =
            traces.iter().map(|trace| (trace.purpose, trace.attempt, trace.status, trace.error)).collect();
        assert_eq!(told, [("login", 1, None, Some(Code::Aborted))]);
    });
}
