//! Node and the npm tools of the workspace: bundler, optimizer, checkers.

use std::fs;

use anyhow::{Context as _, Result, bail};

use crate::workspace::Workspace;
use crate::{process, say};

const OLDEST: u32 = 20;

/// Installs the tools that the workspace is built and tested with.
pub(crate) fn npm_tools(workspace: &Workspace) -> Result<()> {
    node_version(workspace)?;
    install(workspace, "", "installing the npm tools")
}

/// Installs the libraries that the package is measured beside.
pub(crate) fn npm_peers(workspace: &Workspace) -> Result<()> {
    npm_tools(workspace)?;
    install(workspace, "bench", "installing the libraries to compare with")
}

/// Installs what makes a site of the documents.
pub(crate) fn npm_website(workspace: &Workspace) -> Result<()> {
    node_version(workspace)?;
    install(workspace, "website", "installing what makes a site of the documents")
}

/// Installs what the lock file of a folder names, when that is not what is installed.
fn install(workspace: &Workspace, folder: &str, what: &str) -> Result<()> {
    let folder = workspace.path(folder);
    let lock = folder.join("package-lock.json");
    let lock = fs::read(&lock).with_context(|| format!("cannot read {}", lock.display()))?;
    // A copy of the lock file that was installed; npm empties the folder first, so a broken-off installation has none.
    let stamp = folder.join("node_modules/.installed-lock.json");
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    say::step(what);
    // Said here and not in `.npmrc`, which npm looks for beside the manifest alone.
    let mut npm = workspace.npm("ci");
    npm.args(["--no-audit", "--no-fund", "--ignore-scripts"]).current_dir(&folder);
    process::run(&mut npm)?;
    fs::write(&stamp, lock).with_context(|| format!("cannot write {}", stamp.display()))
}

fn node_version(workspace: &Workspace) -> Result<()> {
    let version = process::read(workspace.command("node").arg("--version"))?;
    let version = version.trim();
    let major = version.trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    match major {
        Some(major) if major >= OLDEST => Ok(()),
        _ => bail!("Node {version} is too old; install Node {OLDEST} or later"),
    }
}
