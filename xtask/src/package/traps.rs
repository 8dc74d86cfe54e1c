//! Panics of the module say nothing: what words them, and formats their parts, is a trap instead.
//!
//! Lints keep panics out of the library; where one happens all the same, the module ends either way, and its JavaScript
//! side says so to everybody who waits. The words would be paid by every page load.

use anyhow::{Context as _, Result};
use walrus::{FunctionBuilder, FunctionId, FunctionKind, Module};

/// Parts of the (mangled) names of functions that only run on the way to a trap. What formats is among them: the library
/// formats nothing, so that only the words of panics would.
const WAYS: [&str; 11] = [
    "9panicking",
    "13assert_failed",
    "16slice_error_fail",
    "19slice_error_fail_rt",
    "16slice_index_fail",
    "12handle_error",
    "18handle_alloc_error",
    "13unwrap_failed",
    "13expect_failed",
    "10rust_panic",
    "4core3fmt",
];

/// Makes traps of them.
pub(super) fn make(module: &mut Module) -> Result<()> {
    let ways: Vec<FunctionId> = module
        .funcs
        .iter_local()
        .map(|(id, _)| id)
        .filter(|id| module.funcs.get(*id).name.as_deref().is_some_and(is_way))
        .collect();
    anyhow::ensure!(!ways.is_empty(), "the module has no names, or Rust words panics by other functions than before");
    for id in ways {
        trap(module, id).with_context(|| format!("cannot make a trap of {:?}", module.funcs.get(id).name))?;
    }
    Ok(())
}

/// Whether a trap is made of the function of that name.
pub(super) fn is_way(name: &str) -> bool {
    WAYS.iter().any(|way| name.contains(way)) || formats(name)
}

/// Whether it is an implementation of `Debug` or `Display` of the core library, or of those of its types. Of the two ways in
/// which Rust mangles names, the newer one has something behind them.
fn formats(name: &str) -> bool {
    let ends = |end: &str| name.ends_with(end) || name.starts_with("_R") && name.contains(end);
    name.contains("4core") && (ends("5Debug3fmt") || ends("7Display3fmt"))
}

fn trap(module: &mut Module, id: FunctionId) -> Result<()> {
    let signature = module.types.get(module.funcs.get(id).ty());
    let (parameters, results) = (signature.params().to_vec(), signature.results().to_vec());
    let mut builder = FunctionBuilder::new(&mut module.types, &parameters, &results);
    builder.func_body().unreachable();
    let arguments = parameters.iter().map(|kind| module.locals.add(*kind)).collect();
    module.funcs.get_mut(id).kind = FunctionKind::Local(builder.local_func(arguments));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::is_way;

    #[test]
    fn what_formats_for_panics_alone_is_on_the_way_to_a_trap() {
        for name in [
            "_ZN4core9panicking5panic17h0123456789abcdefE",
            "_ZN4core3fmt9Formatter3pad17h0123456789abcdefE",
            "_RNvXs_NtNtCs1_4core3ops5rangeINtB4_5RangejENtNtB8_3fmt5Debug3fmtB8_",
            "_RNvXs5_NtCs1_4core4cellNtB5_14BorrowMutErrorNtNtB7_3fmt7Display3fmt",
        ] {
            assert!(is_way(name), "{name}");
        }
    }

    #[test]
    fn what_the_library_does_is_not() {
        for name in [
            "_ZN7propusk7session7Session4step17h0123456789abcdefE",
            "_RNvMNtNtCs1_4core5slice5asciiSh10trim_ascii",
            "_RNvXs_Cs1_7propuskNtB2_5ErrorNtNtCs2_5alloc3fmt5Debug3fmt",
        ] {
            assert!(!is_way(name), "{name}");
        }
    }
}
