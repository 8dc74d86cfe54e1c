//! Cuts a module in two: what a page needs at first, and the rest, which is loaded behind it and works in the same memory.
//!
//! A function goes into the first half if it has run when somebody signed in (`first.rs`), or if it can be reached otherwise
//! than through those whose work can be undone. Where it comes to a function that is not there yet, the glue undoes what has
//! been done since the module was entered, and enters it again when the rest is there (`glue.rs`).
//!
//! Of a function that ran in part, the first half has that part alone, and the rest has it as a whole, which it is from when
//! the rest is there.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::Range;

use anyhow::{Context as _, Result, bail, ensure};
use walrus::ir::{Call, GlobalGet, IfElse, Instr, LocalGet, Return, Value};
use walrus::{
    ConstExpr, DataId, DataKind, ElementItems, FunctionId, FunctionKind, GlobalId, GlobalKind, ImportedFunction,
    LocalFunction, Module, ValType,
};

use super::branches::{self, Unrun};
use super::numbered::{Refers, Shared, function, function_of, global, memory, refers, shared_of, table};
use super::unused;

/// What the first half calls the module that it takes functions of the rest from.
pub(super) const REST: &str = "rest";

/// The name under which the first half shows where its stack ends.
pub(super) const STACK: &str = "__stack_pointer";

/// And the one under which it asks whether the rest is there.
const WHOLE: &str = "__is_whole";

/// What it calls in the place of what it lacks of a function.
const MISSING: &str = "missing";

/// A function is cut where so many instructions go, and as many as such a share of those that stay: what stays is in both halves.
const FEWEST: usize = 20;
const SHARE: usize = 8;

/// Ends of the (mangled) names of functions whose work can be undone: until they return they change nothing but memory.
const UNDONE: [&str; 7] = [
    "3web5input4take",
    "engine_about",
    "engine_prepared",
    "engine_open",
    "engine_problem",
    "engine_scrubbed",
    "engine_traced",
];

/// The same of those that are only called when the rest is there.
const AFTER: [&str; 1] = ["3web6answer8xml_text"];

/// How the (mangled) paths of the project's own functions begin, behind the lengths in them; others are those of libraries.
const OWN: [&str; 3] = ["propusk", "_$LT$propusk", "engine_"];

/// So many zeros are more than what begins another run of bytes.
const SHORTEST_GAP: usize = 8;

/// What can be reached otherwise than through functions whose work can be undone.
fn reached(module: &Module) -> Result<HashSet<usize>> {
    let mut waiting: Vec<FunctionId> = module.exports.iter().filter_map(|export| function_of(export.item)).collect();
    waiting.extend(module.start);
    for element in module.elements.iter() {
        let ElementItems::Functions(functions) = &element.items else {
            bail!("a table of the module is filled with something else than functions");
        };
        waiting.extend(functions);
    }
    let mut reached = HashSet::new();
    while let Some(id) = waiting.pop() {
        if !is_one_of(module, id, &AFTER) && reached.insert(id.index()) && !is_one_of(module, id, &UNDONE) {
            waiting.extend(refers(module, id).functions);
        }
    }
    Ok(reached)
}

fn is_one_of(module: &Module, id: FunctionId, ends: &[&str]) -> bool {
    let name = module.funcs.get(id).name.as_deref().unwrap_or_default();
    ends.iter().any(|end| without_digest(name).ends_with(end))
}

fn is_library(module: &Module, id: FunctionId) -> bool {
    let name = module.funcs.get(id).name.as_deref().unwrap_or_default();
    let path = name.trim_start_matches("_ZN").trim_start_matches(|c: char| c.is_ascii_digit());
    !OWN.iter().any(|start| path.starts_with(start))
}

/// A module as two.
#[derive(Debug)]
pub(super) struct Halves {
    pub(super) first: Vec<u8>,
    pub(super) rest: Vec<u8>,
}

/// Makes two of one, which is `linked` with its glue. `ran` tells the stretches that have to be in the first half, counted
/// through the module.
pub(super) fn split(module: &[u8], linked: &[u8], ran: &HashSet<usize>) -> Result<Halves> {
    let read = || Module::from_buffer(module).context("cannot read the module");
    let whole = read()?;
    let plan = Plan::of(&whole, ran, read()?)?;
    // By the names of the rest: some functions have several, of which the linker writes down one.
    let rest = whole.funcs.iter().filter(|function| !plan.first.contains(&function.id().index()));
    let rest: HashSet<&str> = rest.filter_map(|function| function.name.as_deref()).collect();
    let gone = plan.gone(&whole, linked)?;
    let later = unused::apart_from(linked, |name| !rest.contains(name), &gone)?;
    Ok(Halves { first: plan.first(read()?, &later)?, rest: plan.rest(read()?, &later)? })
}

/// The rest with the names that the optimizer has given to what the two halves take from each other.
pub(super) fn renamed(
    rest: &[u8],
    exports: &BTreeMap<String, String>,
    calls: &BTreeMap<String, String>,
) -> Result<Vec<u8>> {
    let mut module = Module::from_buffer(rest).context("cannot read the rest of the module")?;
    let new = |names: &BTreeMap<String, String>, name: &str| {
        names.get(name).cloned().with_context(|| format!("the first half has nothing of the name {name:?}"))
    };
    for import in module.imports.iter_mut() {
        import.name = new(exports, &import.name)?;
        import.module = "a".to_owned();
    }
    let exported: Vec<_> = module.exports.iter().map(|export| (export.id(), export.name.clone())).collect();
    for (id, name) in exported {
        // What the optimizer has found that the first half never calls is none.
        match calls.get(&name) {
            Some(new) => new.clone_into(&mut module.exports.get_mut(id).name),
            None => module.exports.delete(id),
        }
    }
    Ok(module.emit_wasm())
}

/// Who is where, by numbers: the halves are made of two copies of the module, in which the same things have the same ones.
#[derive(Default)]
struct Plan {
    first: HashSet<usize>,
    /// Of which of these the first half has only a part: where they are cut off.
    parts: BTreeMap<usize, Part>,
    /// Functions of the rest that the first half calls.
    calls: BTreeSet<usize>,
    /// What the rest uses that is not its own, and the name under which the first half exports it.
    shared: BTreeMap<Shared, String>,
}

struct Part {
    /// Of how many stretches, and where it is cut off.
    stretches: usize,
    cuts: Vec<usize>,
}

impl Plan {
    /// `copy` is another one of the module.
    fn of(module: &Module, ran: &HashSet<usize>, mut copy: Module) -> Result<Self> {
        for end in UNDONE.iter().chain(&AFTER) {
            let count = module.funcs.iter_local().filter(|(id, _)| is_one_of(module, *id, &[end])).count();
            ensure!(count == 1, "the module has {count} functions whose name ends with {end}: see `split.rs`");
        }
        let mut plan = Self { first: reached(module)?, ..Self::default() };
        plan.add_what_ran(module, ran);
        let missing = missing(&mut copy);
        plan.cut(&mut copy, missing)?;
        plan.add_libraries(module, &copy)?;
        plan.connect(module, &copy)?;
        Ok(plan)
    }

    /// Functions that ran, and of which of them what did not run is cut off: none of what can be reached without being undone.
    fn add_what_ran(&mut self, module: &Module, ran: &HashSet<usize>) {
        let is_reached = self.first.clone();
        for (id, first, starts) in branches::counted(module) {
            if ran.contains(&first) {
                self.first.insert(id.index());
            }
            let may_be_cut = !is_reached.contains(&id.index()) || is_one_of(module, id, &UNDONE);
            if let FunctionKind::Local(function) = &module.funcs.get(id).kind
                && self.first.contains(&id.index())
                && may_be_cut
                && !is_library(module, id)
            {
                let unrun = Unrun::of(function, &starts, |place| ran.contains(&(first + place)));
                if unrun.gone >= FEWEST.max(unrun.kept / SHARE) {
                    self.parts.insert(id.index(), Part { stretches: starts.len(), cuts: unrun.cuts });
                }
            }
        }
    }

    /// What the libraries do depends on how much room there is, and the like: it is there wherever it may be called. `copy` is
    /// the module without what is cut off.
    fn add_libraries(&mut self, module: &Module, copy: &Module) -> Result<()> {
        let own: BTreeMap<usize, FunctionId> = module.funcs.iter_local().map(|(id, _)| (id.index(), id)).collect();
        let mut waiting: Vec<usize> = own.keys().copied().filter(|number| self.first.contains(number)).collect();
        while let Some(number) = waiting.pop() {
            for called in refers(copy, function(copy, number)?).functions {
                // What stands for what is missing is the copy's alone.
                let is_called_library = own.get(&called.index()).is_some_and(|called| is_library(module, *called));
                if is_called_library && self.first.insert(called.index()) {
                    waiting.push(called.index());
                }
            }
        }
        Ok(())
    }

    /// What the halves take from each other.
    fn connect(&mut self, module: &Module, copy: &Module) -> Result<()> {
        let own: BTreeSet<usize> = module.funcs.iter_local().map(|(id, _)| id.index()).collect();
        let is_in_rest = |number: usize| !self.first.contains(&number) || self.parts.contains_key(&number);
        let mut calls: BTreeSet<usize> = self.parts.keys().copied().collect();
        let mut shared = BTreeSet::new();
        for number in own.iter().copied() {
            if self.first.contains(&number) {
                let called = refers(copy, function(copy, number)?).functions;
                let called = called.iter().map(|called| called.index());
                calls.extend(called.filter(|called| own.contains(called) && !self.first.contains(called)));
            }
            if is_in_rest(number) {
                let Refers { functions, others } = refers(module, function(module, number)?);
                let called = functions.iter().map(|called| called.index());
                let first = called.filter(|called| !own.contains(called) || !is_in_rest(*called));
                shared.extend(first.map(Shared::Function).chain(others));
            }
        }
        let exported: BTreeMap<Shared, &String> =
            module.exports.iter().filter_map(|export| Some((shared_of(export.item)?, &export.name))).collect();
        let named = |(at, one)| {
            let name = exported.get(&one).map_or_else(|| format!("shared{at}"), |name| (*name).clone());
            (one, name)
        };
        self.shared = shared.into_iter().enumerate().map(named).collect();
        self.calls = calls;
        Ok(())
    }

    /// Takes out what did not run.
    fn cut(&self, module: &mut Module, missing: FunctionId) -> Result<()> {
        for (number, part) in &self.parts {
            let id = function(module, *number)?;
            branches::cut(module, id, &part.cuts, missing);
        }
        Ok(())
    }

    /// Where in what the linker has written that stands.
    fn gone(&self, module: &Module, linked: &[u8]) -> Result<Vec<Range<usize>>> {
        let linked = Module::from_buffer(linked).context("cannot read the compiled module")?;
        let named = |(id, function)| Some((linked.funcs.get(id).name.as_deref()?, function));
        let functions: BTreeMap<&str, &LocalFunction> = linked.funcs.iter_local().filter_map(named).collect();
        let mut gone = Vec::new();
        for (number, part) in &self.parts {
            let name = module.funcs.get(function(module, *number)?).name.as_deref().unwrap_or_default();
            // Others are the glue's generator's.
            if let Some(function) = functions.get(name) {
                let ranges = branches::ranges(function, part.stretches, &part.cuts);
                gone.extend(ranges.with_context(|| format!("cannot cut {name}"))?);
            }
        }
        Ok(gone)
    }

    /// `later` tells for each byte of the constants whether only the rest uses it.
    fn first(&self, mut module: Module, later: &[Vec<bool>]) -> Result<Vec<u8>> {
        for (id, later) in segments(&module, later)? {
            let data = &mut module.data.get_mut(id).value;
            data.iter_mut().zip(later).filter(|(_, is_later)| **is_later).for_each(|(byte, _)| *byte = 0);
        }
        let stack = module.globals.iter().find(|global| global.name.as_deref() == Some(STACK));
        let stack = stack.context("the module has no stack")?.id();
        module.exports.add(STACK, stack);
        let exported: HashSet<String> = module.exports.iter().map(|export| export.name.clone()).collect();
        for (shared, name) in self.shared.iter().filter(|(_, name)| !exported.contains(*name)) {
            match *shared {
                Shared::Function(number) => module.exports.add(name, function(&module, number)?),
                Shared::Memory(number) => module.exports.add(name, memory(&module, number)?),
                Shared::Table(number) => module.exports.add(name, table(&module, number)?),
                Shared::Global(number) => module.exports.add(name, global(&module, number)?),
            };
        }
        let missing = missing(&mut module);
        self.cut(&mut module, missing)?;
        let is_whole = module.globals.add_local(ValType::I32, true, false, ConstExpr::Value(Value::I32(0)));
        module.exports.add(WHOLE, is_whole);
        for (at, number) in self.calls.iter().enumerate() {
            let called = function(&module, *number)?;
            if self.parts.contains_key(number) {
                replace_when(&mut module, is_whole, called, &call(at));
            } else {
                import(&mut module, called, &call(at));
            }
        }
        walrus::passes::gc::run(&mut module);
        Ok(module.emit_wasm())
    }

    fn rest(&self, mut module: Module, later: &[Vec<bool>]) -> Result<Vec<u8>> {
        // All else that memory and tables hold at first is the first half's, and may not be written again.
        for (id, later) in segments(&module, later)? {
            let data = module.data.get(id);
            let DataKind::Active { memory, offset: ConstExpr::Value(Value::I32(start)) } = data.kind else {
                bail!("constants of the module have no place of their own");
            };
            for run in runs(&data.value, later) {
                let bytes = module.data.get(id).value.get(run.clone()).unwrap_or_default().to_vec();
                let offset = ConstExpr::Value(Value::I32(start + i32::try_from(run.start)?));
                module.data.add(DataKind::Active { memory, offset }, bytes);
            }
            module.data.delete(id);
            module.memories.get_mut(memory).data_segments.remove(&id);
        }
        let elements: Vec<_> = module.elements.iter().map(|element| element.id()).collect();
        elements.into_iter().for_each(|id| module.elements.delete(id));
        module.tables.iter_mut().for_each(|table| table.elem_segments.clear());
        let exports: Vec<_> = module.exports.iter().map(|export| export.id()).collect();
        exports.into_iter().for_each(|id| module.exports.delete(id));
        module.start = None;

        for (at, number) in self.calls.iter().enumerate() {
            let called = function(&module, *number)?;
            module.exports.add(&call(at), called);
        }
        for (shared, name) in &self.shared {
            match *shared {
                Shared::Function(number) => {
                    let id = function(&module, number)?;
                    import(&mut module, id, name);
                }
                Shared::Memory(number) => {
                    let id = memory(&module, number)?;
                    module.memories.get_mut(id).import = Some(module.imports.add(REST, name, id));
                }
                Shared::Table(number) => {
                    let id = table(&module, number)?;
                    module.tables.get_mut(id).import = Some(module.imports.add(REST, name, id));
                }
                Shared::Global(number) => {
                    let id = global(&module, number)?;
                    module.globals.get_mut(id).kind = GlobalKind::Import(module.imports.add(REST, name, id));
                }
            }
        }
        walrus::passes::gc::run(&mut module);
        Ok(module.emit_wasm())
    }
}

/// The module's segments, each with what is told of its bytes.
fn segments<'l>(module: &Module, later: &'l [Vec<bool>]) -> Result<Vec<(DataId, &'l Vec<bool>)>> {
    let segments: Vec<_> = module.data.iter().map(|data| (data.id(), data.value.len())).collect();
    ensure!(
        segments.iter().map(|(_, length)| *length).eq(later.iter().map(Vec::len)),
        "the linker wrote down other constants than the module has"
    );
    Ok(segments.into_iter().map(|(id, _)| id).zip(later).collect())
}

/// Where bytes stand that are meant, and not all zero.
fn runs(data: &[u8], is_meant: &[bool]) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    let meant = data.iter().zip(is_meant).enumerate().filter(|(_, (byte, is_meant))| **is_meant && **byte != 0);
    for (at, _) in meant {
        match runs.last_mut() {
            Some(last)
                if at - last.end < SHORTEST_GAP
                    && is_meant.get(last.end..at).is_some_and(|gap| gap.iter().all(|is| *is)) =>
            {
                last.end = at + 1;
            }
            _ => runs.push(at..at + 1),
        }
    }
    runs
}

fn call(at: usize) -> String {
    format!("call{at}")
}

/// What stands for all that is missing of functions.
fn missing(module: &mut Module) -> FunctionId {
    let kind = module.types.add(&[], &[]);
    module.add_import_func(REST, MISSING, kind).0
}

/// Has a function do nothing but call an import, when the global is set.
fn replace_when(module: &mut Module, is_set: GlobalId, id: FunctionId, name: &str) {
    let (whole, _) = module.add_import_func(REST, name, module.funcs.get(id).ty());
    let FunctionKind::Local(function) = &mut module.funcs.get_mut(id).kind else { return };
    let mut called: Vec<Instr> = function.args.iter().map(|local| LocalGet { local: *local }.into()).collect();
    called.extend([Instr::from(Call { func: whole }), Instr::from(Return {})]);
    let [consequent, alternative] = [(); 2].map(|()| function.builder_mut().dangling_instr_seq(None).id());
    let unplaced = |instruction: Instr| (instruction, Default::default());
    function.block_mut(consequent).instrs = called.into_iter().map(unplaced).collect();
    let asked: [Instr; 2] = [GlobalGet { global: is_set }.into(), IfElse { consequent, alternative }.into()];
    let entry = function.entry_block();
    function.block_mut(entry).instrs.splice(0..0, asked.map(unplaced));
}

/// Makes an import of a function.
fn import(module: &mut Module, id: FunctionId, name: &str) {
    if let FunctionKind::Import(ImportedFunction { import, .. }) = module.funcs.get(id).kind {
        module.imports.delete(import);
    }
    let import = module.imports.add(REST, name, id);
    let function = module.funcs.get_mut(id);
    let ty = function.ty();
    function.kind = FunctionKind::Import(ImportedFunction { import, ty });
}

/// A mangled name ends with a digest of all that it depends on.
fn without_digest(name: &str) -> &str {
    let end = name.rfind("17h").filter(|at| name.len() == at + 20 && name.ends_with('E'));
    end.map_or(name, |at| name.get(..at).unwrap_or(name))
}

#[cfg(test)]
mod tests;
