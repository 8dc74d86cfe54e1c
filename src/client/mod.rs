//! What happens over time: signing in, one renewal for everybody, callbacks, retries, giving up. Written once over
//! [`Host`], so that it runs natively under a simulated world and in WebAssembly under the real one.

mod ask;
mod auto;
pub mod config;
mod engine;
pub mod guard;
pub mod held;
pub mod host;
mod lock;
mod login;
mod logins;
mod logout;
mod pace;
mod redirect;
mod renewal;
mod reports;
mod send;
pub mod signal;
mod spend;
mod store;
mod sync;
mod turn;
pub mod version;

pub use config::{Addresses, Config};
pub use engine::Client;
pub use guard::Guard;
pub use held::Held;
pub use host::{Change, Credentials, Host, Kept, Trace};
pub use redirect::Redirected;
