//! The licences of everything that is compiled into the module: most ask that their text goes along.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::module::MODULES;
use crate::process;
use crate::setup::WASM;
use crate::workspace::Workspace;

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

/// A crate, as Cargo describes it.
struct Crate {
    name: String,
    license: String,
    authors: Vec<String>,
    folder: PathBuf,
}

/// Writes the notice for the crates that the modules depend on.
pub(super) fn write(workspace: &Workspace, path: &Path) -> Result<()> {
    let mut cargo = workspace.cargo("metadata");
    cargo.args(["--locked", "--format-version", "1", "--filter-platform", WASM]);
    let metadata = serde_json::from_str(&process::read(&mut cargo)?).context("Cargo's metadata is no JSON")?;
    let libraries: Vec<_> = MODULES.iter().map(|module| module.library).collect();
    let crates = compiled_in(&metadata, &libraries)?;
    ensure!(!crates.is_empty(), "the module consists of no crate");
    fs::write(path, notice(&crates)?).with_context(|| format!("cannot write {}", path.display()))
}

/// What is compiled into libraries: not the workspace's own, nor what only helps to compile them.
fn compiled_in(metadata: &Value, libraries: &[&str]) -> Result<Vec<Crate>> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let packages = list(at(metadata, "/packages"));
    let package = |id: &Value| packages.iter().find(|package| at(package, "/id") == id);
    let nodes = list(at(metadata, "/resolve/nodes"));
    let is_macro = |package: &Value| {
        list(at(package, "/targets"))
            .iter()
            .any(|target| list(at(target, "/kind")).contains(&Value::from("proc-macro")))
    };

    let mut found = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let mut open = Vec::new();
    for library in libraries {
        let own = packages.iter().find(|package| at(package, "/name") == *library);
        open.push(at(own.with_context(|| format!("Cargo does not know {library}"))?, "/id").clone());
    }
    while let Some(id) = open.pop() {
        if !seen.insert(id.to_string()) {
            continue;
        }
        let here = package(&id).context("a dependency is no package")?;
        if !at(here, "/source").is_null() {
            let made = read(here)?;
            found.insert(made.name.clone(), made);
        }
        let node = nodes.iter().find(|node| at(node, "/id") == &id).context("a package is not resolved")?;
        for dependency in list(at(node, "/deps")) {
            let is_normal = list(at(&dependency, "/dep_kinds")).iter().any(|kind| at(kind, "/kind").is_null());
            let id = at(&dependency, "/pkg");
            if is_normal && !package(id).is_some_and(is_macro) {
                open.push(id.clone());
            }
        }
    }
    Ok(found.into_values().collect())
}

fn at<'a>(value: &'a Value, pointer: &str) -> &'a Value {
    value.pointer(pointer).unwrap_or(&Value::Null)
}

fn read(package: &Value) -> Result<Crate> {
    let text = |name: &str| package.get(name).and_then(Value::as_str).map(str::to_owned);
    let name = text("name").context("a package without a name")?;
    let manifest = PathBuf::from(text("manifest_path").context("a package without a manifest")?);
    Ok(Crate {
        license: text("license").with_context(|| format!("{name} names no licence"))?,
        authors: at(package, "/authors")
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(author)
            .collect(),
        folder: manifest.parent().context("a manifest in no folder")?.to_path_buf(),
        name: format!("{name} {}", text("version").unwrap_or_default()),
    })
}

/// Without the address.
fn author(text: &str) -> String {
    text.split('<').next().unwrap_or_default().trim().to_owned()
}

/// Each text once, with all whom it is of.
fn notice(crates: &[Crate]) -> Result<String> {
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let (library, copyright) = STANDARD_LIBRARY;
    texts.entry(format!("{copyright}\n\n{MIT}")).or_default().push(format!("{library} (MIT OR Apache-2.0)"));
    for each in crates {
        for text in licences(each)? {
            texts.entry(text).or_default().push(format!("{} ({})", each.name, each.license));
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
    use serde_json::json;

    fn package(name: &str, kind: &str) -> Value {
        let target = json!([{"kind": [kind]}]);
        let source = if name.starts_with("own") { Value::Null } else { json!("a registry") };
        json!({"id": name, "source": source, "name": name, "version": "1.0.0", "license": "MIT", "authors": ["A <a@b.test>"],
            "manifest_path": format!("/nowhere/{name}/Cargo.toml"), "targets": target})
    }

    #[test]
    fn names_what_is_compiled_in_and_not_what_compiles_it() {
        let normal = |name: &str| json!({"pkg": name, "dep_kinds": [{"kind": null}]});
        let node = |name: &str, deps: Value| json!({"id": name, "deps": deps});
        let metadata = json!({
            "packages": [package("own", "lib"), package("own-part", "lib"), package("used", "lib"), package("deep", "lib"), package("derive", "proc-macro"),
                package("builds", "lib"), package("tests", "lib"), package("other", "lib")],
            "resolve": {"nodes": [
                node("own-part", json!([normal("own")])),
                node("own", json!([normal("used"), normal("derive"), {"pkg": "tests", "dep_kinds": [{"kind": "dev"}]}])),
                node("used", json!([normal("deep"), {"pkg": "builds", "dep_kinds": [{"kind": "build"}]}])),
                node("deep", json!([])), node("derive", json!([normal("other")])),
            ]},
        });
        let names: Vec<_> = compiled_in(&metadata, &["own-part"]).unwrap().into_iter().map(|each| each.name).collect();
        assert_eq!(names, ["deep 1.0.0", "used 1.0.0"]);
    }

    #[test]
    fn a_crate_without_a_text_of_its_licence_is_given_that_of_its_name_with_whose_it_is() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let named = |license: &str| Crate {
            name: "x 1".to_owned(),
            license: license.to_owned(),
            authors: vec![author("A <a@b.test>")],
            folder: folder.clone(),
        };
        assert_eq!(licences(&named("MIT")).unwrap(), [format!("Copyright (c) A\n\n{MIT}")]);
        assert!(licences(&named("GPL-3.0-only")).is_err());
    }
}
