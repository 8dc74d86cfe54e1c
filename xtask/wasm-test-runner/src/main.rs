//! Cargo's runner for tests compiled to WebAssembly: wasm-bindgen's own, at the exact version of the workspace.
//!
//! Built from the registry as an ordinary member, so that nothing has to be installed beside the toolchain.

fn main() -> anyhow::Result<()> {
    wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(std::env::args_os())
}
