//! The map of the project draws the states of a session as they are.

use std::fs;
use std::path::Path;

use simulation::{chaos, states};

/// So many schedules, of the seeds from 0 on: more add nothing.
const SCHEDULES: u64 = 1_500;

#[test]
fn the_states_are_drawn_as_they_follow_on_each_other() {
    let seen = states::seen_in(|| {
        for seed in 0..SCHEDULES {
            chaos::schedule(seed, None, false).unwrap();
        }
    });
    let drawn = states::diagrams(&seen);
    let map = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ARCHITECTURE.md");
    let text = fs::read_to_string(map).unwrap();
    let (_, rest) = text.split_once("<!-- states -->").unwrap();
    let (there, _) = rest.split_once("<!-- /states -->").unwrap();
    assert!(there.trim() == drawn.trim(), "between the marks `states`, ARCHITECTURE.md must have:\n{drawn}");
}
