//! Text taken apart by bytes. `str` does the same with patterns and searchers, which a module of a few kilobytes feels.

/// What stands before and behind the first such byte, which is ASCII.
pub(crate) fn cut(text: &str, mark: u8) -> (&str, Option<&str>) {
    match text.bytes().position(|byte| byte == mark) {
        None => (text, None),
        Some(at) => (text.get(..at).unwrap_or_default(), text.get(at.saturating_add(1)..)),
    }
}

/// What stands before, between and behind such bytes.
pub(crate) fn pieces(text: &str, mark: u8) -> Pieces<'_> {
    Pieces { rest: Some(text), mark }
}

/// See [`pieces`].
pub(crate) struct Pieces<'t> {
    rest: Option<&'t str>,
    mark: u8,
}

impl<'t> Iterator for Pieces<'t> {
    type Item = &'t str;

    fn next(&mut self) -> Option<&'t str> {
        let (piece, rest) = cut(self.rest?, self.mark);
        self.rest = rest;
        Some(piece)
    }
}

/// Parts as one text. (What arrays and vectors have for it knows separators of several lengths, each for itself.)
#[inline(never)]
pub(crate) fn concat(parts: &[&str]) -> String {
    joined(parts, "")
}

/// Parts as one text, with something between them.
#[inline(never)]
pub(crate) fn joined(parts: &[&str], between: &str) -> String {
    // Some are secrets: what grows leaves copies behind.
    let length = parts.iter().map(|part| part.len() + between.len()).sum();
    let mut text = String::with_capacity(length);
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            text.push_str(between);
        }
        text.push_str(part);
    }
    text
}

/// A whole number without a sign.
pub(crate) fn whole(text: &str) -> Option<i64> {
    let mut number = 0_i64;
    for byte in text.bytes() {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number.checked_mul(10)?.checked_add(digit.into())?;
    }
    (!text.is_empty()).then_some(number)
}

/// A whole number as JSON writes it.
pub(crate) fn integer(text: &str) -> Option<i64> {
    match text.strip_prefix('-') {
        None => whole(text),
        Some(digits) => whole(digits).map(|number| -number),
    }
}

/// A whole number in decimal digits. (`to_string` brings the formatting machinery along.)
pub(crate) fn decimal(number: i64) -> String {
    let mut digits = Vec::new();
    let mut left = number.unsigned_abs();
    while left > 0 || digits.is_empty() {
        digits.push(b'0' | (left % 10).to_le_bytes()[0]);
        left /= 10;
    }
    if number < 0 {
        digits.push(b'-');
    }
    digits.reverse();
    String::from_utf8(digits).unwrap_or_default()
}

/// Whether a control character of ASCII stands in it: what headers and addresses must not have.
pub(crate) fn has_control(text: &str) -> bool {
    text.bytes().any(|byte| byte < b' ' || byte == 0x7f)
}

/// Whether a header can carry it as it is: printable ASCII without blanks around it.
pub(crate) fn fits_header(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.iter().all(|byte| matches!(byte, b' '..=b'~')) && bytes.first() != Some(&b' ') && bytes.last() != Some(&b' ')
}

/// Whether it is a token of RFC 9110 section 5.6.2, as names of headers are.
pub(crate) fn is_token(text: &str) -> bool {
    const OTHERS: &[u8] = b"!#$%&'*+-.^_`|~";
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || OTHERS.contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_comes_apart_at_the_first_mark() {
        assert_eq!(cut("a=b=c", b'='), ("a", Some("b=c")));
        assert_eq!(cut("я=", b'='), ("я", Some("")));
        assert_eq!(cut("", b'='), ("", None));
        assert_eq!(pieces("a||я", b'|').collect::<Vec<_>>(), ["a", "", "я"]);
        assert_eq!(pieces("", b'|').collect::<Vec<_>>(), [""]);
    }

    #[test]
    fn numbers_are_written_as_they_are_read() {
        for number in [0, 7, -1, 10, -205, 1_700_000_000_000, i64::MAX, -i64::MAX] {
            assert_eq!(decimal(number), number.to_string());
            assert_eq!(integer(&decimal(number)), Some(number));
        }
        assert_eq!(decimal(i64::MIN), i64::MIN.to_string());
        for text in ["", "-", "--1", "+1", "1.0", "1e3", " 1", "9223372036854775808"] {
            assert_eq!(integer(text), None, "{text}");
        }
    }

    #[test]
    fn a_whole_number_is_digits() {
        for (text, number) in [("0", Some(0)), ("007", Some(7)), ("9223372036854775807", Some(i64::MAX))] {
            assert_eq!(whole(text), number);
        }
        for text in ["", "-1", "1.0", "1e3", "9223372036854775808", "٧", " 1"] {
            assert_eq!(whole(text), None, "{text}");
        }
    }

    #[test]
    fn a_header_carries_printable_ascii() {
        assert!(fits_header("") && fits_header("a b") && fits_header("~!"));
        for text in [" a", "a ", "a\r\nb", "a\0", "ключ", "a\u{7f}", "\ta"] {
            assert!(!fits_header(text), "{text:?}");
        }
        assert!(is_token("X-Key") && is_token("content-type"));
        for name in ["", "X A", "X:", "X\n", "Ж", "a/b", "(a)"] {
            assert!(!is_token(name), "{name:?}");
        }
        assert!(has_control("a\u{1}") && has_control("\u{7f}") && !has_control("ab я"));
    }
}
