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
