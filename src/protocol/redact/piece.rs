//! What a text says when it is read as encoded, with the places in the text that each byte comes from.

use zeroize::Zeroize;

use super::escape::{self, Unit};
use crate::protocol::encoding::{low_byte, nibble, sextet};
use crate::protocol::steps::step;

/// A text, or what one says in an encoding.
pub(super) struct Piece {
    pub(super) bytes: Vec<u8>,
    /// For each byte where in the text it begins and ends.
    places: Vec<(u32, u32)>,
    /// Whether it is base64 or hexadecimal only if it holds a secret: most words can be read so.
    pub(super) is_guess: bool,
    /// Whether nothing of the word that it was read from was left out.
    pub(super) is_whole: bool,
}

/// Which digits a word is read as.
#[derive(Clone, Copy)]
pub(super) enum Digits {
    Base64,
    Hex,
}

impl Piece {
    /// A text as it is.
    pub(super) fn new(text: &str) -> Self {
        let places = (0..).zip(1..).take(text.len()).collect();
        Self { bytes: text.as_bytes().to_vec(), places, is_guess: false, is_whole: true }
    }

    /// With room for so many bytes: what grows leaves copies behind.
    fn empty(room: usize, is_guess: bool, is_whole: bool) -> Self {
        Self { bytes: Vec::with_capacity(room), places: Vec::with_capacity(room), is_guess, is_whole }
    }

    /// Where in the text `length` bytes begin and end, of which the last is this one.
    pub(super) fn place(&self, last: usize, length: usize) -> Option<(usize, usize)> {
        let first = last.checked_add(1)?.checked_sub(length)?;
        let (start, end) = (self.places.get(first)?.0, self.places.get(last)?.1);
        Some((usize::try_from(start).ok()?, usize::try_from(end).ok()?))
    }

    fn push(&mut self, bytes: &[u8], place: (u32, u32)) {
        for byte in bytes {
            self.bytes.push(*byte);
            self.places.push(place);
        }
    }

    /// The text behind its escapes of these kinds, and which kinds there were. They are undone in one pass, since texts mix
    /// them. `None` where there is none.
    pub(super) fn unescaped(&self, kinds: u8) -> Option<(Self, u8)> {
        let mut plain = Self::empty(self.bytes.len(), self.is_guess, self.is_whole);
        let mut seen = 0;
        let mut at = 0;
        while let Some(rest) = self.bytes.get(at..)
            && let Some(&first) = rest.first()
        {
            step();
            let kind = escape::kind(first) & kinds;
            let found = if kind == 0 { None } else { escape::read(rest) };
            seen |= found.as_ref().map_or(0, |_| kind);
            let (unit, length) = found.unwrap_or((Unit::Byte(first), 1));
            let (start, end) = (self.places.get(at)?.0, self.places.get(at + length - 1)?.1);
            match unit {
                Unit::Byte(byte) => plain.push(&[byte], (start, end)),
                Unit::Char(char) => plain.push(char.encode_utf8(&mut [0; 4]).as_bytes(), (start, end)),
            }
            at += length;
        }
        (seen != 0).then_some((plain, seen))
    }

    /// Every word of such digits that is long enough, decoded from each of the places where a byte may begin in it. Line
    /// ends within a word count as nothing, as in mail, and what pads it belongs to its last digit.
    pub(super) fn each_decoded(&self, digits: Digits, shortest: usize, visit: &mut dyn FnMut(&Self)) {
        let mut word: Vec<(u8, (u32, u32))> = Vec::new();
        let mut is_padded = false;
        for (byte, place) in self.bytes.iter().zip(&self.places) {
            step();
            let digit = match digits {
                Digits::Base64 => sextet(*byte),
                Digits::Hex => nibble(*byte),
            };
            match (digit, word.last_mut()) {
                (Some(digit), _) if !is_padded => word.push((digit, *place)),
                (None, _) if matches!(byte, b'\r' | b'\n') => {}
                (None, Some((_, (_, end)))) if *byte == b'=' => (is_padded, *end) = (true, place.1),
                _ => {
                    self.decode(&word, digits, shortest, visit);
                    forget(&mut word);
                    is_padded = false;
                    word.extend(digit.map(|digit| (digit, *place)));
                }
            }
        }
        self.decode(&word, digits, shortest, visit);
        forget(&mut word);
    }

    fn decode(&self, word: &[(u8, (u32, u32))], digits: Digits, shortest: usize, visit: &mut dyn FnMut(&Self)) {
        let (width, phases) = match digits {
            Digits::Base64 => (6, 4),
            Digits::Hex => (4, 2),
        };
        if word.len() < shortest {
            return;
        }
        let is_whole = !self.is_guess || self.is_whole && word.len() == self.bytes.len();
        for phase in 0..phases {
            let mut piece = Piece::empty(word.len(), true, is_whole && phase == 0);
            let (mut bits, mut waiting) = (0_u32, 0_u32);
            // The digit that holds the first of the bits that wait.
            let mut start = 0;
            for (digit, (from, to)) in word.get(phase..).unwrap_or_default() {
                step();
                if waiting == 0 {
                    start = *from;
                }
                bits = (bits << width | u32::from(*digit)) & 0xfff;
                waiting += width;
                if waiting >= 8 {
                    waiting -= 8;
                    piece.push(&[low_byte(bits >> waiting)], (start, *to));
                    start = *from;
                }
            }
            visit(&piece);
        }
    }
}

/// Leaves nothing of what was read.
fn forget(word: &mut Vec<(u8, (u32, u32))>) {
    word.iter_mut().for_each(|(digit, _)| digit.zeroize());
    word.clear();
}

impl Drop for Piece {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}
