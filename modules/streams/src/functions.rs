//! Functions out of streams.

use crate::Unpacking;
use crate::instructions::FIRST;

/// The texts that stand around the functions, and the first of the streams: the instructions; numbers of locals and their types.
const BEFORE: usize = 1;
const AFTER: usize = 2;
const INSTRUCTIONS: usize = 3;
const VARIABLES: usize = 4;
/// Stands for as many numbers as the one before says, and one more.
const MORE: u8 = b'z';
/// A size takes no more bytes.
const LONGEST: usize = 5;
/// Instructions that nest, blocks, loops and conditions, and the end.
const BLOCK: u8 = 2;
const IF: u8 = 4;
const END: u8 = 11;

impl Unpacking<'_> {
    pub(crate) fn write_module(&mut self) {
        self.whole(BEFORE);
        while self.is_left(INSTRUCTIONS) {
            self.function();
        }
        self.whole(AFTER);
    }

    /// A text as it is.
    fn whole(&mut self, text: usize) {
        while self.is_left(text) {
            self.copy(text);
        }
    }

    /// With its size.
    fn function(&mut self) {
        let size_at = self.end;
        let start = size_at + LONGEST;
        self.end = start;
        for _ in 0..self.number(VARIABLES) {
            self.number(VARIABLES);
            self.number(VARIABLES);
        }
        let mut depth = 1;
        while depth > 0 && self.is_left(INSTRUCTIONS) {
            match self.instruction() {
                BLOCK..=IF => depth += 1,
                END => depth -= 1,
                _ => {}
            }
        }
        let end = self.end;
        self.end = size_at;
        let mut size = end - start;
        while size > 127 {
            self.put(size as u8 | 128);
            size >>= 7;
        }
        self.put(size as u8);
        for at in start..end {
            self.put(self.memory.get(at));
        }
    }

    /// Gives its first byte.
    fn instruction(&mut self) -> u8 {
        let which = self.next(INSTRUCTIONS);
        let (begin, end) = self.instructions.parts(which);
        let mut stream = 0;
        let mut number = 0;
        for at in begin..end {
            let (byte, letter) = self.instructions.part(at);
            if letter == 0 {
                self.put(byte);
                continue;
            }
            let mut times = 0;
            if letter == MORE {
                times = number;
            } else {
                stream = usize::from(letter - FIRST) + INSTRUCTIONS;
            }
            for _ in 0..=times {
                number = self.number(stream);
            }
        }
        self.instructions.part(begin).0
    }

    /// A number as it is.
    fn number(&mut self, stream: usize) -> usize {
        let mut number = 0;
        let mut shift = 0;
        loop {
            let byte = self.copy(stream);
            number |= usize::from(byte & 127) << (shift & 31);
            shift += 7;
            if byte < 128 {
                return number;
            }
        }
    }

    fn copy(&mut self, text: usize) -> u8 {
        let byte = self.next(text);
        self.put(byte);
        byte
    }

    fn is_left(&self, text: usize) -> bool {
        self.texts.get(text).is_some_and(|(at, end)| at < end)
    }

    fn next(&mut self, text: usize) -> u8 {
        let Some((at, _)) = self.texts.get_mut(text) else { return 0 };
        *at += 1;
        self.memory.get(*at - 1)
    }

    fn put(&mut self, byte: u8) {
        self.memory.put(self.end, byte);
        self.end += 1;
    }
}
