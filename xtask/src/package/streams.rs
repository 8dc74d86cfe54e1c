//! The module that puts the others together from texts: nothing of JavaScript's is in it, and it needs no glue.

use std::path::Path;

use anyhow::Result;

use super::module::{self, WasmModule};
use crate::workspace::{Workspace, empty_folder};
use crate::{fresh, process, say};

/// It has no word of a panic that could be taken out, and so nothing is to be written down for that.
pub(crate) const STREAMS: WasmModule = {
    let mut streams = module::small("streams", "propusk-streams");
    streams.formats = true;
    streams
};

/// Makes `module.wasm` in the folder `out`.
pub(super) fn published(workspace: &Workspace, out: &Path) -> Result<()> {
    let mut from = ["modules/streams", "Cargo.toml", "package-lock.json"].map(|name| workspace.path(name)).to_vec();
    from.push(module::compiler(workspace)?);
    let into = [out.join("module.wasm")];
    fresh::made(workspace, STREAMS.name, &from, &into, || {
        let compiled = module::compile(workspace, &STREAMS, &workspace.target(), "symbols")?;
        empty_folder(out)?;
        let mut wasm_opt = workspace.node("node_modules/binaryen/bin/wasm-opt");
        wasm_opt.args(["--all-features", "--flatten", "--rereloop", "-Os", "-Os"]);
        wasm_opt.args(["--strip-target-features", "--strip-debug", "--strip-producers"]);
        wasm_opt.arg(compiled).arg("-o").args(&into);
        say::timed("optimizing the module", || process::run(&mut wasm_opt))
    })
}
