//! The list of rules and the tests that show them.

use std::fs;
use std::path::Path;

#[test]
fn each_rule_names_tests_that_there_are() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/engine");
    let rules = fs::read_to_string(folder.join("RULES.md")).unwrap();
    let named: Vec<_> = rules.split('`').filter_map(|text| text.split_once("::")).collect();
    assert!(named.len() > 100);
    for (module, name) in named {
        let source = fs::read_to_string(folder.join(format!("{module}.rs"))).unwrap_or_default();
        assert!(source.contains(&format!("#[test]\nfn {name}() {{")), "{module}::{name}");
    }
    let rows = rules.lines().filter(|line| line.starts_with("| ") && *line != "| rule | test |");
    for row in rows {
        assert!(row.contains("::") || row.contains("the checker of invariants"), "no test shows it: {row}");
    }
}
