//! What several suites need, made when the first of them asks.

use std::cell::OnceCell;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::demo;
use crate::package::{self, Package};
use crate::setup::{self, Browser};
use crate::workspace::{Workspace, empty_folder};
use crate::{process, say};

pub(super) struct Context<'a> {
    pub(super) workspace: &'a Workspace,
    package: OnceCell<Package>,
    sandbox: OnceCell<Package>,
    binaries: OnceCell<()>,
    demo: OnceCell<PathBuf>,
    browser: OnceCell<Browser>,
    redis: OnceCell<PathBuf>,
}

impl<'a> Context<'a> {
    pub(super) fn new(workspace: &'a Workspace) -> Self {
        Self {
            workspace,
            package: OnceCell::new(),
            sandbox: OnceCell::new(),
            binaries: OnceCell::new(),
            demo: OnceCell::new(),
            browser: OnceCell::new(),
            redis: OnceCell::new(),
        }
    }

    pub(super) fn package(&self) -> Result<&Package> {
        once(&self.package, || package::build(self.workspace))
    }

    /// The package of the sandbox.
    pub(super) fn sandbox(&self) -> Result<&Package> {
        once(&self.sandbox, || package::build_sandbox(self.workspace))
    }

    /// A program of the workspace. All are compiled at once: one by one they would share less of what they depend on.
    pub(super) fn binary(&self, name: &str) -> Result<PathBuf> {
        let folder = self.workspace.path("target/programs");
        once(&self.binaries, || {
            say::step("compiling the programs for the tests");
            process::run(self.workspace.cargo("build").args(["--workspace", "--bins"]))?;
            empty_folder(&folder)
        })?;
        // A copy: Cargo may put another one in its place for the tests that it runs beside.
        let program = self.workspace.binary(name);
        let copy = folder.join(program.file_name().context("a program has a name")?);
        if !copy.exists() {
            fs::copy(&program, &copy).with_context(|| format!("cannot copy {}", program.display()))?;
        }
        Ok(copy)
    }

    /// The folder of the demo page with the package installed in it.
    pub(super) fn demo(&self) -> Result<&Path> {
        once(&self.demo, || demo::prepare(self.workspace, self.package()?)).map(PathBuf::as_path)
    }

    pub(super) fn browser(&self) -> Result<&Browser> {
        once(&self.browser, || setup::browser(self.workspace))
    }

    pub(super) fn redis_server(&self) -> Result<&Path> {
        once(&self.redis, || setup::redis_server(self.workspace)).map(PathBuf::as_path)
    }
}

fn once<T>(cell: &OnceCell<T>, make: impl FnOnce() -> Result<T>) -> Result<&T> {
    if let Some(made) = cell.get() {
        return Ok(made);
    }
    let made = make()?;
    Ok(cell.get_or_init(|| made))
}
