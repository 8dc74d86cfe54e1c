//! The sandbox's services behind a server that is not Rust: requests come in as texts and bytes, answers go out so.
//!
//! One instance of the module plays one sandbox: what it takes from its host is the instance's own.

#![cfg(target_arch = "wasm32")]

mod host;
mod sandbox;
mod wire;

pub use sandbox::Sandbox;
