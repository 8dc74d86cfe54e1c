//! What `Mode::Lenient` reads beyond RFC 8259: the slips seen in answers that vendors print in their documentation.
//! Each is unmistakable where it stands, and none of them closes what a cut-off body left open.

use super::{Malformed, Mode, Reader, Value};

impl Reader<'_> {
    /// `{ Access_token: "1" }`: a name as in a program, of ASCII letters, digits, `_` and `$`.
    pub(super) fn bare_key(&mut self) -> Option<String> {
        let start = self.at;
        if self.is_strict() || self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            return None;
        }
        while self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$')) {
            self.at += 1;
        }
        (self.at > start).then(|| self.since(start).into())
    }

    /// `[1, 2, ]`.
    pub(super) fn allows_trailing_comma(&self) -> bool {
        !self.is_strict()
    }

    /// A line break that stands between two members does for the comma that was forgotten.
    pub(super) fn allows_missing_comma(&self, end_of_last: usize) -> bool {
        let between = self.since(end_of_last).as_bytes();
        !self.is_strict() && between.iter().any(|byte| matches!(byte, b'\n' | b'\r'))
    }

    /// `02` is two, and `010` ten: nobody who writes JSON means octal. Only integers: what follows
    /// the digits must be what follows a value.
    pub(super) fn without_leading_zeros(&self, start: usize) -> Result<Value, Malformed> {
        if self.is_strict() {
            return Err(Malformed { at: start, what: "a leading zero" });
        }
        let mut number = String::new();
        for byte in self.since(start).bytes() {
            if byte != b'0' || !matches!(number.as_str(), "" | "-") {
                number.push(char::from(byte));
            }
        }
        if matches!(number.as_str(), "" | "-") {
            number.push('0');
        }
        Ok(Value::Number(number))
    }

    fn is_strict(&self) -> bool {
        self.mode == Mode::Strict
    }
}
