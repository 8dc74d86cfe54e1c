//! Contexts that share a store: tabs of an origin, processes with one Redis.

use propusk::error::Code;
use propusk::protocol::request::Purpose;

use simulation::calls::{code, held, logout, refresh, token};
use simulation::server::Reply;
use simulation::world::{World, each_seed};

fn sync(world: &World, context: &simulation::world::Context) {
    let client = context.clone();
    world.run(async move { client.sync().await });
}

#[test]
fn under_a_lock_each_refresh_token_is_sent_once() {
    each_seed(|world| {
        let first = world.signed_in("");
        let contexts = [first, world.restored(""), world.restored("")];
        for round in 2..5 {
            let calls: Vec<_> = contexts.iter().map(|context| world.executor.start(refresh(context))).collect();
            for call in calls {
                assert_eq!(token(&world.executor.finish(&call)), format!("access-{round}"));
            }
            assert_eq!(world.server.count(Purpose::Refresh), round - 1);
        }
        assert_eq!(world.server.reuses.get(), 0);
    });
}

#[test]
fn what_another_context_wrote_during_the_renewal_wins() {
    each_seed(|world| {
        world.locking.set(simulation::lock::Locking::None);
        let context = world.signed_in("");
        let newer = world.record().unwrap().replace("-1\"", "-elsewhere\"");
        world.hold();
        let call = world.executor.start(refresh(&context));
        world.executor.advance(100);
        world.put_record(Some(&newer));
        world.release();
        assert_eq!(token(&world.executor.finish(&call)), "access-elsewhere");
        assert_eq!(world.record(), Some(newer));
        assert_eq!(*context.host.changes.borrow(), ["sync"]);
    });
}

#[test]
fn a_refusal_after_another_context_was_faster_is_no_refusal() {
    each_seed(|world| {
        world.locking.set(simulation::lock::Locking::None);
        let context = world.signed_in("");
        let newer = world.record().unwrap().replace("-1\"", "-elsewhere\"");
        world.server.script([Reply::error(400, "invalid_grant")]);
        world.hold();
        let call = world.executor.start(refresh(&context));
        world.executor.advance(100);
        world.put_record(Some(&newer));
        world.release();
        assert_eq!(token(&world.executor.finish(&call)), "access-elsewhere");
        assert_eq!(*context.host.changes.borrow(), ["sync"]);
    });
}

#[test]
fn a_logout_in_another_context_wins_over_a_renewal() {
    each_seed(|world| {
        let (context, other) = (world.signed_in(""), world.restored(""));
        world.hold();
        let call = world.executor.start(refresh(&context));
        world.executor.advance(100);
        let gone = world.executor.start(logout(&other));
        world.executor.advance(100);
        world.release();
        assert_eq!(code(&world.executor.finish(&call)), Some(Code::LoginRequired));
        world.executor.finish(&gone).unwrap();
        assert_eq!((held(&context), world.record()), (None, None));
        assert_eq!(*context.host.changes.borrow(), ["sync"]);
    });
}

#[test]
fn a_change_elsewhere_is_taken_over() {
    each_seed(|world| {
        let (context, other) = (world.signed_in(""), world.restored(""));
        world.run(refresh(&other)).unwrap();
        sync(world, &context);
        assert_eq!(held(&context).as_deref(), Some("access-2"));
        sync(world, &context);
        world.run(logout(&other)).unwrap();
        sync(world, &context);
        assert_eq!(held(&context), None);
        assert_eq!(*context.host.changes.borrow(), ["sync", "sync"]);
    });
}

#[test]
fn a_record_of_somebody_else_changes_nothing() {
    each_seed(|world| {
        let context = world.signed_in("");
        for foreign in ["", "null", "{}", "not json", "[1]", r#"{"__proto__":{"v":1}}"#] {
            world.put_record(Some(foreign));
            sync(world, &context);
            assert_eq!(held(&context).as_deref(), Some("access-1"), "{foreign}");
            assert_eq!(held(&world.restored("")), None, "{foreign}");
        }
        assert!(context.host.changes.borrow().is_empty());
    });
}

#[test]
fn accounts_do_not_see_each_other() {
    each_seed(|world| {
        world.signed_in(r#""account":"a""#);
        assert_eq!(held(&world.restored(r#""account":"b""#)), None);
        assert_eq!(held(&world.restored(r#""account":"a","baseUrl":"https://other.test""#)), None);
        assert_eq!(held(&world.restored(r#""account":"a""#)).as_deref(), Some("access-1"));
    });
}
