//! What happens over time: signing in, one renewal for everybody, callbacks, retries, giving up. Written once over
//! [`Host`], so that it runs natively under a simulated world and in WebAssembly under the real one.

mod ask;
mod auto;
mod engine;
pub mod guard;
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

pub use crate::session::config::{self, Addresses, Config};
/// The session's own module, under the names that are used here.
pub mod held {
    pub use crate::session::tokens::Tokens as Held;
}
pub use crate::session::version;
pub use engine::Client;
pub use guard::Guard;
pub use held::Held;
pub use host::{Change, Credentials, Host, Kept, Trace};
pub use redirect::Redirected;
