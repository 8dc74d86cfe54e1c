//! Fits the generated glue to the package.
//!
//! Three changes. The ways to load a module are replaced by one that takes bytes or a compiled module: where they come
//! from is the package's concern, and the generated ones fetch, warn on the console and compile synchronously, which
//! browsers forbid for larger modules. All of it becomes a function, so that an instance that has failed is followed by
//! one that has nothing in common with it: what the host still holds of the first would call into the second. It takes
//! what runs its tasks in place of the global `queueMicrotask`, which tests replace. And the names by which module and glue call each other, long and full of digests that no compression shortens, become those
//! that the optimizer gave them.
//!
//! Where a module was cut in two, the glue of the first half also has stand-ins for the functions of the rest, and what brings
//! that in.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use super::split::REST;

const INSTANTIATE: &str = "\
async function instantiate(source) {
    const made = await WebAssembly.instantiate(source, __wbg_get_imports());
    __wbg_finalize_init(made.instance ?? made, made.module ?? source);
    return wasmModule;
}
";

/// What a module that was cut in two has besides. A function that is missing throws `MISSING` through all that has been
/// entered; `attempt` undoes what that has done: memory above the stack's end and the table of the host's values are as before.
/// Whoever entered does so again after `complete`. The table cannot shrink, so `reserve` has it grow before.
///
/// Whoever looks on at `WebAssembly.instantiate` is to see the package's module alone; but Chromium before 114 makes no instance
/// of the rest's size otherwise.
const COMPLETE: &str = "\
const MISSING = {};
let rest;
function reserve() {
    const slots = Array.from({ length: 256 }, () => wasm.__externref_table_alloc());
    for (const slot of slots) wasm.__externref_table_dealloc(slot);
}
function attempt(enter) {
    if (rest) return enter();
    const { value } = wasm.__stack_pointer;
    const memory = new Uint8Array(wasm.memory.buffer).slice(value);
    const table = wasm.__wbindgen_externrefs;
    const values = Array.from({ length: table.length - 1024 }, (_, at) => table.get(at + 1024));
    try {
        return enter();
    } catch (error) {
        if (error === MISSING) {
            wasm.__stack_pointer.value = value;
            const now = new Uint8Array(wasm.memory.buffer);
            now.fill(0, value - 16384, value);
            now.set(memory, value);
            now.fill(0, value + memory.length);
            for (let at = 0; at < table.length - 1024; at++) table.set(at + 1024, values[at]);
        }
        throw error;
    } finally {
        memory.fill(0);
    }
}
async function complete(source) {
    const { compile, Instance, instantiate } = WebAssembly;
    const module = await compile(source);
    let made;
    try {
        made = new Instance(module, { a: wasm });
    } catch (error) {
        if (error.name !== \"RangeError\") throw error;
        made = await instantiate(module, { a: wasm });
    }
    rest = made.exports;
    wasm.__is_whole.value = 1;
}
";

/// Stand-ins for the functions of the rest, by the names that the module knows them by.
const STAND_INS: &str = "\
    for (const name of \"%\".split(\" \")) import0[name] = (...given) => {
        if (!rest) throw MISSING;
        return rest[name](...given);
    };
";

/// Where the imports are complete.
const IMPORTS_END: &str = "    return {\n        __proto__: null,\n";

/// The first and the last line of the generated ways to load.
const LOADERS: (&str, &str) = ("async function __wbg_load(", "export { initSync, __wbg_init as default };");

/// Old name -> new name, as the optimizer reports them.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Renames {
    modules: BTreeMap<String, String>,
    imports: BTreeMap<String, String>,
    pub(super) exports: BTreeMap<String, String>,
    /// Functions that the module takes from its other half.
    pub(super) calls: BTreeMap<String, String>,
}

impl Renames {
    /// Reads `{"imports": [[module, name, new], …], "exports": [[name, new], …]}`.
    pub(super) fn parse(report: &str) -> Result<Self> {
        let report: Value = serde_json::from_str(report).context("the optimizer's report is no JSON")?;
        let mut renames = Self::default();
        for import in rows(&report, "imports")? {
            let [module, name, new] = import.as_slice() else { bail!("the optimizer's report has another shape") };
            if module == REST {
                renames.calls.insert(name.clone(), new.clone());
                continue;
            }
            // All imports of the renamed module come from one.
            renames.modules.insert(module.clone(), "a".to_owned());
            renames.imports.insert(name.clone(), new.clone());
        }
        for export in rows(&report, "exports")? {
            let [name, new] = export.as_slice() else { bail!("the optimizer's report has another shape") };
            renames.exports.insert(name.clone(), new.clone());
        }
        ensure!(renames.modules.len() <= 1, "the module imports from more than its glue: {:?}", renames.modules.keys());
        Ok(renames)
    }
}

fn rows(report: &Value, key: &str) -> Result<Vec<Vec<String>>> {
    serde_json::from_value(report.get(key).cloned().unwrap_or_default())
        .with_context(|| format!("the optimizer's report has no list of {key}"))
}

/// The glue for the optimized module.
pub(super) fn rewrite(glue: &str, renames: &Renames) -> Result<String> {
    let is_cut = !renames.calls.is_empty();
    let renamed = rename(&function(glue, is_cut)?, renames)?;
    if !is_cut {
        return Ok(renamed);
    }
    ensure!(renamed.matches(IMPORTS_END).count() == 1, "the generator's glue has another shape: no end of its imports");
    let names: Vec<&str> = renames.calls.values().map(String::as_str).collect();
    Ok(renamed.replace(IMPORTS_END, &(STAND_INS.replace('%', &names.join(" ")) + IMPORTS_END)))
}

/// How the generator begins what it exports: a class or a function.
const CLASS: &str = "export class ";
const FUNCTION: &str = "export function ";

/// Declarations of what a module that was cut in two has besides.
const CUT: &str = "  \
  /** What is thrown where it comes to a function of the rest that is not there yet. */
  MISSING: unknown;
  /** Makes room for values of the host, which cannot be taken back: goes before the first attempt. */
  reserve(): void;
  /** Enters; where it throws `MISSING`, nothing has happened. */
  attempt<T>(enter: () => T): T;
  /** Brings the rest in. */
  complete(source: BufferSource): Promise<void>;
";

/// The declarations of `glue.js`, for the type check of the scripts that import it: `generated` is the name under which
/// the generator's own stand beside it.
pub(super) fn declarations(glue: &str, generated: &str, is_cut: bool) -> String {
    let mut members = String::from(if is_cut { CUT } else { "" });
    let mut types = String::new();
    for (name, is_class) in glue.lines().filter_map(exported) {
        members += &format!("  {name}: typeof made.{name};\n");
        if is_class {
            types += &format!("export type {name} = made.{name};\n");
        }
    }
    format!(
        "\
import type * as made from \"./{generated}.js\";
/** The generated code, with state of its own at each call. Its tasks are run by the function that is given. */
export function glue(queueMicrotask: (task: () => void) => void): {{
{members}  /** Starts the module; goes before every other call. Gives it compiled. */
  instantiate(source: BufferSource | WebAssembly.Module): Promise<WebAssembly.Module>;
}};
{types}"
    )
}

/// The name that a line exports, and whether it is a class's.
fn exported(line: &str) -> Option<(&str, bool)> {
    let class = line.strip_prefix(CLASS);
    let name = class.or_else(|| line.strip_prefix(FUNCTION))?.split(|c: char| !is_word(c)).next()?;
    Some((name, class.is_some()))
}

/// The generated code in a function that gives what it exports.
pub(super) fn function(glue: &str, is_cut: bool) -> Result<String> {
    let (first, last) = LOADERS;
    let (body, loaders) = glue.split_once(first).context("the generator's glue has another shape: no loader")?;
    ensure!(
        loaders.trim_end().ends_with(last),
        "the generator's glue has another shape: it does not end with its exports"
    );
    let mut names = vec!["instantiate"];
    if is_cut {
        names.extend(["MISSING", "attempt", "complete", "reserve"]);
    }
    for line in body.lines() {
        let export = exported(line);
        ensure!(
            export.is_some() || !line.starts_with("export ") && !line.starts_with("import "),
            "the generator's glue has another shape: {line}"
        );
        names.extend(export.map(|(name, _)| name));
    }
    let inner = [CLASS, FUNCTION]
        .iter()
        .fold(body.to_owned(), |body, start| body.replace(&format!("\n{start}"), &format!("\n{}", &start[7..])));
    let complete = if is_cut { COMPLETE } else { "" };
    let names = names.join(", ");
    Ok(format!("export function glue(queueMicrotask) {{\n{inner}{INSTANTIATE}{complete}return {{ {names} }};\n}}\n"))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$')
}

/// Goes through the text word by word: a member of `wasm` is an export, the key of a function an import.
fn rename(text: &str, renames: &Renames) -> Result<String> {
    let mut out = String::with_capacity(text.len());
    let mut imported = BTreeSet::new();
    let mut rest = text;
    while let Some(start) = rest.find(is_word) {
        let (between, from_word) = rest.split_at(start);
        let (word, after) = from_word.split_at(from_word.find(|c| !is_word(c)).unwrap_or(from_word.len()));
        out.push_str(between);
        let new = if out.ends_with("wasm.") {
            let new = renames.exports.get(word);
            Some(new.with_context(|| format!("the glue calls `{word}`, which the optimized module does not export"))?)
        } else if after.starts_with(": function(") {
            imported.insert(word);
            renames.imports.get(word)
        } else {
            None
        };
        out.push_str(new.map_or(word, String::as_str));
        rest = after;
    }
    out.push_str(rest);
    for (module, new) in &renames.modules {
        out = out.replace(&format!("\"{module}\": "), &format!("\"{new}\": "));
    }
    match renames.imports.keys().find(|name| !imported.contains(name.as_str())) {
        Some(missing) => bail!("the optimized module imports `{missing}`, which the glue does not give"),
        None => Ok(out),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str =
        r#"{"imports": [["./p_bg.js", "__wbg_then_1", "b"]], "exports": [["memory", "t"], ["later", "u"]]}"#;

    const GLUE: &str = r#"
export function later() {
    return wasm.later(wasm.memory);
}
function __wbg_get_imports() {
    const import0 = {
        __wbg_then_1: function(arg0) {
            return later.then;
        },
    };
    return {
        "./p_bg.js": import0,
    };
}
async function __wbg_load(module, imports) {
}
export { initSync, __wbg_init as default };
"#;

    #[test]
    fn gives_both_sides_the_short_names() {
        let rewritten = rewrite(GLUE, &Renames::parse(REPORT).unwrap()).unwrap();
        assert!(rewritten.contains("\nfunction later() {\n    return wasm.u(wasm.t);\n}"), "{rewritten}");
        assert!(rewritten.contains("b: function(arg0) {\n            return later.then;"), "{rewritten}");
        assert!(rewritten.contains("\"a\": import0"), "{rewritten}");
    }

    #[test]
    fn has_one_way_to_start_the_module() {
        let rewritten = rewrite(GLUE, &Renames::parse(REPORT).unwrap()).unwrap();
        assert!(rewritten.starts_with("export function glue(queueMicrotask) {\n"), "{rewritten}");
        assert!(rewritten.ends_with("return { instantiate, later };\n}\n"), "{rewritten}");
        assert_eq!(rewritten.matches("export ").count(), 1, "{rewritten}");
        assert!(!rewritten.contains("initSync") && !rewritten.contains("__wbg_load"), "{rewritten}");
    }

    #[test]
    fn declares_what_the_glue_gives() {
        let declared = declarations("export class Engine {\n}\nexport function later() {\n}\n", "made_here", false);
        assert!(declared.starts_with("import type * as made from \"./made_here.js\";"), "{declared}");
        assert!(declared.contains("  Engine: typeof made.Engine;\n  later: typeof made.later;\n"), "{declared}");
        assert!(declared.ends_with("};\nexport type Engine = made.Engine;\n"), "{declared}");
    }

    const CUT_REPORT: &str = r#"{"imports": [["./p_bg.js", "__wbg_then_1", "b"], ["rest", "call0", "c"], ["rest", "missing", "d"]],
        "exports": [["memory", "t"], ["later", "u"], ["__stack_pointer", "v"], ["__is_whole", "w"], ["__wbindgen_externrefs", "x"],
            ["__externref_table_alloc", "y"], ["__externref_table_dealloc", "z"]]}"#;

    fn cut_glue() -> String {
        GLUE.replace(
            "    return {\n        \"./p_bg.js\"",
            "    return {\n        __proto__: null,\n        \"./p_bg.js\"",
        )
    }

    #[test]
    fn stands_in_for_what_a_module_that_was_cut_lacks() {
        let renames = Renames::parse(CUT_REPORT).unwrap();
        let rewritten = rewrite(&cut_glue(), &renames).unwrap();
        assert!(rewritten.contains(r#"for (const name of "c d".split(" ")) import0[name] ="#), "{rewritten}");
        assert!(rewritten.contains("wasm.w.value = 1;"), "it is told when the rest is there: {rewritten}");
        assert!(rewritten.contains("const { value } = wasm.v;") && rewritten.contains("wasm.x;"), "{rewritten}");
        assert!(rewritten.contains("wasm.y()") && rewritten.contains("wasm.z(slot)"), "{rewritten}");
        assert!(
            rewritten.ends_with("return { instantiate, MISSING, attempt, complete, reserve, later };\n}\n"),
            "{rewritten}"
        );
        let stand_ins = rewritten.find("for (const name of").unwrap();
        assert!(rewritten.find("const import0 =").unwrap() < stand_ins, "{rewritten}");
        assert!(stand_ins < rewritten.find("\"a\": import0").unwrap(), "{rewritten}");
        let declared = declarations(&cut_glue(), "made_here", true);
        for member in [
            "MISSING: unknown;",
            "reserve(): void;",
            "attempt<T>(enter: () => T): T;",
            "complete(source: BufferSource)",
        ] {
            assert!(declared.contains(member), "{declared}");
        }
    }

    #[test]
    fn a_module_that_was_not_cut_has_nothing_of_that() {
        let rewritten = rewrite(GLUE, &Renames::parse(REPORT).unwrap()).unwrap();
        assert!(!rewritten.contains("MISSING") && !rewritten.contains("attempt"), "{rewritten}");
    }

    #[test]
    fn refuses_glue_without_a_place_for_stand_ins() {
        let renames = Renames::parse(CUT_REPORT).unwrap();
        let error = rewrite(GLUE, &renames).unwrap_err();
        assert!(error.to_string().contains("no end of its imports"), "{error}");
        let without_stack = CUT_REPORT.replace(r#"["__stack_pointer", "v"], "#, "");
        let error = rewrite(&cut_glue(), &Renames::parse(&without_stack).unwrap()).unwrap_err();
        assert!(error.to_string().contains("`__stack_pointer`"), "{error}");
    }

    #[test]
    fn refuses_a_module_and_a_glue_that_do_not_fit() {
        let glue = GLUE.replace("wasm.later", "wasm.sooner");
        let error = rewrite(&glue, &Renames::parse(REPORT).unwrap()).unwrap_err();
        assert!(error.to_string().contains("`sooner`"), "{error}");

        let glue = GLUE.replace("__wbg_then_1", "__wbg_then_2");
        let error = rewrite(&glue, &Renames::parse(REPORT).unwrap()).unwrap_err();
        assert!(error.to_string().contains("`__wbg_then_1`"), "{error}");
    }

    #[test]
    fn refuses_glue_of_another_generator() {
        let renames = Renames::parse(REPORT).unwrap();
        assert!(rewrite("export {};", &renames).is_err());
        assert!(rewrite(&GLUE.replace("export { initSync", "export { init"), &renames).is_err());
    }
}
