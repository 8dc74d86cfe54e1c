//! The compiler's target for WebAssembly.

use std::path::Path;

use anyhow::{Context as _, Result};

use crate::workspace::Workspace;
use crate::{process, say};

pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// Adds the target when the toolchain does not have it.
pub(crate) fn wasm_target(workspace: &Workspace) -> Result<()> {
    let sysroot = process::read(workspace.command("rustc").args(["--print", "sysroot"]))?;
    if Path::new(sysroot.trim()).join("lib/rustlib").join(WASM).is_dir() {
        return Ok(());
    }
    say::step(&format!("adding the Rust target {WASM}"));
    process::run(workspace.command("rustup").args(["target", "add", WASM]))
        .with_context(|| format!("this toolchain cannot compile to WebAssembly: give it the target {WASM}"))
}
