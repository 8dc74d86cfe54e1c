//! The dates of HTTP headers (RFC 9110 section 5.6.7).

use super::{Civil, scan::Scan};

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
/// What follows the first three letters.
const ENDS_OF_DAYS: [&str; 7] = ["day", "sday", "nesday", "rsday", "day", "urday", "day"];

/// Reads a date in any of the three forms, to milliseconds since 1970. The forms are taken strictly; whether the day of
/// the week fits the date is not checked. A year of two digits is in 1970 to 2069.
pub fn http_date(text: &str) -> Option<i64> {
    let mut scan = Scan(text.as_bytes());
    let weekday = scan.one_of(&DAYS)?;
    let mut date = Civil::default();
    if scan.eat(b" ").is_some() {
        // asctime: Sun Nov  6 08:49:37 1994
        date.read(&mut scan, "b e H:M:S Y")?;
    } else {
        if scan.eat(b", ").is_some() {
            // IMF-fixdate: Sun, 06 Nov 1994 08:49:37 GMT
            date.read(&mut scan, "d b Y H:M:S")?;
        } else {
            // RFC 850: Sunday, 06-Nov-94 08:49:37 GMT
            scan.eat(ENDS_OF_DAYS.get(weekday)?.as_bytes())?;
            date.read(&mut scan, ", d-b-y H:M:S")?;
        }
        scan.eat(b" GMT")?;
    }
    scan.end(date.millis()?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{MONTHS, tests::days_of};
    use super::http_date;

    const LONG_DAYS: [&str; 7] = ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"];

    #[test]
    fn reads_the_three_forms_of_rfc_9110() {
        for text in ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"] {
            assert_eq!(http_date(text), Some(784_111_777_000), "{text}");
        }
    }

    #[test]
    fn reads_every_day_in_every_form() {
        for (year, month, day, number) in days_of(1969..2071) {
            let long = LONG_DAYS[usize::try_from(number.rem_euclid(7)).unwrap()];
            let (short, month) = (&long[..3], MONTHS[usize::try_from(month - 1).unwrap()]);
            let expected = number * 86_400_000 + 86_399_000;
            let imf = format!("{short}, {day:02} {month} {year} 23:59:59 GMT");
            assert_eq!(http_date(&imf), Some(expected), "{imf}");
            let asctime = format!("{short} {month} {day:2} 23:59:59 {year}");
            assert_eq!(http_date(&asctime), Some(expected), "{asctime}");
            let rfc850 = format!("{long}, {day:02}-{month}-{:02} 23:59:59 GMT", year % 100);
            assert_eq!(http_date(&rfc850) == Some(expected), (1970..2070).contains(&year), "{rfc850}");
        }
    }

    #[test]
    fn a_leap_second_is_the_second_before_it() {
        assert_eq!(http_date("Sat, 31 Dec 2016 23:59:60 GMT"), Some(1_483_228_799_000));
    }

    #[test]
    fn refuses_what_no_form_allows() {
        for text in [
            "",
            "0",
            "Sun",
            "Sun, ",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49:37 GMT ",
            " Sun, 06 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 UTC",
            "Sun, 06 Nov 1994 08:49:37 +0000",
            "sun, 06 nov 1994 08:49:37 gmt",
            "Sun, 6 Nov 1994 08:49:37 GMT",
            "Sun,  6 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 94 08:49:37 GMT",
            "Sun, 06-Nov-1994 08:49:37 GMT",
            "Sunday, 06 Nov 1994 08:49:37 GMT",
            "Monsday, 06-Nov-94 08:49:37 GMT",
            "Sunday, 06-Nov-1994 08:49:37 GMT",
            "Sun Nov 6 08:49:37 1994",
            "Sun Nov  16 08:49:37 1994",
            "Sun Nov  6 08:49:37 1994 GMT",
            "Sun, 06 Nov 1994 8:49:37 GMT",
            "Sun, 06 Nov 1994 08:49 GMT",
            "Sun, 06 Nov 1994 24:00:00 GMT",
            "Sun, 06 Nov 1994 08:60:37 GMT",
            "Sun, 06 Nov 1994 08:49:61 GMT",
            "Sun, 00 Nov 1994 08:49:37 GMT",
            "Sun, 31 Nov 1994 08:49:37 GMT",
            "Sun, 06 Non 1994 08:49:37 GMT",
            "Sun, 06 Nov +994 08:49:37 GMT",
            "Sun, 06 Nov 199\u{664} 08:49:37 GMT",
            "1994-11-06T08:49:37Z",
        ] {
            assert_eq!(http_date(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn reads_the_time_of_day(hour in 0i64..24, minute in 0i64..60, second in 0i64..60) {
            let text = format!("Thu, 01 Jan 1970 {hour:02}:{minute:02}:{second:02} GMT");
            prop_assert_eq!(http_date(&text), Some((hour * 3600 + minute * 60 + second) * 1000));
        }

        #[test]
        fn takes_any_text(text: String, cut in 0usize..30) {
            let whole = "Sun, 06 Nov 1994 08:49:37 GMT";
            prop_assert_eq!(http_date(&text), None);
            prop_assert_eq!(http_date(&whole[..cut.min(whole.len() - 1)]), None);
            prop_assert_eq!(http_date(&format!("Sun, {text}")), None);
        }
    }
}
