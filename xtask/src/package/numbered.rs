//! Things of a module by numbers, which are the same ones in each copy of it.

use anyhow::{Context as _, Result};
use walrus::ir::{Visitor, dfs_in_order};
use walrus::{ExportItem, FunctionId, FunctionKind, GlobalId, MemoryId, Module, TableId};

/// What halves of a module can have in common.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shared {
    Function(usize),
    Memory(usize),
    Table(usize),
    Global(usize),
}

/// What one function refers to.
#[derive(Default)]
pub(super) struct Refers {
    pub(super) functions: Vec<FunctionId>,
    pub(super) others: Vec<Shared>,
}

impl<'i> Visitor<'i> for Refers {
    fn visit_function_id(&mut self, id: &FunctionId) {
        self.functions.push(*id);
    }

    fn visit_memory_id(&mut self, id: &MemoryId) {
        self.others.push(Shared::Memory(id.index()));
    }

    fn visit_table_id(&mut self, id: &TableId) {
        self.others.push(Shared::Table(id.index()));
    }

    fn visit_global_id(&mut self, id: &GlobalId) {
        self.others.push(Shared::Global(id.index()));
    }
}

pub(super) fn refers(module: &Module, function: FunctionId) -> Refers {
    let mut refers = Refers::default();
    if let FunctionKind::Local(local) = &module.funcs.get(function).kind {
        dfs_in_order(&mut refers, local, local.entry_block());
    }
    refers
}

pub(super) fn shared_of(item: ExportItem) -> Option<Shared> {
    Some(match item {
        ExportItem::Function(id) => Shared::Function(id.index()),
        ExportItem::Memory(id) => Shared::Memory(id.index()),
        ExportItem::Table(id) => Shared::Table(id.index()),
        ExportItem::Global(id) => Shared::Global(id.index()),
        ExportItem::Tag(_) => return None,
    })
}

pub(super) fn function(module: &Module, number: usize) -> Result<FunctionId> {
    let function = module.funcs.iter().find(|function| function.id().index() == number);
    Ok(function.context("a copy of the module has fewer functions")?.id())
}

pub(super) fn memory(module: &Module, number: usize) -> Result<MemoryId> {
    let memory = module.memories.iter().find(|memory| memory.id().index() == number);
    Ok(memory.context("a copy of the module has fewer memories")?.id())
}

pub(super) fn table(module: &Module, number: usize) -> Result<TableId> {
    let table = module.tables.iter().find(|table| table.id().index() == number);
    Ok(table.context("a copy of the module has fewer tables")?.id())
}

pub(super) fn global(module: &Module, number: usize) -> Result<GlobalId> {
    let global = module.globals.iter().find(|global| global.id().index() == number);
    Ok(global.context("a copy of the module has fewer globals")?.id())
}

pub(super) fn function_of(item: ExportItem) -> Option<FunctionId> {
    match item {
        ExportItem::Function(id) => Some(id),
        _ => None,
    }
}
