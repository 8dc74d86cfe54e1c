//! What is sent and how answers are read. No I/O, no clock, no randomness: they come in as arguments.

pub mod answer;
pub mod body;
pub mod challenge;
pub mod date;
pub mod details;
pub mod encoding;
pub mod form;
pub mod json;
pub mod malformed;
pub mod pkce;
pub mod problem;
pub mod redact;
pub mod redirect;
pub mod request;
pub mod response;
mod secrets;
mod sorted;
pub(crate) mod steps;
pub mod url;
pub mod xml;
