//! Bytes as text: most are one letter each, the others two. Only letters that no script, page or minifier has to write otherwise;
//! a text stays as it is where the order of the bytes is that of the letters.

use crate::memory::{Memory, at, put};

/// Those that begin a pair: texts have the least use for them.
const PAIRS: &[u8] = b"~^";
/// What scripts and pages have something else in mind with.
const OTHERS: &[u8] = b"\"$'<\\`";
const FIRST: u8 = b' ';
const END: u8 = b'~';
/// How many there are.
const LETTERS: usize = (END - FIRST) as usize - OTHERS.len() + 1;

pub(crate) struct Letters {
    /// Where each stands among them: first those that begin a pair.
    ranks: [u8; 256],
    /// Bytes in the order of their letters.
    order: [u8; 256],
}

impl Letters {
    pub(crate) const NONE: Self = Self { ranks: [0; 256], order: [0; 256] };

    pub(crate) fn rank(&mut self) {
        let mut count = PAIRS.len() as u8;
        for letter in FIRST..END {
            if !OTHERS.contains(&letter) && !PAIRS.contains(&letter) {
                put(&mut self.ranks, letter.into(), count);
                count += 1;
            }
        }
        for (rank, letter) in (0..).zip(PAIRS) {
            put(&mut self.ranks, usize::from(*letter), rank);
        }
    }

    /// The text from `start` to `end` becomes the bytes that it stands for, in its place: the bytes that come first in the order,
    /// in hexadecimal digits, before which all others follow; a hyphen; the letters. Gives where the bytes end.
    pub(crate) fn decode(&mut self, memory: &mut Memory<'_>, start: usize, end: usize) -> usize {
        let mut next = start;
        let mut is_known = [false; 256];
        let mut count = 0;
        let mut other = 0;
        while count < 256 {
            let mut byte = other as u8;
            if next < end && memory.get(next) != b'-' {
                byte = memory.byte(next);
                next += 2;
            } else {
                other += 1;
            }
            if !at(&is_known, byte.into()) {
                put(&mut is_known, byte.into(), true);
                put(&mut self.order, count, byte);
                count += 1;
            }
        }
        next += 1;
        let mut last = start;
        while next < end {
            let mut rank = self.rank_of(memory, next);
            if rank < PAIRS.len() {
                next += 1;
                rank = rank * LETTERS + self.rank_of(memory, next) + LETTERS;
            }
            memory.put(last, at(&self.order, rank - PAIRS.len()));
            last += 1;
            next += 1;
        }
        last
    }

    fn rank_of(&self, memory: &Memory<'_>, place: usize) -> usize {
        at(&self.ranks, memory.get(place).into()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes_of(text: &str) -> Vec<u8> {
        let mut memory = text.as_bytes().to_vec();
        let mut letters = Letters::NONE;
        letters.rank();
        let end = letters.decode(&mut Memory(&mut memory), 0, text.len());
        memory.truncate(end);
        memory
    }

    #[test]
    fn letters_are_bytes_in_the_order_that_the_text_begins_with() {
        assert_eq!(bytes_of("- !#%"), [0, 1, 2, 3]);
        assert_eq!(bytes_of("6162-!#% "), [b'b', 0, 1, b'a']);
        assert_eq!(bytes_of("00610100-! #"), [b'a', 0, 1], "whatever comes again has its letter");
    }

    #[test]
    fn pairs_of_letters_are_the_bytes_that_follow() {
        // 87 have a letter each.
        assert_eq!(bytes_of("-}~~~^~ ^~^t"), [86, 87, 88, 89, 176, 255]);
    }
}
