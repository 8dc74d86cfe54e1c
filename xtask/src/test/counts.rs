//! How many tests passed, as the test programs themselves say.

use std::fmt;
use std::ops::AddAssign;

#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Counts {
    pub(super) passed: u32,
    pub(super) failed: u32,
    pub(super) skipped: u32,
    /// Of those that passed, how many failed at first.
    pub(super) unsteady: u32,
}

impl Counts {
    /// A check that is right or wrong as a whole.
    pub(super) const SUCCESS: Self = Self { passed: 1, failed: 0, skipped: 0, unsteady: 0 };
    pub(super) const FAILURE: Self = Self { passed: 0, failed: 1, skipped: 0, unsteady: 0 };

    /// What failed was run once more, with its neighbours: the second run decides.
    pub(super) fn after(self, second: Self) -> Self {
        let mended = self.failed.saturating_sub(second.failed);
        Self { passed: self.passed + mended, failed: second.failed, unsteady: mended, ..self }
    }

    /// Adds what a line says when it is a summary: `test result: ok. 3 passed; 0 failed; 1 ignored; …` (Rust's tests,
    /// native or not) or `ℹ pass 3` (Node's). Other lines say nothing.
    pub(super) fn read(&mut self, line: &str) {
        let line = plain(line);
        if let Some((_, summary)) = line.split_once("test result: ") {
            for part in summary.split([';', '.']) {
                match part.split_whitespace().collect::<Vec<_>>().as_slice() {
                    [count, "passed"] => self.passed += number(count),
                    [count, "failed"] => self.failed += number(count),
                    [count, "ignored"] => self.skipped += number(count),
                    _ => {}
                }
            }
        } else if let Some(summary) = line.strip_prefix("ℹ ") {
            match summary.split_whitespace().collect::<Vec<_>>().as_slice() {
                ["pass", count] => self.passed += number(count),
                ["fail" | "cancelled", count] => self.failed += number(count),
                ["skipped" | "todo", count] => self.skipped += number(count),
                _ => {}
            }
        }
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
        self.unsteady += other.unsteady;
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(f, ", {} skipped", self.skipped)?;
        }
        if self.unsteady > 0 {
            write!(f, ", {} only at the second run", self.unsteady)?;
        }
        Ok(())
    }
}

fn number(text: &str) -> u32 {
    text.parse().unwrap_or_default()
}

/// The line without colours.
fn plain(line: &str) -> String {
    let mut parts = line.split('\x1b');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push_str(part.split_once('m').map_or("", |(_, rest)| rest));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str]) -> Counts {
        let mut counts = Counts::default();
        lines.iter().for_each(|line| counts.read(line));
        counts
    }

    #[test]
    fn adds_up_what_test_programs_print() {
        let counts = read(&[
            "running 3 tests",
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            "test result: \x1b[31mFAILED\x1b[0m. 2 passed; 4 failed; 0 ignored; 0 filtered out; finished in 0.15s",
            "\x1b[34mℹ pass 5\x1b[39m",
            "ℹ fail 1",
            "ℹ cancelled 1",
            "ℹ skipped 2",
        ]);
        assert_eq!(counts, Counts { passed: 10, failed: 6, skipped: 3, unsteady: 0 });
    }

    #[test]
    fn other_lines_say_nothing() {
        assert_eq!(read(&["pass 5", "it passed 3 times; 2 failed", "ℹ duration_ms 77", ""]), Counts::default());
    }

    #[test]
    fn the_second_run_decides_and_is_told_of() {
        let first = Counts { passed: 8, failed: 2, ..Counts::default() };
        let second = |failed| Counts { passed: 3, failed, ..Counts::default() };
        assert_eq!(first.after(second(0)).to_string(), "10 passed, 0 failed, 2 only at the second run");
        assert_eq!(first.after(second(1)).to_string(), "9 passed, 1 failed, 1 only at the second run");
        assert_eq!(first.after(second(2)).to_string(), "8 passed, 2 failed");
    }

    #[test]
    fn says_skipped_only_when_something_was() {
        assert_eq!(Counts::SUCCESS.to_string(), "1 passed, 0 failed");
        assert_eq!(Counts { skipped: 2, ..Counts::SUCCESS }.to_string(), "1 passed, 0 failed, 2 skipped");
    }
}
