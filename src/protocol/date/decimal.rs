//! Durations and moments in seconds, as decimal text.

use super::scan::Scan;

/// Far from overflow when a few of them are added.
const LIMIT: i64 = i64::MAX / 4;

/// Reads seconds like `3600`, `-1`, `3600.5` or `1.5e3` (the numbers of JSON, and leading zeros) as milliseconds.
/// Digits beyond the millisecond are dropped; what is beyond `i64::MAX / 4` milliseconds, either way, is that limit.
pub fn decimal_millis(text: &str) -> Option<i64> {
    let text = text.as_bytes();
    let unsigned = text.strip_prefix(b"-").unwrap_or(text);
    let mut scan = Scan(unsigned);
    let whole = digits(&mut scan)?;
    let fraction = if scan.eat(b".").is_some() { digits(&mut scan)? } else { &[] };
    let exponent = if scan.one_of(&["e", "E"]).is_some() { exponent(&mut scan)? } else { 0 };
    // How many digits stand before the decimal point of the milliseconds.
    let mut places = length(whole).saturating_add(exponent).saturating_add(3);
    let mut millis = 0;
    for digits in [whole, fraction] {
        for digit in digits {
            if places > 0 {
                millis = push_digit(millis, *digit);
                places -= 1;
            }
        }
    }
    // Twenty more digits bring all but zero to the limit.
    for _ in 0..places.min(20) {
        millis = push_digit(millis, b'0');
    }
    scan.end(if unsigned.len() < text.len() { -millis } else { millis })
}

fn exponent(scan: &mut Scan<'_>) -> Option<i64> {
    let sign = scan.one_of(&["+", "-"]);
    let mut exponent = 0;
    for digit in digits(scan)? {
        exponent = push_digit(exponent, *digit);
    }
    Some(if sign == Some(1) { -exponent } else { exponent })
}

/// At least one digit, and all that follow it.
fn digits<'a>(scan: &mut Scan<'a>) -> Option<&'a [u8]> {
    let length = scan.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = scan.0.split_at_checked(length)?;
    scan.0 = rest;
    (length > 0).then_some(digits)
}

/// Appends an ASCII digit. (The saturating operations need a multiplication in 128 bits, which WebAssembly has not.)
fn push_digit(number: i64, digit: u8) -> i64 {
    if number > LIMIT / 10 { LIMIT } else { (number * 10 + i64::from(digit & 0xf)).min(LIMIT) }
}

fn length(text: &[u8]) -> i64 {
    i64::try_from(text.len()).unwrap_or(LIMIT)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{LIMIT, decimal_millis};

    #[test]
    fn reads_seconds_into_milliseconds() {
        for (text, expected) in [
            ("0", 0),
            ("-0", 0),
            ("3600", 3_600_000),
            ("3600.5", 3_600_500),
            ("-1", -1000),
            ("-0.25", -250),
            ("1e3", 1_000_000),
            ("1.5E+3", 1_500_000),
            ("1500e-3", 1500),
            ("15e-4", 1),
            ("1e-4", 0),
            ("-1.9999", -1999),
            ("0.0019", 1),
            ("43199.000", 43_199_000),
            ("0086400", 86_400_000),
            ("1579535438", 1_579_535_438_000),
            ("12.3456e2", 1_234_560),
            ("0.00000000000000000001e22", 100_000),
            ("100000000000000000000000e-22", 10_000),
        ] {
            assert_eq!(decimal_millis(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_too_large_is_the_limit() {
        let long = "9".repeat(1000);
        let huge = format!("1e{long}");
        let small = format!("1e-{long}");
        for text in ["1e20", "1e16", "9223372036854775807", "9223372036854775808", &long, &huge, "0.1e400"] {
            assert_eq!(decimal_millis(text), Some(LIMIT), "{text}");
            assert_eq!(decimal_millis(&format!("-{text}")), Some(-LIMIT), "-{text}");
        }
        assert_eq!(decimal_millis("2305843009213693"), Some(2_305_843_009_213_693_000));
        assert_eq!(decimal_millis("2305843009213694"), Some(LIMIT));
        assert_eq!(decimal_millis(&small), Some(0));
        assert_eq!(decimal_millis(&format!("0e{long}")), Some(0));
        assert_eq!(decimal_millis(&format!("0.{}1e1001", "0".repeat(1000))), Some(1000));
    }

    #[rustfmt::skip]
    const REFUSED: &[&str] = &[
        "", "-", " 1", "1 ", "\t1", "1\n", "3600abc", "NaN", "Infinity", "-Infinity", "+1", "--1", "1.", ".5", "-.5", ".",
        "1..2", "1.2.3", "1.-2", "e3", "1e", "1e+", "1e+-3", "1e3.5", "1e3e3", "1_000", "1,5", "0x10", "١", "²", "1e٣",
        "null", "2024-01-01",
    ];

    #[test]
    fn refuses_what_is_no_number() {
        for &text in REFUSED {
            assert_eq!(decimal_millis(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn moving_the_point_and_the_exponent_changes_nothing(
            millis in -1_000_000_000_000_000i64..1_000_000_000_000_000,
            shift in 0usize..12,
        ) {
            let sign = if millis < 0 { "-" } else { "" };
            let digits = format!("{:020}", millis.unsigned_abs());
            let (whole, fraction) = digits.split_at(shift + 5);
            let exponent = 12 - i64::try_from(shift).unwrap();
            let text = format!("{sign}{whole}.{fraction}e{exponent}");
            prop_assert_eq!(decimal_millis(&text), Some(millis), "{}", text);
        }

        #[test]
        fn agrees_with_whole_seconds(seconds: i64) {
            let expected = i128::from(seconds) * 1000;
            let expected = expected.clamp(i128::from(-LIMIT), i128::from(LIMIT));
            prop_assert_eq!(decimal_millis(&seconds.to_string()).map(i128::from), Some(expected));
        }

        #[test]
        fn takes_any_text(text in "[0-9eE.+-]{0,30}", any: String) {
            let _judged = (decimal_millis(&text), decimal_millis(&any));
        }
    }
}
