//! The bill of materials, for those who look after what they install: CycloneDX 1.6 in JSON, without a date or a number of
//! its own, so that two builds of the same sources have the same.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::crates::Crate;
use crate::workspace::VERSION;

/// Writes the bill of a package of npm that consists of these crates.
pub(super) fn write(package: &str, crates: &[Crate], path: &Path) -> Result<()> {
    let text = serde_json::to_string_pretty(&bill(package, crates))?;
    fs::write(path, text + "\n").with_context(|| format!("cannot write {}", path.display()))
}

fn bill(package: &str, crates: &[Crate]) -> Value {
    let own = format!("pkg:npm/{package}@{VERSION}");
    let parts: Vec<_> = crates.iter().map(component).collect();
    let depends_on: Vec<_> = crates.iter().map(address).collect();
    json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {
            "type": "library", "bom-ref": own, "name": package, "version": VERSION, "purl": own,
            "licenses": [{"expression": "MIT OR Apache-2.0"}],
        }},
        "components": parts,
        "dependencies": [{"ref": own, "dependsOn": depends_on}],
    })
}

fn component(part: &Crate) -> Value {
    let purl = address(part);
    // Some crates still write "MIT/Apache-2.0".
    let license = part.license.replace('/', " OR ");
    json!({"type": "library", "bom-ref": purl, "name": part.name, "version": part.version, "purl": purl,
        "licenses": [{"expression": license}]})
}

/// A package's address, by which databases of vulnerabilities know it.
fn address(part: &Crate) -> String {
    format!("pkg:cargo/{}@{}", part.name, part.version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_crate_is_named_with_its_licence_and_the_address_that_databases_know_it_by() {
        let part = Crate {
            name: "x".to_owned(),
            version: "1.2.3".to_owned(),
            license: "MIT/Apache-2.0".to_owned(),
            authors: Vec::new(),
            folder: "/nowhere".into(),
        };
        let bill = bill("own", &[part]);
        assert_eq!(bill["components"][0]["purl"], "pkg:cargo/x@1.2.3");
        assert_eq!(bill["components"][0]["licenses"][0]["expression"], "MIT OR Apache-2.0");
        assert_eq!(bill["dependencies"][0]["dependsOn"], json!(["pkg:cargo/x@1.2.3"]));
        assert_eq!(bill["metadata"]["component"]["purl"], format!("pkg:npm/own@{VERSION}"));
    }
}
