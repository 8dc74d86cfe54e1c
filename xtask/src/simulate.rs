//! Sessions in simulated worlds: `cargo xtask simulate`.

use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::workspace::Workspace;
use crate::{process, say};

/// The Cargo profile that it is built with: a debug build would be a tenth as fast.
const PROFILE: &str = "simulation";

/// Runs the program with the arguments that the command line gave.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<ExitCode> {
    let status = process::watch(program(workspace)?.args(arguments), |_| {})?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// As many schedules as a test can afford; nothing may fail to hold.
pub(crate) fn schedules(workspace: &Workspace) -> Result<()> {
    process::run(program(workspace)?.args(["--seeds", "20000"]))
}

/// Every order of few events.
pub(crate) fn every_order(workspace: &Workspace) -> Result<()> {
    process::run(program(workspace)?.args(["--explore", "1000000"]))
}

/// Worlds that do not do what they say: that must be noticed where it does harm.
pub(crate) fn mutations(workspace: &Workspace) -> Result<()> {
    process::run(program(workspace)?.args(["--mutations", "--seeds", "20000"]))
}

fn program(workspace: &Workspace) -> Result<Command> {
    say::step("compiling the simulation");
    process::run(workspace.cargo("build").args(["--package", "simulation", "--profile", PROFILE]))?;
    let name = format!("simulation{}", std::env::consts::EXE_SUFFIX);
    Ok(workspace.command(workspace.target().join(PROFILE).join(name)))
}
