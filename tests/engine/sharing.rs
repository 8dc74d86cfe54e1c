//! Contexts that share a store: tabs of an origin, processes with one Redis.

use propusk::error::Code;
use propusk::protocol::request::Purpose;
use propusk::session::Input;

use simulation::calls::{code, held, login, logout, refresh, token, usable};
use simulation::lock::{LEASE, Locking};
use simulation::server::{Reply, Reuse};
use simulation::store::Store;
use simulation::world::each_seed;

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
        world.locking.set(Locking::None);
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
        world.locking.set(Locking::None);
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
        world.sync(&context);
        assert_eq!(held(&context).as_deref(), Some("access-2"));
        world.sync(&context);
        world.run(logout(&other)).unwrap();
        world.sync(&context);
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
            world.sync(&context);
            assert_eq!(held(&context).as_deref(), Some("access-1"), "{foreign}");
            assert_eq!(held(&world.restored("")), None, "{foreign}");
        }
        assert!(context.host.changes.borrow().is_empty());
    });
}

/// What another version, or something else, may have put in the place of a session.
fn unreadable(record: &str) -> [String; 3] {
    let newer = record.replace(r#""v":2"#, r#""v":3"#);
    [newer, r#"{"v":3,"sealed":"..."}"#.to_owned(), "not json".to_owned()]
}

#[test]
fn what_cannot_be_read_stays_until_somebody_signs_in_or_out_and_is_told_once() {
    each_seed(|world| {
        for which in 0..3 {
            world.signed_in("");
            let foreign = &unreadable(&world.record().unwrap())[which];
            world.put_record(Some(foreign));
            let context = world.restored("");
            for _ in 0..3 {
                world.sync(&context);
                assert_eq!(code(&world.run(refresh(&context))), Some(Code::LoginRequired));
            }
            assert_eq!(world.record().as_ref(), Some(foreign));
            let warnings = context.host.warnings.take();
            assert_eq!(warnings.len(), 1, "{foreign}");
            assert_eq!(warnings[0].code, Code::Storage);
            assert_eq!(warnings[0].message.contains("newer version"), foreign != "not json", "{}", warnings[0].message);
            assert!(warnings[0].hint.as_deref().is_some_and(|hint| hint.contains("until somebody signs in or out")));
            world.run(login(&context, "user")).unwrap();
            assert_eq!(held(&world.restored("")), held(&context));
            world.put_record(Some(foreign));
            world.run(logout(&context)).unwrap();
            assert_eq!(world.record(), None);
        }
    });
}

#[test]
fn a_token_that_a_newer_version_may_have_spent_is_not_sent() {
    each_seed(|world| {
        let context = world.signed_in("");
        let newer = world.record().unwrap().replace(r#""v":2"#, r#""v":3"#);
        world.put_record(Some(&newer));
        let sent = world.server.log.borrow().len();
        let error = world.run(refresh(&context)).err().unwrap();
        assert_eq!((error.code, error.retryable()), (Code::Storage, false));
        assert!(error.message.contains("newer version") && error.hint.is_some());
        assert_eq!(world.server.log.borrow().len(), sent);
        // What it has is good for as long as it lives.
        assert_eq!(held(&context).as_deref(), Some("access-1"));
        assert_eq!(token(&world.run(usable(&context, 0))), "access-1");
        assert_eq!(world.record(), Some(newer));
        // The newer version signs out.
        world.put_record(None);
        world.sync(&context);
        assert_eq!((held(&context), world.record()), (None, None));
    });
}

#[test]
fn what_cannot_be_read_is_not_overwritten_by_what_the_store_lacks() {
    each_seed(|world| {
        for newer in [true, false] {
            let context = world.signed_in("");
            world.store.set(Store::Fails);
            world.run(refresh(&context)).unwrap();
            world.store.set(Store::Works);
            let foreign = &unreadable(&world.record().unwrap())[if newer { 0 } else { 2 }];
            world.put_record(Some(foreign));
            world.executor.advance(120_000);
            world.sync(&context);
            assert_eq!(world.record().as_ref(), Some(foreign));
            if !newer {
                world.run(refresh(&context)).unwrap();
                assert_eq!(world.record().as_ref(), Some(foreign), "a renewal stays in memory");
            }
            assert!(held(&context).is_some());
            world.run(logout(&context)).unwrap();
            assert_eq!(world.record(), None);
        }
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

#[test]
fn a_refusal_while_another_context_still_writes_is_no_refusal() {
    each_seed(|world| {
        world.locking.set(Locking::None);
        world.server.reuse.set(Reuse::Refused);
        let contexts = [world.signed_in(""), world.restored("")];
        let calls = contexts.each_ref().map(|context| world.executor.start(refresh(context)));
        for call in calls {
            assert_eq!(token(&world.executor.finish(&call)), "access-2");
        }
        assert!(contexts.iter().all(|context| !context.host.changes.borrow().contains(&"expire")));
    });
}

#[test]
fn a_context_that_dies_with_the_lock_is_passed_over() {
    each_seed(|world| {
        let (dying, waiting) = (world.signed_in(""), world.restored(""));
        world.server.script([Reply::Silence]);
        world.executor.start(refresh(&dying));
        world.executor.advance(50);
        let call = world.executor.start(refresh(&waiting));
        world.executor.advance(50);
        world.kill(&dying);
        let start = world.executor.elapsed();
        assert_eq!(token(&world.executor.finish(&call)), "access-2");
        assert!(world.executor.elapsed() - start < LEASE + 100);
    });
}

#[test]
fn a_lock_that_is_never_given_costs_time_and_one_warning() {
    each_seed(|world| {
        let context = world.signed_in(r#""timeout":3000"#);
        world.locking.set(Locking::Hangs);
        for (expected, most) in [("access-2", 12_600), ("access-3", 4_600)] {
            let start = world.executor.elapsed();
            assert_eq!(token(&world.run(refresh(&context))), expected);
            assert!(world.executor.elapsed() - start < most);
        }
        assert_eq!(context.host.warnings.borrow().len(), 1);
    });
}

#[test]
fn those_who_wait_in_vain_for_the_same_lock_seldom_go_on_at_once() {
    let reuses = std::cell::Cell::new(0);
    each_seed(|world| {
        world.server.reuse.set(Reuse::Forgiven);
        let contexts = [world.signed_in(r#""timeout":3000"#), world.restored(""), world.restored("")];
        world.locking.set(Locking::Hangs);
        let calls = contexts.each_ref().map(|context| world.executor.start(refresh(context)));
        for call in calls {
            world.executor.finish(&call).unwrap();
        }
        reuses.set(reuses.get() + world.server.count(Purpose::Refresh) - 1);
    });
    assert!(reuses.get() < 10, "{} of 50", reuses.get());
}

#[test]
fn the_lock_is_free_in_the_pauses_between_two_tries() {
    each_seed(|world| {
        let (one, other) = (world.signed_in(""), world.restored(""));
        world.server.script([Reply::new(503, &[("retry-after", "20")], "")]);
        let waiting = world.executor.start(refresh(&one));
        world.executor.advance(100);
        let start = world.executor.elapsed();
        assert_eq!(token(&world.run(refresh(&other))), "access-2");
        assert!(world.executor.elapsed() - start < 1000);
        assert_eq!(token(&world.executor.finish(&waiting)), "access-2", "the store is read again after the pause");
        assert_eq!(world.server.count(Purpose::Refresh), 2);
    });
}

#[test]
fn a_session_that_another_context_renewed_long_ago_is_renewed_itself() {
    each_seed(|world| {
        let (one, idle) = (world.signed_in(""), world.restored(""));
        world.run(refresh(&one)).unwrap();
        world.executor.advance(2 * 3_600_000);
        assert_eq!(token(&world.run(usable(&idle, 0))), "access-3");
        assert_eq!(world.server.reuses.get(), 0);
    });
}

#[test]
fn a_login_that_was_overtaken_while_it_was_written_is_taken_back_everywhere() {
    each_seed(|world| {
        for pause in 0..40 {
            let (context, other) = (world.signed_in(""), world.restored(""));
            let before = held(&context).unwrap();
            let overtaken = world.executor.start(login(&context, "second"));
            world.executor.advance(pause);
            world.server.script([Reply::error(400, "invalid_grant")]);
            let refused = world.executor.start(login(&context, "third"));
            let results = [world.executor.finish(&overtaken), world.executor.finish(&refused)];
            world.executor.advance(1000);
            world.sync(&other);
            if results.iter().all(Result::is_err) {
                assert_eq!(held(&context).as_deref(), Some(before.as_str()), "{pause}");
            }
            assert_eq!(held(&other), held(&context), "{pause}");
            assert!(world.record().unwrap().contains(&held(&context).unwrap()), "{pause}");
            world.server.script_is_over();
            world.run(logout(&context)).unwrap();
        }
    });
}

#[test]
fn a_logout_revokes_what_another_context_renewed_unheard() {
    each_seed(|world| {
        let (context, other) = (world.signed_in(""), world.restored(""));
        world.run(refresh(&other)).unwrap();
        world.run(logout(&context)).unwrap();
        let revoked = world.server.revoked.borrow().clone();
        assert_eq!(revoked, [("user".to_owned(), "refresh-2".to_owned())]);
    });
}

#[test]
fn a_store_that_gives_another_session_each_time_is_an_error() {
    each_seed(|world| {
        let context = world.signed_in("");
        let record = world.record().unwrap();
        *world.stored.reads_as.borrow_mut() = Some(Box::new(move |read, _| {
            let newer = record.replace(r#""renewal":0"#, &format!(r#""renewal":{read}"#));
            // One that has expired, and another one each time.
            Some(newer.replace("-1\"", &format!("-9{read}\"")).replace(r#""expires":18"#, r#""expires":17"#))
        }));
        assert_eq!(code(&world.run(refresh(&context))), Some(Code::Storage));
        assert_eq!(world.server.count(Purpose::Refresh), 10);
    });
}

#[test]
fn a_burst_of_changes_is_looked_at_twice_at_most() {
    each_seed(|world| {
        let context = world.signed_in("");
        let read = world.stored.reads.get();
        for _ in 0..50 {
            context.give(Input::Changed);
        }
        world.executor.advance(100);
        assert_eq!(world.stored.reads.get() - read, 2);
        // The same while something else is done with the store.
        world.store.set(Store::Slow(1_000));
        let login = world.executor.start(login(&context, "other"));
        world.executor.advance(500);
        world.store.set(Store::Works);
        let read = world.stored.reads.get();
        for _ in 0..50 {
            context.give(Input::Changed);
        }
        world.executor.finish(&login).unwrap();
        world.executor.advance(100);
        assert_eq!(world.stored.reads.get() - read, 1);
    });
}

#[test]
fn word_of_a_change_waits_for_the_renewal() {
    each_seed(|world| {
        let context = world.signed_in("");
        let newer = world.record().unwrap().replace("-1\"", "-elsewhere\"");
        world.hold();
        let call = world.executor.start(refresh(&context));
        world.executor.advance(100);
        let read = world.stored.reads.get();
        world.put_record(Some(&newer));
        world.sync(&context);
        assert_eq!(world.stored.reads.get(), read, "it looks itself");
        assert_eq!(held(&context).as_deref(), Some("access-1"));
        world.release();
        assert_eq!(token(&world.executor.finish(&call)), "access-elsewhere");
    });
}

#[test]
fn a_session_from_elsewhere_that_is_about_to_end_is_renewed_itself() {
    each_seed(|world| {
        world.server.lives("600");
        let (one, idle) = (world.signed_in(""), world.restored(""));
        world.run(refresh(&one)).unwrap();
        // It is valid yet, but for less than `refreshBefore`.
        world.executor.advance(560_000);
        assert_eq!(token(&world.run(usable(&idle, 0))), "access-3");
        assert_eq!(*idle.host.changes.borrow(), ["refresh"]);
    });
}

#[test]
fn the_same_tokens_are_news_only_where_they_live_longer() {
    each_seed(|world| {
        let context = world.signed_in("");
        let renewed = world.record().unwrap().replace(r#""renewal":0"#, r#""renewal":1"#);
        world.put_record(Some(&renewed));
        world.sync(&context);
        assert!(context.host.changes.borrow().is_empty());
        let end = context.held().unwrap().expires_at.unwrap();
        let longer = renewed.replace(&end.to_string(), &(end + 600_000).to_string());
        world.put_record(Some(&longer));
        world.sync(&context);
        assert_eq!(*context.host.changes.borrow(), ["sync"]);
        assert_eq!(context.held().unwrap().expires_at, Some(end + 600_000));
        assert_eq!(world.record(), Some(longer));
    });
}
