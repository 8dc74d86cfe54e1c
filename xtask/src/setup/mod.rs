//! Getting what a command needs and the machine does not have.

mod browser;
mod node;
mod program;
mod redis;
mod rust;

use anyhow::Result;

pub(crate) use browser::{Browser, browser, firefox, webkit};
pub(crate) use node::{npm_peers, npm_tools, npm_website};
pub(crate) use redis::redis_server;
pub(crate) use rust::{WASM, wasm_target};

use crate::say;
use crate::workspace::Workspace;

/// Everything at once.
pub(crate) fn everything(workspace: &Workspace) -> Result<()> {
    wasm_target(workspace)?;
    npm_tools(workspace)?;
    let browser = browser(workspace)?;
    let redis = redis_server(workspace)?;
    say::step(&format!("ready; the browser is {}, the Redis is {}", browser.chromium.display(), redis.display()));
    Ok(())
}
