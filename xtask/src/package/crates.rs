//! What modules are made of: the crates that are compiled into them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::module::WasmModule;
use crate::process;
use crate::setup::WASM;
use crate::workspace::Workspace;

/// A crate, as Cargo describes it.
#[derive(Clone)]
pub(super) struct Crate {
    pub(super) name: String,
    pub(super) version: String,
    /// As an SPDX expression.
    pub(super) license: String,
    pub(super) authors: Vec<String>,
    /// Its sources.
    pub(super) folder: PathBuf,
}

/// What is compiled into modules.
pub(super) fn of(workspace: &Workspace, modules: &[WasmModule]) -> Result<Vec<Crate>> {
    let mut cargo = workspace.cargo("metadata");
    cargo.args(["--locked", "--format-version", "1", "--filter-platform", WASM]);
    let metadata = serde_json::from_str(&process::read(&mut cargo)?).context("Cargo's metadata is no JSON")?;
    let libraries: Vec<_> = modules.iter().map(|module| module.library).collect();
    let mut crates = compiled_in(&metadata, &libraries)?;
    let used = used(workspace, &libraries)?;
    crates.retain(|each| used.contains(&format!("{} {}", each.name, each.version)));
    ensure!(!crates.is_empty(), "the modules consist of no crate");
    Ok(crates)
}

/// Names and versions of what the libraries use with the features that they are built with: the metadata has all features
/// of the whole workspace.
fn used(workspace: &Workspace, libraries: &[&str]) -> Result<BTreeSet<String>> {
    let mut cargo = workspace.cargo("tree");
    cargo.args(["--locked", "--target", WASM, "--edges", "normal", "--prefix", "none", "--format", "{p}"]);
    for library in libraries {
        cargo.args(["--package", library]);
    }
    let name = |line: &str| {
        let mut words = line.split(' ');
        Some(format!("{} {}", words.next()?, words.next()?.strip_prefix('v')?))
    };
    Ok(process::read(&mut cargo)?.lines().filter_map(name).collect())
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
            found.insert((made.name.clone(), made.version.clone()), made);
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
        name,
        version: text("version").context("a package without a version")?,
    })
}

/// Without the address.
fn author(text: &str) -> String {
    text.split('<').next().unwrap_or_default().trim().to_owned()
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
        assert_eq!(names, ["deep", "used"]);
    }
}
