//! The page's own server, with the relays in it, for as long as a value of this module lives.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{ChildStdin, Stdio};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::Sandbox;
use crate::process::Running;
use crate::workspace::Workspace;

pub(super) struct Server {
    pub(super) port: u16,
    /// Somebody else has the port that was asked for.
    pub(super) taken: bool,
    running: Running,
    /// The program ends when this closes, even if we are killed.
    _input: ChildStdin,
}

impl Server {
    pub(super) fn start(workspace: &Workspace, folder: &Path, sandbox: &Sandbox, port: u16) -> Result<Self> {
        let mut node = workspace.command("node");
        node.arg("server.mjs").current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped());
        node.env("PROPUSK_SANDBOX", sandbox.ready()).env("PORT", port.to_string());
        let mut running = Running::start(&mut node)?;
        let input = running.child().stdin.take().context("no pipe")?;
        let output = running.child().stdout.take().context("no pipe")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line).context("cannot read what the page's server printed")?;
        let report: Value =
            serde_json::from_str(&line).with_context(|| format!("cannot serve the page on port {port}"))?;
        let port = report.get("port").and_then(Value::as_u64).context("the page's server did not say where it is")?;
        let taken = report.get("taken") == Some(&Value::Bool(true));
        Ok(Self { port: u16::try_from(port)?, taken, running, _input: input })
    }

    /// Serves until the program ends, which it does not by itself.
    pub(super) fn wait(mut self) -> Result<()> {
        let status = self.running.wait()?;
        ensure!(status.success(), "the page's server ended with {status}");
        Ok(())
    }
}
