//! Reading a text from its start, piece by piece.
//!
//! Never inlined: there are many calls, and inlined they double what dates add to the module.

pub(super) struct Scan<'a>(pub(super) &'a [u8]);

impl Scan<'_> {
    /// Steps over exactly this text.
    #[inline(never)]
    pub(super) fn eat(&mut self, text: &[u8]) -> Option<()> {
        self.0 = self.0.strip_prefix(text)?;
        Some(())
    }

    /// Reads exactly so many digits.
    #[inline(never)]
    pub(super) fn digits(&mut self, count: usize) -> Option<i64> {
        (0..count).try_fold(0, |number, _| Some(number * 10 + self.digit()?))
    }

    /// Reads a digit, if there is one.
    pub(super) fn digit(&mut self) -> Option<i64> {
        let (digit @ b'0'..=b'9', rest) = self.0.split_first()? else { return None };
        self.0 = rest;
        Some((digit - b'0').into())
    }

    /// Reads one of the names: its position.
    #[inline(never)]
    pub(super) fn one_of(&mut self, names: &[&str]) -> Option<usize> {
        names.iter().position(|name| self.eat(name.as_bytes()).is_some())
    }

    /// The value, if nothing is left.
    pub(super) fn end<T>(&self, value: T) -> Option<T> {
        self.0.is_empty().then_some(value)
    }
}
