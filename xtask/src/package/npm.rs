//! From modules and scripts to the packages as published.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::module::{MODULES, SANDBOX, WasmModule};
use super::{Package, notice};
use crate::workspace::{VERSION, Workspace};
use crate::{process, say};

/// Bundles `pkg-template` with the glue in the folder `glue` to `target/npm`, and packs that.
pub(super) fn propusk(workspace: &Workspace, glue: &Path) -> Result<Package> {
    let folder = workspace.path("target/npm");
    assemble(workspace, &Recipe { name: "propusk", bundler: "pkg-template/build.mjs", modules: MODULES }, glue, folder)
}

/// Bundles `sandbox/npm` with the glue in the folder `glue` to `target/npm-sandbox`, and packs that.
pub(super) fn sandbox(workspace: &Workspace, glue: &Path) -> Result<Package> {
    let folder = workspace.path("target/npm-sandbox");
    let recipe = Recipe { name: "propusk-sandbox", bundler: "sandbox/npm/build.mjs", modules: &[SANDBOX] };
    assemble(workspace, &recipe, glue, folder)
}

/// How a package comes about.
struct Recipe {
    name: &'static str,
    bundler: &'static str,
    modules: &'static [WasmModule],
}

fn assemble(workspace: &Workspace, recipe: &Recipe, glue: &Path, folder: PathBuf) -> Result<Package> {
    say::timed(&format!("bundling {}", recipe.name), || {
        let mut bundle = workspace.node(recipe.bundler);
        bundle.arg("--version").arg(VERSION).arg("--glue").arg(glue).arg("--out").arg(&folder);
        process::read(&mut bundle)
    })?;
    notice::write(workspace, recipe.modules, &folder.join("THIRD-PARTY.md"))?;
    let tarball = workspace.path(format!("target/{}-{VERSION}.tgz", recipe.name));
    say::timed(&format!("packing {}", recipe.name), || pack(workspace, &folder, &tarball))?;
    let size = fs::metadata(&tarball).with_context(|| format!("npm has not made {}", tarball.display()))?.len();
    println!("  {} ({:.1} kB)", relative(workspace, &tarball), size as f64 / 1000.0);
    Ok(Package { folder, tarball })
}

fn pack(workspace: &Workspace, folder: &Path, tarball: &Path) -> Result<String> {
    if tarball.exists() {
        fs::remove_file(tarball).with_context(|| format!("cannot replace {}", tarball.display()))?;
    }
    let mut npm = workspace.npm("pack");
    npm.arg("--ignore-scripts").arg("--pack-destination").arg(workspace.target()).current_dir(folder);
    process::read(&mut npm)
}

fn relative(workspace: &Workspace, path: &Path) -> String {
    path.strip_prefix(workspace.root()).unwrap_or(path).display().to_string()
}
