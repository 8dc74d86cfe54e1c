//! The licences of everything that is compiled into the module: most ask that their text goes along.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};

use super::crates::Crate;

/// What the module has besides crates.
const STANDARD_LIBRARY: (&str, &str) = ("the standard library of Rust", "Copyright (c) The Rust Project Contributors");

/// The text of a licence that a crate names without a file of its own; whose it is goes before it.
const MIT: &str = "\
Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation
files (the \"Software\"), to deal in the Software without restriction, including without limitation the rights to use, copy,
modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the
Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED \"AS IS\", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE,
ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.";

/// Writes the notice for these crates.
pub(super) fn write(crates: &[Crate], path: &Path) -> Result<()> {
    fs::write(path, notice(crates)?).with_context(|| format!("cannot write {}", path.display()))
}

/// Each text once, with all whom it is of.
fn notice(crates: &[Crate]) -> Result<String> {
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let (library, copyright) = STANDARD_LIBRARY;
    texts.entry(format!("{copyright}\n\n{MIT}")).or_default().push(format!("{library} (MIT OR Apache-2.0)"));
    for each in crates {
        for text in licences(each)? {
            texts.entry(text).or_default().push(format!("{} {} ({})", each.name, each.version, each.license));
        }
    }
    let mut sections: Vec<_> = texts.into_iter().map(|(text, names)| (names, text)).collect();
    sections.sort();
    let mut out = String::from("# What the module contains\n\n");
    out.push_str(
        "`module.wasm`, and the scripts that carry it, contain parts of the following, under these licences.\n",
    );
    for (names, text) in sections {
        write!(out, "\n## {}\n\n```\n{text}\n```\n", names.join(", "))?;
    }
    Ok(out)
}

/// The texts that have to go along: where there is a choice, MIT's.
fn licences(each: &Crate) -> Result<Vec<String>> {
    const BEGINNINGS: [&str; 4] = ["LICENSE", "LICENCE", "COPYRIGHT", "NOTICE"];
    let mut files = Vec::new();
    for entry in fs::read_dir(&each.folder).with_context(|| format!("the sources of {} are not there", each.name))? {
        let name = entry?.file_name().to_string_lossy().to_uppercase();
        if BEGINNINGS.iter().any(|beginning| name.starts_with(beginning)) {
            files.push(name);
        }
    }
    files.sort();
    if files.iter().any(|name| name.contains("MIT")) {
        files.retain(|name| !name.contains("APACHE") && name != "LICENSE");
    }
    if files.is_empty() {
        ensure!(each.license.contains("MIT"), "{} ({}) has no text of its licence", each.name, each.license);
        let whose = if each.authors.is_empty() { "its authors".to_owned() } else { each.authors.join(", ") };
        return Ok(vec![format!("Copyright (c) {whose}\n\n{MIT}")]);
    }
    let mut texts = Vec::new();
    for entry in fs::read_dir(&each.folder)? {
        let entry = entry?;
        if files.contains(&entry.file_name().to_string_lossy().to_uppercase()) {
            let text =
                fs::read_to_string(entry.path()).with_context(|| format!("cannot read {}", entry.path().display()))?;
            texts.push(text.replace("\r\n", "\n").trim().to_owned());
        }
    }
    texts.sort();
    Ok(texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_without_a_text_of_its_licence_is_given_that_of_its_name_with_whose_it_is() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let named = |license: &str| Crate {
            name: "x".to_owned(),
            version: "1".to_owned(),
            license: license.to_owned(),
            authors: vec!["A".to_owned()],
            folder: folder.clone(),
        };
        assert_eq!(licences(&named("MIT")).unwrap(), [format!("Copyright (c) A\n\n{MIT}")]);
        assert!(licences(&named("GPL-3.0-only")).is_err());
    }
}
