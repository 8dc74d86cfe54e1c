//! A module of its own, of two kilobytes, that puts another one together from texts: a page that has just been opened takes a
//! fifth of the time for it that its scripts would take.
//!
//! What the functions of a module consist of is taken apart into streams of one kind each: instructions, numbers of locals,
//! offsets, addresses and so on. Alike stands beside alike there, so that what compresses the texts makes them a tenth smaller
//! than the module; sizes of functions, which follow from the rest, are left out. `pkg-template/streams.mjs` takes apart.
#![cfg_attr(target_arch = "wasm32", no_std)]

mod functions;
mod instructions;
mod letters;
mod memory;

use instructions::Instructions;
use letters::Letters;
use memory::Memory;

/// The instructions, what stands before the functions, what behind, and the streams.
const TEXTS: usize = 15;
/// What stands between texts.
const BREAK: u8 = b'\n';

/// All that is known on the way.
struct Unpacking<'a> {
    memory: Memory<'a>,
    letters: Letters,
    instructions: Instructions,
    /// Where each text is read from next, and where it ends.
    texts: [(usize, usize); TEXTS],
    /// Where the module ends, as far as it is there.
    end: usize,
}

/// From the texts at the beginning of the memory, `length` bytes long, makes the module behind them. Gives its length.
pub fn unpack(memory: &mut [u8], length: usize) -> usize {
    let mut all = Unpacking {
        memory: Memory(memory),
        letters: Letters::NONE,
        instructions: Instructions::NONE,
        texts: [(0, 0); TEXTS],
        end: length,
    };
    all.read_texts(length);
    all.write_module();
    all.end - length
}

impl Unpacking<'_> {
    fn read_texts(&mut self, length: usize) {
        let mut at = 0;
        self.letters.rank();
        for (number, text) in self.texts.iter_mut().enumerate() {
            let start = at;
            while at < length && self.memory.get(at) != BREAK {
                at += 1;
            }
            let mut end = at;
            if number == 0 {
                self.instructions.read(&self.memory, start, end);
            } else {
                end = self.letters.decode(&mut self.memory, start, end);
            }
            *text = (start, end);
            at += 1;
        }
    }
}

#[cfg(target_arch = "wasm32")]
mod module {
    #![expect(unsafe_code, reason = "its memory is JavaScript's to fill")]

    /// The same in the module's memory, from `start` on, where JavaScript has added so much `room`.
    #[unsafe(export_name = "unpack")]
    extern "C" fn unpack(start: *mut u8, length: usize, room: usize) -> usize {
        // SAFETY: nothing else is there, and it is as long as JavaScript says.
        super::unpack(unsafe { core::slice::from_raw_parts_mut(start, room) }, length)
    }

    #[panic_handler]
    fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
        core::arch::wasm32::unreachable()
    }
}
