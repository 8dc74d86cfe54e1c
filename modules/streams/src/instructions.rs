//! The instructions that a module has.

use crate::memory::{Memory, at, put};

/// What they consist of takes no more room.
const ROOM: usize = 2048;
/// From here on, letters are no hexadecimal digits, but name streams.
pub(crate) const FIRST: u8 = b'g';

pub(crate) struct Instructions {
    /// Where each begins among the parts.
    begins: [u16; 257],
    /// One behind the other: a byte, or the letter of a stream in the upper half.
    parts: [u16; ROOM],
}

impl Instructions {
    pub(crate) const NONE: Self = Self { begins: [0; 257], parts: [0; ROOM] };

    /// From a text: of each the bytes, in hexadecimal digits, and a letter for each stream of a number that follows.
    pub(crate) fn read(&mut self, memory: &Memory<'_>, start: usize, end: usize) {
        let (mut next, mut count, mut parts) = (start, 1, 0);
        while next < end {
            let letter = memory.get(next);
            if letter == b' ' {
                count += 1;
            } else {
                let mut part = u16::from(letter) << 8;
                if letter < FIRST {
                    part = u16::from(memory.byte(next));
                    next += 1;
                }
                put(&mut self.parts, parts, part);
                parts += 1;
            }
            put(&mut self.begins, count, parts as u16);
            next += 1;
        }
    }

    /// From where to where its parts are.
    pub(crate) fn parts(&self, which: u8) -> (usize, usize) {
        let which = usize::from(which);
        (at(&self.begins, which).into(), at(&self.begins, which + 1).into())
    }

    /// A byte, and the letter of a stream, or 0.
    pub(crate) fn part(&self, number: usize) -> (u8, u8) {
        let part = at(&self.parts, number);
        (part as u8, (part >> 8) as u8)
    }
}
