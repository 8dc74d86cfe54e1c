//! Measures of the package as it is published: `cargo xtask bench`. They are told, and not judged.

use std::path::PathBuf;

use anyhow::Result;

use crate::package;
use crate::workspace::Workspace;
use crate::{process, say};

/// The Cargo profile of the five services: a debug build would take most of the time that is measured.
const PROFILE: &str = "simulation";

/// The programs, in the order in which they are run. Each prints a table; the last one says what the others ran on.
const PROGRAMS: [&str; 4] = ["storm", "token", "memory", "machine"];

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let package = package::build(workspace)?;
    let sandbox = build_sandbox(workspace)?;
    for program in PROGRAMS {
        if program != "machine" {
            say::step(&format!("measuring: bench/{program}.mjs"));
        }
        let mut node = workspace.command("node");
        node.arg("--expose-gc").arg(workspace.path(format!("bench/{program}.mjs")));
        node.env("PROPUSK_TARBALL", &package.tarball).env("PROPUSK_SANDBOX_BIN", &sandbox);
        println!();
        process::run(&mut node)?;
        println!();
    }
    Ok(())
}

fn build_sandbox(workspace: &Workspace) -> Result<PathBuf> {
    say::step("compiling the five services");
    process::run(workspace.cargo("build").args(["--package", "sandbox", "--profile", PROFILE]))?;
    Ok(workspace.target().join(PROFILE).join(format!("sandbox{}", std::env::consts::EXE_SUFFIX)))
}
