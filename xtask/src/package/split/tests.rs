use walrus::ir::{BinaryOp, LoadKind, MemArg};
use walrus::{ElementKind, FunctionBuilder, InstrSeqBuilder, MemoryId, RefType, TableId};

use super::*;

const TAKE: &str = "_ZN7propusk3web5input4take17h0123456789abcdefE";
const LATE: &str = "_ZN7propusk3web6answer8xml_text17h0123456789abcdefE";

/// A module with all that is asked for by name.
struct Sample {
    module: Module,
    memory: MemoryId,
    table: TableId,
    global: GlobalId,
}

impl Sample {
    /// `input`, an export, calls `take`, which calls `ran`, and `unrun` where a condition holds.
    fn new() -> Self {
        let mut module = Module::default();
        let memory = module.memories.add_local(false, false, 1, None, None);
        let table = module.tables.add_local(false, 1, None, RefType::FUNCREF);
        let zero = ConstExpr::Value(Value::I32(0));
        let global = module.globals.add_local(ValType::I32, true, false, zero.clone());
        let stack = module.globals.add_local(ValType::I32, true, false, zero.clone());
        module.globals.get_mut(stack).name = Some(STACK.to_owned());
        module.exports.add("memory", memory);
        let kind = DataKind::Active { memory, offset: ConstExpr::Value(Value::I32(16)) };
        module.data.add(kind, b"first".iter().chain(&[0; 3]).chain(b"rest").copied().collect());
        let mut sample = Self { module, memory, table, global };

        let shared = sample.add("shared", |body, _| {
            body.i32_const(1).drop();
        });
        let held = sample.add("held", |body, _| {
            body.i32_const(2).drop();
        });
        let elements = ElementKind::Active { table, offset: zero };
        sample.module.elements.add(elements, ElementItems::Functions(vec![held]));
        let unrun = sample.add("unrun", |body, sample| {
            let at = MemArg { align: 4, offset: 0 };
            body.i32_const(0).load(sample.memory, LoadKind::I32 { atomic: false }, at);
            body.global_get(sample.global).binop(BinaryOp::I32Add).global_set(sample.global);
            body.call(shared).i32_const(0);
            let kind = sample.module.types.add(&[], &[]);
            body.call_indirect(kind, sample.table);
        });
        let ran = sample.add("ran", |body, _| {
            body.call(shared);
        });
        for name in UNDONE.iter().filter(|name| !TAKE.contains(*name)) {
            sample.add(name, |_, _| {});
        }
        let late = sample.add(LATE, |body, _| {
            body.i32_const(3).drop();
        });
        let take = sample.add(TAKE, |body, sample| {
            body.call(ran).global_get(sample.global);
            let missing = |branch: &mut InstrSeqBuilder<'_>| {
                for number in 0..FEWEST {
                    branch.i32_const(i32::try_from(number).unwrap()).drop();
                }
                branch.call(unrun);
            };
            body.if_else(None, missing, |_| {});
        });
        let input = sample.add("input", |body, _| {
            body.call(take).call(late);
        });
        sample.module.exports.add("input", input);
        sample
    }

    fn add(&mut self, name: &str, fill: impl FnOnce(&mut InstrSeqBuilder<'_>, &mut Self)) -> FunctionId {
        let mut builder = FunctionBuilder::new(&mut self.module.types, &[], &[]);
        builder.name(name.to_owned());
        fill(&mut builder.func_body(), self);
        builder.finish(Vec::new(), &mut self.module.funcs)
    }

    /// The halves, where these stretches of these functions have run.
    fn split(mut self, ran: &[(&str, &[usize])], later: &[Vec<bool>]) -> Result<[Module; 2]> {
        let bytes = self.module.emit_wasm();
        let read = || Module::from_buffer(&bytes);
        let module = read()?;
        let numbers = branches::counted(&module).flat_map(|(id, first, _)| {
            let name = module.funcs.get(id).name.as_deref().unwrap_or_default();
            let ran = ran.iter().filter(move |(known, _)| *known == name);
            ran.flat_map(move |(_, places)| places.iter().map(move |place| first + place))
        });
        let plan = Plan::of(&module, &numbers.collect(), read()?)?;
        let halves = [plan.first(read()?, later)?, plan.rest(read()?, later)?];
        Ok(halves.map(|bytes| {
            wasmparser::validate(&bytes).unwrap();
            Module::from_buffer(&bytes).unwrap()
        }))
    }
}

/// As somebody has signed in without `unrun`: all but the branch that calls it.
const RAN: &[(&str, &[usize])] = &[("input", &[0]), (TAKE, &[0, 1, 3]), ("ran", &[0]), ("shared", &[0])];

/// Of the constants, `rest` is the rest's.
fn later() -> Vec<Vec<bool>> {
    vec![(0..12).map(|at| at >= 8).collect()]
}

fn halves() -> [Module; 2] {
    Sample::new().split(RAN, &later()).unwrap()
}

fn own(module: &Module) -> Vec<&str> {
    let mut names: Vec<_> =
        module.funcs.iter_local().filter_map(|(id, _)| module.funcs.get(id).name.as_deref()).collect();
    names.sort_unstable();
    names
}

fn imported(module: &Module) -> Vec<&str> {
    module.imports.iter().map(|import| import.name.as_str()).collect()
}

fn exported(module: &Module) -> Vec<&str> {
    module.exports.iter().map(|export| export.name.as_str()).collect()
}

fn memory_of(module: &Module) -> Vec<(i32, &[u8])> {
    let place = |data: &walrus::Data| match data.kind {
        DataKind::Active { offset: ConstExpr::Value(Value::I32(start)), .. } => start,
        _ => -1,
    };
    module.data.iter().map(|data| (place(data), data.value.as_slice())).collect()
}

#[test]
fn what_ran_and_what_is_reached_otherwise_is_in_the_first_half() {
    let [first, rest] = halves();
    assert_eq!(own(&first), [TAKE, "held", "input", "ran", "shared"]);
    assert_eq!(own(&rest), [TAKE, LATE, "unrun"], "also as a whole what ran in part");
}

#[test]
fn the_halves_take_from_each_other_what_the_other_has() {
    let [first, rest] = halves();
    let calls: Vec<_> = imported(&first).into_iter().filter(|name| *name != MISSING).collect();
    assert_eq!(calls.len(), 2, "what is called, and what ran in part: {calls:?}");
    assert_eq!(exported(&rest), calls);
    let given = exported(&first);
    assert!(imported(&rest).iter().all(|name| given.contains(name)), "{:?} of {given:?}", imported(&rest));
    assert!(given.contains(&STACK) && given.contains(&WHOLE) && given.contains(&"input"), "{given:?}");
}

#[test]
fn memory_table_and_globals_are_shared() {
    let [_, rest] = halves();
    assert!(rest.memories.iter().all(|memory| memory.import.is_some() && memory.data_segments.len() == 1));
    assert!(rest.tables.iter().all(|table| table.import.is_some()));
    assert!(rest.globals.iter().all(|global| matches!(global.kind, GlobalKind::Import(_))));
    assert_eq!(rest.elements.iter().count(), 0, "the table is filled once");
}

#[test]
fn constants_of_the_rest_come_with_it_and_leave_the_others_alone() {
    let [first, rest] = halves();
    assert_eq!(memory_of(&first), [(16, &b"first\0\0\0\0\0\0\0"[..])]);
    assert_eq!(memory_of(&rest), [(24, &b"rest"[..])]);
}

#[test]
fn what_did_not_run_of_a_function_throws_until_the_rest_is_there() {
    let [first, _] = halves();
    let id = first.funcs.iter().find(|function| function.name.as_deref() == Some(TAKE)).unwrap().id();
    let called: Vec<_> = refers(&first, id).functions;
    let imported = called.iter().filter(|id| matches!(first.funcs.get(**id).kind, FunctionKind::Import(_)));
    assert_eq!(imported.count(), 2, "itself as a whole, and what is missing");
    assert!(called.iter().any(|id| first.funcs.get(*id).name.as_deref() == Some("ran")));
}

#[test]
fn what_ran_as_a_whole_is_not_cut() {
    let ran: Vec<(&str, &[usize])> = RAN.iter().copied().filter(|(name, _)| *name != TAKE).collect();
    let all: (&str, &[usize]) = (TAKE, &[0, 1, 2, 3]);
    let unrun: (&str, &[usize]) = ("unrun", &[0]);
    let [first, rest] = Sample::new().split(&[&ran[..], &[all, unrun]].concat(), &later()).unwrap();
    assert_eq!(own(&first), [TAKE, "held", "input", "ran", "shared", "unrun"]);
    assert_eq!(own(&rest), [LATE]);
}

#[test]
fn what_libraries_do_is_as_a_whole_wherever_it_may_be_called() {
    let mut sample = Sample::new();
    let grow = sample.add("_ZN5alloc3vec4grow17h0123456789abcdefE", |body, _| {
        body.i32_const(4).drop();
    });
    let push = sample.add("_ZN5alloc3vec4push17h0123456789abcdefE", |body, sample| {
        body.global_get(sample.global);
        let branch = |branch: &mut InstrSeqBuilder<'_>| {
            for _ in 0..=FEWEST {
                branch.call(grow);
            }
        };
        body.if_else(None, branch, |_| {});
    });
    let ran = sample.module.funcs.iter().find(|function| function.name.as_deref() == Some("ran")).unwrap().id();
    let function = sample.module.funcs.get_mut(ran).kind.unwrap_local_mut();
    function.builder_mut().func_body().call(push);
    let push = ("_ZN5alloc3vec4push17h0123456789abcdefE", &[0, 1, 3][..]);
    let [first, rest] = sample.split(&[RAN, &[push]].concat(), &later()).unwrap();
    let names = own(&first);
    assert!(names.iter().filter(|name| name.contains("alloc3vec")).count() == 2, "{names:?}");
    assert_eq!(own(&rest), [TAKE, LATE, "unrun"]);
}

#[test]
fn what_only_runs_when_the_rest_is_there_does_not_reach_anything() {
    let [first, _] = halves();
    assert!(!own(&first).contains(&LATE));
}

#[test]
fn a_module_without_what_can_be_undone_is_refused() {
    let mut sample = Sample::new();
    for function in sample.module.funcs.iter_mut().filter(|function| function.name.as_deref() == Some("engine_traced"))
    {
        function.name = Some("engine_tracing".to_owned());
    }
    let error = sample.split(RAN, &later()).err().unwrap().to_string();
    assert!(error.contains("0 functions whose name ends with engine_traced"), "{error}");
}

#[test]
fn constants_that_the_module_does_not_have_are_refused() {
    assert!(Sample::new().split(RAN, &[vec![true; 3]]).is_err());
}

#[test]
fn runs_are_what_is_meant_and_not_zero() {
    let far = [0; SHORTEST_GAP];
    let data = [&b"ab"[..], &[0], b"c", &far, b"d", b"e"].concat();
    let all = vec![true; data.len()];
    assert_eq!(runs(&data, &all), [0..4, 12..14]);
    let mut some = all.clone();
    some[2] = false;
    assert_eq!(runs(&data, &some), [0..2, 3..4, 12..14], "what is not meant is not written to");
}

#[test]
fn the_rest_takes_the_names_that_the_optimizer_gave() {
    let [_, mut rest] = halves();
    let exports: BTreeMap<String, String> =
        imported(&rest).into_iter().map(|name| (name.to_owned(), format!("{name}.short"))).collect();
    let called = exported(&rest)[0].to_owned();
    let calls = BTreeMap::from([(called, "c".to_owned())]);
    let bytes = rest.emit_wasm();
    let renamed = Module::from_buffer(&super::renamed(&bytes, &exports, &calls).unwrap()).unwrap();
    assert!(renamed.imports.iter().all(|import| import.module == "a" && import.name.ends_with(".short")));
    assert_eq!(exported(&renamed), ["c"], "what the first half never calls is left out");
    assert!(super::renamed(&bytes, &BTreeMap::new(), &calls).is_err());
}

#[test]
fn a_digest_is_no_part_of_a_name() {
    assert_eq!(without_digest("_ZN4take17h0123456789abcdefE"), "_ZN4take");
    assert_eq!(without_digest("engine_open"), "engine_open");
    assert_eq!(without_digest("_ZN17hidden4takeE"), "_ZN17hidden4takeE");
}
