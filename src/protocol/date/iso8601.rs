//! Dates and times of ISO 8601, as far as APIs use them (RFC 3339, and what is common beside it).

use super::{Civil, scan::Scan};

/// Reads `2024-02-29`, `2024-02-29T12:30`, `2024-02-29 12:30:15.250+05:00` and the like, to milliseconds since 1970.
///
/// A date alone is midnight, a time without a zone is UTC. Zones are `Z`, `+05:00`, `+0500` or `+05`, with or without
/// blanks before them. Digits beyond the millisecond are dropped.
pub fn iso8601(text: &str) -> Option<i64> {
    let mut scan = Scan(text.as_bytes());
    let mut date = Civil::default();
    date.read(&mut scan, "Y-m-d")?;
    if scan.0.is_empty() {
        return date.millis();
    }
    scan.one_of(&["T", " "])?;
    date.read(&mut scan, "H:M")?;
    let mut fraction = 0;
    if scan.eat(b":").is_some() {
        date.read(&mut scan, "S")?;
        if scan.eat(b".").is_some() {
            fraction = millis(&mut scan)?;
        }
    }
    let east = zone(&mut scan)?;
    scan.end(date.millis()? + fraction - east)
}

/// The digits of a fraction of a second, at least one.
fn millis(scan: &mut Scan<'_>) -> Option<i64> {
    let mut millis = scan.digit()? * 100;
    for place in [10, 1] {
        millis += scan.digit().unwrap_or(0) * place;
    }
    while scan.digit().is_some() {}
    Some(millis)
}

/// How far the zone is ahead of UTC.
fn zone(scan: &mut Scan<'_>) -> Option<i64> {
    if scan.0.is_empty() {
        return Some(0);
    }
    while scan.eat(b" ").is_some() {}
    if scan.eat(b"Z").is_some() {
        return Some(0);
    }
    let sign = if scan.one_of(&["+", "-"])? == 0 { 1 } else { -1 };
    let hours = scan.digits(2)?;
    let mut minutes = 0;
    if !scan.0.is_empty() {
        let _optional = scan.eat(b":");
        minutes = scan.digits(2)?;
    }
    (hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes) * 60_000)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::days_of;
    use super::iso8601;

    #[test]
    fn reads_every_day_of_a_few_centuries() {
        for (year, month, day, number) in days_of(1890..2110) {
            let text = format!("{year:04}-{month:02}-{day:02}");
            assert_eq!(iso8601(&text), Some(number * 86_400_000), "{text}");
        }
        assert_eq!(iso8601("0000-01-01"), Some(-62_167_219_200_000));
        assert_eq!(iso8601("9999-12-31T23:59:59.999Z"), Some(253_402_300_799_999));
    }

    #[test]
    fn reads_the_common_forms() {
        for (text, expected) in [
            ("1970-01-01", 0),
            ("1970-01-01T00:00", 0),
            ("1970-01-01 00:01", 60_000),
            ("1970-01-01T00:00:01", 1_000),
            ("1970-01-01T00:00Z", 0),
            ("1970-01-01T00:00:00.5", 500),
            ("1970-01-01T00:00:00.05Z", 50),
            ("1970-01-01T00:00:00.0059999999999999999999", 5),
            ("1969-12-31T23:59:59.999", -1),
            ("1970-01-01T05:30:00+05:30", 0),
            ("1970-01-01T05:30:00.001+0530", 1),
            ("1970-01-01T05:00+05", 0),
            ("1969-12-31 14:30-09:30", 0),
            ("2031-01-05 14:18:43 +0300", 1_925_378_323_000),
            ("1970-01-01T00:00:00 Z", 0),
            ("1970-01-01 03:00:00.25  +03:00", 250),
            ("1970-01-01T00:00-00:00", 0),
            ("1970-01-01 03:00:00 +0300", 0),
            ("1970-01-01 03:00:00.5  +03:00", 500),
            ("1969-12-31T21:00 -03", 0),
            ("1970-01-01 00:00:01 Z", 1_000),
            ("2031-01-05 14:18:43 +0300", 1_925_378_323_000),
            // RFC 3339 section 5.8, leap seconds among them.
            ("1985-04-12T23:20:50.52Z", 482_196_050_520),
            ("1996-12-19T16:39:57-08:00", 851_042_397_000),
            ("1990-12-31T23:59:60Z", 662_687_999_000),
            ("1990-12-31T15:59:60-08:00", 662_687_999_000),
            ("1937-01-01T12:00:27.87+00:20", -1_041_337_172_130),
        ] {
            assert_eq!(iso8601(text), Some(expected), "{text}");
        }
    }

    #[rustfmt::skip]
    const REFUSED: &[&str] = &[
        "", "1970", "1970-01", "1970-1-1", "19700101", "70-01-01", "+1970-01-01", "01970-01-01", "1970/01/01",
        "1970-01-01Z", "1970-01-01T", "1970-01-01 ", " 1970-01-01", "1970-01-01\n", "1970-01-01T00", "1970-01-01T00Z",
        "1970-01-01t00:00", "1970-01-01T00:00z", "1970-01-01  00:00", "1970-01-01_00:00", "1970-01-01T0000",
        "1970-01-01T00:00:", "1970-01-01T00:0", "1970-01-01T00:00:0", "1970-01-01T00:00:00.", "1970-01-01T00:00:00.Z",
        "1970-01-01T00:00:00,5", "1970-01-01T00:00.5", "1970-01-01T00:00:00 ", "1970-01-01T00:00:00ZZ",
        "1970-01-01T00:00:00Z ", "1970-01-01T00:00:00 + 03:00", "1970-01-01 +03:00",
        "1970-01-01 00:00:00 0300", "1970-01-01 00:00:00+ 0300", "1970-01-01 00:00:00 Z ", "1970-01-01 00:00:00\t+0300",
        "1970-01-01T00:00+", "1970-01-01T00:00+5", "1970-01-01T00:00+05:", "1970-01-01T00:00+05:3",
        "1970-01-01T00:00+053", "1970-01-01T00:00+05300", "1970-01-01T00:00+24:00", "1970-01-01T00:00+00:60",
        "1970-01-01T00:00+-5:00", "1970-01-01T00:00Z+01", "1970-01-01T00:00 UTC", "1970-01-01T24:00",
        "1970-01-01T00:60", "1970-01-01T00:00:61", "1970-00-01", "1970-13-01", "1970-01-00", "1970-01-32", "1970-02-29",
        "1900-02-29", "197\u{661}-01-01", "-001-01-01", "1970-W01-1", "1970-001",
    ];

    #[test]
    fn refuses_everything_else() {
        for &text in REFUSED {
            assert_eq!(iso8601(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_zone_moves_the_moment_by_its_offset(
            (hour, minute, second, millis) in (0i64..24, 0i64..60, 0i64..60, 0i64..1000),
            (east, hours, minutes, form) in (any::<bool>(), 0i64..24, 0i64..60, 0usize..2),
        ) {
            let (sign, offset) = if east { ('+', hours * 60 + minutes) } else { ('-', -hours * 60 - minutes) };
            let zone = format!("{}{sign}{hours:02}{}{minutes:02}", ["", " "][form], [":", ""][form]);
            let text = format!("2001-02-03T{hour:02}:{minute:02}:{second:02}.{millis:03}{zone}");
            let utc = 981_158_400_000 + ((hour * 60 + minute - offset) * 60 + second) * 1000 + millis;
            prop_assert_eq!(iso8601(&text), Some(utc), "{}", text);
        }

        #[test]
        fn takes_any_text(text in "[0-9TZ :.+é-]{0,30}", any: String) {
            let _judged = (iso8601(&text), iso8601(&any), iso8601(&format!("2001-02-03{text}")));
        }
    }
}
