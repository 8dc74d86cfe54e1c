//! The pages of `docs` as a site: `cargo xtask docs`.

use anyhow::Result;

use crate::workspace::Workspace;
use crate::{process, say, setup};

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Only build it, in target/website/dist.
    #[arg(long)]
    build: bool,
    /// Port of the site on the loopback interface.
    #[arg(long, default_value_t = 4174)]
    port: u16,
}

/// Builds the site, which fails where a link leads nowhere, and serves it until Ctrl-C.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    setup::npm_tools(workspace)?;
    setup::npm_website(workspace)?;
    say::step("building the site");
    let mut node = workspace.node("website/build.mjs");
    if !options.build {
        node.args(["--serve", "--port", &options.port.to_string()]);
    }
    process::run(&mut node)
}
