//! The engine and what only some clients need, in one module: for those who load or compile it by themselves, and for
//! runtimes that take no module but what they were deployed with.
#![cfg(target_arch = "wasm32")]

pub use propusk::web::Engine;
pub use propusk_extras::{check, read_xml};
