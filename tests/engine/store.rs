//! A store that fails, hangs or comes back.

use std::cell::Cell;
use std::rc::Rc;

use propusk::error::Code;
use propusk::session::Input;

use simulation::calls::{code, held, login, logout, refresh, token, usable};
use simulation::server::Reply;
use simulation::store::Store;
use simulation::world::each_seed;

#[test]
fn memory_serves_when_the_store_fails() {
    each_seed(|world| {
        world.store.set(Store::Fails);
        let context = world.restored("");
        assert_eq!(token(&world.run(login(&context, "user"))), "access-1");
        assert_eq!(token(&world.run(refresh(&context))), "access-2");
        assert_eq!(token(&world.run(usable(&context, 0))), "access-2");
        world.run(logout(&context)).unwrap();
        assert_eq!(held(&context), None);
        assert!(context.host.warnings.borrow().iter().all(|error| error.code == Code::Storage));
    });
}

#[test]
fn a_store_that_fails_is_warned_about_once() {
    each_seed(|world| {
        let context = world.signed_in("");
        world.store.set(Store::Fails);
        for _ in 0..3 {
            world.run(refresh(&context)).unwrap();
        }
        assert_eq!(context.host.warnings.borrow().len(), 1);
    });
}

#[test]
fn an_old_refresh_token_is_never_sent_after_a_new_one() {
    each_seed(|world| {
        let context = world.signed_in("");
        world.store.set(Store::Fails);
        world.run(refresh(&context)).unwrap();
        // The store works again, and still holds the old session.
        world.store.set(Store::Works);
        assert!(world.record().unwrap().contains("refresh-1"));
        world.sync(&context);
        assert_eq!(held(&context).as_deref(), Some("access-2"));
        for expected in ["access-3", "access-4"] {
            assert_eq!(token(&world.run(refresh(&context))), expected);
        }
        assert_eq!(world.server.reuses.get(), 0);
        assert!(world.record().unwrap().contains("refresh-4"), "the store is written again");
    });
}

#[test]
fn a_store_that_fails_once_at_the_start_is_used_again() {
    each_seed(|world| {
        world.signed_in("");
        world.store.set(Store::Fails);
        let context = world.restored("");
        assert_eq!(held(&context), None);
        world.store.set(Store::Works);
        assert_eq!(token(&world.run(login(&context, "user"))), "access-2");
        assert_eq!(held(&world.restored("")).as_deref(), Some("access-2"));
    });
}

#[test]
fn a_session_is_stored_before_anyone_sees_it() {
    each_seed(|world| {
        let context = world.context("");
        world.store.set(Store::Hangs);
        let call = world.executor.start(login(&context, "user"));
        world.executor.advance(4_000);
        assert!(call.get().is_none() && held(&context).is_none() && context.host.changes.borrow().is_empty());
        context.close();
        world.executor.settle();
        assert_eq!(call.get().and_then(|result| code(&result)), Some(Code::Closed));
    });
}

#[test]
fn a_logout_that_the_store_did_not_hear_of_is_made_good() {
    each_seed(|world| {
        let context = world.signed_in("");
        world.store.set(Store::Fails);
        world.run(logout(&context)).unwrap();
        world.store.set(Store::Works);
        world.sync(&context);
        assert_eq!(held(&context), None, "the old session does not come back");
        world.run(logout(&context)).unwrap();
        assert_eq!(world.record(), None);
    });
}

#[test]
fn a_store_that_hangs_delays_a_call_once_and_is_warned_about_once() {
    each_seed(|world| {
        let context = world.signed_in("");
        world.store.set(Store::Hangs);
        let start = world.executor.elapsed();
        assert_eq!(token(&world.run(refresh(&context))), "access-2");
        assert!(world.executor.elapsed() - start < 8_000);
        let start = world.executor.elapsed();
        assert_eq!(token(&world.run(refresh(&context))), "access-3");
        assert!(world.executor.elapsed() - start < 4_000);
        let warnings = context.host.warnings.borrow();
        assert!(warnings.len() == 1 && warnings[0].message.starts_with("`get`"), "{}", warnings[0].message);
    });
}

#[test]
fn a_write_that_is_carried_out_late_does_not_stay() {
    each_seed(|world| {
        let context = world.signed_in("");
        world.store.set(Store::Slow(20_000));
        world.run(refresh(&context)).unwrap();
        world.store.set(Store::Works);
        world.run(refresh(&context)).unwrap();
        world.executor.advance(60_000);
        assert!(world.record().unwrap().contains("refresh-3"));
        assert_eq!(held(&world.restored("")).as_deref(), Some("access-3"));
    });
}

#[test]
fn a_session_that_has_ended_is_not_read_again() {
    each_seed(|world| {
        let context = world.signed_in("");
        let record = world.record().unwrap();
        world.server.revoke_all();
        assert_eq!(code(&world.run(refresh(&context))), Some(Code::LoginRequired));
        world.restore_record(&context, &record);
        world.sync(&context);
        assert_eq!((held(&context), world.record()), (None, None));
    });
}

#[test]
fn a_record_that_others_overwrote_with_an_older_one_is_written_again() {
    each_seed(|world| {
        let context = world.signed_in("");
        let older = world.record().unwrap();
        world.run(refresh(&context)).unwrap();
        world.put_record(Some(&older));
        world.sync(&context);
        assert_eq!(held(&context).as_deref(), Some("access-2"));
        assert!(world.record().unwrap().contains("refresh-2"));
    });
}

#[test]
fn a_session_that_was_not_stored_is_when_the_store_works_again() {
    each_seed(|world| {
        let context = world.context("");
        world.store.set(Store::Full);
        world.run(login(&context, "user")).unwrap();
        assert_eq!(world.record(), None);
        world.store.set(Store::Works);
        world.wake(&context);
        assert_eq!(held(&world.restored("")).as_deref(), Some("access-1"));
    });
}

#[test]
fn a_moment_in_which_the_store_cannot_be_read_spends_no_token_that_another_context_has_spent() {
    each_seed(|world| {
        let (one, other) = (world.signed_in(""), world.restored(""));
        world.run(refresh(&one)).unwrap();
        world.store.set(Store::Fails);
        let call = world.executor.start(refresh(&other));
        world.executor.advance(100);
        world.store.set(Store::Works);
        assert_eq!(token(&world.executor.finish(&call)), "access-2");
        assert_eq!(world.server.reuses.get(), 0);
    });
}

#[test]
fn what_could_not_be_stored_is_stored_when_the_store_works_again_without_a_call() {
    each_seed(|world| {
        let context = world.signed_in("");
        world.store.set(Store::Full);
        world.run(refresh(&context)).unwrap();
        world.executor.advance(20_000);
        world.store.set(Store::Works);
        world.executor.advance(60_000);
        assert!(world.record().unwrap().contains("refresh-2"));
        assert_eq!(world.executor.sleeping(), 0);
    });
}

#[test]
fn a_logout_that_did_not_reach_the_store_is_told_and_made_good() {
    each_seed(|world| {
        let context = world.signed_in("");
        world.store.set(Store::Fails);
        world.run(logout(&context)).unwrap();
        let warnings = context.host.warnings.borrow().clone();
        assert!(warnings.len() == 1 && warnings[0].hint.as_deref().unwrap().contains("logout"));
        world.store.set(Store::Works);
        world.executor.advance(120_000);
        assert_eq!(world.record(), None);
    });
}

#[test]
fn a_logout_that_the_store_comes_to_late_is_not_taken_for_another_contexts() {
    each_seed(|world| {
        let context = world.signed_in("");
        world.store.set(Store::Slow(7_000));
        world.run(logout(&context)).unwrap();
        world.store.set(Store::Works);
        let expected = token(&world.run(login(&context, "user")));
        world.executor.advance(60_000);
        assert_eq!(held(&context), Some(expected.clone()));
        assert!(world.record().unwrap().contains(&expected));
    });
}

#[test]
fn a_store_that_could_not_be_read_at_the_start_is_read_for_the_first_call() {
    each_seed(|world| {
        let _other = world.signed_in("");
        world.store.set(Store::Fails);
        let context = world.restored("");
        world.store.set(Store::Works);
        assert_eq!(token(&world.run(usable(&context, 0))), "access-1");
        assert_eq!(*context.host.changes.borrow(), ["sync"]);
    });
}

#[test]
fn a_store_that_works_in_between_is_warned_about_again() {
    each_seed(|world| {
        let context = world.signed_in("");
        for outages in 1..4 {
            world.store.set(Store::Fails);
            world.run(refresh(&context)).unwrap();
            world.run(refresh(&context)).unwrap();
            assert_eq!(context.host.warnings.borrow().len(), outages);
            world.store.set(Store::Works);
            world.run(refresh(&context)).unwrap();
        }
    });
}

#[test]
fn a_store_whose_comparison_always_fails_is_written_all_the_same() {
    each_seed(|world| {
        world.stored.never_swaps.set(true);
        let context = world.signed_in("");
        assert!(world.record().unwrap().contains("refresh-1"));
        let written = world.stored.writes.get();
        world.run(refresh(&context)).unwrap();
        assert!(world.record().unwrap().contains("refresh-2"));
        assert!(world.stored.writes.get() - written < 10);
        world.run(logout(&context)).unwrap();
        assert_eq!(world.record(), None);
        world.run(login(&context, "user")).unwrap();
        world.server.revoke_all();
        assert_eq!(code(&world.run(refresh(&context))), Some(Code::LoginRequired));
        assert_eq!(world.record(), None);
    });
}

#[test]
fn what_cannot_be_read_is_not_removed() {
    each_seed(|world| {
        let context = world.signed_in("");
        let newer = world.record().unwrap().replace("-1\"", "-elsewhere\"").replace(r#""renewal":0"#, r#""renewal":1"#);
        world.server.revoke_all();
        world.store.set(Store::Unreadable);
        assert_eq!(code(&world.run(refresh(&context))), Some(Code::LoginRequired));
        assert_eq!(*context.host.changes.borrow(), ["expire"]);
        world.put_record(Some(&newer));
        world.store.set(Store::Works);
        world.executor.advance(60_000);
        assert_eq!(world.record(), Some(newer), "it was another context's, and newer");
        assert_eq!(held(&context).as_deref(), Some("access-elsewhere"));
    });
    each_seed(|world| {
        let context = world.signed_in("");
        let newer = world.record().unwrap().replace("-1\"", "-elsewhere\"").replace(r#""renewal":0"#, r#""renewal":2"#);
        world.hold();
        let call = world.executor.start(refresh(&context));
        world.executor.advance(100);
        world.store.set(Store::Hangs);
        world.release();
        assert_eq!(token(&world.executor.finish(&call)), "access-2");
        world.put_record(Some(&newer));
        world.store.set(Store::Works);
        world.executor.advance(60_000);
        assert_eq!(world.record(), Some(newer), "it is not written over");
        assert_eq!(held(&context).as_deref(), Some("access-elsewhere"));
    });
}

#[test]
fn in_a_known_outage_a_renewal_does_not_wait_for_the_store() {
    each_seed(|world| {
        let context = world.signed_in("");
        world.store.set(Store::Fails);
        for least in [1_000, 0, 0] {
            let start = world.executor.elapsed();
            world.run(refresh(&context)).unwrap();
            assert!((least..least + 100).contains(&(world.executor.elapsed() - start)), "{least}");
        }
    });
}

#[test]
fn no_earlier_login_is_come_back_to() {
    each_seed(|world| {
        let context = world.signed_in("");
        let earlier = world.record().unwrap();
        world.run(login(&context, "other")).unwrap();
        world.server.script([Reply::error(400, "invalid_grant")]);
        assert_eq!(code(&world.run(refresh(&context))), Some(Code::LoginRequired));
        world.restore_record(&context, &earlier);
        world.sync(&context);
        assert_eq!((held(&context), world.record()), (None, None));
    });
}

#[test]
fn sixteen_ended_sessions_are_remembered() {
    each_seed(|world| {
        let context = world.context("");
        let records: Vec<_> = (0..16)
            .map(|_| {
                world.run(login(&context, "user")).unwrap();
                let record = world.record().unwrap();
                world.server.revoke_all();
                world.run(refresh(&context)).err().unwrap();
                record
            })
            .collect();
        for record in records {
            world.restore_record(&context, &record);
            world.sync(&context);
            assert_eq!((held(&context), world.record()), (None, None));
        }
    });
}

#[test]
fn without_a_store_everything_works_from_memory() {
    each_seed(|world| {
        world.has_store.set(false);
        let context = world.signed_in("");
        assert_eq!(token(&world.run(refresh(&context))), "access-2");
        world.server.revoke_all();
        let start = world.executor.elapsed();
        assert_eq!(code(&world.run(refresh(&context))), Some(Code::LoginRequired));
        assert!(world.executor.elapsed() - start < 100, "nobody else could have been faster");
        world.run(login(&context, "user")).unwrap();
        world.run(logout(&context)).unwrap();
        assert_eq!(*context.host.changes.borrow(), ["refresh", "expire", "login", "logout"]);
        assert_eq!((world.stored.reads.get(), world.stored.writes.get()), (0, 0));
        assert!(context.host.warnings.borrow().is_empty());
        context.close();
        assert_eq!(world.executor.sleeping(), 0);
    });
}

#[test]
fn a_store_that_can_be_written_but_not_read_has_the_new_tokens() {
    each_seed(|world| {
        let context = world.signed_in("");
        world.store.set(Store::Unreadable);
        world.run(refresh(&context)).unwrap();
        assert!(world.record().unwrap().contains("refresh-2"));
    });
}

#[test]
fn word_of_a_change_that_a_renewal_put_off_is_looked_into_though_the_renewal_fails() {
    each_seed(|world| {
        let context = world.signed_in(r#""retries":0"#);
        let older = world.record().unwrap();
        world.run(refresh(&context)).unwrap();
        world.put_record(Some(&older));
        world.server.script([Reply::status(500)]);
        context.give(Input::Changed);
        assert_eq!(code(&world.run(refresh(&context))), Some(Code::ServerError));
        world.executor.advance(1_000);
        assert!(world.record().unwrap().contains("refresh-2"), "the older one was overwritten");
    });
}

#[test]
fn what_comes_between_a_read_and_a_write_is_not_overwritten() {
    each_seed(|world| {
        let context = world.signed_in("");
        let newer = world.record().unwrap().replace("-1\"", "-elsewhere\"").replace(r#""renewal":0"#, r#""renewal":1"#);
        let (reads, between) = (Cell::new(0), (Rc::downgrade(world), newer.clone()));
        *world.stored.reads_as.borrow_mut() = Some(Box::new(move |_, current| {
            reads.set(reads.get() + 1);
            // The first one is before the refresh token is sent, the second one before the new one is written.
            if reads.get() == 2 {
                between.0.upgrade().unwrap().put_record(Some(&between.1));
            }
            current
        }));
        assert_eq!(token(&world.run(refresh(&context))), "access-elsewhere");
        assert_eq!(world.record(), Some(newer));
    });
}

#[test]
fn a_call_without_a_session_does_not_wait_for_a_store_that_works_or_never_does() {
    each_seed(|world| {
        let context = world.context("");
        let read = world.stored.reads.get();
        assert!(world.executor.start(usable(&context, 0)).is_over());
        assert_eq!(world.stored.reads.get(), read);
        world.store.set(Store::Fails);
        let context = world.restored("");
        assert_eq!(code(&world.run(usable(&context, 0))), Some(Code::LoginRequired));
    });
}

#[test]
fn an_outage_of_the_store_is_looked_into_ever_less_often() {
    each_seed(|world| {
        let context = world.signed_in("");
        world.store.set(Store::Fails);
        world.run(refresh(&context)).unwrap();
        let read = world.stored.reads.get();
        world.executor.advance(10 * 60_000);
        let read = world.stored.reads.get() - read;
        assert!((15..=30).contains(&read), "{read} times in ten minutes");
    });
}
