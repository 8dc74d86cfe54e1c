//! Checks that are right or wrong as a whole: formats, lints, types, the build itself.

use anyhow::Result;

use super::context::Context;
use crate::package::module::{ENGINE, MODULES, SANDBOX};
use crate::package::streams::STREAMS;
use crate::setup::{self, WASM};
use crate::{process, say};

pub(super) fn format_rust(context: &Context<'_>) -> Result<()> {
    process::run(context.workspace.cargo("fmt").args(["--all", "--check"]))
}

pub(super) fn lint_rust(context: &Context<'_>) -> Result<()> {
    let mut clippy = context.workspace.cargo("clippy");
    process::run(clippy.args(["--workspace", "--all-targets", "--", "-D", "warnings"]))
}

/// The package's modules once more for the target they are made for, where they have parts that a native build never sees.
pub(super) fn lint_wasm(context: &Context<'_>) -> Result<()> {
    setup::wasm_target(context.workspace)?;
    for module in MODULES.iter().chain([&STREAMS, &SANDBOX]) {
        let mut clippy = context.workspace.cargo("clippy");
        clippy.args(["--package", module.library, "--target", WASM, "--lib"]);
        // Not all targets: the unit tests are native, as are the tools that they use.
        if module.library == ENGINE.library {
            clippy.args(["--test", "wasm_node", "--test", "wasm_browser"]);
        }
        process::run(clippy.args(["--", "-D", "warnings"]))?;
    }
    Ok(())
}

pub(super) fn lint_js(context: &Context<'_>) -> Result<()> {
    setup::npm_tools(context.workspace)?;
    let mut eslint = context.workspace.node("node_modules/eslint/bin/eslint.js");
    process::run(eslint.args(["--max-warnings", "0", "."]))
}

pub(super) fn build(context: &Context<'_>) -> Result<()> {
    context.package()?;
    context.sandbox().map(|_| ())
}

/// The scripts against their own types, the package's declarations and the ones generated with the glue.
pub(super) fn types_js(context: &Context<'_>) -> Result<()> {
    context.package()?;
    context.sandbox()?;
    let projects =
        ["pkg-template/tsconfig.json", "pkg-template/tsconfig.node.json", "sandbox/npm/tsconfig.json", "tsconfig.json"];
    for project in projects {
        say::step(&format!("tsc --project {project}"));
        let mut tsc = context.workspace.node("node_modules/typescript/bin/tsc");
        process::run(tsc.args(["--project", project]))?;
    }
    Ok(())
}
