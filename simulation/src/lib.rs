//! A world for sessions: virtual time, an order of events that a seed decides, a provider, a store, a lock, and contexts
//! (tabs, processes) that live in it. The engine's own tests write down what happens in it step by step; [`chaos`] lets a
//! seed decide that as well, and checks what must hold whatever happens; [`explorer`] takes every order of few events.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::missing_panics_doc,
    reason = "it only runs in tests, where what is impossible is a failure"
)]

pub mod calls;
pub mod chaos;
pub mod context;
pub mod executor;
pub mod explorer;
pub mod invariants;
pub mod lies;
pub mod lock;
pub mod random;
pub mod record;
pub mod server;
pub mod states;
pub mod store;
pub mod witness;
pub mod words;
pub mod world;
