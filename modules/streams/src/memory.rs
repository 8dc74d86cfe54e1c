//! Memory that ends in nothing: there is nothing outside, and it stays so. What could panic would bring its words along.

pub(crate) struct Memory<'a>(pub(crate) &'a mut [u8]);

impl Memory<'_> {
    pub(crate) fn get(&self, at: usize) -> u8 {
        self.0.get(at).copied().unwrap_or(0)
    }

    pub(crate) fn put(&mut self, at: usize, byte: u8) {
        if let Some(place) = self.0.get_mut(at) {
            *place = byte;
        }
    }

    /// Two hexadecimal digits.
    pub(crate) fn byte(&self, at: usize) -> u8 {
        digit(self.get(at)) << 4 | digit(self.get(at + 1))
    }
}

fn digit(letter: u8) -> u8 {
    if letter < b'a' { letter.wrapping_sub(b'0') } else { letter - b'a' + 10 }
}

/// The same for tables.
pub(crate) fn at<T: Copy + Default>(table: &[T], at: usize) -> T {
    table.get(at).copied().unwrap_or_default()
}

pub(crate) fn put<T>(table: &mut [T], at: usize, value: T) {
    if let Some(place) = table.get_mut(at) {
        *place = value;
    }
}
