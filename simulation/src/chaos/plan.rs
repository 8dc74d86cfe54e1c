//! What a seed decides about a world before it begins.

use crate::lock::Locking;
use crate::random::Random;
use crate::server::Reuse;

/// A world, and what may go wrong in it.
#[derive(Debug)]
pub(super) struct Plan {
    /// How many tabs or processes there are at once.
    pub(super) contexts: usize,
    /// How the lock behaves.
    pub(super) locking: Locking,
    /// Whether the lock is taken away from its holder now and then.
    pub(super) is_lock_stolen: bool,
    /// Whether the store compares and writes in two steps.
    pub(super) swaps_in_two_steps: bool,
    /// Whether contexts hear of changes.
    pub(super) watches: bool,
    /// What becomes of a refresh token that comes again.
    pub(super) reuse: Reuse,
    /// Whether the store fails, fills up, hangs or dawdles.
    pub(super) store_fails: bool,
    /// Whether requests and answers get lost, spoilt and late.
    pub(super) network_fails: bool,
    /// Whether contexts are killed, at any point.
    pub(super) kills: bool,
    /// Whether clocks are set and the machine sleeps.
    pub(super) clocks: bool,
    /// Whether somebody signs in again, as the same user or another, or out.
    pub(super) users: bool,
    /// Whether the provider ends everything at some point.
    pub(super) revokes: bool,
    /// Whether programs can give the credentials once more.
    pub(super) asks: bool,
    /// `expires_in`.
    pub(super) lifetime: Option<&'static str>,
    /// Options of all contexts.
    pub(super) options: String,
    /// How many things happen.
    pub(super) events: usize,
}

impl Plan {
    /// The same seed gives the same plan.
    pub(super) fn of(seed: u64) -> Self {
        let random = Random::new(seed ^ 0x5eed);
        let often = |times: usize| random.below(100) < times;
        let lifetime = *random.pick(&[Some("3600"), Some("60"), Some("20"), Some("5"), None]);
        let auto = often(30);
        let (retries, before) = (random.below(3), random.pick(&[0, 2_000, 60_000]));
        Self {
            contexts: 1 + random.below(4),
            locking: *random.pick(&[
                Locking::Works,
                Locking::Works,
                Locking::Works,
                Locking::None,
                Locking::None,
                Locking::Hangs,
            ]),
            is_lock_stolen: often(25),
            swaps_in_two_steps: often(30),
            watches: often(80),
            reuse: *random.pick(&[Reuse::Revokes, Reuse::Refused, Reuse::Forgiven]),
            store_fails: often(25),
            network_fails: often(60),
            kills: often(50),
            clocks: often(25),
            users: often(50),
            revokes: often(5),
            asks: often(15),
            lifetime,
            options: format!(r#""timeout":3000,"retries":{retries},"refreshBefore":{before},"autoRefresh":{auto}"#),
            events: 8 + random.below(24),
        }
    }

    /// Whether at most one context at a time holds the lock. When the machine wakes up, all that was waited for is late.
    pub(super) fn is_lock_sure(&self) -> bool {
        self.locking == Locking::Works && !self.is_lock_stolen && !self.clocks
    }

    /// Whether the store does what it is asked, in time.
    pub(super) fn is_store_sure(&self) -> bool {
        !self.store_fails && !self.clocks
    }
}
