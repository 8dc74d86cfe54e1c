//! Signing out, and what must not come back after it.

use propusk::protocol::request::Purpose;
use simulation::calls::{held, login, logout, refresh, token};
use simulation::store::Store;
use simulation::world::each_seed;

#[test]
fn no_login_known_before_a_logout_comes_back() {
    each_seed(|world| {
        let context = world.signed_in("");
        let mut records = vec![world.record().unwrap()];
        world.run(refresh(&context)).unwrap();
        records.push(world.record().unwrap());
        world.run(login(&context, "other")).unwrap();
        records.push(world.record().unwrap());
        world.run(logout(&context)).unwrap();
        for record in records {
            world.restore_record(&context, &record);
            world.sync(&context);
            assert_eq!((held(&context), world.record()), (None, None), "{record}");
        }
        assert_eq!(context.host.changes.borrow().last(), Some(&"logout"));
    });
}

#[test]
fn a_login_after_a_logout_is_not_removed_by_it() {
    each_seed(|world| {
        for late in [0, 1_000, 7_000] {
            let context = world.signed_in("");
            world.store.set(Store::Slow(late));
            let gone = world.executor.start(logout(&context));
            world.executor.advance(1);
            world.store.set(Store::Works);
            let session = token(&world.run(login(&context, "other")));
            world.executor.finish(&gone).unwrap();
            world.executor.advance(60_000);
            assert_eq!(held(&context), Some(session.clone()), "{late}");
            assert!(world.record().unwrap().contains(&session), "{late}");
            world.run(logout(&context)).unwrap();
        }
    });
}

#[test]
fn a_logout_without_a_session_empties_the_store() {
    each_seed(|world| {
        let other = world.signed_in("");
        world.store.set(Store::Fails);
        let context = world.restored("");
        world.store.set(Store::Works);
        assert_eq!(held(&context), None, "it could not be read");
        world.run(logout(&context)).unwrap();
        assert_eq!(world.record(), None);
        assert_eq!(world.server.count(Purpose::Revoke), 1, "what was found is revoked");
        world.sync(&other);
        assert_eq!(held(&other), None);
        world.run(logout(&context)).unwrap();
        assert_eq!(world.server.count(Purpose::Revoke), 1, "there was nothing to revoke");
    });
}

#[test]
fn nothing_comes_from_the_store_while_a_logout_is_on_its_way_there() {
    each_seed(|world| {
        let context = world.signed_in("");
        world.store.set(Store::Slow(2_000));
        let gone = world.executor.start(logout(&context));
        for _ in 0..30 {
            context.give(propusk::session::Input::Changed);
            world.executor.advance(50);
            assert_eq!(held(&context), None);
        }
        world.executor.finish(&gone).unwrap();
        world.executor.advance(20_000);
        assert_eq!((held(&context), world.record()), (None, None));
        assert_eq!(*context.host.changes.borrow(), ["logout"]);
    });
}

#[test]
fn logouts_side_by_side_all_resolve() {
    each_seed(|world| {
        let context = world.signed_in("");
        world.store.set(Store::Slow(500));
        let calls = [logout(&context), logout(&context), logout(&context)].map(|call| world.executor.start(call));
        calls.iter().for_each(|call| world.executor.finish(call).unwrap());
        assert_eq!((held(&context), world.record()), (None, None));
        assert_eq!(world.server.count(Purpose::Revoke), 1);
        assert_eq!(*context.host.changes.borrow(), ["logout"]);
    });
}

#[test]
fn a_session_that_a_login_wrote_over_does_not_come_back_after_a_logout() {
    each_seed(|world| {
        let context = world.signed_in("");
        let login_number = context.login();
        // Another machine's, whose clock is behind: it was never seen here.
        let older = world.record().unwrap().replace(&login_number.to_string(), &(login_number - 5_000).to_string());
        world.put_record(Some(&older));
        world.run(login(&context, "other")).unwrap();
        world.run(logout(&context)).unwrap();
        world.restore_record(&context, &older);
        world.sync(&context);
        assert_eq!((held(&context), world.record()), (None, None));
    });
}

#[test]
fn a_login_that_a_logout_overtook_in_time_is_never_in_the_store() {
    each_seed(|world| {
        let context = world.context("");
        let overtaken = world.executor.start(login(&context, "user"));
        world.store.set(Store::Slow(1_000));
        world.executor.advance(100);
        assert_eq!((world.server.count(Purpose::Login), world.stored.writes.get()), (1, 0));
        let gone = world.executor.start(logout(&context));
        world.executor.finish(&gone).unwrap();
        assert!(overtaken.is_over());
        assert_eq!((world.stored.writes.get(), world.record()), (1, None), "it is emptied, and no more");
    });
}

#[test]
fn what_another_context_signed_in_to_is_not_shown_while_a_logout_is_on_its_way() {
    each_seed(|world| {
        let (context, other) = (world.signed_in(""), world.restored(""));
        world.run(login(&other, "other")).unwrap();
        world.store.set(Store::Slow(1_000));
        context.give(propusk::session::Input::Changed);
        world.executor.advance(100);
        let gone = world.executor.start(logout(&context));
        world.executor.finish(&gone).unwrap();
        assert_eq!(*context.host.changes.borrow(), ["logout"]);
        assert_eq!((held(&context), world.record()), (None, None));
    });
}
