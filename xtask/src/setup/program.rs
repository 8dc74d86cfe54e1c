//! Programs of the system: found where they are, or installed where that needs no question.

use std::env;
use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Result, bail, ensure};

use crate::say;
use crate::workspace::Workspace;

/// Something from the system's packages.
pub(super) struct Wanted {
    /// As a person calls it.
    pub(super) what: &'static str,
    /// Names of Debian's packages, as apt takes them.
    pub(super) packages: &'static str,
    /// Which environment variables to set, and to what: the rest of a sentence that begins with "set".
    pub(super) variables: &'static str,
}

impl Wanted {
    /// What `find` finds, if need be after installing it.
    pub(super) fn get<T>(&self, workspace: &Workspace, find: impl Fn() -> Option<T>) -> Result<T> {
        if let Some(found) = find() {
            return Ok(found);
        }
        let Self { what, packages, variables } = self;
        let install = format!("apt-get update && apt-get install -y --no-install-recommends {packages}");
        if !(may_install() && on_path("apt-get").is_some()) {
            bail!("the tests need {what}: `{install}` as root, or set {variables}");
        }
        say::step(&format!("installing {what}"));
        // Not in a group of its own, which we would end: a package manager is not to be stopped halfway.
        let mut shell = workspace.command("sh");
        shell.args(["-c", &install]).env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null());
        let status = shell.status()?;
        ensure!(status.success(), "`{install}` failed: {status}");
        match find() {
            Some(found) => Ok(found),
            None => bail!("{what} is installed but not found: set {variables}"),
        }
    }
}

/// What the variable names, else the first of the names that is on the path or where packages put it.
pub(super) fn program(variable: &str, names: &[&str]) -> Option<PathBuf> {
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
