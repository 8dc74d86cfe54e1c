//! What a module's bytes are there for, by the names of its functions.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use anyhow::Result;
use wasmparser::{KnownCustom, Name, NameSectionReader, Parser, Payload, TypeRef};

/// What a module consists of.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Content {
    pub(super) functions: Vec<Function>,
    /// Bytes of the constants: texts and tables.
    pub(super) constants: usize,
}

/// A function's name, as far as it has one, and its bytes.
#[derive(Debug, PartialEq)]
pub(super) struct Function {
    pub(super) name: String,
    pub(super) bytes: usize,
}

/// Bytes of one crate.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Part {
    pub(super) bytes: usize,
    pub(super) functions: usize,
}

impl Content {
    /// Reads a module that has its names.
    pub(super) fn read(module: &[u8]) -> Result<Self> {
        let mut names = HashMap::new();
        let mut bodies = Vec::new();
        let mut imported = 0u32;
        let mut constants = 0;
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                    }
                }
                Payload::CodeSectionEntry(body) => bodies.push(body.range().len()),
                Payload::DataSection(section) => constants += section.range().len(),
                Payload::CustomSection(section) => {
                    if let KnownCustom::Name(section) = section.as_known() {
                        names = function_names(section)?;
                    }
                }
                _ => {}
            }
        }
        let name = |index| names.remove(&index).unwrap_or_else(|| "(without a name)".to_owned());
        let mut functions: Vec<_> =
            (imported..).map(name).zip(bodies).map(|(name, bytes)| Function { name, bytes }).collect();
        functions.sort_by_key(|function| Reverse(function.bytes));
        Ok(Self { functions, constants })
    }

    /// The functions by the crate that they are there for, heaviest first.
    pub(super) fn crates(&self) -> Vec<(&str, Part)> {
        let mut parts = BTreeMap::<&str, Part>::new();
        for function in &self.functions {
            let part = parts.entry(origin(&function.name)).or_default();
            part.bytes += function.bytes;
            part.functions += 1;
        }
        let mut parts: Vec<_> = parts.into_iter().collect();
        parts.sort_by_key(|(_, part)| Reverse(part.bytes));
        parts
    }
}

fn function_names(section: NameSectionReader<'_>) -> Result<HashMap<u32, String>> {
    let mut names = HashMap::new();
    for subsection in section {
        if let Name::Function(map) = subsection? {
            for naming in map {
                let naming = naming?;
                names.insert(naming.index, format!("{:#}", rustc_demangle::demangle(naming.name)));
            }
        }
    }
    Ok(names)
}

/// The crate that made a function: the first in its name that isn't the standard library, whose generic code is there
/// for others; else the first.
fn origin(name: &str) -> &str {
    const STANDARD: [&str; 3] = ["core", "alloc", "std"];
    let mut roots = roots(name);
    let first = roots.next();
    match first.filter(|root| !STANDARD.contains(root)).or_else(|| roots.find(|root| !STANDARD.contains(root))) {
        Some(root) => root,
        None => first.unwrap_or("(exports, allocator and intrinsics)"),
    }
}

/// The crates in a path such as `<a::B as c::D<e::F>>::g`: words with `::` behind them and none before.
fn roots(name: &str) -> impl Iterator<Item = &str> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    name.match_indices("::").filter_map(move |(end, _)| {
        let before = name.get(..end)?;
        let start = before.rfind(|c| !is_word(c)).map_or(0, |last| last + 1);
        let (path, word) = before.split_at_checked(start)?;
        (!word.is_empty() && !path.ends_with("::")).then_some(word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_crate_that_a_function_is_there_for() {
        for (name, crate_name) in [
            ("propusk::session::store::run", "propusk"),
            ("<propusk::Secret as core::ops::Drop>::drop", "propusk"),
            ("core::ptr::drop_in_place<serde::de::Value>", "serde"),
            ("<alloc::vec::Vec<T> as core::clone::Clone>::clone", "alloc"),
            ("<&mut quick_xml::Reader as core::iter::Iterator>::next", "quick_xml"),
            ("core::fmt::write", "core"),
            ("__wbindgen_malloc", "(exports, allocator and intrinsics)"),
        ] {
            assert_eq!(origin(name), crate_name, "{name}");
        }
    }

    #[test]
    fn refuses_what_is_no_module() {
        assert!(Content::read(b"<html>").is_err());
    }

    #[test]
    fn an_empty_module_has_nothing() {
        assert_eq!(Content::read(b"\0asm\x01\0\0\0").unwrap(), Content::default());
    }

    #[test]
    fn adds_up_crates() {
        let function = |name: &str, bytes| Function { name: name.to_owned(), bytes };
        let functions =
            vec![function("core::fmt::write", 9), function("propusk::a", 8), function("<propusk::B>::c", 7)];
        let content = Content { functions, constants: 0 };
        let [(first, propusk), (second, core)] = content.crates().try_into().unwrap();
        assert_eq!((first, propusk), ("propusk", Part { bytes: 15, functions: 2 }));
        assert_eq!((second, core), ("core", Part { bytes: 9, functions: 1 }));
    }
}
