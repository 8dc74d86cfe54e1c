//! Stretches of a function's instructions that run as a whole or not at all, and what is left of a function whose stretches
//! did not all run.

use std::collections::HashMap;
use std::ops::Range;

use anyhow::{Result, ensure};
use walrus::ir::{Call, Instr, InstrSeqId, Unreachable, Visitor, dfs_in_order};
use walrus::{FunctionId, FunctionKind, LocalFunction, Module};

/// Where a stretch begins: at this instruction of a sequence.
pub(super) type Start = (InstrSeqId, usize);

/// So many instructions are as good as what stands in their place.
const FEWEST: usize = 4;

/// Stretches of a function in the order of its code: at the start of each sequence, and after what may have left it.
pub(super) fn stretches(function: &LocalFunction) -> Vec<Start> {
    #[derive(Default)]
    struct Sequences(Vec<InstrSeqId>);
    impl<'i> Visitor<'i> for Sequences {
        fn start_instr_seq(&mut self, sequence: &'i walrus::ir::InstrSeq) {
            self.0.push(sequence.id());
        }
    }
    let mut sequences = Sequences::default();
    dfs_in_order(&mut sequences, function, function.entry_block());
    let mut starts = Vec::new();
    for id in sequences.0 {
        let instructions = &function.block(id).instrs;
        starts.push((id, 0));
        let leaves = |instruction: &Instr| {
            matches!(instruction, Instr::Block(_) | Instr::Loop(_) | Instr::IfElse(_) | Instr::BrIf(_))
        };
        let after = instructions.iter().enumerate().filter(|(_, (instruction, _))| leaves(instruction));
        starts.extend(after.map(|(at, _)| (id, at + 1)));
    }
    starts
}

/// Functions with the stretches that the module's own have, which are counted through.
pub(super) fn counted(module: &Module) -> impl Iterator<Item = (FunctionId, usize, Vec<Start>)> {
    module.funcs.iter_local().scan(0, |count, (id, function)| {
        let starts = stretches(function);
        let first = *count;
        *count += starts.len();
        Some((id, first, starts))
    })
}

/// What of a function did not run.
#[derive(Default)]
pub(super) struct Unrun {
    /// Where a sequence is cut off, by the place among the function's stretches.
    pub(super) cuts: Vec<usize>,
    /// Instructions that go, and that stay.
    pub(super) gone: usize,
    pub(super) kept: usize,
}

impl Unrun {
    pub(super) fn of(function: &LocalFunction, starts: &[Start], has_run: impl Fn(usize) -> bool) -> Self {
        let mut cuts: HashMap<InstrSeqId, (usize, usize)> = HashMap::new();
        for (place, (id, at)) in starts.iter().enumerate() {
            if !cuts.contains_key(id) && !has_run(place) {
                cuts.insert(*id, (*at, place));
            }
        }
        let mut unrun = Self::default();
        unrun.look_at(function, function.entry_block(), &cuts);
        unrun
    }

    fn look_at(&mut self, function: &LocalFunction, id: InstrSeqId, cuts: &HashMap<InstrSeqId, (usize, usize)>) {
        let instructions = &function.block(id).instrs;
        let mut kept = instructions.len();
        if let Some((at, place)) = cuts.get(&id) {
            let rest = instructions.get(*at..).unwrap_or_default();
            let size = rest.iter().map(|(instruction, _)| size(function, instruction)).sum::<usize>();
            if size > FEWEST {
                self.cuts.push(*place);
                self.gone += size;
                kept = *at;
            }
        }
        for (instruction, _) in instructions.iter().take(kept) {
            self.kept += 1;
            inner(instruction).into_iter().flatten().for_each(|inner| self.look_at(function, inner, cuts));
        }
    }
}

fn inner(instruction: &Instr) -> [Option<InstrSeqId>; 2] {
    match instruction {
        Instr::Block(block) => [Some(block.seq), None],
        Instr::Loop(block) => [Some(block.seq), None],
        Instr::IfElse(branches) => [Some(branches.consequent), Some(branches.alternative)],
        _ => [None, None],
    }
}

fn size(function: &LocalFunction, instruction: &Instr) -> usize {
    let inner = inner(instruction).into_iter().flatten();
    let inner = inner.flat_map(|id| &function.block(id).instrs);
    1 + inner.map(|(instruction, _)| size(function, instruction)).sum::<usize>()
}

/// Calls something else instead of what is cut off.
pub(super) fn cut(module: &mut Module, id: FunctionId, cuts: &[usize], missing: FunctionId) {
    let FunctionKind::Local(function) = &mut module.funcs.get_mut(id).kind else { return };
    let starts = stretches(function);
    for (sequence, at) in cuts.iter().filter_map(|place| starts.get(*place)) {
        let instructions = &mut function.block_mut(*sequence).instrs;
        instructions.truncate(*at);
        let ending: [Instr; 2] = [Call { func: missing }.into(), Unreachable {}.into()];
        instructions.extend(ending.map(|instruction| (instruction, Default::default())));
    }
}

/// Where in its file what is cut off stands.
pub(super) fn ranges(function: &LocalFunction, expected: usize, cuts: &[usize]) -> Result<Vec<Range<usize>>> {
    let starts = stretches(function);
    ensure!(starts.len() == expected, "the glue's generator has changed a function of which a part is cut off");
    let mut ranges = Vec::new();
    for (sequence, at) in cuts.iter().filter_map(|place| starts.get(*place)) {
        let sequence = function.block(*sequence);
        if let Some((_, start)) = sequence.instrs.get(*at)
            && !sequence.end.is_default()
        {
            ranges.push(usize::try_from(start.data())?..usize::try_from(sequence.end.data())?);
        }
    }
    Ok(ranges)
}

#[cfg(test)]
mod tests {
    use walrus::ir::{Const, Value};
    use walrus::{FunctionBuilder, ValType};

    use super::*;

    /// A function that goes one of two ways, each of `long` instructions, and then on.
    fn forked(long: usize) -> (Module, FunctionId) {
        let mut module = Module::default();
        let condition = module.locals.add(ValType::I32);
        let mut builder = FunctionBuilder::new(&mut module.types, &[ValType::I32], &[]);
        let way = |branch: &mut walrus::InstrSeqBuilder<'_>| {
            (0..long / 2).for_each(|_| {
                branch.i32_const(1).drop();
            });
        };
        builder.func_body().local_get(condition).if_else(None, way, way).i32_const(2).drop();
        let id = builder.finish(vec![condition], &mut module.funcs);
        (module, id)
    }

    fn local(module: &Module, id: FunctionId) -> &LocalFunction {
        module.funcs.get(id).kind.unwrap_local()
    }

    /// As if these stretches had run.
    fn unrun(module: &Module, id: FunctionId, ran: &[usize]) -> Unrun {
        let function = local(module, id);
        Unrun::of(function, &stretches(function), |place| ran.contains(&place))
    }

    #[test]
    fn a_stretch_begins_with_each_sequence_and_after_what_may_have_left_it() {
        let (module, id) = forked(8);
        let starts: Vec<usize> = stretches(local(&module, id)).into_iter().map(|(_, at)| at).collect();
        assert_eq!(starts, [0, 2, 0, 0], "the function, what follows the branches, and these");
    }

    #[test]
    fn what_did_not_run_is_cut_off_where_it_begins() {
        let (module, id) = forked(8);
        let one = unrun(&module, id, &[0, 1, 2]);
        assert_eq!((one.cuts, one.gone, one.kept), (vec![3], 8, 12));
        let none = unrun(&module, id, &[]);
        assert_eq!((none.cuts, none.gone, none.kept), (vec![0], 20, 0), "what is in it goes with it");
        let all = unrun(&module, id, &[0, 1, 2, 3]);
        assert_eq!((all.cuts, all.gone, all.kept), (vec![], 0, 20));
    }

    #[test]
    fn what_is_no_longer_than_what_stands_for_it_stays() {
        let (module, id) = forked(FEWEST);
        let one = unrun(&module, id, &[0, 1, 2]);
        assert_eq!((one.cuts, one.gone), (vec![], 0));
    }

    #[test]
    fn a_call_stands_for_what_is_cut_off() {
        let (mut module, id) = forked(8);
        let kind = module.types.add(&[], &[]);
        let (missing, _) = module.add_import_func("rest", "missing", kind);
        cut(&mut module, id, &[3], missing);
        let (other, _) = stretches(local(&module, id))[3];
        let instructions = &local(&module, id).block(other).instrs;
        assert!(
            matches!(instructions[..], [(Instr::Call(Call { func }), _), (Instr::Unreachable(_), _)] if func == missing)
        );
        wasmparser::validate(&module.emit_wasm()).unwrap();
    }

    #[test]
    fn what_is_cut_off_is_found_in_the_file() {
        let (mut module, _) = forked(8);
        let bytes = module.emit_wasm();
        let read = Module::from_buffer(&bytes).unwrap();
        let (_, function) = read.funcs.iter_local().next().unwrap();
        let found = ranges(function, 4, &[3]).unwrap();
        let [range] = &found[..] else { panic!("{found:?}") };
        let one = [0x41, 1, 0x1a];
        assert_eq!(&bytes[range.clone()], one.repeat(4), "i32.const 1, drop");
        assert!(ranges(function, 5, &[3]).is_err(), "another function");
    }

    #[test]
    fn stretches_of_a_module_are_counted_through() {
        let (mut module, id) = forked(8);
        let mut builder = FunctionBuilder::new(&mut module.types, &[], &[]);
        builder.func_body().instr(Const { value: Value::I32(1) }).drop();
        let next = builder.finish(Vec::new(), &mut module.funcs);
        let counted: Vec<_> = counted(&module).map(|(id, first, starts)| (id, first, starts.len())).collect();
        assert_eq!(counted, [(id, 0, 4), (next, 4, 1)]);
    }
}
