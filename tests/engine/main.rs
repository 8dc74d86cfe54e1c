//! The engine under a simulated world: virtual time, seeded scheduling, a scripted provider, a store that can fail.
//! A failing test prints its seed; `SEED=<number>` runs that one alone, `LOUD=1` prints what
//! sessions are told and say.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::print_stderr)]

mod abort_close;
mod asking;
mod auto;
mod callbacks;
mod lives;
mod lock;
mod login;
mod logout;
mod overtaking;
mod pace;
mod params;
mod redirect;
mod renewal;
mod retries;
mod rules;
mod sharing;
mod silence;
mod store;
