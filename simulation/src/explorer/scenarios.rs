//! The worlds whose every order is gone into.

use super::Scenario;
use super::model::Act;
use crate::lies::Lie;

const BOTH: &[(usize, Act)] = &[(0, Act::Refresh), (1, Act::Refresh)];
const PLAIN: Scenario = Scenario {
    name: "",
    contexts: 2,
    pending: 0,
    has_lock: true,
    revokes: true,
    acts: BOTH,
    troubles: 0,
    losses: 0,
    mortal: &[],
    lie: None,
};
const COMES_BACK: &[(usize, Act)] = &[(0, Act::Callback(0)), (1, Act::Callback(0))];
/// Without a lock a provider that revokes would revoke.
const BARE: Scenario = Scenario { has_lock: false, revokes: false, ..PLAIN };

/// All worlds.
pub const SCENARIOS: &[Scenario] = &[
    Scenario { name: "two renew", ..PLAIN },
    Scenario { name: "two renew, no lock", ..BARE },
    Scenario { name: "two renew, each may die", mortal: &[0, 1], ..PLAIN },
    Scenario { name: "two renew, each may die, no lock", mortal: &[0, 1], ..BARE },
    Scenario {
        name: "two renew twice",
        acts: &[(0, Act::Refresh), (1, Act::Refresh), (0, Act::Refresh), (1, Act::Refresh)],
        ..PLAIN
    },
    Scenario { name: "two renew, one answer lost", losses: 1, ..PLAIN },
    Scenario { name: "two renew, one answer lost, no lock", losses: 1, ..BARE },
    Scenario { name: "one renews, one trouble of the store", acts: &[(0, Act::Refresh)], troubles: 1, ..PLAIN },
    Scenario { name: "one renews, two troubles of the store", acts: &[(0, Act::Refresh)], troubles: 2, ..PLAIN },
    Scenario { name: "two renew, one trouble of the store", troubles: 1, ..PLAIN },
    Scenario { name: "two renew, one trouble of the store, no lock", troubles: 1, ..BARE },
    Scenario { name: "one renews, the other signs out", acts: &[(0, Act::Refresh), (1, Act::Logout)], ..PLAIN },
    Scenario { name: "one renews, the other signs out, no lock", acts: &[(0, Act::Refresh), (1, Act::Logout)], ..BARE },
    Scenario {
        name: "one renews and signs out, the other renews",
        acts: &[(0, Act::Refresh), (0, Act::Logout), (1, Act::Refresh)],
        ..PLAIN
    },
    Scenario { name: "one signs out, one trouble of the store", acts: &[(0, Act::Logout)], troubles: 1, ..PLAIN },
    Scenario { name: "one signs out, two troubles of the store", acts: &[(0, Act::Logout)], troubles: 2, ..PLAIN },
    Scenario {
        name: "one renews, the other signs out, one trouble",
        acts: &[(0, Act::Refresh), (1, Act::Logout)],
        troubles: 1,
        ..PLAIN
    },
    Scenario { name: "one renews, the other signs in", acts: &[(0, Act::Refresh), (1, Act::Login)], ..PLAIN },
    Scenario { name: "one renews, the other signs in, no lock", acts: &[(0, Act::Refresh), (1, Act::Login)], ..BARE },
    Scenario { name: "both sign in", acts: &[(0, Act::Login), (1, Act::Login)], ..PLAIN },
    Scenario { name: "one signs in, the other out", acts: &[(0, Act::Login), (1, Act::Logout)], ..PLAIN },
    Scenario { name: "one signs in, one trouble of the store", acts: &[(0, Act::Login)], troubles: 1, ..PLAIN },
    Scenario {
        name: "one renews and is closed, the other renews",
        acts: &[(0, Act::Refresh), (0, Act::Close), (1, Act::Refresh)],
        ..PLAIN
    },
    Scenario {
        name: "one renews and is closed, no lock",
        acts: &[(0, Act::Refresh), (0, Act::Close), (1, Act::Refresh)],
        ..BARE
    },
    Scenario {
        name: "one renews and is closed, one trouble",
        acts: &[(0, Act::Refresh), (0, Act::Close)],
        troubles: 1,
        ..PLAIN
    },
    Scenario {
        name: "three renew",
        contexts: 3,
        acts: &[(0, Act::Refresh), (1, Act::Refresh), (2, Act::Refresh)],
        ..PLAIN
    },
    Scenario { name: "the lock is given to both", lie: Some(Lie::LockForAll), ..PLAIN },
    Scenario { name: "a read gives what was there before", lie: Some(Lie::LoadLast), ..PLAIN },
    Scenario { name: "a write writes nothing", lie: Some(Lie::WriteNothing), ..PLAIN },
    Scenario {
        name: "nobody hears of what others write",
        lie: Some(Lie::NoNotices),
        acts: &[(0, Act::Refresh)],
        ..PLAIN
    },
    Scenario {
        name: "three renew, no lock",
        contexts: 3,
        acts: &[(0, Act::Refresh), (1, Act::Refresh), (2, Act::Refresh)],
        ..BARE
    },
    Scenario { name: "two renew, two troubles of the store", troubles: 2, ..PLAIN },
    Scenario { name: "two renew, two troubles of the store, no lock", troubles: 2, ..BARE },
    Scenario { name: "two renew, each may die, one trouble", troubles: 1, mortal: &[0, 1], ..PLAIN },
    Scenario {
        name: "one renews, the other signs in, one trouble",
        acts: &[(0, Act::Refresh), (1, Act::Login)],
        troubles: 1,
        ..PLAIN
    },
    Scenario {
        name: "one signs in, the other out, one trouble",
        acts: &[(0, Act::Login), (1, Act::Logout)],
        troubles: 1,
        ..PLAIN
    },
    Scenario {
        name: "one signs out and in, the other renews",
        acts: &[(0, Act::Logout), (0, Act::Login), (1, Act::Refresh)],
        ..PLAIN
    },
    Scenario { name: "a user comes back in both", pending: 1, acts: COMES_BACK, ..PLAIN },
    Scenario { name: "a user comes back in both, no lock", pending: 1, acts: COMES_BACK, ..BARE },
    Scenario { name: "a user comes back in both, one trouble", pending: 1, acts: COMES_BACK, troubles: 1, ..PLAIN },
    Scenario {
        name: "a user comes back in both, one trouble, no lock",
        pending: 1,
        acts: COMES_BACK,
        troubles: 1,
        ..BARE
    },
    Scenario {
        name: "two users come back",
        pending: 2,
        acts: &[(0, Act::Callback(0)), (1, Act::Callback(1))],
        ..PLAIN
    },
    Scenario {
        name: "a user comes back, the other signs out",
        pending: 1,
        acts: &[(0, Act::Callback(0)), (1, Act::Logout)],
        ..PLAIN
    },
    Scenario {
        name: "a user comes back twice, and it is closed",
        pending: 1,
        acts: &[(0, Act::Callback(0)), (0, Act::Close), (1, Act::Callback(0))],
        ..PLAIN
    },
];
