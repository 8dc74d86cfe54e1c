//! What the package weighs, and why.

mod crates;
mod table;

use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::package::module;
use crate::workspace::Workspace;
use crate::{package, process, say};
use table::Table;

/// Crates shown by name; the rest are one line.
const SHOWN: usize = 15;

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
        let parameters = brotli::enc::BrotliEncoderParams {
            quality: 11,
            lgwin: 22,
            ..Default::default()
        };
        brotli::BrotliCompress(&mut &*bytes, &mut brotli, &parameters)?;
        Ok(Self {
            raw: bytes.len(),
            gzip: gzip.finish()?.len(),
            brotli: brotli.len(),
        })
    }

    fn row(self) -> [String; 3] {
        [self.raw, self.gzip, self.brotli].map(|bytes| bytes.to_string())
    }
}

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let package = package::build(workspace)?;
    let dist = package.folder.join("dist");
    let module = weigh(&dist.join("module.wasm"))?;
    let first = weigh(&dist.join("index.js"))?;
    let second = weigh(&dist.join("core.js"))?;
    let glue = Weight::of(&minified_glue(workspace)?)?;

    println!("\nWhat a page loads, in bytes:\n");
    let mut table = Table::new(["", "raw", "gzip -9", "brotli"]);
    table.row("before `create`: index.js", first.row());
    table.row("after `create`: core.js, module as base64", second.row());
    table.row("  the module as it is (propusk/slim)", module.row());
    table.row("  the glue, minified", glue.row());
    table.row("module and glue together", sum(module, glue).row());
    table.print();

    let named = module::named(workspace, &workspace.path("target/size/glue"))?;
    let parts = crates::parts(&fs::read(&named).with_context(|| format!("cannot read {}", named.display()))?)?;
    let all: usize = parts.iter().map(|part| part.bytes).sum();
    println!("\nWhat the module consists of, in bytes before compression (names kept, else the same build):\n");
    let mut table = Table::new(["", "bytes", "%", "functions"]);
    let percent = |bytes: usize| format!("{:.1}", 100.0 * bytes as f64 / all.max(1) as f64);
    for part in parts.iter().take(SHOWN) {
        table.row(
            &part.name,
            [part.bytes.to_string(), percent(part.bytes), part.functions.to_string()],
        );
    }
    let rest = parts.iter().skip(SHOWN);
    let (bytes, functions) = rest.fold((0, 0), |(bytes, functions), part| {
        (bytes + part.bytes, functions + part.functions)
    });
    table.row(
        "everything else",
        [bytes.to_string(), percent(bytes), functions.to_string()],
    );
    table.print();
    Ok(())
}

fn weigh(file: &Path) -> Result<Weight> {
    Weight::of(&fs::read(file).with_context(|| format!("cannot read {}", file.display()))?)
}

/// Apart: nobody serves two files as one stream.
fn sum(a: Weight, b: Weight) -> Weight {
    Weight {
        raw: a.raw + b.raw,
        gzip: a.gzip + b.gzip,
        brotli: a.brotli + b.brotli,
    }
}

fn minified_glue(workspace: &Workspace) -> Result<Vec<u8>> {
    let mut esbuild = workspace.node("node_modules/esbuild/bin/esbuild");
    esbuild.arg(workspace.path("target/glue/glue.js"));
    esbuild.args([
        "--bundle",
        "--format=esm",
        "--minify",
        "--legal-comments=none",
        "--charset=utf8",
    ]);
    let glue = say::timed("minifying the glue", || process::read(&mut esbuild))?;
    Ok(glue.into_bytes())
}
