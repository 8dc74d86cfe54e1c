//! Worlds in which a seed decides what goes wrong, and what must hold in all of them.

mod checks;
mod life;
mod outage;
mod plan;
mod run;
mod sign_in;

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::lies::Lie;

/// What a schedule was, and what happened in it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Refresh tokens sent.
    pub renewals: u64,
    /// Contexts killed.
    pub kills: u64,
    /// Locks that were not given in time, where others waited too long for the provider.
    pub lock_waits_given_up: u64,
    /// Sessions that a final answer ended, each of them excused.
    pub ended: u64,
    /// Logins that went well.
    pub logins: u64,
}

/// Runs one schedule; the error says what did not hold. A loud one prints what happens.
pub fn schedule(seed: u64, lie: Option<Lie>, is_loud: bool) -> Result<Tally, String> {
    let run = || if seed % 16 == 15 { outage::run(seed, lie) } else { run::run(seed, lie, is_loud) };
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        Err(text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default())
    })
}

/// What a schedule consists of, for people.
pub fn describe(seed: u64) -> String {
    if seed % 16 == 15 { "a provider that never works".to_owned() } else { format!("{:#?}", plan::Plan::of(seed)) }
}
