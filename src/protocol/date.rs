//! Moments and durations as services write them, in milliseconds: dates of HTTP (RFC 9110 section 5.6.7), ISO 8601
//! (RFC 3339 and its relatives), decimal seconds. Without a clock, a calendar library or floating point.

mod decimal;
mod http;
mod iso8601;
mod scan;

pub use decimal::decimal_millis;
pub use http::http_date;
pub use iso8601::iso8601;

use scan::Scan;

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A date and a time of day in UTC, each part as written.
#[derive(Default)]
struct Civil {
    year: i64,
    /// 1 to 12.
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
}

impl Civil {
    /// Reads the parts that a pattern names by the letters of strftime; all else in it stands for itself. A `y`, a year
    /// of two digits, is in 1970 to 2069.
    fn read(&mut self, scan: &mut Scan<'_>, pattern: &str) -> Option<()> {
        for letter in pattern.bytes() {
            match letter {
                b'Y' => self.year = scan.digits(4)?,
                b'y' => self.year = (scan.digits(2)? + 30) % 100 + 1970,
                b'm' => self.month = scan.digits(2)?,
                b'b' => self.month = i64::try_from(scan.one_of(&MONTHS)? + 1).ok()?,
                b'e' if scan.eat(b" ").is_some() => self.day = scan.digits(1)?,
                b'd' | b'e' => self.day = scan.digits(2)?,
                b'H' => self.hour = scan.digits(2)?,
                b'M' => self.minute = scan.digits(2)?,
                b'S' => self.second = scan.digits(2)?,
                itself => scan.eat(&[itself])?,
            }
        }
        Some(())
    }

    /// Milliseconds since 1970, if there is such a moment in the Gregorian calendar. The leap second, which Unix time
    /// does not have, is the second before it.
    fn millis(&self) -> Option<i64> {
        let leap = self.year % 4 == 0 && (self.year % 100 != 0 || self.year % 400 == 0);
        let length = match self.month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return None,
        };
        let exists = (1..=length).contains(&self.day)
            && (0..24).contains(&self.hour)
            && (0..60).contains(&self.minute)
            && (0..=60).contains(&self.second);
        let seconds = ((self.days() * 24 + self.hour) * 60 + self.minute) * 60 + self.second.min(59);
        exists.then_some(seconds * 1000)
    }

    /// Days since 1970-01-01. Years are counted from March, so that the leap day is the last of its year.
    fn days(&self) -> i64 {
        let months_since_march = (self.month + 9) % 12;
        let year = if months_since_march < 10 { self.year } else { self.year - 1 };
        let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
        let days_before_month = (months_since_march * 153 + 2) / 5;
        year * 365 + leap_days + days_before_month + self.day - 1 - DAYS_BEFORE_1970
    }
}

/// From 1 March of the year 0.
const DAYS_BEFORE_1970: i64 = 719_468;

#[cfg(test)]
pub(super) mod tests {
    use super::Civil;

    /// Every day of the years, counted one by one, as (year, month, day, days since 1970-01-01).
    pub(super) fn days_of(years: std::ops::Range<i64>) -> Vec<(i64, i64, i64, i64)> {
        let is_leap = |year: i64| {
            if year % 100 == 0 { year % 400 == 0 } else { year % 4 == 0 }
        };
        let mut number: i64 = (years.start..1970).map(|year| if is_leap(year) { -366 } else { -365 }).sum();
        let mut days = Vec::new();
        for year in years {
            let february = if is_leap(year) { 29 } else { 28 };
            for (month, length) in (1..).zip([31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]) {
                for day in 1..=length {
                    days.push((year, month, day, number));
                    number += 1;
                }
            }
        }
        days
    }

    #[test]
    fn the_calendar_holds_day_by_day() {
        let days = days_of(0..2500);
        assert!(days.contains(&(1970, 1, 1, 0)) && days.contains(&(2000, 3, 1, 11_017)));
        for (year, month, day, number) in days {
            let date = Civil { year, month, day, hour: 0, minute: 0, second: 0 };
            assert_eq!(date.millis(), Some(number * 86_400_000), "{year}-{month}-{day}");
        }
    }

    #[rustfmt::skip]
    const NO_DAYS: &[(i64, i64, i64)] = &[
        (2023, 2, 29), (1900, 2, 29), (2100, 2, 29), (2024, 2, 30), (2024, 4, 31), (2024, 6, 31), (2024, 9, 31),
        (2024, 11, 31), (2024, 1, 32), (2024, 12, 32), (2024, 1, 0), (2024, 0, 1), (2024, 13, 1),
    ];

    #[test]
    fn there_are_no_other_days() {
        for &(year, month, day) in NO_DAYS {
            let date = Civil { year, month, day, hour: 0, minute: 0, second: 0 };
            assert_eq!(date.millis(), None, "{year}-{month}-{day}");
        }
    }
}
