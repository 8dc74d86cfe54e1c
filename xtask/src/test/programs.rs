//! Programs that run tests and say how many: Cargo's, wasm-bindgen's, Node's, and the demo.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::context::Context;
use super::counts::Counts;
use crate::demo::{self, Sandbox};
use crate::setup::{self, WASM};
use crate::{process, say};

/// The workspace's tests on this machine.
pub(super) fn native(context: &Context<'_>) -> Result<Counts> {
    counted(context.workspace.cargo("test").args(["--workspace", "--no-fail-fast"]))
}

/// The tests in `tests/<file>.rs`, compiled to WebAssembly, in Node.
pub(super) fn wasm_in_node(context: &Context<'_>, file: &str) -> Result<Counts> {
    counted(&mut wasm(context, file)?)
}

/// The same in the browser, without a window.
pub(super) fn wasm_in_browser(context: &Context<'_>, file: &str) -> Result<Counts> {
    let browser = context.browser()?;
    let own = fs::read_to_string(context.workspace.path("webdriver.json")).context("cannot read webdriver.json")?;
    let capabilities = context.workspace.path("target/webdriver.json");
    let mut cargo = wasm(context, file)?;
    fs::write(&capabilities, with_binary(&own, &browser.chromium)?)?;
    cargo.env("CHROMEDRIVER", &browser.driver).env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", capabilities);
    // A busy machine takes longer to start a browser than the five seconds it is given by default.
    cargo.env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "60");
    counted(&mut cargo)
}

fn wasm(context: &Context<'_>, file: &str) -> Result<Command> {
    setup::wasm_target(context.workspace)?;
    let runner = context.binary("wasm-test-runner")?;
    let mut cargo = context.workspace.cargo("test");
    cargo.args(["--package", "propusk", "--target", WASM, "--test", file]);
    cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", runner);
    Ok(cargo)
}

/// A browser's capabilities, and which browser it is: the driver might find another.
fn with_binary(capabilities: &str, chromium: &Path) -> Result<String> {
    let mut capabilities: Value = serde_json::from_str(capabilities).context("webdriver.json is no JSON")?;
    let options = capabilities.get_mut("goog:chromeOptions").and_then(Value::as_object_mut);
    let options = options.context("webdriver.json has no goog:chromeOptions")?;
    options.insert("binary".to_owned(), json!(chromium));
    Ok(capabilities.to_string())
}

/// The folders whose tests use the package of the sandbox.
const WITH_SANDBOX: [&str; 2] = ["tests/sandbox", "tests/examples"];

/// The `*.test.mjs` of a folder, with Node's test runner; the few files that fail at first are run once more, and what
/// passes then is told apart. What they find in their environment:
///
/// - `PROPUSK_TARBALL`: the packed package
/// - `PROPUSK_SANDBOX_TARBALL`: the packed package of the sandbox, where the tests use it
/// - `PROPUSK_SANDBOX_BIN`: the program that plays the five services
/// - `PROPUSK_DEMO`: the folder of the demo page, the package installed in it
/// - `PROPUSK_SHARED`: the folder of documents beside the repository, where there is one
/// - `CHROMIUM`: the browser, without windows where there is one; `CHROMIUM_DESKTOP`: the one that users have
/// - `REDIS_SERVER`: the program of Redis
pub(super) fn node(context: &Context<'_>, folder: &str) -> Result<Counts> {
    let workspace = context.workspace;
    let files = test_files(&workspace.path(folder)).with_context(|| format!("{folder} has no tests"))?;
    twice(&failing(context), &files, || {
        let mut node = node_tests(context, folder)?;
        node.arg(at_once(folder));
        Ok(node)
    })
}

/// Runs test files, and the few that fail once more. `node` is the program that writes down which ones fail.
pub(super) fn twice(failing: &Path, files: &[PathBuf], node: impl Fn() -> Result<Command>) -> Result<Counts> {
    let counts = counted(node()?.args(files))?;
    let failed = fs::read_to_string(failing).unwrap_or_default();
    let again = unsteady(&failed);
    if counts.failed == 0 || again.is_empty() {
        return Ok(counts);
    }
    println!("\n▸ once more, one after the other: {}", again.join(", "));
    let second = counted(node()?.arg("--test-concurrency=1").args(&again))?;
    Ok(counts.after(second))
}

/// Where it is written down in which files something failed.
pub(super) fn failing(context: &Context<'_>) -> PathBuf {
    context.workspace.path("target/failing-tests.txt")
}

/// How many files run side by side, where most of them wait: for locks that end, servers that start, pages that load. Node's own
/// choice on a machine with two processors is one after the other.
fn at_once(folder: &str) -> &'static str {
    if folder == "tests/stores" { "--test-concurrency=4" } else { "--test-concurrency=2" }
}

/// Files that are worth a second run on a machine that is less busy: some of which none goes by a seed. Where many fail, it is
/// not the machine.
fn unsteady(failing: &str) -> Vec<&str> {
    const MOST: usize = 3;
    let files: Vec<_> = failing.lines().collect();
    let is_file = |line: &&str| Path::new(line).is_absolute();
    if files.len() <= MOST && files.iter().all(is_file) { files } else { Vec::new() }
}

/// Node's test runner, which writes down the files in which something failed.
pub(super) fn node_tests(context: &Context<'_>, folder: &str) -> Result<Command> {
    let workspace = context.workspace;
    let mut node = workspace.node("tests/support/run.mjs");
    node.arg(format!("--failing={}", failing(context).display()));
    if WITH_SANDBOX.contains(&folder) {
        node.env("PROPUSK_SANDBOX_TARBALL", &context.sandbox()?.tarball);
    }
    with_package(context, &mut node)?;
    node.env("PROPUSK_DEMO", context.demo()?);
    node.env("REDIS_SERVER", context.redis_server()?);
    if let Ok(shared) = workspace.path("../shared").canonicalize() {
        node.env("PROPUSK_SHARED", shared);
    }
    Ok(node)
}

/// What all tests of the package find in their environment.
fn with_package(context: &Context<'_>, node: &mut Command) -> Result<()> {
    node.env("PROPUSK_TARBALL", &context.package()?.tarball);
    node.env("PROPUSK_SANDBOX_BIN", context.binary("sandbox")?);
    let browser = context.browser()?;
    node.env("CHROMIUM", &browser.headless).env("CHROMIUM_DESKTOP", &browser.chromium);
    Ok(())
}

/// The environments in `tests/environments`, all or those that are named: a line with a mark for each way in which one is used.
/// Where `is_written`, `docs/environments.md` tells how it went.
pub(super) fn environments(context: &Context<'_>, names: &[&str], is_written: bool) -> Result<Counts> {
    setup::npm_tools(context.workspace)?;
    let mut node = context.workspace.node("tests/environments/run.mjs");
    node.args(names).args((!is_written).then_some("--no-matrix"));
    with_package(context, &mut node)?;
    let mut counts = Counts::default();
    let status = process::watch(&mut node, |line| {
        counts.passed += u32::from(line.starts_with("✓ "));
        counts.failed += u32::from(line.starts_with("✗ "));
        counts.skipped += u32::from(line.starts_with("– "));
    })?;
    ensure!(status.success() == (counts.failed == 0), "the environments ended with {status}");
    Ok(counts)
}

/// The files that are begun first, so that in the end none of them runs alone. Those of the others that take long come early in the
/// alphabet.
const LONGEST: [&str; 3] =
    ["tests/stores/troubled-swarm.test.mjs", "tests/stores/redis-swarm.test.mjs", "tests/browser/tabs.test.mjs"];

fn test_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    files.retain(|file| file.to_string_lossy().ends_with(".test.mjs"));
    let place = |file: &PathBuf| LONGEST.iter().position(|longest| file.ends_with(longest)).unwrap_or(LONGEST.len());
    files.sort_by_key(|file| (place(file), file.clone()));
    ensure!(!files.is_empty(), "no file is called *.test.mjs");
    Ok(files)
}

/// The demo, as a user runs it: a row for each of the five services.
pub(super) fn demo(context: &Context<'_>) -> Result<Counts> {
    let sandbox = Sandbox::start(&context.binary("sandbox")?)?;
    let mut program = demo::sign_ins(context.workspace, context.demo()?, &sandbox);
    let mut counts = Counts::default();
    let status = process::watch(&mut program, |line| {
        counts.passed += u32::from(line.starts_with('✓'));
        counts.failed += u32::from(line.starts_with('✗'));
    })?;
    ensure!(status.success() == (counts.passed == 5 && counts.failed == 0), "the demo does not say how it went");
    Ok(counts)
}

/// Runs a test program. One that runs no test has failed, and so has one that fails without saying which.
pub(super) fn counted(command: &mut Command) -> Result<Counts> {
    let mut counts = Counts::default();
    let status = process::watch(command, |line| counts.read(line))?;
    ensure!(counts.passed + counts.failed > 0 || !status.success(), "no test was run");
    if !status.success() && counts.failed == 0 {
        say::error(&format!("error: the test program ended with {status}"));
        counts.failed = 1;
    }
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Workspace;

    #[test]
    fn what_takes_longest_is_there_and_begins_first() {
        let root = Workspace::find().unwrap();
        for longest in LONGEST {
            let folder = root.path(longest).parent().unwrap().to_path_buf();
            let files = test_files(&folder).unwrap();
            let place = files.iter().position(|file| file.ends_with(longest)).unwrap();
            assert!(place < LONGEST.len(), "{longest}");
            assert!(files.len() > LONGEST.len());
        }
    }

    #[test]
    fn a_few_failing_files_are_run_again_and_none_that_goes_by_a_seed() {
        assert_eq!(unsteady("/a.test.mjs\n/b.test.mjs\n"), ["/a.test.mjs", "/b.test.mjs"]);
        assert!(unsteady("/a.test.mjs\nseeded /b.test.mjs\n").is_empty());
        assert!(unsteady("/a\n/b\n/c\n/d\n").is_empty());
        assert!(unsteady("").is_empty() && unsteady("\n").is_empty());
    }
}
