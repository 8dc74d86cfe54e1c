//! From module and scripts to the package as published.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use super::{Package, notice};
use crate::workspace::{VERSION, Workspace};
use crate::{fresh, process, say};

/// Bundles `pkg-template` with the glue in the folder `glue` to `target/npm`, and packs that.
pub(super) fn assemble(workspace: &Workspace, glue: &Path) -> Result<Package> {
    let folder = workspace.path("target/npm");
    let tarball = workspace.path(format!("target/propusk-{VERSION}.tgz"));
    // Whatever lies in the root may be part of the package: texts, licences, the versions of what is compiled in.
    let root = fs::read_dir(workspace.root())?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    let mut from: Vec<_> = root.into_iter().filter(|path| path.is_file()).collect();
    from.sort();
    from.extend([workspace.path("pkg-template"), glue.to_path_buf()]);
    let into = [folder.clone(), tarball.clone()];
    fresh::made(workspace, "package", &from, &into, || make(workspace, glue, &folder, &tarball))?;
    Ok(Package { folder, tarball })
}

fn make(workspace: &Workspace, glue: &Path, folder: &Path, tarball: &Path) -> Result<()> {
    say::timed("bundling the package", || {
        let mut bundle = workspace.node("pkg-template/build.mjs");
        bundle.arg("--version").arg(VERSION).arg("--glue").arg(glue).arg("--out").arg(folder);
        process::read(&mut bundle)
    })?;
    notice::write(workspace, &folder.join("THIRD-PARTY.md"))?;
    say::timed("packing the package", || pack(workspace, folder, tarball))?;
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
