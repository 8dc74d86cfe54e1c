//! Propusk signs in to business services whose logins have little in common, keeps the session alive and attaches the
//! credential to requests. This crate is the logic of the npm package `propusk`.
//!
//! Each layer knows only the one before it:
//!
//! - [`provider`]: a provider is data. The five built-in ones are pages of JSON, read like a caller's own.
//! - [`protocol`]: builds requests from templates and reads answers. No I/O, no clock, no randomness.
//! - [`session`]: what happens over time, as a state machine: inputs and time go in, outputs come out.
//! - `web` (wasm32 only): the exports of the module, and the transport of token requests.
//!
//! ```
//! use propusk::protocol::request::{Purpose, Request};
//! use propusk::provider::{builtin, Login, Scope};
//! use propusk::value::Value;
//!
//! let kassa = builtin::provider("bifit-kassa", &Value::Map(Vec::new()))?;
//! let Login::Request(template) = kassa.login() else { unreachable!() };
//! let mut scope = Scope::of(&kassa);
//! scope.open("username", "79991234567");
//! scope.secret("password", "secret");
//! let request = Request::build(Purpose::Login, template, &scope, kassa.base_url())?;
//! assert_eq!(request.url, "https://kassa.bifit.com/cashdesk-api/v1/oauth/token");
//! assert!(request.body.unwrap().contains("password=K7gNU3sdo%2BOL0wNhqoVWhr3g6s1xYv72ol%2Fpe%2FUnols%3D"));
//! # Ok::<(), propusk::error::AuthError>(())
//! ```

pub mod error;
pub mod protocol;
pub mod provider;
pub mod secret;
pub mod session;
pub mod value;
#[cfg(all(target_arch = "wasm32", feature = "web"))]
pub mod web;
