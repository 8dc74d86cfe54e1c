//! What the user sees of the work: one line for each step, with its time when it is over.

use std::io::{IsTerminal as _, Write as _};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use crate::aside;

/// Says a line.
pub(crate) fn line(text: &str) {
    if !aside::keeps(text) {
        println!("{text}");
    }
}

/// Says what went wrong.
pub(crate) fn error(text: &str) {
    if !aside::keeps(text) {
        eprintln!("{text}");
    }
}

/// Says in one line what begins now.
pub(crate) fn step(what: &str) {
    line(&format!("▸ {what}"));
}

/// Runs work that prints nothing itself; on a terminal the seconds count up while it lasts.
pub(crate) fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let terminal = std::io::stdout().is_terminal();
    let (done, wait) = mpsc::channel::<()>();
    let result = thread::scope(|scope| {
        if terminal {
            scope.spawn(move || {
                while wait.recv_timeout(Duration::from_secs(1)) == Err(RecvTimeoutError::Timeout) {
                    print!("\r▸ {what} … {} s", start.elapsed().as_secs());
                    std::io::stdout().flush().ok();
                }
            });
        }
        let result = work();
        drop(done);
        result
    });
    let back = if terminal { "\r\x1b[K" } else { "" };
    println!("{back}▸ {what} ({:.1} s)", start.elapsed().as_secs_f32());
    result
}
