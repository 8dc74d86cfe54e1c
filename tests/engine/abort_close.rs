//! Callers that go away, and a client that is closed.

use std::rc::Rc;

use propusk::error::Code;
use propusk::protocol::request::Purpose;
use propusk::session::Tokens;

use simulation::calls::{
    SECOND_FACTOR, Started, check, code, confirm, forced, held, login, logout, refresh, refresh_within, token,
};
use simulation::server::{CODE, Reply};
use simulation::store::Store;
use simulation::world::{Context, World, each_seed};

#[test]
fn a_renewal_goes_on_for_the_others_when_whoever_started_it_goes_away() {
    each_seed(|world| {
        let context = world.signed_in("");
        world.hold();
        let gone = world.executor.start(refresh(&context));
        let other = world.executor.start(refresh(&context));
        world.executor.advance(10);
        gone.abandon();
        assert_eq!(code(&world.executor.finish(&gone)), Some(Code::Aborted));
        world.release();
        assert_eq!(token(&world.executor.finish(&other)), "access-2");
        assert_eq!(world.server.count(Purpose::Refresh), 1);
    });
}

#[test]
fn a_spent_refresh_token_is_replaced_though_nobody_waits_any_more() {
    each_seed(|world| {
        for pause in 0..40 {
            let context = world.signed_in("");
            let gone = world.executor.start(refresh(&context));
            world.executor.advance(pause);
            gone.abandon();
            world.executor.finish(&gone).ok();
            world.executor.advance(1000);
            world.run(refresh(&context)).unwrap();
            assert_eq!(world.server.reuses.get(), 0, "{pause}");
            world.run(logout(&context)).unwrap();
        }
    });
}

#[test]
fn a_login_whose_caller_went_away_is_all_or_nothing() {
    each_seed(|world| {
        for pause in 0..50 {
            let context = world.context("");
            let gone = world.executor.start(login(&context, "user"));
            world.executor.advance(pause);
            gone.abandon();
            world.executor.finish(&gone).ok();
            world.executor.advance(1000);
            assert_eq!(held(&context).is_some(), world.record().is_some(), "{pause}");
            world.run(logout(&context)).unwrap();
        }
    });
}

fn waiting(world: &World, context: &Context) -> Vec<Started<Rc<Tokens>>> {
    vec![
        world.executor.start(refresh(context)),
        world.executor.start(forced(context)),
        world.executor.start(login(context, "other")),
    ]
}

#[test]
fn closing_rejects_everything_that_waits_and_leaves_no_timer() {
    each_seed(|world| {
        let context = world.signed_in(r#""autoRefresh":true"#);
        world.hold();
        let calls = waiting(world, &context);
        world.executor.advance(50);
        context.close();
        world.executor.settle();
        for call in calls {
            assert_eq!(call.get().and_then(|result| code(&result)), Some(Code::Closed));
        }
        world.release();
        world.executor.advance(60_000);
        assert_eq!(world.executor.sleeping(), 0);
        assert_eq!(held(&context), None);
        assert!(context.host.changes.borrow().is_empty());
    });
}

#[test]
fn a_closed_client_refuses_every_call_and_keeps_the_stored_session() {
    each_seed(|world| {
        let context = world.signed_in("");
        context.close();
        context.close();
        for call in waiting(world, &context) {
            assert_eq!(code(&world.executor.finish(&call)), Some(Code::Closed));
        }
        assert_eq!(code(&world.run(logout(&context))), Some(Code::Closed));
        assert_eq!(world.server.log.borrow().len(), 1);
        assert_eq!(held(&world.restored("")).as_deref(), Some("access-1"));
    });
}

#[test]
fn a_renewal_that_is_out_when_the_client_is_closed_still_gets_into_the_store() {
    each_seed(|world| {
        for pause in 1..60 {
            let context = world.signed_in("");
            let call = world.executor.start(refresh(&context));
            world.executor.advance(pause);
            context.close();
            world.executor.settle();
            assert!(call.get().is_some(), "nobody waits for it");
            world.executor.advance(1000);
            assert_eq!(world.executor.sleeping(), 0);
            let next = world.restored("");
            world.run(refresh(&next)).unwrap();
            assert_eq!(world.server.reuses.get(), 0, "{pause}");
            world.run(logout(&next)).unwrap();
        }
    });
}

#[test]
fn a_provider_that_does_not_answer_holds_a_closed_client_for_five_seconds_at_most() {
    each_seed(|world| {
        let context = world.signed_in("");
        world.server.script([Reply::Silence]);
        let call = world.executor.start(refresh(&context));
        world.executor.advance(100);
        context.close();
        world.executor.settle();
        assert_eq!(call.get().and_then(|result| code(&result)), Some(Code::Closed));
        world.executor.advance(5_001);
        assert_eq!(world.executor.sleeping(), 0);
    });
}

#[test]
fn the_deadline_of_one_caller_is_no_others() {
    each_seed(|world| {
        let context = world.signed_in("");
        world.hold();
        let hasty = world.executor.start(refresh_within(&context, Some(500)));
        let patient = world.executor.start(refresh(&context));
        world.executor.advance(600);
        assert_eq!(hasty.get().and_then(|result| code(&result)), Some(Code::Timeout));
        world.release();
        assert_eq!(token(&world.executor.finish(&patient)), "access-2");
    });
}

#[test]
fn a_login_that_is_being_stored_is_not_written_after_close() {
    each_seed(|world| {
        let context = world.context("");
        world.store.set(Store::Slow(1_000));
        let call = world.executor.start(login(&context, "user"));
        world.executor.advance(200);
        assert_eq!(world.server.count(Purpose::Login), 1);
        context.close();
        world.executor.settle();
        assert_eq!(call.get().and_then(|result| code(&result)), Some(Code::Closed));
        world.executor.advance(60_000);
        assert_eq!(world.record(), None);
    });
}

#[test]
fn a_login_whose_caller_went_away_before_the_answer_signs_nobody_in() {
    each_seed(|world| {
        let context = world.context("");
        world.hold();
        let gone = world.executor.start(login(&context, "user"));
        world.executor.advance(50);
        assert_eq!(world.server.count(Purpose::Login), 1);
        gone.abandon();
        world.release();
        world.executor.advance(1_000);
        assert_eq!((held(&context), world.record()), (None, None));
        assert!(context.host.changes.borrow().is_empty());
    });
}

#[test]
fn what_a_client_keeps_of_secrets_is_gone_with_it() {
    let has_secret = |context: &Context| context.look(|session| session.audit().has_secret);
    each_seed(|world| {
        world.server.second_factor.set(true);
        let asked = world.context_of(SECOND_FACTOR, "", false);
        assert!(!has_secret(&asked));
        world.run(login(&asked, "user")).err().unwrap();
        assert!(has_secret(&asked), "the password, until the second factor comes");
        world.server.second_factor.set(false);
        let revoking = world.signed_in("");
        assert!(has_secret(&revoking), "the tokens");
        world.hold();
        let _out = world.executor.start(logout(&revoking));
        world.executor.advance(100);
        assert_eq!(world.server.count(Purpose::Revoke), 1);
        assert!(has_secret(&revoking), "the token that is being revoked");
        let storing = world.context("");
        world.release();
        world.store.set(Store::Hangs);
        let _storing = world.executor.start(login(&storing, "user"));
        world.executor.advance(1_000);
        assert!(has_secret(&storing), "the tokens on their way to the store");
        for context in [asked, revoking, storing] {
            context.close();
            world.executor.advance(10_000);
            assert!(!has_secret(&context));
        }
    });
}

#[test]
fn a_request_whose_caller_went_away_is_given_up_and_no_others() {
    each_seed(|world| {
        let context = world.signed_in("");
        context.host.traces.borrow_mut().clear();
        world.hold();
        let gone = world.executor.start(check(&context));
        let waits = world.executor.start(check(&context));
        world.executor.advance(50);
        gone.abandon();
        world.executor.settle();
        let given_up = |purpose: &str| {
            let traces = context.host.traces.borrow();
            traces.iter().filter(|trace| trace.purpose == purpose && trace.error == Some(Code::Aborted)).count()
        };
        assert_eq!(given_up("check"), 1);
        let out = world.executor.start(logout(&context));
        world.executor.advance(50);
        assert_eq!(world.server.count(Purpose::Revoke), 1);
        out.abandon();
        world.executor.settle();
        assert_eq!((given_up("check"), given_up("revoke")), (1, 1));
        world.release();
        assert_eq!(world.executor.finish(&waits).unwrap().subject, "u1");
        assert_eq!((held(&context), world.record()), (None, None));
    });
}

#[test]
fn who_goes_away_takes_nobody_elses_login_along() {
    for confirms in [false, true] {
        each_seed(|world| {
            let context = world.context_of(SECOND_FACTOR, "", false);
            let stored = world.executor.start(login(&context, "first"));
            world.store.set(Store::Slow(1_000));
            world.executor.advance(100);
            assert!(world.server.count(Purpose::Login) == 1 && !stored.is_over());
            world.server.second_factor.set(confirms);
            let next = if confirms {
                world.run(login(&context, "second")).err().unwrap();
                confirm(&context, CODE)
            } else {
                login(&context, "second")
            };
            world.hold();
            let next = world.executor.start(next);
            world.executor.advance(50);
            assert!(!stored.is_over());
            stored.abandon();
            world.release();
            assert_eq!(token(&world.executor.finish(&next)), "access-2");
        });
    }
}

#[test]
fn a_confirmation_whose_caller_went_away_may_be_tried_again() {
    each_seed(|world| {
        world.server.second_factor.set(true);
        let context = world.context_of(SECOND_FACTOR, "", false);
        world.run(login(&context, "user")).err().unwrap();
        world.hold();
        let gone = world.executor.start(confirm(&context, CODE));
        world.executor.advance(50);
        gone.abandon();
        world.release();
        world.executor.advance(1_000);
        assert_eq!(held(&context), None);
        assert!(world.run(confirm(&context, CODE)).is_ok());
    });
}

#[test]
fn after_close_only_the_renewal_that_is_out_gets_into_the_store() {
    each_seed(|world| {
        let context = world.signed_in("");
        world.hold();
        let _renewal = world.executor.start(refresh(&context));
        world.executor.advance(50);
        world.server.script([Reply::Real, Reply::status(500)]);
        let _login = world.executor.start(login(&context, "other"));
        world.executor.advance(50);
        let _check = world.executor.start(check(&context));
        world.executor.advance(50);
        assert_eq!((world.server.count(Purpose::Refresh), world.server.count(Purpose::Login)), (1, 2));
        world.store.set(Store::Slow(1_000));
        context.close();
        world.release();
        world.executor.advance(10_000);
        assert!(world.record().unwrap().contains("refresh-2"));
        assert_eq!(world.server.count(Purpose::Check), 1, "it is not repeated");
        world.store.set(Store::Works);
        assert_eq!(held(&world.restored("")).as_deref(), Some("access-2"));
    });
}

#[test]
fn a_limit_of_the_callers_own_may_be_longer_than_the_clients() {
    each_seed(|world| {
        world.has_store.set(false);
        let context = world.signed_in(r#""timeout":5000,"retries":0"#);
        world.server.script([Reply::Silence]);
        let start = world.executor.elapsed();
        assert_eq!(code(&world.run(refresh_within(&context, Some(20_000)))), Some(Code::Timeout));
        assert!((20_000..20_100).contains(&(world.executor.elapsed() - start)));
        assert_eq!(world.server.count(Purpose::Refresh), 1);
    });
}

#[test]
fn no_login_is_written_after_close_though_a_renewal_goes_on() {
    each_seed(|world| {
        let context = world.signed_in("");
        world.server.script([Reply::Silence]);
        let _renewal = world.executor.start(refresh(&context));
        world.executor.advance(100);
        world.store.set(Store::Slow(1_000));
        let storing = world.executor.start(login(&context, "other"));
        world.executor.advance(200);
        assert_eq!((world.server.count(Purpose::Refresh), world.server.count(Purpose::Login)), (1, 2));
        context.close();
        assert_eq!(code(&world.executor.finish(&storing)), Some(Code::Closed));
        world.executor.advance(60_000);
        assert!(world.record().unwrap().contains("access-1"));
    });
}
