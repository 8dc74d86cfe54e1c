//! The scripts around the module in the place of an operating system.

use std::cell::OnceCell;
use std::time::Duration;

use js_sys::Uint8Array;
use sandbox::{Host, Sleep};
use tokio::sync::oneshot;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// What the scripts give the module to work with.
    #[wasm_bindgen(typescript_type = "Machine")]
    pub type Machine;

    /// Milliseconds since the Unix epoch.
    #[wasm_bindgen(method)]
    fn now(this: &Machine) -> f64;

    /// As many bytes that nobody can guess.
    #[wasm_bindgen(method)]
    fn random(this: &Machine, length: u32) -> Uint8Array;

    /// Calls back after so many milliseconds, or never when everything has ended before.
    #[wasm_bindgen(method)]
    fn later(this: &Machine, done: &JsValue, ms: f64);

    /// Takes a request's lines in the log.
    #[wasm_bindgen(method)]
    fn log(this: &Machine, line: &str);
}

thread_local! {
    static MACHINE: OnceCell<Machine> = const { OnceCell::new() };
}

/// Takes the scripts for host; the first ones stay it.
pub(crate) fn host(machine: Machine) -> Host {
    MACHINE.with(|cell| drop(cell.set(machine)));
    Host { now, random, sleep, log }
}

fn with<T>(default: T, ask: impl FnOnce(&Machine) -> T) -> T {
    MACHINE.with(|cell| cell.get().map_or(default, ask))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "as Rust casts floats: to the nearest there is"
)]
fn now() -> u64 {
    with(0.0, Machine::now) as u64
}

fn random(bytes: &mut [u8]) {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    with((), |machine| machine.random(length).copy_to(bytes));
}

fn sleep(duration: Duration) -> Sleep {
    let (done, over) = oneshot::channel();
    let wake = Closure::once_into_js(move || done.send(()).unwrap_or_default());
    with((), |machine| machine.later(&wake, duration.as_secs_f64() * 1000.0));
    Box::pin(async move { drop(over.await) })
}

fn log(line: &str) {
    with((), |machine| machine.log(line));
}
