//! What is compiled in, and where it comes from, held against `deny.toml`: `cargo xtask deny`.
//!
//! By cargo-deny where it is installed. It takes minutes to compile, so it is by request; without it licences and sources are
//! compared here, and it is said what was not looked at.

use std::collections::BTreeSet;
use std::fs;
use std::iter::Peekable;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use crate::workspace::Workspace;
use crate::{process, say};

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Compile and install cargo-deny first, which takes minutes.
    #[arg(long)]
    install: bool,
}

/// The only place that crates may come from.
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    if options.install && !is_installed(workspace) {
        say::step("installing cargo-deny");
        process::run(workspace.cargo("install").args(["cargo-deny", "--locked"]))?;
    }
    if !is_installed(workspace) {
        let count = look(workspace)?;
        println!("{count} crates: their licences and sources are such as deny.toml allows.");
        println!(
            "Bans and advisories were not looked at: cargo-deny is not installed. `cargo xtask deny --install` does both."
        );
        return Ok(());
    }
    // Without `--workspace` it is the crate of the root folder alone, and what that one needs.
    say::step("licences, bans, sources");
    process::run(workspace.cargo("deny").args([
        "--workspace",
        "--all-features",
        "check",
        "licenses",
        "bans",
        "sources",
    ]))?;
    say::step("advisories");
    let status =
        process::watch(workspace.cargo("deny").args(["--workspace", "--all-features", "check", "advisories"]), |_| {})?;
    ensure!(status.success(), "an advisory is known of a crate, or their database could not be fetched: see above");
    Ok(())
}

fn is_installed(workspace: &Workspace) -> bool {
    let mut version: Command = workspace.cargo("deny");
    version.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    version.status().is_ok_and(|status| status.success())
}

/// Compares licences and sources; tells how many crates there are.
fn look(workspace: &Workspace) -> Result<usize> {
    let rules = fs::read_to_string(workspace.path("deny.toml")).context("cannot read deny.toml")?;
    let allowed = list(&rules, "allow").context("deny.toml allows no licence")?;
    let mut cargo = workspace.cargo("metadata");
    cargo.args(["--locked", "--all-features", "--format-version", "1"]);
    let metadata: Value = serde_json::from_str(&process::read(&mut cargo)?).context("Cargo's metadata is no JSON")?;
    let packages = metadata.get("packages").and_then(Value::as_array).context("Cargo's metadata has no packages")?;
    let wrong: Vec<_> = packages.iter().filter_map(|package| complaint(package, &allowed)).collect();
    if !wrong.is_empty() {
        bail!("not what deny.toml allows:\n{}", wrong.join("\n"));
    }
    Ok(packages.len())
}

/// What is wrong with a crate.
fn complaint(package: &Value, allowed: &BTreeSet<String>) -> Option<String> {
    let text = |name: &str| package.get(name).and_then(Value::as_str).unwrap_or_default();
    let source = text("source");
    if !source.is_empty() && source != REGISTRY {
        return Some(format!("{} {} comes from {source}", text("name"), text("version")));
    }
    let license = text("license");
    (!is_allowed(license, allowed)).then(|| format!("{} {} is under {license:?}", text("name"), text("version")))
}

/// Whether an SPDX expression can be met with licences that are allowed. Old crates write `/` for OR.
fn is_allowed(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let expression = expression.replace('/', " OR ");
    let mut words: Vec<String> = Vec::new();
    for word in expression.replace('(', " ( ").replace(')', " ) ").split_whitespace() {
        match words.last_mut() {
            Some(last) if word == "WITH" || last.ends_with(" WITH") => *last = format!("{last} {word}"),
            _ => words.push(word.to_owned()),
        }
    }
    let mut words = words.iter().map(String::as_str).peekable();
    let met = any(&mut words, allowed);
    met && words.next().is_none()
}

fn any<'w>(words: &mut Peekable<impl Iterator<Item = &'w str>>, allowed: &BTreeSet<String>) -> bool {
    let mut met = all(words, allowed);
    while words.next_if_eq(&"OR").is_some() {
        met |= all(words, allowed);
    }
    met
}

fn all<'w>(words: &mut Peekable<impl Iterator<Item = &'w str>>, allowed: &BTreeSet<String>) -> bool {
    let mut met = one(words, allowed);
    while words.next_if_eq(&"AND").is_some() {
        met &= one(words, allowed);
    }
    met
}

fn one<'w>(words: &mut Peekable<impl Iterator<Item = &'w str>>, allowed: &BTreeSet<String>) -> bool {
    match words.next() {
        Some("(") => {
            let met = any(words, allowed);
            words.next_if_eq(&")").is_some() && met
        }
        Some(license) => allowed.contains(license),
        None => false,
    }
}

/// The texts of a list in TOML that stands by itself.
fn list(toml: &str, name: &str) -> Option<BTreeSet<String>> {
    let start = toml.lines().position(|line| line.trim_end() == format!("{name} = ["))?;
    let items = toml.lines().skip(start + 1).take_while(|line| line.trim() != "]");
    Some(items.map(|line| line.trim().trim_matches(['"', ',']).to_owned()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_is_met_or_not() {
        let allowed =
            list("allow = [\n  \"MIT\",\n  \"Apache-2.0 WITH LLVM-exception\",\n  \"Unicode-3.0\",\n]\n", "allow")
                .unwrap();
        for met in [
            "MIT",
            "MIT OR GPL-3.0",
            "GPL-3.0 OR MIT",
            "GPL-3.0/MIT",
            "Apache-2.0 WITH LLVM-exception OR GPL-3.0",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
        ] {
            assert!(is_allowed(met, &allowed), "{met}");
        }
        for not in
            ["", "GPL-3.0", "MIT AND GPL-3.0", "Apache-2.0", "(MIT", "MIT GPL-3.0", "(GPL-3.0 OR Apache-2.0) AND MIT"]
        {
            assert!(!is_allowed(not, &allowed), "{not}");
        }
    }

    #[test]
    fn a_crate_is_complained_of_for_its_licence_and_its_source() {
        let allowed = BTreeSet::from(["MIT".to_owned()]);
        let of = |source: Value, license: &str| {
            complaint(
                &serde_json::json!({ "name": "a", "version": "1.0.0", "source": source, "license": license }),
                &allowed,
            )
        };
        assert_eq!(of(Value::Null, "MIT"), None);
        assert_eq!(of(REGISTRY.into(), "MIT"), None);
        assert_eq!(of(REGISTRY.into(), "GPL-3.0").unwrap(), "a 1.0.0 is under \"GPL-3.0\"");
        assert!(of("git+https://example.test/a".into(), "MIT").unwrap().contains("comes from"));
    }
}
