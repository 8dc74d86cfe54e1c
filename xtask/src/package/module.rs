//! From Rust to an optimized module: compile, generate the glue, optimize.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Context as _, Result};
use walrus::Module;
use wasm_bindgen_cli_support::Bindgen;

use super::glue::{self, Renames};
use super::{places, traps, unused};
use crate::setup::WASM;
use crate::workspace::{Workspace, empty_folder};
use crate::{fresh, process, say};

/// What the generator calls its files.
const GENERATED: &str = "generated";

/// One of the package's modules: a library whose exports JavaScript calls.
pub(crate) struct WasmModule {
    /// What the package's scripts call it: `#<name>/glue` and `#<name>/module.wasm`.
    pub(crate) name: &'static str,
    /// The library.
    pub(crate) library: &'static str,
    /// How it is compiled, and what the optimizer is asked for then.
    profile: &'static str,
    passes: &'static [&'static str],
    /// Whether it formats anything: if not, only panics would, and their words can go.
    pub(super) formats: bool,
}

/// All that the package consists of: the engine, which every client has, and what only some need.
pub(crate) const MODULES: &[WasmModule] = &[ENGINE, EXTRAS, WHOLE, RELAY];

/// The module of every client.
pub(crate) const ENGINE: WasmModule = small("engine", "propusk");

/// The module of the package `propusk-sandbox`, which no page loads.
pub(crate) const SANDBOX: WasmModule =
    WasmModule { name: "sandbox", library: "sandbox-module", profile: "sandbox", passes: &["-O0"], formats: true };

/// What stands between pages and a provider, on a server.
const RELAY: WasmModule = small("relay", "propusk-relay");

/// What only some clients need.
const EXTRAS: WasmModule = small("extras", "propusk-extras");

/// Both in one.
const WHOLE: WasmModule = small("whole", "propusk-whole");

/// Loops and conditions made anew out of what they jump to are fewer, and more alike.
const SMALLEST: &[&str] = &["--flatten", "--rereloop", "-Oz", "-Oz"];

/// As small as it gets.
pub(super) const fn small(name: &'static str, library: &'static str) -> WasmModule {
    WasmModule { name, library, profile: "release", passes: SMALLEST, formats: false }
}

/// Makes a module as published, `module.wasm`, with its glue, `glue.js`, in the folder `out`.
pub(crate) fn published(workspace: &Workspace, module: &WasmModule, out: &Path) -> Result<()> {
    let mut from =
        ["src", "modules", "Cargo.toml", "Cargo.lock", "package-lock.json"].map(|name| workspace.path(name)).to_vec();
    if module.name == SANDBOX.name {
        from.push(workspace.path("sandbox"));
    }
    from.push(compiler(workspace)?);
    let into = ["module.wasm", "glue.js", "glue.d.ts"].map(|name| out.join(name));
    // Cargo is not asked: it takes the libraries of one module for another's that are out of date.
    fresh::made(workspace, module.name, &from, &into, || {
        let compiled = compile(workspace, module, &workspace.target(), "debuginfo")?;
        finish(workspace, module, &compiled, out)
    })
}

/// A file that says which compiler this is.
pub(super) fn compiler(workspace: &Workspace) -> Result<PathBuf> {
    let version = process::read(workspace.command("rustc").arg("-vV"))?;
    let file = workspace.target().join("fresh/compiler");
    fs::create_dir_all(workspace.target().join("fresh")).context("cannot make target/fresh")?;
    if fs::read_to_string(&file).ok().as_ref() != Some(&version) {
        fs::write(&file, version).with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(file)
}

/// Everything that follows the compiler.
fn finish(workspace: &Workspace, module: &WasmModule, compiled: &Path, out: &Path) -> Result<()> {
    let start = Instant::now();
    generate(compiled, module, out, true)?;
    // Short names for what module and glue call each other. The features have done their work when all passes are over.
    let mut passes = vec!["--low-memory-unused"];
    passes.extend(module.passes);
    passes.extend(["--minify-imports-and-exports-and-modules", "--strip-target-features"]);
    let renames = optimize(workspace, out, &passes)?;

    let generated = out.join(format!("{GENERATED}.js"));
    let text = fs::read_to_string(&generated).with_context(|| format!("cannot read {}", generated.display()))?;
    fs::write(out.join("glue.js"), glue::rewrite(&text, &Renames::parse(&renames)?)?)?;
    fs::write(out.join("glue.d.ts"), glue::declarations(&text, GENERATED))?;
    say::step(&format!(
        "module {} has its glue and is optimized ({:.1} s)",
        module.name,
        start.elapsed().as_secs_f32()
    ));
    Ok(())
}

/// The engine with the names of its functions, in the folder `out`: to see what its size consists of.
pub(crate) fn named(workspace: &Workspace, out: &Path) -> Result<PathBuf> {
    let compiled = compile(workspace, &ENGINE, &workspace.path("target/size"), "none")?;
    say::timed("generating the glue, names kept", || generate(&compiled, &ENGINE, out, false))?;
    say::timed("optimizing the module, names kept", || optimize(workspace, out, &[SMALLEST, &["-g"]].concat()))?;
    Ok(out.join("module.wasm"))
}

/// One at a time: they share a folder.
static COMPILER: Mutex<()> = Mutex::new(());

/// Compiles a library alone: as one of several crate types it would not be optimized as a whole.
pub(super) fn compile(workspace: &Workspace, module: &WasmModule, target: &Path, strip: &str) -> Result<PathBuf> {
    let _alone = COMPILER.lock().unwrap_or_else(PoisonError::into_inner);
    say::step(&format!("compiling a module: {}", module.name));
    let mut cargo = workspace.cargo("rustc");
    cargo.args([
        "--package",
        module.library,
        "--lib",
        "--crate-type",
        "cdylib",
        "--profile",
        module.profile,
        "--target",
        WASM,
    ]);
    cargo.arg("--config").arg(format!("target.{WASM}.rustflags={:?}", short_paths()?));
    cargo.env("CARGO_TARGET_DIR", target).env("CARGO_PROFILE_RELEASE_STRIP", strip);
    if !module.formats {
        // For `unused`.
        cargo.args(["--", "-Clink-arg=--emit-relocs"]);
    }
    process::run(&mut cargo)?;
    Ok(target.join(WASM).join(module.profile).join(module.library.replace('-', "_")).with_extension("wasm"))
}

/// Flags that leave this machine's folders out of the module, which names the source files of possible panics.
fn short_paths() -> Result<Vec<String>> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(std::env::home_dir()?.join(".cargo")));
    let sources = home.context("no home folder: set CARGO_HOME")?.join("registry/src");
    let registries = fs::read_dir(&sources).into_iter().flatten().flatten();
    Ok(registries.map(|registry| format!("--remap-path-prefix={}/=", registry.path().display())).collect())
}

/// Writes `generated_bg.wasm`, `generated.js` and `generated.d.ts`.
fn generate(compiled: &Path, module: &WasmModule, out: &Path, strip_names: bool) -> Result<()> {
    empty_folder(out)?;
    let linked = fs::read(compiled).with_context(|| format!("cannot read {}", compiled.display()))?;
    let mut compiled = Module::from_buffer(&linked).context("cannot read the compiled module")?;
    if !module.formats {
        traps::make(&mut compiled)?;
        places::forget(&mut compiled);
        unused::forget(&linked, traps::is_way, &mut compiled)?;
    }
    Bindgen::new()
        .input_module(GENERATED, compiled)
        .web(true)?
        .omit_default_module_path(true)
        .typescript(true)
        .remove_name_section(strip_names)
        .demangle(false)
        .remove_producers_section(true)
        .generate(out)
        .context("cannot generate the glue")
}

/// Writes `module.wasm`; what the passes report is returned.
fn optimize(workspace: &Workspace, out: &Path, passes: &[&str]) -> Result<String> {
    let mut wasm_opt = workspace.node("node_modules/binaryen/bin/wasm-opt");
    wasm_opt.args(passes).arg(out.join(format!("{GENERATED}_bg.wasm"))).arg("-o").arg(out.join("module.wasm"));
    process::read(&mut wasm_opt)
}
