//! The npm package: the module, its glue, the scripts around them, and the tarball.

mod glue;
pub(crate) mod module;
mod notice;
mod npm;
mod places;
mod traps;

use std::path::PathBuf;

use anyhow::Result;

use crate::setup;
use crate::workspace::Workspace;

/// What a build has made.
pub(crate) struct Package {
    /// The folder that is packed.
    pub(crate) folder: PathBuf,
    /// What `npm publish` would send.
    pub(crate) tarball: PathBuf,
}

/// Builds everything from the sources.
pub(crate) fn build(workspace: &Workspace) -> Result<Package> {
    setup::wasm_target(workspace)?;
    setup::npm_tools(workspace)?;
    let glue = workspace.path("target/glue");
    for module in module::MODULES {
        module::published(workspace, module, &glue.join(module.name))?;
    }
    npm::assemble(workspace, &glue)
}
