//! Work that is done beside other work: what it prints is kept until it is over, and its programs leave the processors to the
//! others, which wait for pages and servers.

use std::cell::RefCell;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

thread_local! {
    /// Where this thread's words go, and those of the programs that it starts; to the user where there is nothing.
    static KEPT: RefCell<Option<File>> = const { RefCell::new(None) };
}

/// Does the work on this thread, with what is printed kept in a file.
pub(crate) fn run<T>(file: &Path, work: impl FnOnce() -> T) -> Result<T> {
    fs::create_dir_all(file.parent().context("a file has a folder")?)?;
    let kept = File::create(file).with_context(|| format!("cannot make {}", file.display()))?;
    KEPT.set(Some(kept));
    let result = work();
    KEPT.set(None);
    Ok(result)
}

/// Keeps a line, where this thread's are kept.
pub(crate) fn keeps(line: &str) -> bool {
    KEPT.with_borrow_mut(|kept| kept.as_mut().is_some_and(|file| writeln!(file, "{line}").is_ok()))
}

/// Where a program that this thread starts prints to: the same place in the file for all of them.
pub(crate) fn output() -> Stdio {
    KEPT.with_borrow(|kept| {
        kept.as_ref().and_then(|file| file.try_clone().ok()).map_or_else(Stdio::inherit, Stdio::from)
    })
}

/// Has the programs of a group run when no other wants to, where this thread's words are kept.
pub(crate) fn give_way(group: u32) {
    if KEPT.with_borrow(Option::is_some) {
        let mut renice = Command::new("renice");
        renice.args(["-n", "19", "-g", &group.to_string()]).stdin(Stdio::null());
        // Where there is no such program, they run as all others do.
        renice.stdout(Stdio::null()).stderr(Stdio::null()).status().ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{process, say};

    #[test]
    fn what_a_thread_and_its_programs_print_is_kept_in_order() {
        let folder = std::env::temp_dir().join(format!("propusk-aside-{}", std::process::id()));
        let file = folder.join("kept.txt");
        let echo = |what: &str| process::run(Command::new("sh").args(["-c", what]));
        run(&file, || {
            say::step("one");
            echo("echo two; echo three >&2").unwrap();
            process::watch(Command::new("sh").args(["-c", "echo four"]), |line| assert_eq!(line, "four")).unwrap();
            say::error("five");
        })
        .unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "▸ one\ntwo\nthree\nfour\nfive\n");
        assert!(!keeps("six"));
        fs::remove_dir_all(folder).unwrap();
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn programs_give_way_only_there() {
        let folder = std::env::temp_dir().join(format!("propusk-way-{}", std::process::id()));
        // It is started before it is told to give way.
        let nice = || {
            let mut last = String::new();
            let mut program = Command::new("sh");
            program.args(["-c", "read go; nice"]).stdin(Stdio::piped()).stdout(Stdio::piped());
            let mut running = process::Running::start(&mut program).unwrap();
            running.child().stdin.take().unwrap().write_all(b"go\n").unwrap();
            std::io::Read::read_to_string(&mut running.child().stdout.take().unwrap(), &mut last).unwrap();
            running.wait().unwrap();
            last.trim().parse::<i32>().unwrap()
        };
        let own = nice();
        assert_eq!(run(&folder.join("kept.txt"), nice).unwrap(), 19);
        assert_eq!(nice(), own);
        fs::remove_dir_all(folder).unwrap();
    }
}
