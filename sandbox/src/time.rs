//! Moments and spans as the services write them.

use std::time::{Duration, UNIX_EPOCH};

/// Unix seconds as a server shows them whose clock is `skew` seconds ahead.
pub(crate) fn shown_seconds(ms: u64, skew: i64) -> u64 {
    (ms / 1000).saturating_add_signed(skew)
}

/// The `Date` header of a server whose clock is `skew` seconds ahead.
pub(crate) fn http_date(ms: u64, skew: i64) -> String {
    // The year 9999 is as far as the format goes.
    let seconds = shown_seconds(ms, skew).min(253_402_300_799);
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds))
}

/// Seconds, as options give them, in milliseconds.
pub(crate) fn millis(seconds: f64) -> u64 {
    Duration::try_from_secs_f64(seconds).map_or(0, |d| u64::try_from(d.as_millis()).unwrap_or(u64::MAX))
}
