//! What the package weighs, and why.

mod crates;
mod table;

use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::package::module;
use crate::workspace::Workspace;
use crate::{bench, package, process};

use crates::Content;
use table::Table;

/// How many are shown, of each kind.
const CRATES: usize = 12;
const FUNCTIONS: usize = 25;
/// Longest name that is shown whole.
const NAME: usize = 100;

/// Bytes as they are, and as a server sends them.
#[derive(Clone, Copy)]
struct Weight {
    raw: usize,
    gzip: usize,
    brotli: usize,
}

impl Weight {
    fn of(bytes: &[u8]) -> Result<Self> {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        gzip.write_all(bytes)?;
        let mut brotli = Vec::new();
        let parameters = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
        brotli::BrotliCompress(&mut &*bytes, &mut brotli, &parameters)?;
        Ok(Self { raw: bytes.len(), gzip: gzip.finish()?.len(), brotli: brotli.len() })
    }

    fn row(self) -> [String; 3] {
        [self.raw, self.gzip, self.brotli].map(|bytes| bytes.to_string())
    }
}

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let package = package::build(workspace)?;
    let dist = package.folder.join("dist");
    let module = weigh(&workspace.path("target/glue/engine/module.wasm"))?;
    let first = minified(workspace, &dist.join("index.js"))?;
    let second = weigh(&dist.join("core.js"))?;
    let third = weigh(&dist.join("rest.js"))?;
    let glue = minified(workspace, &workspace.path("target/glue/engine/glue.js"))?;

    println!("\nWhat the package consists of, in bytes:\n");
    let mut table = Table::new(["", "raw", "gzip -9", "brotli"]);
    table.row("before `create`: index.js, minified", first.row());
    table.row("after `create`: core.js, the engine's first half as text", second.row());
    table.row("  that half as it is", module.row());
    table.row("  the glue, minified", glue.row());
    table.row("behind the first token: rest.js, the other half", third.row());
    table.row("for sessions that are kept: keeping.js", weigh(&dist.join("keeping.js"))?.row());
    table.row("for profiles of one's own: extras.js", weigh(&dist.join("extras.js"))?.row());
    table.row("all in one: module.wasm (propusk/slim)", weigh(&dist.join("module.wasm"))?.row());
    table.print();
    bench::weigh(workspace, &package)?;

    let named = module::named(workspace, &workspace.path("target/size/glue"))?;
    let module = fs::read(&named).with_context(|| format!("cannot read {}", named.display()))?;
    explain(&Content::read(&module)?);
    Ok(())
}

/// The heaviest crates and functions.
fn explain(content: &Content) {
    let all = content.functions.iter().map(|function| function.bytes).sum::<usize>() + content.constants;
    let percent = |bytes: usize| format!("{:.1}", 100.0 * bytes as f64 / all.max(1) as f64);
    println!("\nWhat the module consists of, in bytes before compression (names kept, else the same build):\n");
    let mut table = Table::new(["", "bytes", "%", "functions"]);
    for (name, part) in content.crates().into_iter().take(CRATES) {
        table.row(name, [part.bytes.to_string(), percent(part.bytes), part.functions.to_string()]);
    }
    table.row(
        "(constants: texts and tables)",
        [content.constants.to_string(), percent(content.constants), String::new()],
    );
    table.print();

    println!("\nIts heaviest functions:\n");
    for function in content.functions.iter().take(FUNCTIONS) {
        let name: String = function.name.chars().take(NAME).collect();
        println!("  {:>7}  {:>4} %  {name}", function.bytes, percent(function.bytes));
    }
}

fn weigh(file: &Path) -> Result<Weight> {
    Weight::of(&fs::read(file).with_context(|| format!("cannot read {}", file.display()))?)
}

/// A script as the user's bundler makes it.
fn minified(workspace: &Workspace, script: &Path) -> Result<Weight> {
    let mut esbuild = workspace.node("node_modules/esbuild/bin/esbuild");
    esbuild.arg(script).args(["--format=esm", "--minify", "--legal-comments=none"]);
    Weight::of(process::read(&mut esbuild)?.as_bytes())
}
