//! What becomes of logins and callbacks where several contexts, overtaking logins and failing stores are in the way.

use std::rc::Rc;

use propusk::error::Code;
use propusk::protocol::form;
use propusk::protocol::request::Purpose;

use simulation::calls::{
    REDIRECT, access_alone, authorization_url, callback, code, comes_back, held, refresh, set_session,
};
use simulation::lock::Locking;
use simulation::store::Store;
use simulation::world::each_seed;

use super::redirect::{OPTIONS, PKCE, Sent, answer, begin, context, handle, start};

#[test]
fn a_callback_handled_again_gives_its_session_as_long_as_that_is_the_current_one() {
    each_seed(|world| {
        let context = world.context_of(REDIRECT, OPTIONS, false);
        let address = world.run(authorization_url(&context, None)).unwrap();
        let address = comes_back(&address, "user");
        let again = || world.run(callback(&context, &address));
        assert_eq!(again().unwrap().unwrap().tokens.access_token.as_ref().unwrap().expose(), "access-1");
        world.run(refresh(&context)).unwrap();
        let redirected = again().unwrap().unwrap();
        assert!(Rc::ptr_eq(&redirected.tokens, &context.held().unwrap()), "it was renewed since");
        let other = world.run(authorization_url(&context, None)).unwrap();
        world.run(callback(&context, &comes_back(&other, "other"))).unwrap();
        assert_eq!(code(&again()), Some(Code::RedirectUnexpected), "somebody else is signed in");
        assert_eq!(held(&context).as_deref(), Some("access-3"));
    });
}

#[test]
fn a_callback_that_was_overtaken_before_it_was_redeemed_may_be_handled_again() {
    each_seed(|world| {
        let context = context(world, PKCE);
        let callback = answer(&begin(world, &context, None).state());
        world.store.set(Store::Slow(500));
        let overtaken = start(world, &context, &callback);
        world.executor.advance(100);
        world.store.set(Store::Works);
        let tokens = access_alone("access-9", None);
        world.run(set_session(&context, tokens)).unwrap();
        assert_eq!(code(&world.executor.finish(&overtaken)), Some(Code::Aborted));
        assert!(world.has_pending() && world.server.log.borrow().is_empty());
        assert!(handle(world, &context, &callback).unwrap().is_some());
    });
}

#[test]
fn a_store_that_falls_silent_before_it_has_written_a_login_is_told() {
    each_seed(|world| {
        let context = context(world, PKCE);
        let hanging = Rc::downgrade(world);
        *world.stored.reads_as.borrow_mut() = Some(Box::new(move |_, current| {
            // What is asked after this is not answered.
            hanging.upgrade().unwrap().store.set(Store::Hangs);
            current
        }));
        assert_eq!(code(&world.run(authorization_url(&context, None))), Some(Code::Storage));
        *world.stored.reads_as.borrow_mut() = None;
        world.store.set(Store::Works);
        assert!(world.run(authorization_url(&context, None)).is_ok());
    });
}

#[test]
fn logins_that_begin_at_once_in_several_contexts_are_all_remembered() {
    each_seed(|world| {
        world.locking.set(Locking::None);
        let contexts = [context(world, PKCE), context(world, PKCE), context(world, PKCE)];
        let calls = contexts.each_ref().map(|context| world.executor.start(authorization_url(context, None)));
        let states = calls.map(|call| {
            let address = world.executor.finish(&call).unwrap();
            Sent(form::decode(address.split_once('?').unwrap().1)).state()
        });
        for (context, state) in contexts.iter().zip(states) {
            assert!(handle(world, context, &answer(&state)).unwrap().is_some());
        }
        assert_eq!(world.server.count(Purpose::Exchange), 3);
    });
}

#[test]
fn nothing_is_redeemed_after_close() {
    each_seed(|world| {
        let context = world.context_of(REDIRECT, OPTIONS, false);
        let address = world.run(authorization_url(&context, None)).unwrap();
        world.run(callback(&context, &comes_back(&address, "user"))).unwrap();
        let next = world.run(authorization_url(&context, None)).unwrap();
        // It goes on for as long as the renewal does.
        world.hold();
        let _renewal = world.executor.start(refresh(&context));
        world.executor.advance(50);
        world.store.set(Store::Slow(500));
        let handling = world.executor.start(callback(&context, &comes_back(&next, "user")));
        world.executor.advance(50);
        context.close();
        assert_eq!(code(&world.executor.finish(&handling)), Some(Code::Closed));
        world.executor.advance(2_000);
        world.release();
        world.executor.advance(10_000);
        assert_eq!(world.server.count(Purpose::Exchange), 1);
        assert!(world.has_pending(), "it can be handled by whoever comes next");
    });
}

#[test]
fn a_store_whose_comparison_always_fails_begins_no_login() {
    each_seed(|world| {
        let context = context(world, PKCE);
        world.stored.never_swaps.set(true);
        let error = world.run(authorization_url(&context, None)).unwrap_err();
        assert_eq!(error.code.as_str(), "storage");
        assert_eq!(world.stored.writes.get(), 9, "one, and eight more");
        assert!(!world.has_pending());
        world.stored.never_swaps.set(false);
        assert!(world.run(authorization_url(&context, None)).is_ok());
    });
}
