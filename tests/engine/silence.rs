//! A store that is silent for a while is as one that fails: what it missed reaches it when it works again.

use propusk::protocol::request::Purpose;
use simulation::calls::{held, login, logout, refresh, token};
use simulation::server::Reply;
use simulation::store::Store;
use simulation::world::each_seed;

#[test]
fn a_new_token_is_stored_though_the_store_was_silent_when_it_came() {
    each_seed(|world| {
        let context = world.signed_in("");
        world.hold();
        let call = world.executor.start(refresh(&context));
        world.executor.advance(100);
        world.store.set(Store::Hangs);
        world.release();
        assert_eq!(token(&world.executor.finish(&call)), "access-2");
        world.store.set(Store::Works);
        world.executor.advance(10 * 60_000);
        assert!(world.record().unwrap().contains("refresh-2"));
        context.close();
        world.executor.advance(10_000);
        let next = world.restored("");
        world.run(refresh(&next)).unwrap();
        assert_eq!(world.server.reuses.get(), 0);
    });
}

#[test]
fn a_logout_reaches_the_store_though_it_was_silent_then() {
    each_seed(|world| {
        let context = world.signed_in("");
        world.store.set(Store::Hangs);
        world.run(logout(&context)).unwrap();
        world.store.set(Store::Works);
        world.executor.advance(10 * 60_000);
        assert_eq!(world.record(), None);
        assert_eq!(*context.host.changes.borrow(), ["logout"]);
    });
}

#[test]
fn what_was_carried_out_without_word_of_it_is_found_again() {
    each_seed(|world| {
        for silence in [Store::Mute, Store::Dawdles(20_000), Store::Slow(20_000)] {
            let context = world.signed_in("");
            world.hold();
            let call = world.executor.start(refresh(&context));
            world.executor.advance(100);
            world.store.set(silence);
            world.release();
            world.executor.finish(&call).unwrap();
            world.store.set(Store::Works);
            world.executor.advance(5 * 60_000);
            let expected = simulation::calls::held(&context).unwrap();
            assert!(world.record().unwrap().contains(&expected), "{silence:?}");
            assert_eq!(world.executor.sleeping(), 0, "{silence:?}");
            world.run(logout(&context)).unwrap();
        }
    });
}

#[test]
fn a_trace_is_told_when_its_request_ends_also_while_a_renewal_has_the_lock() {
    each_seed(|world| {
        let context = world.signed_in("");
        world.server.script([Reply::Silence]);
        let renewal = world.executor.start(refresh(&context));
        world.executor.advance(200);
        assert_eq!(world.server.count(Purpose::Refresh), 1);
        context.host.traces.borrow_mut().clear();
        world.run(simulation::calls::check(&context)).unwrap();
        assert!(!renewal.is_over());
        let traces: Vec<_> = context.host.traces.borrow().iter().map(|trace| trace.purpose).collect();
        assert_eq!(traces, ["check"]);
    });
}

#[test]
fn a_removal_that_was_not_heard_of_explains_one_empty_store_and_no_logout_elsewhere() {
    each_seed(|world| {
        let context = world.signed_in("");
        world.store.set(Store::Mute);
        world.run(logout(&context)).unwrap();
        world.store.set(Store::Works);
        world.run(login(&context, "user")).unwrap();
        let others = [world.restored(""), world.restored("")];
        others.iter().chain([&context]).for_each(|context| world.watch(context));
        let written = world.stored.writes.get();
        world.run(logout(&others[0])).unwrap();
        world.executor.advance(60_000);
        assert_eq!(world.record(), None);
        assert!(others.iter().chain([&context]).all(|context| held(context).is_none()));
        let written = world.stored.writes.get() - written;
        assert!(written < 10, "{written} writes: some write what others remove");
    });
}

#[test]
fn a_login_that_is_not_stored_is_warned_of_before_it_is_shown_whoever_has_the_lock() {
    each_seed(|world| {
        let context = world.signed_in("");
        world.server.script([Reply::Silence]);
        let renewal = world.executor.start(refresh(&context));
        world.executor.advance(200);
        assert!(!renewal.is_over());
        world.store.set(Store::Full);
        world.run(login(&context, "other")).unwrap();
        assert_eq!(*context.host.changes.borrow(), ["login"]);
        assert_eq!(context.host.warnings.borrow().len(), 1);
    });
}

#[test]
fn a_removal_that_was_heard_of_late_explains_no_logout_elsewhere() {
    each_seed(|world| {
        let context = world.signed_in("");
        world.store.set(Store::Dawdles(20_000));
        world.run(logout(&context)).unwrap();
        world.store.set(Store::Works);
        world.run(login(&context, "user")).unwrap();
        world.executor.advance(60_000);
        assert!(held(&context).is_some() && world.record().is_some());
        world.run(logout(&world.restored(""))).unwrap();
        world.sync(&context);
        assert_eq!((held(&context), world.record()), (None, None));
    });
}

#[test]
fn a_write_that_is_never_heard_of_is_not_looked_for_for_ever() {
    each_seed(|world| {
        let context = world.signed_in("");
        world.store.set(Store::Mute);
        world.run(refresh(&context)).unwrap();
        world.store.set(Store::Works);
        world.executor.advance(11 * 60_000);
        let read = world.stored.reads.get();
        world.executor.advance(60 * 60_000);
        assert_eq!(world.stored.reads.get(), read);
    });
}
