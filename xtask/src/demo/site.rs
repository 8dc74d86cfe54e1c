//! The folder that the demo runs in and serves: the page's files and the installed package.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::package::Package;
use crate::process;
use crate::workspace::{Workspace, copy_folder, empty_folder};

/// Installs the packed package itself, not the folder it was made from: what is demonstrated is what is published.
pub(super) fn install(workspace: &Workspace, package: &Package, folder: &Path) -> Result<()> {
    empty_folder(folder)?;
    copy_folder(&workspace.path("www"), folder).context("the demo page is missing")?;
    // A project of its own, else npm would install into the workspace around it.
    fs::write(folder.join("package.json"), "{ \"private\": true, \"type\": \"module\" }\n")?;
    let mut npm = workspace.npm("install");
    npm.args(["--no-save", "--offline", "--ignore-scripts"]).arg(&package.tarball).current_dir(folder);
    process::read(&mut npm)?;
    Ok(())
}
