//! Panics of the module say nothing, so nobody asks for where they happen: the names of source files and the lines in them,
//! which the compiler puts among the constants for each place that could panic, are taken out.

use walrus::ir::Value;
use walrus::{ConstExpr, DataKind, Module};

/// A place is the address and the length of a file's name, a line and a column: four little-endian words.
const PLACE: usize = 16;
const WORD: usize = 4;
/// Longer than the name of any file.
const LONGEST_NAME: usize = 256;

/// Fills them with zeros, which the optimizer leaves out.
pub(super) fn forget(module: &mut Module) {
    let segments: Vec<_> = module.data.iter().filter_map(|data| Some((data.id(), start_of(&data.kind)?))).collect();
    let mut memory = Vec::new();
    for (id, start) in &segments {
        let data = &module.data.get(*id).value;
        memory.resize(memory.len().max(start + data.len()), 0);
        if let Some(part) = memory.get_mut(*start..*start + data.len()) {
            part.copy_from_slice(data);
        }
    }
    forget_in(&mut memory);
    for (id, start) in segments {
        let data = &mut module.data.get_mut(id).value;
        if let Some(part) = memory.get(start..start + data.len()) {
            data.copy_from_slice(part);
        }
    }
}

/// Where in memory a segment comes to stand.
fn start_of(kind: &DataKind) -> Option<usize> {
    match kind {
        DataKind::Active { offset: ConstExpr::Value(Value::I32(start)), .. } => usize::try_from(*start).ok(),
        _ => None,
    }
}

fn forget_in(memory: &mut [u8]) {
    let starts = (0..memory.len().saturating_sub(PLACE - 1)).step_by(WORD);
    let places: Vec<_> = starts.filter_map(|at| Some((at, name_of(memory, at)?))).collect();
    for (at, (name, length)) in places {
        for (start, length) in [(at, PLACE), (name, length)] {
            if let Some(part) = memory.get_mut(start..start + length) {
                part.fill(0);
            }
        }
    }
}

/// Address and length of a file's name, if a place stands here.
fn name_of(memory: &[u8], at: usize) -> Option<(usize, usize)> {
    let word = |number: usize| {
        let start = at + number * WORD;
        let bytes = memory.get(start..start + WORD)?.try_into().ok()?;
        usize::try_from(u32::from_le_bytes(bytes)).ok()
    };
    let (address, length, line, column) = (word(0)?, word(1)?, word(2)?, word(3)?);
    let name = memory.get(address..address.checked_add(length)?)?;
    let is_name = length <= LONGEST_NAME && name.ends_with(b".rs") && name.iter().all(u8::is_ascii_graphic);
    (is_name && line > 0 && column > 0).then_some((address, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Memory with a text at 40, and these words at 8.
    fn memory(text: &[u8], words: [u32; 4]) -> Vec<u8> {
        let mut memory = vec![7; 100];
        memory[40..40 + text.len()].copy_from_slice(text);
        for (at, word) in words.into_iter().enumerate() {
            memory[8 + at * WORD..8 + (at + 1) * WORD].copy_from_slice(&word.to_le_bytes());
        }
        memory
    }

    #[test]
    fn takes_out_places_with_the_names_of_their_files() {
        let mut given = memory(b"src/lib.rs", [40, 10, 3, 14]);
        forget_in(&mut given);
        let expected: Vec<u8> =
            (0..100).map(|at| if (8..24).contains(&at) || (40..50).contains(&at) { 0 } else { 7 }).collect();
        assert_eq!(given, expected);
    }

    #[test]
    fn leaves_everything_else() {
        for (text, words) in [
            (&b"src/lib.rs"[..], [40, 9, 3, 14]),
            (b"src/lib.rs", [40, 10, 0, 14]),
            (b"src/lib.rs", [u32::MAX, 10, 3, 14]),
            (b"a text .rs", [40, 10, 3, 14]),
            (b"profile.js", [40, 10, 3, 14]),
        ] {
            let given = memory(text, words);
            let mut after = given.clone();
            forget_in(&mut after);
            assert_eq!(after, given);
        }
    }
}
