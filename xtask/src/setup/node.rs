//! Node and the npm tools of the workspace: bundler, optimizer, checkers.

use std::fs;

use anyhow::{Context as _, Result, bail};

use crate::workspace::Workspace;
use crate::{process, say};

const OLDEST: u32 = 20;

/// Installs what the lock file names, when that is not what is installed.
pub(crate) fn npm_tools(workspace: &Workspace) -> Result<()> {
    node_version(workspace)?;
    let lock = fs::read(workspace.path("package-lock.json")).context("cannot read package-lock.json")?;
    // A copy of the lock file that was installed; npm empties the folder first, so a broken-off installation has none.
    let stamp = workspace.path("node_modules/.installed-lock.json");
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    say::step("installing the npm tools");
    process::run(workspace.npm("ci").arg("--no-audit").arg("--no-fund"))?;
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
