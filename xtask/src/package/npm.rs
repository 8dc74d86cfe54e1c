//! From modules and scripts to the packages as published.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::module::{MODULES, SANDBOX, WasmModule};
use super::{Package, crates, notice, sbom};
use crate::workspace::{VERSION, Workspace};
use crate::{fresh, process, say};

/// Bundles `pkg-template` with the glue in the folder `glue` to `target/npm`, and packs that.
pub(super) fn propusk(workspace: &Workspace, glue: &Path) -> Result<Package> {
    let folder = workspace.path("target/npm");
    let recipe = Recipe { name: "propusk", sources: "pkg-template", modules: MODULES };
    assemble(workspace, &recipe, glue, folder)
}

/// Bundles `sandbox/npm` with the glue in the folder `glue` to `target/npm-sandbox`, and packs that.
pub(super) fn sandbox(workspace: &Workspace, glue: &Path) -> Result<Package> {
    let folder = workspace.path("target/npm-sandbox");
    let recipe = Recipe { name: "propusk-sandbox", sources: "sandbox/npm", modules: &[SANDBOX] };
    assemble(workspace, &recipe, glue, folder)
}

/// How a package comes about.
struct Recipe {
    name: &'static str,
    /// The folder of its scripts, with `build.mjs`, which bundles them.
    sources: &'static str,
    modules: &'static [WasmModule],
}

fn assemble(workspace: &Workspace, recipe: &Recipe, glue: &Path, folder: PathBuf) -> Result<Package> {
    let tarball = workspace.path(format!("target/{}-{VERSION}.tgz", recipe.name));
    // Whatever lies in the root may be part of the package: texts, licences, the versions of what is compiled in.
    let root = fs::read_dir(workspace.root())?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    let mut from: Vec<_> = root.into_iter().filter(|path| path.is_file()).collect();
    from.sort();
    // One package may take from the scripts of the other.
    from.extend([workspace.path("pkg-template"), workspace.path(recipe.sources), glue.to_path_buf()]);
    let into = [folder.clone(), tarball.clone()];
    fresh::made(workspace, recipe.name, &from, &into, || make(workspace, recipe, glue, &folder, &tarball))?;
    Ok(Package { folder, tarball })
}

fn make(workspace: &Workspace, recipe: &Recipe, glue: &Path, folder: &Path, tarball: &Path) -> Result<()> {
    say::timed(&format!("bundling {}", recipe.name), || {
        let mut bundle = workspace.node(format!("{}/build.mjs", recipe.sources));
        bundle.arg("--version").arg(VERSION).arg("--glue").arg(glue).arg("--out").arg(folder);
        process::read(&mut bundle)
    })?;
    let crates = crates::of(workspace, recipe.modules)?;
    notice::write(&crates, &folder.join("THIRD-PARTY.md"))?;
    sbom::write(recipe.name, &crates, &folder.join("sbom.cdx.json"))?;
    say::timed(&format!("packing {}", recipe.name), || pack(workspace, folder, tarball))?;
    let size = fs::metadata(tarball).with_context(|| format!("npm has not made {}", tarball.display()))?.len();
    println!("  {} ({:.1} kB)", relative(workspace, tarball), size as f64 / 1000.0);
    Ok(())
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
