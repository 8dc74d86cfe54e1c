//! The demo: the five services on this machine, a sign-in to each from Node, and the same as a page.

mod sandbox;
mod server;
mod site;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::Result;

use crate::package::{self, Package};
use crate::process::{self, Running};
use crate::workspace::Workspace;
use crate::{fresh, say};
pub(crate) use sandbox::Sandbox;
use server::Server;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// End after the sign-ins, with status 0 when all of them worked.
    #[arg(long)]
    exit: bool,
    /// Port of the demo page on the loopback interface.
    #[arg(long, default_value_t = 4173)]
    port: u16,
}

pub(crate) fn run(workspace: &Workspace, options: &Options, lock: File) -> Result<ExitCode> {
    let package = package::build(workspace)?;
    let binary = build_sandbox(workspace)?;
    let folder = prepare(workspace, &package)?;
    let sandbox = Sandbox::start(&binary)?;
    say::step("signing in to the five services from Node");
    let worked = Running::start(&mut sign_ins(workspace, &folder, &sandbox))?.wait()?.success();
    if options.exit {
        return Ok(if worked { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    if !worked {
        eprintln!("not every sign-in worked; the page is served all the same");
    }
    // From here on only what is already made is read.
    drop(lock);
    let server = Server::start(workspace, &folder, &sandbox, options.port)?;
    let port = server.port;
    if server.taken {
        println!(
            "\nPort {} is taken by another program, so the page has port {port}; `--port` chooses one.",
            options.port
        );
    }
    println!("\nThe demo page: http://127.0.0.1:{port}/    (Ctrl-C ends it)");
    server.wait()?;
    Ok(ExitCode::SUCCESS)
}

/// Compiles the program that plays the five services.
pub(crate) fn build_sandbox(workspace: &Workspace) -> Result<PathBuf> {
    say::step("compiling the five services");
    process::run(workspace.cargo("build").args(["--package", "sandbox"]))?;
    Ok(workspace.binary("sandbox"))
}

/// Installs the package as a user would, beside the page, in `target/demo`.
pub(crate) fn prepare(workspace: &Workspace, package: &Package) -> Result<PathBuf> {
    let folder = workspace.path("target/demo");
    let from = [workspace.path("www"), package.tarball.clone()];
    fresh::made(workspace, "demo", &from, std::slice::from_ref(&folder), || {
        say::timed("installing the package for the demo", || site::install(workspace, package, &folder))
    })?;
    Ok(folder)
}

/// The program that signs in to each service and prints a row for it; it fails when one of them fails.
pub(crate) fn sign_ins(workspace: &Workspace, folder: &Path, sandbox: &Sandbox) -> Command {
    let mut node = workspace.command("node");
    node.arg("demo.mjs").current_dir(folder).stdin(Stdio::null()).env("PROPUSK_SANDBOX", sandbox.ready());
    node
}
