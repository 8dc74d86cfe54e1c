//! `cargo xtask test engines`: the browser tests that are no one browser's, in Chromium, Firefox and WebKit, and the table of
//! what ran where.

use std::fs;
use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};

use super::context::Context;
use super::counts::Counts;
use super::matrix::{self, Column};
use super::programs::{counted, failing, node_tests, twice};
use crate::setup;
use crate::workspace::Workspace;

/// The word of the command line.
pub(super) const NAME: &str = "engines";

/// A browser engine: what it is called on the command line and in `PROPUSK_ENGINE`, and how the tests come to it.
struct Engine {
    name: &'static str,
    /// Tells the tests where its programs are.
    prepare: fn(&Context<'_>, &mut Command) -> Result<()>,
}

const ENGINES: [Engine; 3] = [
    Engine { name: "chromium", prepare: |_, _| Ok(()) },
    FIREFOX,
    Engine {
        name: "webkit",
        prepare: |context, tests| {
            let webkit = setup::webkit(context.workspace)?;
            tests.env("WEBKIT_DRIVER", webkit.driver).env("MINI_BROWSER", webkit.browser).env("XVFB", webkit.xvfb);
            Ok(())
        },
    },
];

const FIREFOX: Engine = Engine {
    name: "firefox",
    prepare: |context, tests| {
        tests.env("FIREFOX", setup::firefox(context.workspace)?);
        Ok(())
    },
};

/// What is run in Firefox whenever everything is tested: sign-ins, redirect and service worker; two tabs, reloads, refused storage.
const SIGNS_OF_LIFE: [&str; 2] = ["tests/browser/module.test.mjs", "tests/browser/network.test.mjs"];

/// The test files that are no one browser's, and what the table says of them in English and in Russian.
pub(super) const FILES: [(&str, &str, &str); 12] = [
    ("tests/behaviour/browser.test.mjs", "the cases that hold in every runtime", "случаи, которые верны в любой среде"),
    (
        "tests/browser/module.test.mjs",
        "sign-in to all five, redirect, service worker",
        "вход во все пять, redirect, service worker",
    ),
    (
        "tests/browser/contract.test.mjs",
        "a program in TypeScript signs in to all five",
        "программа на TypeScript входит во все пять",
    ),
    ("tests/browser/address.test.mjs", "the callback's address", "адрес возврата"),
    (
        "tests/browser/agreement.test.mjs",
        "tabs agree, reload, logout, worker",
        "вкладки согласны, перезагрузка, выход, worker",
    ),
    ("tests/browser/tabs.test.mjs", "six tabs, one session", "шесть вкладок, одна сессия"),
    ("tests/browser/copies.test.mjs", "duplicated tabs", "дублированные вкладки"),
    ("tests/browser/sharing.test.mjs", "two clients of a page", "два клиента на странице"),
    ("tests/browser/back.test.mjs", "the back/forward cache", "кэш «назад/вперёд»"),
    ("tests/browser/stores.test.mjs", "what the browser lacks or takes away", "чего в браузере нет и что он отбирает"),
    (
        "tests/browser/places.test.mjs",
        "storage that fails for a while, or is full",
        "хранилище, которое временно отказывает или полно",
    ),
    (
        "tests/browser/network.test.mjs",
        "offline, slow, private: storage refused",
        "без сети, медленно, приватно: хранилище запрещено",
    ),
];

/// Runs them in the named engines, or in all, and writes down what came of it.
pub(super) fn run(workspace: &Workspace, names: &[String]) -> Result<ExitCode> {
    for name in names {
        let there_are = || ENGINES.iter().map(|engine| engine.name).collect::<Vec<_>>().join(", ");
        ensure!(
            ENGINES.iter().any(|engine| engine.name == name),
            "no engine is called {name:?}; there are: {}",
            there_are()
        );
    }
    let context = Context::new(workspace);
    let mut columns = Vec::new();
    let mut all = Counts::default();
    for engine in ENGINES.iter().filter(|engine| names.is_empty() || names.iter().any(|name| name == engine.name)) {
        println!("\n── {} ──", engine.name);
        let begin = Instant::now();
        let (column, counts) = run_in(&context, engine)?;
        println!("── {}: {counts} ({:.1} s)", column.engine, begin.elapsed().as_secs_f32());
        all += counts;
        columns.push(column);
    }
    matrix::write(workspace, &columns)?;
    println!("\n{all}");
    Ok(if all.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn run_in(context: &Context<'_>, engine: &Engine) -> Result<(Column, Counts)> {
    let workspace = context.workspace;
    let [outcomes, version] = ["outcomes", "version"].map(|what| workspace.path(format!("target/engine-{what}.txt")));
    fs::remove_file(&version).ok();
    let mut node = tests(context, engine)?;
    node.env("PROPUSK_ENGINE_VERSION", &version);
    node.arg(format!("--outcomes={}", outcomes.display()));
    let counts = counted(node.args(FILES.iter().map(|(file, ..)| workspace.path(file))))?;
    let read = |file| fs::read_to_string(file).context("the tests do not say what came of them, and in which browser");
    Ok((Column { engine: read(&version)?, cells: matrix::cells(&read(&outcomes)?) }, counts))
}

/// The suite `firefox`: left out, and counted so, where there is none and none can be installed.
pub(super) fn firefox(context: &Context<'_>) -> Result<Counts> {
    if let Err(error) = setup::firefox(context.workspace) {
        println!("left out: {error:#}");
        return Ok(Counts { skipped: 1, ..Counts::default() });
    }
    let files = SIGNS_OF_LIFE.map(|file| context.workspace.path(file));
    twice(&failing(context), &files, || tests(context, &FIREFOX))
}

/// Node's test runner in an engine.
fn tests(context: &Context<'_>, engine: &Engine) -> Result<Command> {
    let mut node = node_tests(context, "tests/browser")?;
    (engine.prepare)(context, &mut node)?;
    node.env("PROPUSK_ENGINE", engine.name).arg("--test-concurrency=2");
    Ok(node)
}
