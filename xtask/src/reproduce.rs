//! Whether a build depends on where and when it is made: `cargo xtask reproduce`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use sha2::{Digest as _, Sha256};

use crate::workspace::{VERSION, Workspace, empty_folder};
use crate::{process, say};

/// Folders of other names, lengths and depths.
const FOLDERS: [&str; 2] = ["a", "another folder/deeper down"];

/// The packages.
const NAMES: [&str; 2] = ["propusk", "propusk-sandbox"];

/// Builds the packages of the last commit in two clones, one after the other, and compares them byte by byte.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let changed = process::read(workspace.command("git").args(["status", "--porcelain", "--untracked-files=no"]))?;
    if !changed.trim().is_empty() {
        println!("What is not committed is not built.");
    }
    let place = std::env::temp_dir().join(format!("propusk-reproduce-{}", std::process::id()));
    let made = FOLDERS.iter().map(|folder| build(workspace, &place.join(folder))).collect::<Result<Vec<_>>>();
    let made = made.and_then(|made| compare(&made));
    fs::remove_dir_all(&place).with_context(|| format!("cannot remove {}", place.display()))?;
    made
}

/// The tarballs of a fresh clone in that folder.
fn build(workspace: &Workspace, folder: &Path) -> Result<Vec<PathBuf>> {
    say::step(&format!("building in {}", folder.display()));
    empty_folder(folder)?;
    process::run(workspace.command("git").args(["clone", "--quiet", "--no-local", "."]).arg(folder))?;
    // This program again: where it finds its manifest is where it builds.
    let mut again = workspace.command(std::env::current_exe().context("this program has no file")?);
    process::run(again.arg("build").current_dir(folder).env("CARGO_MANIFEST_DIR", folder.join("xtask")))?;
    Ok(NAMES.iter().map(|name| folder.join(format!("target/{name}-{VERSION}.tgz"))).collect())
}

fn compare(made: &[Vec<PathBuf>]) -> Result<()> {
    let [first, second] = made else { bail!("two builds are compared") };
    let mut differing = Vec::new();
    println!();
    for (one, other) in first.iter().zip(second) {
        let name = one.file_name().unwrap_or_default().to_string_lossy();
        let (digest, again) = (digest(one)?, digest(other)?);
        println!("{digest}  {name}");
        if digest != again {
            println!("{again}  {name}, the second time");
            differing.push(name.into_owned());
        }
    }
    if !differing.is_empty() {
        bail!("not the same in two folders: {}", differing.join(", "));
    }
    println!("The same in two folders.");
    Ok(())
}

fn digest(file: &Path) -> Result<String> {
    let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_named() {
        let folder = std::env::temp_dir().join(format!("propusk-compare-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let [a, b] = ["a.tgz", "b.tgz"].map(|name| folder.join(name));
        fs::write(&a, "1").unwrap();
        fs::write(&b, "2").unwrap();
        assert!(compare(&[vec![a.clone()], vec![a.clone()]]).is_ok());
        let error = compare(&[vec![a.clone()], vec![b]]).unwrap_err().to_string();
        fs::remove_dir_all(&folder).unwrap();
        assert!(error.contains("a.tgz"), "{error}");
    }
}
