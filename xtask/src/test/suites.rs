//! The suites, in the order in which they are run: what fails fast goes first.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde_json::json;

use super::context::Context;
use super::counts::Counts;
use crate::demo::{self, SERVICES};
use crate::setup::{self, WASM};
use crate::{process, say};

/// One suite: its name, by which the command line chooses it, and what it does.
pub(super) struct Suite {
    pub(super) name: &'static str,
    kind: Kind,
}

enum Kind {
    /// Right or wrong as a whole.
    Check(fn(&Context<'_>) -> Result<()>),
    /// The workspace's tests on this machine.
    Native,
    /// The tests of one file, compiled to WebAssembly and run there.
    Wasm { file: &'static str, browser: bool },
    /// The `*.test.mjs` of a folder, with Node's test runner.
    Node { folder: &'static str },
    /// The demo, as a user runs it.
    Demo,
}

pub(super) const SUITES: &[Suite] = &[
    Suite {
        name: "format-rust",
        kind: Kind::Check(format_rust),
    },
    Suite {
        name: "lint-rust",
        kind: Kind::Check(lint_rust),
    },
    Suite {
        name: "lint-wasm",
        kind: Kind::Check(lint_wasm),
    },
    Suite {
        name: "lint-js",
        kind: Kind::Check(lint_js),
    },
    Suite {
        name: "native",
        kind: Kind::Native,
    },
    Suite {
        name: "wasm-node",
        kind: Kind::Wasm {
            file: "wasm_node",
            browser: false,
        },
    },
    Suite {
        name: "wasm-browser",
        kind: Kind::Wasm {
            file: "wasm_browser",
            browser: true,
        },
    },
    Suite {
        name: "build",
        kind: Kind::Check(build),
    },
    Suite {
        name: "types-js",
        kind: Kind::Check(types_js),
    },
    Suite {
        name: "types",
        kind: Kind::Node { folder: "tests/types" },
    },
    Suite {
        name: "package",
        kind: Kind::Node {
            folder: "tests/package",
        },
    },
    Suite {
        name: "node",
        kind: Kind::Node { folder: "tests/node" },
    },
    Suite {
        name: "browser",
        kind: Kind::Node {
            folder: "tests/browser",
        },
    },
    Suite {
        name: "demo",
        kind: Kind::Demo,
    },
];

impl Suite {
    pub(super) fn run(&self, context: &Context<'_>) -> Result<Counts> {
        match self.kind {
            Kind::Check(check) => check(context).map(|()| Counts::SUCCESS),
            Kind::Native => counted(context.workspace.cargo("test").args(["--workspace", "--no-fail-fast"])),
            Kind::Wasm { file, browser } => wasm(context, file, browser),
            Kind::Node { folder } => node(context, folder),
            Kind::Demo => sign_ins(context),
        }
    }
}

fn format_rust(context: &Context<'_>) -> Result<()> {
    process::run(context.workspace.cargo("fmt").args(["--all", "--check"]))
}

fn lint_rust(context: &Context<'_>) -> Result<()> {
    process::run(
        context
            .workspace
            .cargo("clippy")
            .args(["--workspace", "--all-targets", "--", "-D", "warnings"]),
    )
}

fn lint_wasm(context: &Context<'_>) -> Result<()> {
    setup::wasm_target(context.workspace)?;
    let mut clippy = context.workspace.cargo("clippy");
    clippy.args([
        "--package",
        "propusk",
        "--target",
        WASM,
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]);
    process::run(&mut clippy)
}

fn lint_js(context: &Context<'_>) -> Result<()> {
    setup::npm_tools(context.workspace)?;
    process::run(
        context
            .workspace
            .node("node_modules/@biomejs/biome/bin/biome")
            .args(["check", "--error-on-warnings"]),
    )
}

fn build(context: &Context<'_>) -> Result<()> {
    context.package().map(|_| ())
}

/// The scripts against their own types, the package's declarations and the ones generated with the glue.
fn types_js(context: &Context<'_>) -> Result<()> {
    context.package()?;
    for project in ["pkg-template/tsconfig.json", "tsconfig.json"] {
        say::step(&format!("tsc --project {project}"));
        process::run(
            context
                .workspace
                .node("node_modules/typescript/bin/tsc")
                .args(["--project", project]),
        )?;
    }
    Ok(())
}

fn wasm(context: &Context<'_>, file: &str, browser: bool) -> Result<Counts> {
    let workspace = context.workspace;
    setup::wasm_target(workspace)?;
    say::step("compiling the test runner");
    process::run(workspace.cargo("build").args(["--package", "wasm-test-runner"]))?;

    let mut cargo = workspace.cargo("test");
    cargo.args(["--package", "propusk", "--target", WASM, "--test", file]);
    cargo.env(
        "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
        workspace.binary("wasm-test-runner"),
    );
    if browser {
        let browser = context.browser()?;
        let capabilities = workspace.target().join("webdriver.json");
        fs::write(
            &capabilities,
            with_binary(&workspace.path("webdriver.json"), &browser.chromium)?,
        )?;
        cargo
            .env("CHROMEDRIVER", &browser.driver)
            .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", capabilities);
        cargo.env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "30");
    }
    counted(&mut cargo)
}

/// The browser's capabilities in `file`, and which browser: the driver might find another.
fn with_binary(file: &Path, chromium: &Path) -> Result<String> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut capabilities: serde_json::Value =
        serde_json::from_str(&text).with_context(|| format!("{} is no JSON", file.display()))?;
    let options = capabilities
        .get_mut("goog:chromeOptions")
        .and_then(serde_json::Value::as_object_mut);
    let options = options.with_context(|| format!("{} has no goog:chromeOptions", file.display()))?;
    options.insert("binary".to_owned(), json!(chromium));
    Ok(capabilities.to_string())
}

fn node(context: &Context<'_>, folder: &str) -> Result<Counts> {
    let workspace = context.workspace;
    let files = test_files(&workspace.path(folder))?;
    let mut node = workspace.command("node");
    node.args(["--test", "--test-reporter=spec"]).args(files);
    node.env("PROPUSK_TARBALL", &context.package()?.tarball);
    node.env("PROPUSK_SANDBOX_BIN", context.sandbox()?);
    node.env("PROPUSK_DEMO", context.demo()?);
    node.env("CHROMIUM", &context.browser()?.chromium);
    let shared = workspace.path("../shared");
    if shared.is_dir() {
        node.env("PROPUSK_SHARED", shared.canonicalize()?);
    }
    counted(&mut node)
}

fn test_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    files.retain(|file| file.to_string_lossy().ends_with(".test.mjs"));
    files.sort();
    ensure!(!files.is_empty(), "{} has no file *.test.mjs", folder.display());
    Ok(files)
}

/// Runs a test program. One that fails without a failed test, or runs none, has failed.
fn counted(command: &mut Command) -> Result<Counts> {
    let mut counts = Counts::default();
    let status = process::watch(command, |line| counts.read(line))?;
    ensure!(counts != Counts::default() || !status.success(), "no test was run");
    if !status.success() && counts.failed == 0 {
        eprintln!("error: the tests ended with {status}");
        counts.failed = 1;
    }
    Ok(counts)
}

fn sign_ins(context: &Context<'_>) -> Result<Counts> {
    let worked = demo::once(context.workspace, context.sandbox()?, context.demo()?)?;
    ensure!(worked, "not every sign-in worked");
    Ok(Counts {
        passed: SERVICES,
        ..Counts::default()
    })
}
