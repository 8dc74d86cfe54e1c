//! `cargo xtask simulate`: many schedules, as fast as the machine can; the seed of a failure replays it.
#![allow(clippy::print_stdout, reason = "a command talks to its user")]

use std::panic;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use clap::Parser;
use simulation::chaos::{self, Tally};
use simulation::explorer;
use simulation::lies::Lie;

/// Runs the engine under schedules that seeds decide, and stops at the first one in which something did not hold.
#[derive(Parser)]
#[command(name = "cargo xtask simulate", bin_name = "cargo xtask simulate")]
struct Arguments {
    /// How many schedules.
    #[arg(long, default_value_t = 20_000)]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Only this seed, and what it stands for.
    #[arg(long, conflicts_with_all = ["seeds", "from"])]
    seed: Option<u64>,
    /// In worlds that do not do what they say.
    #[arg(long, value_parser = lie)]
    lie: Option<Lie>,
    /// Each lie in turn, and after how many seeds it was noticed; those that do no harm must not be.
    #[arg(long, conflicts_with_all = ["seed", "lie"])]
    mutations: bool,
    /// Every order of few events instead, at most so many steps in each world.
    #[arg(long, value_name = "STEPS", conflicts_with_all = ["seed", "lie", "mutations"])]
    explore: Option<u64>,
}

/// A lie by its name.
fn lie(name: &str) -> Result<Lie, String> {
    let names = || Lie::ALL.map(|(name, ..)| name).join(", ");
    let known = Lie::ALL.into_iter().find(|(known, ..)| *known == name);
    known.map(|(_, lie, _)| lie).ok_or_else(|| format!("the lies are {}", names()))
}

struct Failure {
    seed: u64,
    what: String,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // A schedule that panics has failed, and says so itself.
    panic::set_hook(Box::new(|_| {}));
    if let Some(most) = arguments.explore {
        return explore(most);
    }
    if let Some(seed) = arguments.seed {
        return replay(seed, arguments.lie);
    }
    if arguments.mutations {
        return mutations(arguments.from, arguments.seeds);
    }
    let start = Instant::now();
    let (ran, tally, failure) = search(arguments.from, arguments.seeds, arguments.lie, true);
    let seconds = start.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = ran as f64 / seconds;
    println!(
        "{ran} schedules in {seconds:.1} s ({rate:.0} a second): {} logins, {} refresh tokens sent, {} contexts killed, {} \
         waits for a lock given up, {} sessions ended by a final answer, each with a reason",
        tally.logins, tally.renewals, tally.kills, tally.lock_waits_given_up, tally.ended
    );
    match failure {
        None => {
            println!("everything held");
            ExitCode::SUCCESS
        }
        Some(Failure { seed, what }) => {
            println!("seed {seed}: {what}\nreplay it with --seed {seed}");
            ExitCode::FAILURE
        }
    }
}

fn explore(most: u64) -> ExitCode {
    match explorer::table(most) {
        Ok(()) => ExitCode::SUCCESS,
        Err(what) => {
            println!("{what}");
            ExitCode::FAILURE
        }
    }
}

fn replay(seed: u64, lie: Option<Lie>) -> ExitCode {
    println!("seed {seed}: {}", chaos::describe(seed));
    match chaos::schedule(seed, lie, true) {
        Ok(tally) => {
            println!("{tally:?}\neverything held");
            ExitCode::SUCCESS
        }
        Err(what) => {
            println!("{what}");
            ExitCode::FAILURE
        }
    }
}

/// Whether the simulation notices that the outside lies, where that does harm.
fn mutations(from: u64, seeds: u64) -> ExitCode {
    let mut wrong = 0;
    for (name, lie, harmless) in Lie::ALL {
        // What does no harm need not be looked for as long.
        let seeds = if harmless.is_some() { seeds / 5 } else { seeds };
        let failure = search(from, seeds, Some(lie), false).2;
        match (failure, harmless) {
            (Some(Failure { seed, what }), None) => {
                println!("{name}: noticed after {} seeds (seed {seed}: {what})", seed - from + 1);
            }
            (None, Some(why)) => println!("{name}: does no harm in {seeds} seeds: {why}"),
            (None, None) => {
                wrong += 1;
                println!("{name}: NOT NOTICED in {seeds} seeds");
            }
            (Some(Failure { seed, what }), Some(why)) => {
                wrong += 1;
                println!("{name}: DOES HARM, seed {seed}: {what}; it should not, since {why}");
            }
        }
    }
    if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs schedules on all cores until one fails; the failure with the smallest seed counts.
fn search(from: u64, seeds: u64, lie: Option<Lie>, shows: bool) -> (u64, Tally, Option<Failure>) {
    let (next, is_over) = (AtomicU64::new(from), AtomicBool::new(false));
    let all = Mutex::new((Tally::default(), None::<Failure>));
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= from + seeds {
                        return;
                    }
                    let result = chaos::schedule(seed, lie, false);
                    let mut all = all.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                    match result {
                        Ok(tally) => {
                            all.0.renewals += tally.renewals;
                            all.0.kills += tally.kills;
                            all.0.ended += tally.ended;
                            all.0.logins += tally.logins;
                            all.0.lock_waits_given_up += tally.lock_waits_given_up;
                        }
                        Err(what) => {
                            is_over.store(true, Ordering::Relaxed);
                            if all.1.as_ref().is_none_or(|failure| seed < failure.seed) {
                                all.1 = Some(Failure { seed, what });
                            }
                        }
                    }
                }
            });
        }
        scope.spawn(|| {
            let mut shown = Instant::now();
            while !is_over.load(Ordering::Relaxed) && next.load(Ordering::Relaxed) < from + seeds {
                thread::sleep(Duration::from_millis(50));
                if shows && shown.elapsed() >= Duration::from_secs(10) {
                    shown = Instant::now();
                    println!("{} of {seeds} schedules", next.load(Ordering::Relaxed) - from);
                }
            }
        });
    });
    let ran = next.load(Ordering::Relaxed).min(from + seeds) - from;
    let (tally, failure) = all.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    (ran, tally, failure)
}
