//! What inputs and outputs name.

use crate::secret::Secret;

/// A caller who waits, by the shell's number. Each is settled once.
pub type CallId = u32;

/// Something that the shell was asked to do, by the machine's number.
pub type Op = u32;

/// Credentials as `login` takes them: names and values.
pub type Credentials = Vec<(String, Secret)>;

/// What is kept in a store.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// The session.
    Session,
    /// Logins whose callbacks are awaited.
    Pending,
}
