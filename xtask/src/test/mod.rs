//! Everything that is checked, in order. A suite that fails keeps no other from being run: all of them are told of at the end.

mod checks;
mod context;
mod counts;
mod engines;
mod matrix;
mod programs;
mod suites;

use std::fs;
use std::io::Write as _;
use std::process::ExitCode;
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use anyhow::{Result, ensure};

use crate::workspace::Workspace;
use crate::{aside, say, setup};
use context::Context;
use counts::Counts;
use suites::{SUITES, Suite};

pub(crate) fn run(workspace: &Workspace, names: &[String]) -> Result<ExitCode> {
    if let Some((first, engines)) = names.split_first()
        && first == engines::NAME
    {
        return engines::run(workspace, engines);
    }
    let context = Context::new(workspace);
    if let Some(names) = environments(names) {
        let counts = programs::environments(&context, &names, true)?;
        println!("{counts}");
        return Ok(if counts.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    let chosen = choose(names)?;
    let start = Instant::now();
    let results = outcomes(&context, &chosen)?;
    let all = tell(&results);
    println!("\n{:.0} s", start.elapsed().as_secs_f32());
    println!("{all}");
    Ok(if all.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The environments to try where they are asked for by themselves: those that are named after the word, or all of them. A run of
/// everything tries but the most used.
fn environments(names: &[String]) -> Option<Vec<&str>> {
    let (first, others) = names.split_first()?;
    (first == "environments").then(|| others.iter().map(String::as_str).collect())
}

/// The suites that one of the names is a part of, in their own order; all of them where there is no name.
fn choose(names: &[String]) -> Result<Vec<&'static Suite>> {
    let fits = |suite: &Suite, name: &String| suite.name.contains(name.as_str());
    for name in names {
        let there_are = || SUITES.iter().map(|suite| suite.name).collect::<Vec<_>>().join(", ");
        ensure!(
            SUITES.iter().any(|suite| fits(suite, name)),
            "no suite has a name with {name:?} in it; there are: {}",
            there_are()
        );
    }
    Ok(SUITES.iter().filter(|suite| names.is_empty() || names.iter().any(|name| fits(suite, name))).collect())
}

/// Runs the suites. What those print that are done aside comes in one piece, between two others.
fn outcomes(context: &Context<'_>, chosen: &[&'static Suite]) -> Result<Vec<Outcome>> {
    let workspace = context.workspace;
    let (aside, others): (Vec<&Suite>, Vec<&Suite>) = chosen.iter().partition(|suite| suite.is_aside);
    if aside.is_empty() || others.is_empty() {
        return Ok(chosen.iter().map(|suite| outcome(suite, context)).collect());
    }
    // Before both ask for it at once.
    setup::wasm_target(workspace)?;
    say::step(&format!("beside the others, each told of when it is over: {}", names(&aside)));
    let mut results = Vec::new();
    thread::scope(|scope| {
        let (tell, told) = mpsc::channel();
        scope.spawn(move || {
            for suite in aside {
                let file = workspace.path(format!("target/aside/{}.txt", suite.name));
                let outcome = aside::run(&file, || outcome(suite, &Context::new(workspace)));
                tell.send(outcome.and_then(|outcome| Ok((outcome, fs::read(&file)?)))).ok();
            }
        });
        let show = |result: Result<(Outcome, Vec<u8>)>| -> Result<Outcome> {
            let (outcome, output) = result?;
            std::io::stdout().write_all(&output)?;
            Ok(outcome)
        };
        for suite in others {
            results.push(outcome(suite, context));
            for result in told.try_iter() {
                results.push(show(result)?);
            }
        }
        for result in told {
            results.push(show(result)?);
        }
        anyhow::Ok(())
    })?;
    results.sort_by_key(|Outcome { name, .. }| chosen.iter().position(|suite| suite.name == *name));
    Ok(results)
}

/// Runs one suite.
fn outcome(suite: &Suite, context: &Context<'_>) -> Outcome {
    say::line(&format!("\n── {} ──", suite.name));
    let begin = Instant::now();
    let counts = suite.run(context).unwrap_or_else(|error| {
        say::error(&format!("error: {error:#}"));
        Counts::FAILURE
    });
    let seconds = begin.elapsed().as_secs_f32();
    say::line(&format!("── {}: {counts} ({seconds:.1} s)", suite.name));
    Outcome { name: suite.name, counts, seconds }
}

fn names(suites: &[&Suite]) -> String {
    suites.iter().map(|suite| suite.name).collect::<Vec<_>>().join(", ")
}

/// How a suite went.
struct Outcome {
    name: &'static str,
    counts: Counts,
    seconds: f32,
}

/// Prints how each suite went, where there are several, and adds up their counts.
fn tell(results: &[Outcome]) -> Counts {
    let mut all = Counts::default();
    if results.len() > 1 {
        println!();
    }
    for Outcome { name, counts, seconds } in results {
        if results.len() > 1 {
            let mark = if counts.failed == 0 { '✓' } else { '✗' };
            println!("{mark} {name}: {counts} ({seconds:.1} s)");
        }
        all += *counts;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(names: &[&str]) -> Vec<&'static str> {
        let names: Vec<_> = names.iter().map(|&name| name.to_owned()).collect();
        choose(&names).unwrap().iter().map(|suite| suite.name).collect()
    }

    #[test]
    fn all_suites_are_run_where_none_is_named() {
        assert_eq!(chosen(&[]).len(), SUITES.len());
    }

    #[test]
    fn several_names_choose_several_suites_in_their_own_order_and_once() {
        assert_eq!(chosen(&["demo", "native"]), ["native", "demo"]);
        assert_eq!(chosen(&["wasm-browser", "browser"]), ["wasm-browser", "browser"]);
        assert_eq!(chosen(&["lint"]), ["lint-rust", "lint-wasm", "lint-js"]);
    }

    #[test]
    fn environments_are_chosen_by_their_own_names() {
        let asked = |names: &[&str]| {
            let names: Vec<_> = names.iter().map(|&name| name.to_owned()).collect();
            environments(&names).map(|names| names.join(" "))
        };
        assert_eq!(asked(&["environments"]).as_deref(), Some(""));
        assert_eq!(asked(&["environments", "deno", "bun"]).as_deref(), Some("deno bun"));
        assert_eq!((asked(&[]), asked(&["node", "environments"])), (None, None));
    }

    #[test]
    fn a_name_that_no_suite_has_is_refused_and_the_others_are_named() {
        let error = choose(&["browser".to_owned(), "brwser".to_owned()]).err().unwrap().to_string();
        assert!(error.contains("\"brwser\"") && error.contains("build, types-js"), "{error}");
    }
}
