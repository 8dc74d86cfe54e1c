//! The project's commands: `cargo xtask demo`, `cargo xtask test` and the steps they consist of.
//!
//! Each command does its own set-up, says what it is doing, and ends by itself or on Ctrl-C; nothing it started stays
//! behind. Everything it makes is below `target/`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command talks to its user")]

mod aside;
mod bench;
mod demo;
mod deny;
mod docs;
mod fresh;
mod package;
mod process;
mod reproduce;
mod say;
mod setup;
mod simulate;
mod size;
mod test;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use workspace::Workspace;

/// The project's commands.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
struct Arguments {
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Get what the other commands need: the wasm32 target, the npm tools, a browser, a Redis (each does this by itself).
    Setup,
    /// Build the npm packages, propusk and propusk-sandbox: target/npm, target/npm-sandbox and the tarballs made of them.
    Build,
    /// Start the five services on this machine, sign in to each of them, and serve the demo page.
    Demo(demo::Options),
    /// Build the site of the documents, and serve it.
    Docs(docs::Options),
    /// Hold the crates against deny.toml: licences, bans, sources, advisories.
    Deny(deny::Options),
    /// Build the packages of the last commit in two folders, and compare them byte by byte. Takes as long as two first builds.
    Reproduce,
    /// Check, lint and test everything.
    Test {
        /// Only these suites: each name, or part of names, chooses all that contain it. `engines [chromium|firefox|webkit]`: what
        /// is no one browser's, in these or all three, and the table of what ran. `environments [NAME]`: these or every one, and
        /// the matrix in docs/environments.md.
        #[arg(value_name = "SUITE")]
        names: Vec<String>,
    },
    /// Run the engine under schedules that seeds decide, and check what must hold in all of them.
    Simulate {
        /// As `cargo xtask simulate -- --help` tells: `--seeds N`, `--seed N`, `--mutations`, ...
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Tell what the package weighs and why, and what a page loads with it and with others.
    Size,
    /// Measure calls, tokens, the way to the first one, and memory, beside other libraries where they do the same.
    Bench {
        /// Only these measures.
        #[arg(value_name = "MEASURE")]
        names: Vec<String>,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> anyhow::Result<ExitCode> {
    fresh::look_at_this_program();
    process::stop_all_on_signals()?;
    let workspace = Workspace::find()?;
    let lock = workspace.lock()?;
    match task {
        Task::Setup => setup::everything(&workspace).map(|()| ExitCode::SUCCESS),
        Task::Build => {
            package::build(&workspace)?;
            package::build_sandbox(&workspace).map(|_| ExitCode::SUCCESS)
        }
        Task::Demo(options) => demo::run(&workspace, &options, lock),
        Task::Docs(options) => docs::run(&workspace, &options).map(|()| ExitCode::SUCCESS),
        Task::Deny(options) => deny::run(&workspace, &options).map(|()| ExitCode::SUCCESS),
        Task::Reproduce => reproduce::run(&workspace).map(|()| ExitCode::SUCCESS),
        Task::Test { names } => test::run(&workspace, &names),
        Task::Simulate { arguments } => simulate::run(&workspace, &arguments),
        Task::Size => size::run(&workspace).map(|()| ExitCode::SUCCESS),
        Task::Bench { names } => bench::run(&workspace, &names).map(|()| ExitCode::SUCCESS),
    }
}
