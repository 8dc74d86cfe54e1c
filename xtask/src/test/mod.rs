//! Everything that is checked, in order, up to the first suite that fails.

mod checks;
mod context;
mod counts;
mod programs;
mod suites;

use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, ensure};

use crate::workspace::Workspace;
use context::Context;
use counts::Counts;
use suites::SUITES;

pub(crate) fn run(workspace: &Workspace, filter: Option<&str>) -> Result<ExitCode> {
    let chosen: Vec<_> = SUITES.iter().filter(|suite| filter.is_none_or(|part| suite.name.contains(part))).collect();
    let names = || SUITES.iter().map(|suite| suite.name).collect::<Vec<_>>().join(", ");
    ensure!(!chosen.is_empty(), "no suite has a name with that in it; there are: {}", names());

    let context = Context::new(workspace);
    let start = Instant::now();
    let mut all = Counts::default();
    for suite in chosen {
        println!("\n── {} ──", suite.name);
        let begin = Instant::now();
        let counts = suite.run(&context).unwrap_or_else(|error| {
            eprintln!("error: {error:#}");
            Counts::FAILURE
        });
        println!("── {}: {counts} ({:.1} s)", suite.name, begin.elapsed().as_secs_f32());
        all += counts;
        if counts.failed > 0 {
            println!("\n{} failed; the suites after it were not run", suite.name);
            break;
        }
    }
    println!("\n{:.0} s", start.elapsed().as_secs_f32());
    println!("{all}");
    Ok(if all.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
