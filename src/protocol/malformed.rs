//! Why a body could not be read.

/// A body that is not what it claims to be. It names a place and a fault, never what the body holds: that may be a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// Where reading stopped, in bytes from the start.
    pub at: usize,
    /// What is wrong there.
    pub what: &'static str,
}
