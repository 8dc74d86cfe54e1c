//! Callers that go away, and a client that is closed.

use std::rc::Rc;

use propusk::error::Code;
use propusk::protocol::request::Purpose;
use propusk::session::Tokens;

use simulation::calls::{Started, code, forced, held, login, logout, refresh, refresh_within, token};
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
        world.server.script([simulation::server::Reply::Silence]);
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
