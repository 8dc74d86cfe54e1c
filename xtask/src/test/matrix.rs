//! The table of what ran in which browser engine, in the documents: `docs/browsers.md` and its Russian sister.

use std::collections::BTreeMap;
use std::fs;
use std::thread::available_parallelism;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};

use super::engines::FILES;
use crate::workspace::Workspace;

/// What ran in one engine.
pub(super) struct Column {
    /// Its name and version.
    pub(super) engine: String,
    /// How many tests of each file, by its path, passed, failed and were skipped.
    pub(super) cells: BTreeMap<String, [u32; 3]>,
}

const BEGIN: &str = "<!-- written by `cargo xtask test engines` -->\n";
const END: &str = "<!-- to here -->\n";

/// Reads lines like `pass tests/browser/tabs.test.mjs`.
pub(super) fn cells(told: &str) -> BTreeMap<String, [u32; 3]> {
    let mut cells = BTreeMap::<String, [u32; 3]>::new();
    for (outcome, file) in told.lines().filter_map(|line| line.split_once(' ')) {
        let [passed, failed, skipped] = cells.entry(file.to_owned()).or_default();
        match outcome {
            "pass" => *passed += 1,
            "skip" => *skipped += 1,
            _ => *failed += 1,
        }
    }
    cells
}

/// Puts the columns into the documents, in the place of those of the same engines; the others stay as they are.
pub(super) fn write(workspace: &Workspace, columns: &[Column]) -> Result<()> {
    for (document, russian) in [("docs/browsers.md", false), ("docs/browsers.ru.md", true)] {
        let path = workspace.path(document);
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {document}"))?;
        let (before, rest) =
            text.split_once(BEGIN).with_context(|| format!("{document} has no place for the table"))?;
        let (old, after) = rest.split_once(END).with_context(|| format!("the table of {document} has no end"))?;
        let table = table(old, columns, russian, &machine());
        fs::write(&path, format!("{before}{BEGIN}{table}{END}{after}"))
            .with_context(|| format!("cannot write {document}"))?;
    }
    Ok(())
}

fn table(old: &str, columns: &[Column], russian: bool, run_on: &str) -> String {
    let mut lines = vec![vec![String::new()], vec![if russian { "прогон" } else { "run" }.to_owned()]];
    lines.extend(FILES.iter().map(|&(file, english, its)| {
        let stem = file.rsplit('/').next().and_then(|name| name.split('.').next()).unwrap_or(file);
        vec![format!("{} (`{stem}`)", if russian { its } else { english })]
    }));
    let mut all = BTreeMap::from_iter(read(old));
    for Column { engine, cells } in columns {
        let mut column = vec![engine.clone(), run_on.to_owned()];
        column.extend(FILES.iter().map(|(file, ..)| cell(cells.get(*file), russian)));
        all.insert(family(engine).to_owned(), column);
    }
    for column in all.into_values() {
        for (line, cell) in lines.iter_mut().zip(column.into_iter().chain(std::iter::repeat("—".to_owned()))) {
            line.push(cell);
        }
    }
    let rule = format!("|{}\n", "---|".repeat(lines.first().map_or(0, Vec::len)));
    let mut lines = lines.into_iter().map(|cells| format!("| {} |\n", cells.join(" | ")));
    let head = lines.next().unwrap_or_default();
    format!("{head}{rule}{}", lines.collect::<String>())
}

/// An engine without its version.
fn family(engine: &str) -> &str {
    engine.split(' ').next().unwrap_or(engine)
}

/// The columns of a table, by their engines.
fn read(table: &str) -> Vec<(String, Vec<String>)> {
    let cells =
        |line: &str| line.trim().trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let rows: Vec<_> = table.lines().filter(|line| !line.starts_with("|---")).map(cells).collect();
    let Some(head) = rows.first() else { return Vec::new() };
    let column = |at: usize| rows.iter().map(|row| row.get(at).cloned().unwrap_or_default()).collect();
    head.iter().enumerate().skip(1).map(|(at, engine)| (family(engine).to_owned(), column(at))).collect()
}

fn cell(counts: Option<&[u32; 3]>, russian: bool) -> String {
    let Some(&[passed, failed, skipped]) = counts else { return "—".to_owned() };
    let mut text = passed.to_string();
    let (fails, skips) = if russian { ("не прошли", "пропущены") } else { ("failed", "skipped") };
    for (count, what) in [(failed, fails), (skipped, skips)] {
        if count > 0 {
            text.push_str(&format!(", {what}: {count}"));
        }
    }
    text
}

/// The day, and on what kind of machine.
fn machine() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let (year, month, day) = date(seconds / 86_400);
    let cores = available_parallelism().map_or(1, usize::from);
    format!("{year}-{month:02}-{day:02}, {} {}, {cores} CPU", std::env::consts::OS, std::env::consts::ARCH)
}

/// The date of a day since 1970, in the Gregorian calendar.
fn date(days: u64) -> (u64, u64, u64) {
    // Years are counted from 1 March 0000: the day that leap years add is then their last.
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let of_era_year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * of_era_year + of_era_year / 4 - of_era_year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (month, more) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (era * 400 + of_era_year + more, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_their_dates() {
        for (day, it) in [(0, (1970, 1, 1)), (11_016, (2000, 2, 29)), (11_017, (2000, 3, 1)), (20_783, (2026, 11, 26))]
        {
            assert_eq!(date(day), it);
        }
    }

    #[test]
    fn a_column_takes_the_place_of_its_engines_and_the_others_stay() {
        let [(file, ..), ..] = FILES;
        let column = |engine: &str, told: &str| Column { engine: engine.to_owned(), cells: cells(told) };
        let first = table("", &[column("Chromium 150.0", &format!("pass {file}\nskip {file}"))], false, "once");
        let both = table(&first, &[column("Firefox 153.7", &format!("fail {file}"))], false, "twice");
        let newer = table(&both, &[column("Chromium 151.1", &format!("pass {file}"))], false, "later");
        let rows: Vec<_> = newer.lines().take(4).collect();
        assert_eq!(rows[0], "|  | Chromium 151.1 | Firefox 153.7 |");
        assert_eq!(rows[2], "| run | later | twice |");
        assert!(rows[3].ends_with("| 1 | 0, failed: 1 |"), "{}", rows[3]);
        assert!(first.contains("| 1, skipped: 1 |"), "{first}");
    }
}
