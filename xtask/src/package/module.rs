//! From Rust to an optimized module: compile, generate the glue, optimize.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Context as _, Result};
use walrus::Module;
use wasm_bindgen_cli_support::Bindgen;

use super::glue::{self, Renames};
use super::{exports, first, places, split, traps, unused};
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
    /// Where it is cut in two: what the rest of it is called, a folder beside its own.
    rest: Option<&'static str>,
}

/// All that the package consists of: the engine, which every client has, and what only some need.
pub(crate) const MODULES: &[WasmModule] = &[ENGINE, EXTRAS, WHOLE, RELAY];

/// The module of every client.
pub(crate) const ENGINE: WasmModule = {
    let mut engine = small("engine", "propusk");
    engine.rest = Some("rest");
    engine
};

/// The module of the package `propusk-sandbox`, which no page loads.
pub(crate) const SANDBOX: WasmModule = WasmModule {
    name: "sandbox",
    library: "sandbox-module",
    profile: "sandbox",
    passes: &["-O0"],
    formats: true,
    rest: None,
};

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
    WasmModule { name, library, profile: "release", passes: SMALLEST, formats: false, rest: None }
}

/// Makes a module as published, `module.wasm`, with its glue, `glue.js`, in the folder `out`.
pub(crate) fn published(workspace: &Workspace, module: &WasmModule, out: &Path) -> Result<()> {
    let mut from =
        ["src", "modules", "Cargo.toml", "Cargo.lock", "package-lock.json"].map(|name| workspace.path(name)).to_vec();
    if module.name == SANDBOX.name {
        from.push(workspace.path("sandbox"));
    }
    from.push(compiler(workspace)?);
    let mut into = ["module.wasm", "glue.js", "glue.d.ts"].map(|name| out.join(name)).to_vec();
    into.extend(module.rest.map(|rest| out.with_file_name(rest).join("module.wasm")));
    if module.rest.is_some() {
        from.push(workspace.path("pkg-template"));
    }
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
    generate(compiled, module, out, false)?;
    let generated = out.join(format!("{GENERATED}.js"));
    let text = fs::read_to_string(&generated).with_context(|| format!("cannot read {}", generated.display()))?;
    let whole = out.join(format!("{GENERATED}_bg.wasm"));

    // The features have done their work when all passes are over.
    let passes = [&["--low-memory-unused"], module.passes, &["--strip-target-features"]].concat();
    // Short names for what module and glue call each other.
    let short = [&passes[..], &["--minify-imports-and-exports-and-modules"]].concat();
    let into = out.join("module.wasm");
    let renames = if let Some(rest) = module.rest {
        let bytes = fs::read(&whole).with_context(|| format!("cannot read {}", whole.display()))?;
        let ran = first::ran(workspace, &bytes, &glue::function(&text, false)?, out)?;
        let linked = fs::read(compiled).with_context(|| format!("cannot read {}", compiled.display()))?;
        let halves = split::split(&bytes, &linked, &ran)?;
        fs::write(&whole, &halves.first)?;
        let mut renames = Renames::parse(&optimize(workspace, &whole, &into, &short)?)?;
        let bytes = fs::read(&into).with_context(|| format!("cannot read {}", into.display()))?;
        let (ordered, names) = exports::ordered(&bytes)?;
        fs::write(&into, ordered)?;
        renames.exports.values_mut().for_each(|name| *name = names.get(name).cloned().unwrap_or_default());
        let out = out.with_file_name(rest);
        empty_folder(&out)?;
        let generated = out.join(format!("{GENERATED}.wasm"));
        fs::write(&generated, split::renamed(&halves.rest, &renames.exports, &renames.calls)?)?;
        optimize(workspace, &generated, &out.join("module.wasm"), &passes)?;
        renames
    } else {
        Renames::parse(&optimize(workspace, &whole, &into, &short)?)?
    };

    fs::write(out.join("glue.js"), glue::rewrite(&text, &renames)?)?;
    fs::write(out.join("glue.d.ts"), glue::declarations(&text, GENERATED, module.rest.is_some()))?;
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
    say::timed("optimizing the module, names kept", || {
        let from = out.join(format!("{GENERATED}_bg.wasm"));
        optimize(workspace, &from, &out.join("module.wasm"), &[SMALLEST, &["-g"]].concat())
    })?;
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

/// Gives what the passes report.
fn optimize(workspace: &Workspace, from: &Path, into: &Path, passes: &[&str]) -> Result<String> {
    let mut wasm_opt = workspace.node("node_modules/binaryen/bin/wasm-opt");
    wasm_opt.args(passes).arg(from).arg("-o").arg(into);
    process::read(&mut wasm_opt)
}
