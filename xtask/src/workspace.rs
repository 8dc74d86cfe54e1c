//! Where things are.

use std::ffi::OsStr;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::say;

/// The version of the workspace, which is also the npm package's.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The folder that holds the workspace.
pub(crate) struct Workspace {
    root: PathBuf,
}

impl Workspace {
    pub(crate) fn find() -> Result<Self> {
        // Cargo says at run time where the manifest is: the folder may have moved since the build.
        let own = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let root = Path::new(&own).parent().context("the crate xtask lies in no workspace")?;
        Ok(Self { root: root.to_path_buf() })
    }

    #[cfg(test)]
    pub(crate) fn at(root: &Path) -> Self {
        Self { root: root.to_path_buf() }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.root.join(relative)
    }

    /// Where everything goes that is made, whatever target folder the user's environment names.
    pub(crate) fn target(&self) -> PathBuf {
        self.path("target")
    }

    /// Two commands at once would take each other's files away: the second waits while the first holds this.
    pub(crate) fn lock(&self) -> Result<File> {
        fs::create_dir_all(self.target()).context("cannot make the folder target")?;
        let lock = File::create(self.path("target/.xtask.lock")).context("cannot make target/.xtask.lock")?;
        if matches!(lock.try_lock(), Err(TryLockError::WouldBlock)) {
            say::step("waiting for another `cargo xtask` to end");
            lock.lock().context("cannot lock target/.xtask.lock")?;
        }
        Ok(lock)
    }

    /// `cargo`, in the root and with the workspace's target folder.
    pub(crate) fn cargo(&self, subcommand: &str) -> Command {
        let mut command = self.command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.arg(subcommand).env("CARGO_TARGET_DIR", self.target());
        // Flags from outside would replace those of `.cargo/config.toml`, and with them a different module would come out.
        command.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
        command
    }

    /// `node` with a script of the workspace.
    pub(crate) fn node(&self, script: impl AsRef<Path>) -> Command {
        let mut command = self.command("node");
        command.arg(self.path(script));
        command
    }

    pub(crate) fn npm(&self, subcommand: &str) -> Command {
        let mut command = self.command(if cfg!(windows) { "npm.cmd" } else { "npm" });
        command.arg(subcommand);
        command
    }

    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root);
        command
    }

    /// A native binary of the workspace, after `cargo build`.
    pub(crate) fn binary(&self, name: &str) -> PathBuf {
        self.target().join("debug").join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }
}

/// Makes `path` an empty folder.
pub(crate) fn empty_folder(path: &Path) -> Result<()> {
    if path.exists() {
        fs::remove_dir_all(path).with_context(|| format!("cannot empty {}", path.display()))?;
    }
    fs::create_dir_all(path).with_context(|| format!("cannot make {}", path.display()))
}

/// Copies what is in the folder `from` into the folder `to`.
pub(crate) fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target).with_context(|| format!("cannot write {}", target.display()))?;
        }
    }
    Ok(())
}
