//! What a seed decides about a world before it begins.

use crate::calls::{PASSWORD, REDIRECT, SECOND_FACTOR};
use crate::lock::Locking;
use crate::random::Random;
use crate::server::Reuse;

/// How users sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SignIn {
    /// With a password.
    Password,
    /// With a password and a code.
    SecondFactor,
    /// At the provider, from where they come back.
    Redirect,
}

/// A world, and what may go wrong in it.
#[derive(Debug)]
pub(super) struct Plan {
    /// How many tabs or processes there are at once.
    pub(super) contexts: usize,
    /// Whether the last of them belongs to another account.
    pub(super) two_accounts: bool,
    /// How users sign in.
    pub(super) sign_in: SignIn,
    /// How the lock behaves.
    pub(super) locking: Locking,
    /// Whether the lock is taken away from its holder now and then.
    pub(super) is_lock_stolen: bool,
    /// Whether the store compares and writes in two steps.
    pub(super) swaps_in_two_steps: bool,
    /// Whether contexts hear of changes.
    pub(super) watches: bool,
    /// Whether word of several changes may come as one.
    pub(super) merges_notices: bool,
    /// Whether a renewal answers with a new refresh token.
    pub(super) rotates: bool,
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
    /// Whether each context has a clock of its own.
    pub(super) clocks_differ: bool,
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
        let sign_in = *random.pick(&[SignIn::Password, SignIn::Password, SignIn::SecondFactor, SignIn::Redirect]);
        let uri = if sign_in == SignIn::Redirect { r#","redirectUri":"https://app.test/cb""# } else { "" };
        Self {
            contexts: 1 + random.below(4),
            two_accounts: often(20),
            sign_in,
            locking: *random.pick(&[
                Locking::Works,
                Locking::Works,
                Locking::Works,
                Locking::Works,
                Locking::None,
                Locking::None,
                Locking::Hangs,
                Locking::KeepsSilent,
                Locking::Fails,
            ]),
            is_lock_stolen: often(25),
            swaps_in_two_steps: often(30),
            watches: often(80),
            merges_notices: often(50),
            rotates: often(90),
            reuse: *random.pick(&[Reuse::Revokes, Reuse::Refused, Reuse::Forgiven]),
            store_fails: often(25),
            network_fails: often(60),
            kills: often(50),
            clocks: often(25),
            clocks_differ: often(20),
            users: often(50),
            revokes: often(5),
            asks: often(15) && sign_in == SignIn::Password,
            lifetime,
            options: format!(
                r#""timeout":3000,"retries":{retries},"refreshBefore":{before},"autoRefresh":{auto}{uri}"#
            ),
            events: 8 + random.below(24),
        }
    }

    /// The profile of all contexts.
    pub(super) fn profile(&self) -> &'static str {
        match self.sign_in {
            SignIn::Password => PASSWORD,
            SignIn::SecondFactor => SECOND_FACTOR,
            SignIn::Redirect => REDIRECT,
        }
    }

    /// The options of the contexts of an account.
    pub(super) fn options_of(&self, account: usize) -> String {
        format!(r#""account":"{account}",{}"#, self.options)
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
