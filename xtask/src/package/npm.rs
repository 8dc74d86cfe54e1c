//! From module and scripts to the package as published.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use super::{Package, notice};
use crate::workspace::{VERSION, Workspace};
use crate::{process, say};

/// Bundles `pkg-template` with the glue in the folder `glue` to `target/npm`, and packs that.
pub(super) fn assemble(workspace: &Workspace, glue: &Path) -> Result<Package> {
    let folder = workspace.path("target/npm");
    say::timed("bundling the package", || {
        let mut bundle = workspace.node("pkg-template/build.mjs");
        bundle.arg("--version").arg(VERSION).arg("--glue").arg(glue).arg("--out").arg(&folder);
        process::read(&mut bundle)
    })?;
    notice::write(workspace, &folder.join("THIRD-PARTY.md"))?;
    let tarball = workspace.path(format!("target/propusk-{VERSION}.tgz"));
    say::timed("packing the package", || pack(workspace, &folder, &tarball))?;
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
