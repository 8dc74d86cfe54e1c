//! Five business services on loopback ports: what the demo and the behaviour tests sign in to.
//!
//! Each behaves as its own document says and is strict about what it receives; what it refuses is explained in the
//! journal. A sixth port controls the rest: options, expiry, faults, the journal itself. See README.md.
//!
//! ```text
//! server     accepts connections (feature `server`);               host  clock, randomness, delays
//! answer     runs a request through the steps below
//! exchange   a request as received, an answer as it will be sent;  wire  decoding, masking
//! services   the five: what each accepts and answers
//! vault      tokens: issued, renewed, spent, expired;              options  what can be changed while running
//! fault      answers spoilt on purpose;                            hold  requests that wait for a signal
//! journal    who asked what, and what came of it;                  control  the sixth port
//! ```

mod answer;
mod control;
mod cors;
mod exchange;
mod fault;
mod hold;
mod host;
mod journal;
mod masks;
mod options;
#[cfg(feature = "server")]
mod server;
mod services;
#[cfg(feature = "server")]
mod settings;
mod time;
mod vault;
mod wire;
mod world;

pub use answer::{Answer, Cut, Ending, LONGEST_BODY};
pub use host::{Host, Sleep};
pub use journal::{Entry, Purpose};
pub use options::Defaults;
#[cfg(feature = "server")]
pub use server::Sandbox;
pub use services::{Account, Id};
#[cfg(feature = "server")]
pub use settings::{Settings, Switch};
pub use world::World;
