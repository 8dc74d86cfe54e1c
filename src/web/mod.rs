//! The edge to JavaScript: the only part that names it. It opens engines, hands inputs to their machines and outputs to
//! the shell, and sends requests. The shell does the rest, in JavaScript: `pkg-template/src`.
//!
//! Only numbers and texts cross, and what the machine shows. An exception of the host is handed through unseen. Nothing is
//! re-entrant: the shell keeps what it is told until the step that told it is over.

mod answer;
mod body;
mod engine;
mod fault;
mod inner;
mod input;
mod jobs;
pub mod numbers;
mod output;
mod prepared;
mod problem;
mod shell;
mod transport;
mod values;

pub use engine::Engine;
pub use shell::Shell;
