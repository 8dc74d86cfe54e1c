//! Measures of the package as it is published: `cargo xtask bench`. They are told, and not judged.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, ensure};

use crate::package::{self, Package};
use crate::setup;
use crate::workspace::Workspace;
use crate::{process, say};

/// The Cargo profile of the five services: a debug build would take most of the time that is measured.
const PROFILE: &str = "simulation";

/// The programs, in the order in which they are run. Each prints a table; the last one says what the others ran on.
const PROGRAMS: [&str; 12] =
    ["storm", "token", "call", "socket", "relay", "relay-memory", "first", "cli", "page", "memory", "live", "machine"];

/// Measures all there is, or what the names say.
pub(crate) fn run(workspace: &Workspace, names: &[String]) -> Result<()> {
    for name in names {
        ensure!(PROGRAMS.contains(&name.as_str()), "no measure is called {name:?}; there are: {}", PROGRAMS.join(", "));
    }
    let package = package::build(workspace)?;
    let bench = Bench::prepare(workspace, &package)?;
    let wanted = |program: &&str| names.is_empty() || *program == "machine" || names.iter().any(|name| name == program);
    for program in PROGRAMS.into_iter().filter(wanted) {
        if program != "machine" {
            say::step(&format!("measuring: bench/{program}.mjs"));
        }
        println!();
        process::run(&mut bench.program(program))?;
        println!();
    }
    Ok(())
}

/// What a page loads until its first token, with this package and with others.
pub(crate) fn weigh(workspace: &Workspace, package: &Package) -> Result<()> {
    process::run(&mut Bench::prepare(workspace, package)?.program("weight"))
}

/// What the programs in `bench` find in their environment.
struct Bench<'a> {
    workspace: &'a Workspace,
    package: &'a Package,
    sandbox: PathBuf,
    chromium: PathBuf,
}

impl<'a> Bench<'a> {
    fn prepare(workspace: &'a Workspace, package: &'a Package) -> Result<Self> {
        setup::npm_peers(workspace)?;
        let chromium = setup::browser(workspace)?.chromium;
        Ok(Self { workspace, package, sandbox: build_sandbox(workspace)?, chromium })
    }

    fn program(&self, name: &str) -> Command {
        let mut node = self.workspace.command("node");
        node.arg("--expose-gc").arg(self.workspace.path(format!("bench/{name}.mjs")));
        node.env("PROPUSK_TARBALL", &self.package.tarball).env("PROPUSK_SANDBOX_BIN", &self.sandbox);
        node.env("CHROMIUM", &self.chromium);
        node
    }
}

fn build_sandbox(workspace: &Workspace) -> Result<PathBuf> {
    say::step("compiling the five services");
    process::run(workspace.cargo("build").args(["--package", "sandbox", "--profile", PROFILE]))?;
    Ok(workspace.target().join(PROFILE).join(format!("sandbox{}", std::env::consts::EXE_SUFFIX)))
}
