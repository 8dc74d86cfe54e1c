//! The suites, in the order in which they are run: what fails fast goes first. Those that compile and compute and ask nobody for
//! anything are done aside: on what the others, which wait most of the time, leave of the processors.

use anyhow::Result;

use super::context::Context;
use super::counts::Counts;
use super::{checks, engines, programs};
use crate::simulate;

/// One suite: its name, by which the command line chooses it, and what it does.
pub(super) struct Suite {
    pub(super) name: &'static str,
    /// Whether it is done beside the others.
    pub(super) is_aside: bool,
    run: Run,
}

enum Run {
    /// Right or wrong as a whole.
    Check(fn(&Context<'_>) -> Result<()>),
    /// Test programs, which say how many tests they ran.
    Tests(fn(&Context<'_>) -> Result<Counts>),
}

pub(super) const SUITES: &[Suite] = &[
    Suite::check("format-rust", checks::format_rust),
    Suite::check("lint-rust", checks::lint_rust).aside(),
    Suite::check("lint-wasm", checks::lint_wasm).aside(),
    Suite::check("lint-js", checks::lint_js),
    Suite::check("simulation", |context| simulate::schedules(context.workspace)).aside(),
    Suite::check("explorer", |context| simulate::every_order(context.workspace)).aside(),
    Suite::check("mutations", |context| simulate::mutations(context.workspace)).aside(),
    Suite::tests("native", programs::native).aside(),
    Suite::check("build", checks::build),
    Suite::check("types-js", checks::types_js),
    Suite::tests("wasm-node", |context| programs::wasm_in_node(context, "wasm_node")),
    Suite::tests("wasm-browser", |context| programs::wasm_in_browser(context, "wasm_browser")),
    Suite::tests("types", |context| programs::node(context, "tests/types")),
    Suite::tests("package", |context| programs::node(context, "tests/package")),
    Suite::tests("frameworks", |context| programs::node(context, "tests/frameworks")),
    Suite::tests("behaviour", |context| programs::node(context, "tests/behaviour")),
    Suite::tests("node", |context| programs::node(context, "tests/node")),
    Suite::tests("relay", |context| programs::node(context, "tests/relay")),
    Suite::tests("failures", |context| programs::node(context, "tests/failures")),
    Suite::tests("stores", |context| programs::node(context, "tests/stores")),
    Suite::tests("cli", |context| programs::node(context, "tests/cli")),
    Suite::tests("sandbox", |context| programs::node(context, "tests/sandbox")),
    Suite::tests("browser", |context| programs::node(context, "tests/browser")),
    Suite::tests("firefox", engines::firefox),
    Suite::tests("examples", |context| programs::node(context, "tests/examples")),
    Suite::tests("environments", |context| programs::environments(context, &OFTEN_USED, false)),
    Suite::tests("demo", programs::demo),
];

/// The environments that every run tries: the others of those that are used most are in `package` and `examples`.
const OFTEN_USED: [&str; 2] = ["vite", "webpack"];

impl Suite {
    const fn check(name: &'static str, check: fn(&Context<'_>) -> Result<()>) -> Self {
        Self { name, is_aside: false, run: Run::Check(check) }
    }

    const fn tests(name: &'static str, tests: fn(&Context<'_>) -> Result<Counts>) -> Self {
        Self { name, is_aside: false, run: Run::Tests(tests) }
    }

    /// It needs nothing but the workspace, and has no deadline.
    const fn aside(self) -> Self {
        Self { is_aside: true, ..self }
    }

    pub(super) fn run(&self, context: &Context<'_>) -> Result<Counts> {
        match self.run {
            Run::Check(check) => check(context).map(|()| Counts::SUCCESS),
            Run::Tests(tests) => tests(context),
        }
    }
}
