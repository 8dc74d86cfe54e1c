//! Constants that nothing shows any more: of what words panics, and formats their parts, traps were made, but its texts and
//! tables would stay among the data, since the optimizer cannot know what they were there for. The linker does: it writes down
//! which function and which constant has the address of which.

use std::collections::HashMap;
use std::ops::Range;

use anyhow::{Context as _, Result, ensure};
use walrus::Module;
use wasmparser::{
    ExternalKind, KnownCustom, Linking, Parser, Payload, RelocSectionReader, RelocationType, SymbolInfo, TypeRef,
};

/// Sections that the linker writes for this alone.
const SECTIONS: [&str; 3] = ["linking", "reloc.CODE", "reloc.DATA"];

/// Fills them with zeros, which the optimizer leaves out. `linked` is what `module` was read from, before anything was
/// changed in it; functions of which a trap was made are known by their names.
pub(super) fn forget(linked: &[u8], is_trap: impl Fn(&str) -> bool, module: &mut Module) -> Result<()> {
    let unused = read(linked)?.unused(is_trap);
    let segments: Vec<_> = module.data.iter().map(|data| data.id()).collect();
    for (id, unused) in segments.into_iter().zip(unused) {
        let data = &mut module.data.get_mut(id).value;
        data.iter_mut().zip(unused).filter(|(_, is_unused)| *is_unused).for_each(|(byte, _)| *byte = 0);
    }
    for section in SECTIONS {
        module.customs.remove_raw(section);
    }
    Ok(())
}

/// For each byte of each segment whether it belongs to constants that these functions, which are known by their names, use
/// neither by themselves nor by way of other constants. Code that is `gone` uses nothing.
pub(super) fn apart_from(
    linked: &[u8],
    is_meant: impl Fn(&str) -> bool,
    gone: &[Range<usize>],
) -> Result<Vec<Vec<bool>>> {
    Ok(read(linked)?.others(is_meant, gone))
}

fn read(linked: &[u8]) -> Result<Linked> {
    Linked::read(linked).context("cannot read what the linker wrote down")
}

/// What the linker wrote down. Places are offsets in the file.
#[derive(Default)]
struct Linked {
    /// Function and constants, in the order in which the linker counts them.
    symbols: Vec<Symbol>,
    /// Names of functions, where they have one.
    names: HashMap<u32, String>,
    /// Code of the functions, in order, of which the first has this number.
    bodies: Vec<Range<usize>>,
    first: u32,
    segments: Vec<Range<usize>>,
    /// Where the number or address of which symbol stands.
    references: Vec<(usize, usize)>,
    /// Functions that are called from outside.
    exported: Vec<u32>,
}

#[derive(Clone, PartialEq)]
enum Symbol {
    Function(u32),
    Constant(Range<usize>),
    Other,
}

impl Linked {
    fn read(module: &[u8]) -> Result<Self> {
        let mut linked = Self::default();
        let (mut code, mut data, mut constants) = (0, 0, Vec::new());
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        linked.first += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                    }
                }
                Payload::ExportSection(section) => {
                    for export in section {
                        let export = export?;
                        linked.exported.extend((export.kind == ExternalKind::Func).then_some(export.index));
                    }
                }
                Payload::StartSection { func, .. } => linked.exported.push(func),
                Payload::CodeSectionStart { range, .. } => code = range.start,
                Payload::CodeSectionEntry(body) => linked.bodies.push(body.range()),
                Payload::DataSection(section) => {
                    data = section.range().start;
                    for segment in section {
                        let segment = segment?;
                        linked.segments.push(segment.range.end - segment.data.len()..segment.range.end);
                    }
                }
                Payload::CustomSection(section) => match section.as_known() {
                    KnownCustom::Linking(linking) => {
                        for part in linking.subsections() {
                            if let Linking::SymbolTable(symbols) = part? {
                                constants = symbols.into_iter().collect::<Result<Vec<_>, _>>()?;
                            }
                        }
                    }
                    KnownCustom::Reloc(relocations) if section.name() == "reloc.CODE" => {
                        linked.refer(relocations, code)?
                    }
                    KnownCustom::Reloc(relocations) if section.name() == "reloc.DATA" => {
                        linked.refer(relocations, data)?
                    }
                    _ => {}
                },
                _ => {}
            }
        }
        ensure!(!constants.is_empty(), "the linker wrote down nothing");
        for symbol in constants {
            // What is zero from the start stands in no segment.
            let known = linked.symbol(symbol).unwrap_or(Symbol::Other);
            linked.symbols.push(known);
        }
        Ok(linked)
    }

    fn refer(&mut self, relocations: RelocSectionReader<'_>, start: usize) -> Result<()> {
        for entry in relocations.entries() {
            let entry = entry?;
            // Types are no symbols, and have numbers of their own.
            if entry.ty == RelocationType::TypeIndexLeb {
                continue;
            }
            self.references.push((start + usize::try_from(entry.offset)?, usize::try_from(entry.index)?));
        }
        Ok(())
    }

    fn symbol(&mut self, symbol: SymbolInfo<'_>) -> Option<Symbol> {
        Some(match symbol {
            SymbolInfo::Func { index, name, .. } => {
                self.names.extend(name.map(|name| (index, name.to_owned())));
                Symbol::Function(index)
            }
            SymbolInfo::Data { symbol: Some(symbol), .. } => {
                let start = self.segments.get(usize::try_from(symbol.index).ok()?)?.start;
                let start = start + usize::try_from(symbol.offset).ok()?;
                Symbol::Constant(start..start + usize::try_from(symbol.size).ok()?)
            }
            _ => Symbol::Other,
        })
    }

    /// For each byte of each segment whether it belongs to constants that only traps, or nobody, would use.
    fn unused(mut self, is_trap: impl Fn(&str) -> bool) -> Vec<Vec<bool>> {
        let exported = self.exported.iter().copied().map(Symbol::Function).collect();
        let names = std::mem::take(&mut self.names);
        let used = self.used(exported, |symbol| match symbol {
            Symbol::Function(number) => !names.get(number).is_some_and(|name| is_trap(name)),
            _ => true,
        });
        self.other_than(&used)
    }

    /// See [`apart_from`].
    fn others(mut self, is_meant: impl Fn(&str) -> bool, gone: &[Range<usize>]) -> Vec<Vec<bool>> {
        self.references.retain(|(at, _)| !gone.iter().any(|range| range.contains(at)));
        let meant = self.names.iter().filter(|(_, name)| is_meant(name)).map(|(number, _)| Symbol::Function(*number));
        let meant = meant.collect();
        let used = self.used(meant, |symbol| matches!(symbol, Symbol::Constant(_)));
        self.other_than(&used)
    }

    /// Which symbols are used, beginning with those that wait, and by way of which others.
    fn used(&mut self, mut waiting: Vec<Symbol>, is_way: impl Fn(&Symbol) -> bool) -> Vec<bool> {
        self.references.sort_unstable();
        let mut used: Vec<bool> = vec![false; self.symbols.len()];
        while let Some(symbol) = waiting.pop() {
            let place = match &symbol {
                Symbol::Function(number) => {
                    let own =
                        number.checked_sub(self.first).and_then(|own| self.bodies.get(usize::try_from(own).ok()?));
                    own.cloned().unwrap_or_default()
                }
                Symbol::Constant(place) => place.clone(),
                Symbol::Other => continue,
            };
            let from = self.references.partition_point(|(at, _)| *at < place.start);
            let within = self.references.iter().skip(from).take_while(|(at, _)| *at < place.end);
            for (_, referred) in within {
                if let (Some(is_used), Some(symbol)) = (used.get_mut(*referred), self.symbols.get(*referred))
                    && !std::mem::replace(is_used, true)
                    && is_way(symbol)
                {
                    waiting.push(symbol.clone());
                }
            }
        }
        used
    }

    /// For each byte of each segment whether it belongs to other constants than those that are used.
    fn other_than(&self, used: &[bool]) -> Vec<Vec<bool>> {
        let mut unused: Vec<Vec<bool>> = self.segments.iter().map(|segment| vec![false; segment.len()]).collect();
        // What is used last: constants may share their bytes.
        for wanted in [false, true] {
            for (symbol, _) in self.symbols.iter().zip(used).filter(|(_, is_used)| **is_used == wanted) {
                let Symbol::Constant(place) = symbol else { continue };
                for (segment, unused) in self.segments.iter().zip(&mut unused) {
                    let start = place.start.saturating_sub(segment.start);
                    let end = place.end.saturating_sub(segment.start).min(segment.len());
                    if place.start >= segment.start
                        && let Some(part) = unused.get_mut(start..end)
                    {
                        part.fill(!wanted);
                    }
                }
            }
        }
        unused
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Code at 0 to 30, three functions of ten bytes; data at 100 to 120 and 120 to 130.
    fn linked(references: &[(usize, usize)]) -> Linked {
        let constant = |start, end| Symbol::Constant(start..end);
        Linked {
            symbols: vec![
                Symbol::Function(1),
                Symbol::Function(2),
                Symbol::Function(3),
                constant(100, 110),
                constant(105, 120),
                constant(120, 130),
                Symbol::Other,
            ],
            names: HashMap::from([(1, "run".to_owned()), (2, "panicking".to_owned()), (3, "format".to_owned())]),
            bodies: vec![0..10, 10..20, 20..30],
            first: 1,
            segments: vec![100..120, 120..130],
            references: references.to_vec(),
            exported: vec![1],
        }
    }

    /// Digits of the bytes that are unused, one for each five.
    fn unused(references: &[(usize, usize)]) -> String {
        let unused = linked(references).unused(|name| name == "panicking");
        let segments = unused.iter().map(|bytes| bytes.iter().step_by(5).map(|unused| if *unused { '0' } else { '1' }));
        segments.map(|segment| segment.collect::<String>()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_constant_is_used_by_what_is_called() {
        assert_eq!(unused(&[(5, 3)]), "1100 00");
        assert_eq!(unused(&[(5, 2), (25, 5)]), "0000 11", "by a function that another calls");
        assert_eq!(unused(&[(5, 3), (104, 5)]), "1100 11", "by another constant");
        assert_eq!(unused(&[(5, 3), (104, 2), (29, 4)]), "1111 00", "by a function whose address another holds");
    }

    #[test]
    fn what_only_traps_would_use_is_unused() {
        assert_eq!(unused(&[(5, 1), (15, 3), (16, 2), (25, 5)]), "0000 00");
        assert_eq!(unused(&[(5, 1), (15, 3), (7, 4)]), "0111 00", "bytes that another shares stay");
    }

    /// Digits of the bytes that `run` uses, one for each five, where code at these places is gone.
    fn used_by_run(references: &[(usize, usize)], gone: &[[usize; 2]]) -> String {
        let gone: Vec<_> = gone.iter().map(|[start, end]| *start..*end).collect();
        let others = linked(references).others(|name| name == "run", &gone);
        let segments = others.iter().map(|bytes| bytes.iter().step_by(5).map(|other| if *other { '0' } else { '1' }));
        segments.map(|segment| segment.collect::<String>()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_others_use_is_apart_from_what_is_meant() {
        assert_eq!(used_by_run(&[(5, 3), (15, 5)], &[]), "1100 00");
        assert_eq!(used_by_run(&[(5, 3), (104, 5)], &[]), "1100 11", "by another constant");
        assert_eq!(used_by_run(&[(5, 1), (15, 3)], &[]), "0000 00", "functions are meant by name alone");
        assert_eq!(used_by_run(&[(5, 3), (15, 4)], &[]), "1100 00", "bytes that it shares are its own");
    }

    #[test]
    fn code_that_is_gone_uses_nothing() {
        assert_eq!(used_by_run(&[(3, 3), (7, 5)], &[[6, 10]]), "1100 00");
        assert_eq!(used_by_run(&[(3, 3), (7, 5)], &[[0, 4], [6, 10]]), "0000 00");
    }

    #[test]
    fn what_is_no_module_of_the_linker_is_refused() {
        assert!(Linked::read(b"\0asm\x01\0\0\0").is_err());
    }
}
