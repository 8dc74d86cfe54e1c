//! The five services as a program of their own, for as long as a value of this module lives.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::process::Running;

pub(crate) struct Sandbox {
    ready: String,
    /// Holds the other end of the program's input: it ends when that closes, even if we are killed.
    _running: Running,
}

impl Sandbox {
    pub(crate) fn start(binary: &Path) -> Result<Self> {
        let mut command = Command::new(binary);
        // As real services: none of them says that it lets pages of other origins in.
        command.args(["--quiet", "--until-stdin-closes", "--cors", "off"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut running = Running::start(&mut command)?;
        let mut output = BufReader::new(running.child().stdout.take().context("no pipe")?);
        let mut ready = String::new();
        output.read_line(&mut ready).context("cannot read what the services printed")?;
        let report: Value = serde_json::from_str(&ready).context("the services did not say where they are")?;
        ensure!(report.get("ready") == Some(&Value::Bool(true)), "the services are not ready: {ready}");
        // Read on, so that the program never waits for a reader.
        std::thread::spawn(move || output.lines().map_while(Result::ok).for_each(|line| println!("{line}")));
        Ok(Self { ready: ready.trim_end().to_owned(), _running: running })
    }

    /// The line of JSON that says where the services are.
    pub(crate) fn ready(&self) -> &str {
        &self.ready
    }
}
