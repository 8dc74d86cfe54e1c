//! Which states of each region follow on which, as they were seen: the map of the project draws them.

use std::cell::RefCell;
use std::collections::BTreeSet;

/// The states of all regions at once, by region.
pub type States = [(&'static str, &'static str); 6];

/// A region, a state of it, and one that came next.
pub type Step = (&'static str, &'static str, &'static str);

thread_local! {
    static SEEN: RefCell<Option<BTreeSet<Step>>> = const { RefCell::new(None) };
}

/// What `run` makes the sessions of this thread go through.
pub fn seen_in(run: impl FnOnce()) -> BTreeSet<Step> {
    SEEN.set(Some(BTreeSet::new()));
    run();
    SEEN.take().unwrap_or_default()
}

/// One step of a session.
pub(crate) fn saw(before: &States, after: &States) {
    SEEN.with_borrow_mut(|seen| {
        let Some(seen) = seen else { return };
        let steps = before.iter().zip(after).filter(|(before, after)| before.1 != after.1);
        seen.extend(steps.map(|(before, after)| (before.0, before.1, after.1)));
    });
}

/// The diagrams, one a region.
pub fn diagrams(seen: &BTreeSet<Step>) -> String {
    let mut text = String::new();
    for region in ["Lifecycle", "Account", "Renewal", "Login", "Store", "Lock"] {
        let steps = seen.iter().filter(|(of, ..)| *of == region);
        let lines: String = steps.map(|(_, from, to)| format!("    {from} --> {to}\n")).collect();
        text.push_str(&format!("\n### {region}\n\n```mermaid\nstateDiagram-v2\n{lines}```\n"));
    }
    text
}
