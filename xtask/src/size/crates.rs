//! Which crates a module's bytes come from, by the names of its functions.

use std::collections::{BTreeMap, HashMap};

use anyhow::Result;
use wasmparser::{KnownCustom, Name, NameSectionReader, Parser, Payload, TypeRef};

/// Bytes of one origin.
#[derive(Debug, PartialEq)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) bytes: usize,
    pub(super) functions: usize,
}

/// The module's parts, heaviest first: code by crate, and the other sections.
pub(super) fn parts(module: &[u8]) -> Result<Vec<Part>> {
    let mut names = HashMap::new();
    let mut bodies = Vec::new();
    let mut imported = 0u32;
    let mut parts = BTreeMap::<String, (usize, usize)>::new();
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::CodeSectionEntry(body) => bodies.push(body.range().len()),
            Payload::DataSection(section) => {
                parts.entry("(constants: texts and tables)".to_owned()).or_default().0 += section.range().len();
            }
            Payload::CustomSection(section) => {
                if let KnownCustom::Name(section) = section.as_known() {
                    names = function_names(section)?;
                }
            }
            _ => {}
        }
    }
    for (index, bytes) in (imported..).zip(bodies) {
        let origin = names.get(&index).map_or("(without a name)", |name| origin(name));
        let part = parts.entry(origin.to_owned()).or_default();
        part.0 += bytes;
        part.1 += 1;
    }
    let mut parts: Vec<_> = parts
        .into_iter()
        .map(|(name, (bytes, functions))| Part { name, bytes, functions })
        .collect();
    parts.sort_by_key(|part| std::cmp::Reverse(part.bytes));
    Ok(parts)
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
    match first
        .filter(|root| !STANDARD.contains(root))
        .or_else(|| roots.find(|root| !STANDARD.contains(root)))
    {
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
            ("propusk::client::engine::run", "propusk"),
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
        assert!(parts(b"<html>").is_err());
    }

    #[test]
    fn an_empty_module_has_no_parts() {
        assert_eq!(parts(b"\0asm\x01\0\0\0").unwrap(), []);
    }
}
