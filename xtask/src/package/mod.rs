//! The npm packages: the modules, their glue, the scripts around them, and the tarballs.

mod branches;
mod crates;
mod exports;
mod first;
mod glue;
pub(crate) mod module;
mod notice;
mod npm;
mod numbered;
mod places;
mod sbom;
mod split;
pub(crate) mod streams;
mod traps;
mod unused;

use std::path::PathBuf;
use std::thread;

use anyhow::{Result, anyhow};

use crate::setup;
use crate::workspace::Workspace;
use module::{MODULES, SANDBOX};

/// What a build has made.
pub(crate) struct Package {
    /// The folder that is packed.
    pub(crate) folder: PathBuf,
    /// What `npm publish` would send.
    pub(crate) tarball: PathBuf,
}

/// The package `propusk-sandbox`.
pub(crate) fn build_sandbox(workspace: &Workspace) -> Result<Package> {
    setup::wasm_target(workspace)?;
    setup::npm_tools(workspace)?;
    let glue = workspace.path("target/glue").join(SANDBOX.name);
    module::published(workspace, &SANDBOX, &glue)?;
    npm::sandbox(workspace, &glue)
}

/// The package `propusk`.
pub(crate) fn build(workspace: &Workspace) -> Result<Package> {
    setup::wasm_target(workspace)?;
    setup::npm_tools(workspace)?;
    let glue = workspace.path("target/glue");
    module::compiler(workspace)?;
    // While one is optimized, the next is compiled.
    thread::scope(|scope| {
        let modules: Vec<_> = MODULES
            .iter()
            .map(|module| scope.spawn(|| module::published(workspace, module, &glue.join(module.name))))
            .collect();
        modules.into_iter().try_for_each(|module| module.join().map_err(|_| anyhow!("a thread has panicked"))?)
    })?;
    streams::published(workspace, &glue.join("streams"))?;
    npm::propusk(workspace, &glue)
}
