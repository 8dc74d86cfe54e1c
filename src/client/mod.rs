//! What happens over time: signing in, one renewal for everybody, callbacks, retries, giving up. Written once over
//! [`Host`], so that it runs natively under a simulated world and in WebAssembly under the real one.

mod auto;
pub mod config;
mod engine;
pub mod held;
pub mod host;
mod login;
mod logout;
mod redirect;
mod renewal;
mod reports;
mod send;
pub mod signal;
mod store;
mod turn;

pub use config::{Addresses, Config};
pub use engine::Client;
pub use held::Held;
pub use host::{Change, Credentials, Host, Kept, Trace};
pub use redirect::Redirected;
