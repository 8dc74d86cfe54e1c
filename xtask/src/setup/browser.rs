//! A Chromium and its driver for the tests, from the system.

use std::env;
use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Result, bail, ensure};

use crate::say;
use crate::workspace::Workspace;

/// What the browser tests drive.
#[derive(Clone)]
pub(crate) struct Browser {
    pub(crate) chromium: PathBuf,
    pub(crate) driver: PathBuf,
}

const INSTALL: &str = "apt-get update && apt-get install -y --no-install-recommends chromium chromium-driver";

/// Finds the browser, or installs it where that needs no question.
pub(crate) fn browser(workspace: &Workspace) -> Result<Browser> {
    if let Some(found) = find() {
        return Ok(found);
    }
    if !(may_install() && on_path("apt-get").is_some()) {
        bail!("the tests need Chromium and chromedriver: `{INSTALL}` as root, or set CHROMIUM and CHROMEDRIVER");
    }
    say::step("installing Chromium and its driver");
    // Not in a group of its own, which we would end: a package manager is not to be stopped halfway.
    let mut shell = workspace.command("sh");
    let status = shell.args(["-c", INSTALL]).env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null()).status()?;
    ensure!(status.success(), "`{INSTALL}` failed: {status}");
    match find() {
        Some(found) => Ok(found),
        None => bail!("Chromium is installed but not found: set CHROMIUM and CHROMEDRIVER to the two programs"),
    }
}

fn find() -> Option<Browser> {
    let chromium = program("CHROMIUM", &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"])?;
    let driver = program("CHROMEDRIVER", &["chromedriver", "chromium.chromedriver"])?;
    Some(Browser { chromium, driver })
}

/// What the variable names, else the first of the names that is on the path or where packages put it.
fn program(variable: &str, names: &[&str]) -> Option<PathBuf> {
    match env::var_os(variable) {
        Some(path) if !path.is_empty() => Some(path.into()),
        _ => names.iter().find_map(|name| on_path(name)),
    }
}

fn on_path(name: &str) -> Option<PathBuf> {
    const OTHERS: [&str; 4] = [
        "/usr/bin",
        "/usr/lib/chromium",
        "/usr/lib/chromium-browser",
        "/Applications/Google Chrome.app/Contents/MacOS",
    ];
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain(OTHERS.iter().map(PathBuf::from));
    folders.map(|folder| folder.join(format!("{name}{}", env::consts::EXE_SUFFIX))).find(|file| file.is_file())
}

#[cfg(unix)]
fn may_install() -> bool {
    nix::unistd::Uid::effective().is_root()
}

#[cfg(not(unix))]
fn may_install() -> bool {
    false
}
