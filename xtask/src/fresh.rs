//! What need not be made again: a step whose inputs and outputs are as they were when it last went well.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use anyhow::{Context as _, Result};

use crate::say;
use crate::workspace::Workspace;

/// Runs `make`, unless `from` (files and folders) and what it has made of them, `into`, are unchanged since.
pub(crate) fn made(
    workspace: &Workspace,
    name: &str,
    from: &[PathBuf],
    into: &[PathBuf],
    make: impl FnOnce() -> Result<()>,
) -> Result<()> {
    let stamp = workspace.path("target/fresh").join(name);
    // This program decides how things are made, so it is an input as well.
    let inputs = digest(from)? ^ OWN.context("cannot look at this program")?;
    let text = |outputs: u64| format!("{inputs:016x} {outputs:016x}\n");
    if into.iter().all(|path| path.exists())
        && fs::read_to_string(&stamp).is_ok_and(|last| digest(into).is_ok_and(|outputs| last == text(outputs)))
    {
        say::step(&format!("{name}: as it was"));
        return Ok(());
    }
    fs::remove_file(&stamp).ok();
    make()?;
    fs::create_dir_all(workspace.path("target/fresh")).context("cannot make target/fresh")?;
    fs::write(&stamp, text(digest(into)?)).with_context(|| format!("cannot write {}", stamp.display()))
}

/// Of names and contents, in an order that does not depend on the file system.
fn digest(paths: &[PathBuf]) -> Result<u64> {
    let mut hasher = DefaultHasher::new();
    paths.iter().try_for_each(|path| add(path, &mut hasher))?;
    Ok(hasher.finish())
}

fn add(path: &Path, hasher: &mut DefaultHasher) -> Result<()> {
    path.hash(hasher);
    if path.is_dir() {
        let entries = fs::read_dir(path).with_context(|| format!("cannot read {}", path.display()))?;
        let mut inner = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
        inner.sort();
        return inner.iter().try_for_each(|path| add(path, hasher));
    }
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))?.hash(hasher);
    Ok(())
}

/// When this program was built, and how long it is: it is too large to be read each time. Asked for when it starts, since its
/// own tests build it anew while it runs.
static OWN: LazyLock<Option<u64>> = LazyLock::new(|| {
    let about = fs::metadata(std::env::current_exe().ok()?).ok()?;
    let mut hasher = DefaultHasher::new();
    (about.len(), about.modified().ok()?).hash(&mut hasher);
    Some(hasher.finish())
});

/// Goes before anything that could build this program anew.
pub(crate) fn look_at_this_program() {
    LazyLock::force(&OWN);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("propusk-fresh-{}-{name}", std::process::id()));
        fs::create_dir_all(folder.join("inner")).unwrap();
        folder
    }

    #[test]
    fn content_names_and_absence_count() {
        let folder = folder("digest");
        let all = [folder.clone()];
        fs::write(folder.join("inner/a"), "1").unwrap();
        let first = digest(&all).unwrap();
        assert_eq!(digest(&all).unwrap(), first);
        fs::write(folder.join("inner/a"), "2").unwrap();
        assert_ne!(digest(&all).unwrap(), first);
        fs::write(folder.join("inner/a"), "1").unwrap();
        assert_eq!(digest(&all).unwrap(), first);
        fs::rename(folder.join("inner/a"), folder.join("inner/b")).unwrap();
        assert_ne!(digest(&all).unwrap(), first);
        assert!(digest(&[folder.join("none")]).is_err());
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_step_runs_again_when_what_it_reads_or_has_made_changes_and_after_a_failure() {
        let folder = folder("step");
        let workspace = Workspace::at(&folder);
        let (from, into) = (folder.join("from"), folder.join("into"));
        fs::write(&from, "1").unwrap();
        let mut runs = 0;
        let mut step = |works: bool| {
            let before = runs;
            let result = made(&workspace, "step", std::slice::from_ref(&from), std::slice::from_ref(&into), || {
                runs += 1;
                fs::copy(&from, &into)?;
                anyhow::ensure!(works, "broken");
                Ok(())
            });
            (result.is_ok(), runs > before)
        };
        assert_eq!(step(true), (true, true));
        assert_eq!(step(true), (true, false));
        fs::write(&from, "2").unwrap();
        assert_eq!(step(false), (false, true));
        assert_eq!(step(true), (true, true));
        assert_eq!(step(true), (true, false));
        fs::write(&into, "spoilt").unwrap();
        assert_eq!(step(true), (true, true));
        fs::remove_file(&into).unwrap();
        assert_eq!(step(true), (true, true));
        fs::remove_dir_all(folder).unwrap();
    }
}
