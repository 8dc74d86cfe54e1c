//! Renewals that do not help: where a call is refused with the new token too, further refusals are handed over as they
//! are for a while, lest each call cost a renewal.

use super::Session;

/// First time that refusals are handed over; it doubles each time, milliseconds.
const FIRST: i64 = 5_000;
/// Longest, milliseconds.
const LONGEST: i64 = 300_000;

#[derive(Clone, Default)]
pub(super) struct Brake {
    /// On until then, by the wall clock and the steady one, and how long that is; `None`: never pulled since released.
    pulled: Option<Pulled>,
}

#[derive(Clone, Copy)]
struct Pulled {
    wall: i64,
    steady: Option<i64>,
    length: i64,
}

impl Brake {
    /// A call was answered otherwise, or somebody signed in.
    pub(super) fn release(&mut self) {
        self.pulled = None;
    }
}

impl Session {
    /// The repetition after a renewal was refused as well.
    pub(super) fn pull_brake(&mut self) {
        if self.is_braked() {
            // One of many that were under way at once.
            return;
        }
        let length = self.brake.pulled.map_or(FIRST, |pulled| pulled.length.saturating_mul(2).min(LONGEST));
        self.brake.pulled = Some(Pulled { wall: self.now.wall, steady: self.now.steady, length });
    }

    /// Whether refusals are handed over as they are.
    pub(super) fn is_braked(&self) -> bool {
        self.brake.pulled.is_some_and(|pulled| {
            // As a token's end is: as soon as one of the clocks says so.
            let within = |since: i64, now: i64| (0..pulled.length).contains(&now.saturating_sub(since));
            let steady = pulled.steady.zip(self.now.steady);
            within(pulled.wall, self.now.wall) && steady.is_none_or(|(since, now)| within(since, now))
        })
    }
}
