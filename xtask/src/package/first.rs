//! What of the engine runs until a page has its first token: a copy of the module notes it for each stretch of its functions
//! while `pkg-template/first.mjs` signs in.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use walrus::ir::{Call, Const, Instr, Value};
use walrus::{FunctionKind, Module, ValType};

use super::branches;
use crate::process;
use crate::workspace::Workspace;

/// What the copy calls with a number where it comes to a stretch.
const NOTE: &str = "ran";

/// Gives the stretches that ran, counted through the module. `folder` is for what has to be made for it.
pub(super) fn ran(workspace: &Workspace, module: &[u8], glue: &str, folder: &Path) -> Result<HashSet<usize>> {
    let paths = ["noting.wasm", "noting.js"].map(|name| folder.join(name));
    for (path, bytes) in paths.iter().zip([noting(module)?, glue.as_bytes().to_vec()]) {
        fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
    }
    let told = process::read(workspace.node("pkg-template/first.mjs").args(&paths).arg(NOTE))?;
    let ran: HashSet<usize> = serde_json::from_str(&told).context("first.mjs gives no list of numbers")?;
    ensure!(!ran.is_empty(), "nobody has signed in: no function of the module ran");
    Ok(ran)
}

/// The module with a note in each stretch of its functions.
fn noting(module: &[u8]) -> Result<Vec<u8>> {
    let mut module = Module::from_buffer(module).context("cannot read the module")?;
    let functions: Vec<_> = branches::counted(&module).collect();
    let kind = module.types.add(&[ValType::I32], &[]);
    let (note, _) = module.add_import_func(NOTE, NOTE, kind);
    for (id, first, starts) in functions {
        let FunctionKind::Local(function) = &mut module.funcs.get_mut(id).kind else { continue };
        // From behind, so that those before it stay where they are.
        for (place, (sequence, at)) in starts.into_iter().enumerate().rev() {
            let value = Value::I32(i32::try_from(first + place)?);
            let noted: [Instr; 2] = [Const { value }.into(), Call { func: note }.into()];
            let instructions = &mut function.block_mut(sequence).instrs;
            instructions.splice(at..at, noted.map(|instruction| (instruction, Default::default())));
        }
    }
    Ok(module.emit_wasm())
}

#[cfg(test)]
mod tests {
    use walrus::FunctionBuilder;
    use walrus::ir::{Visitor, dfs_in_order};

    use super::*;

    #[test]
    fn the_copy_notes_each_stretch_of_each_function() {
        let mut module = Module::default();
        let condition = module.locals.add(ValType::I32);
        let mut builder = FunctionBuilder::new(&mut module.types, &[ValType::I32], &[]);
        builder.func_body().local_get(condition).if_else(None, |_| {}, |_| {});
        let forked = builder.finish(vec![condition], &mut module.funcs);
        module.exports.add("forked", forked);
        let mut builder = FunctionBuilder::new(&mut module.types, &[], &[]);
        builder.func_body().i32_const(1).drop();
        let plain = builder.finish(Vec::new(), &mut module.funcs);
        module.exports.add("plain", plain);

        let noting = noting(&module.emit_wasm()).unwrap();
        wasmparser::validate(&noting).unwrap();
        let noting = Module::from_buffer(&noting).unwrap();
        let import = noting.imports.iter().next().unwrap();
        assert_eq!((import.module.as_str(), import.name.as_str()), (NOTE, NOTE));
        let mut noted = Noted::default();
        noting.funcs.iter_local().for_each(|(_, local)| dfs_in_order(&mut noted, local, local.entry_block()));
        noted.0.sort_unstable();
        assert_eq!(noted.0, [0, 1, 1, 2, 3, 4], "a number for each, and the constant of the function itself");
    }

    /// Constants, which are what is noted.
    #[derive(Default)]
    struct Noted(Vec<i32>);

    impl<'i> Visitor<'i> for Noted {
        fn visit_const(&mut self, constant: &Const) {
            if let Value::I32(number) = constant.value {
                self.0.push(number);
            }
        }
    }
}
