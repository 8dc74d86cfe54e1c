//! Starting other programs, and stopping them whatever happens.
//!
//! Each runs in a process group of its own, so that one signal ends it with everything it started: when a guard is
//! dropped after a failure, and when the command itself is told to end.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::{aside, say};

/// How long programs may take to end when they are asked to.
const GRACE: Duration = Duration::from_secs(5);

/// The programs that run now, by the id of their group.
static RUNNING: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());

/// Ends this command and all it started on Ctrl-C and the other signals that ask a program to end.
pub(crate) fn stop_all_on_signals() -> Result<()> {
    ctrlc::set_handler(|| {
        // Kept locked to the end: nothing new starts any more.
        let running = RUNNING.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        stop(&running);
        std::process::exit(130);
    })
    .context("cannot listen to signals")
}

/// A started program, stopped when dropped.
pub(crate) struct Running {
    child: Child,
    ended: bool,
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        let mut running = RUNNING.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let child = own_group(command).spawn().map_err(|error| absent(command, error))?;
        running.insert(child.id());
        aside::give_way(child.id());
        Ok(Self { child, ended: false })
    }

    pub(crate) fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    pub(crate) fn wait(&mut self) -> Result<ExitStatus> {
        let status = self.child.wait().context("cannot wait for a program")?;
        self.ended = true;
        Ok(status)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let id = self.child.id();
        if !self.ended {
            stop(&BTreeSet::from([id]));
            self.child.kill().ok();
            self.child.wait().ok();
        }
        RUNNING.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).remove(&id);
    }
}

/// Runs a program to its end with our output; its failure is an error that names it.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status =
        Running::start(command.stdin(Stdio::null()).stdout(aside::output()).stderr(aside::output()))?.wait()?;
    succeeded(command, status, "")
}

/// Runs a program to its end and returns what it printed; shown only when it fails.
pub(crate) fn read(command: &mut Command) -> Result<String> {
    let mut running = Running::start(command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()))?;
    let errors = running.child().stderr.take().context("no pipe")?;
    let errors = std::thread::spawn(move || std::io::read_to_string(errors).unwrap_or_default());
    let output = running.child().stdout.take().context("no pipe")?;
    let output =
        std::io::read_to_string(output).with_context(|| format!("cannot read what {} printed", name(command)))?;
    let errors = errors.join().unwrap_or_default();
    let status = running.wait()?;
    succeeded(command, status, &format!("{output}{errors}"))?;
    Ok(output)
}

/// Runs a program to its end, printing what it prints and showing each line to `look`.
pub(crate) fn watch(command: &mut Command, mut look: impl FnMut(&str)) -> Result<ExitStatus> {
    let mut running = Running::start(command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(aside::output()))?;
    let output = running.child().stdout.take().context("no pipe")?;
    for line in BufReader::new(output).split(b'\n') {
        let line = line.with_context(|| format!("cannot read what {} printed", name(command)))?;
        let line = String::from_utf8_lossy(&line);
        say::line(&line);
        look(&line);
    }
    running.wait()
}

fn succeeded(command: &Command, status: ExitStatus, output: &str) -> Result<()> {
    if status.success() {
        return Ok(());
    }
    if !output.is_empty() {
        say::error(output.trim_end());
    }
    bail!("`{}` failed: {status}", name(command));
}

/// A program that isn't there is the user's to install, so the error says how.
fn absent(command: &Command, error: std::io::Error) -> anyhow::Error {
    let program = command.get_program().to_string_lossy();
    let remedy = match &*program {
        "node" | "npm" | "npm.cmd" => "; install Node 20 or later",
        "rustup" => "; install Rust with rustup",
        _ => "",
    };
    anyhow::Error::new(error).context(format!("cannot start {program}{remedy}"))
}

/// The command as a person would type it, without the folders.
fn name(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let short = |word: &std::ffi::OsStr| {
        let word = word.to_string_lossy();
        if word.starts_with('/') { word.rsplit('/').next().unwrap_or_default().to_owned() } else { word.into_owned() }
    };
    words.map(short).collect::<Vec<_>>().join(" ")
}

#[cfg(unix)]
fn own_group(command: &mut Command) -> &mut Command {
    use std::os::unix::process::CommandExt as _;
    command.process_group(0)
}

#[cfg(unix)]
fn stop(groups: &BTreeSet<u32>) {
    use nix::sys::signal::{Signal, killpg};
    use nix::sys::wait::{WaitPidFlag, waitpid};
    use nix::unistd::Pid;

    let groups = || groups.iter().filter_map(|&id| i32::try_from(id).ok()).map(Pid::from_raw);
    for group in groups() {
        killpg(group, Signal::SIGTERM).ok();
    }
    let deadline = Instant::now() + GRACE;
    // A program that has ended counts as there until it is waited for.
    let there = |group| {
        waitpid(group, Some(WaitPidFlag::WNOHANG)).ok();
        killpg(group, None).is_ok()
    };
    while Instant::now() < deadline && groups().any(there) {
        std::thread::sleep(Duration::from_millis(20));
    }
    for group in groups() {
        killpg(group, Signal::SIGKILL).ok();
    }
}

/// Consoles without process groups send Ctrl-C to everything in them; guards end their own program.
#[cfg(not(unix))]
fn own_group(command: &mut Command) -> &mut Command {
    command
}

#[cfg(not(unix))]
fn stop(_groups: &BTreeSet<u32>) {}
