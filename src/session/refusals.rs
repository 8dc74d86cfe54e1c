//! What callers are told where nothing was sent.

use crate::error::{AuthError, Code};

pub(super) fn signed_out() -> AuthError {
    AuthError::new(Code::LoginRequired, "nobody is signed in").hint("Call `login` first.")
}

/// The store holds what this version cannot read.
pub(super) fn unreadable(is_newer: bool) -> AuthError {
    let (message, hint) = if is_newer {
        ("the store holds a session of a newer version of this package", "Update this one. ")
    } else {
        ("the store holds what is no session", "")
    };
    let hint = [hint, "What is there stays until somebody signs in or out."];
    let mut error = AuthError::new(Code::Storage, message).hint_of(&hint);
    error.is_permanent = is_newer;
    error
}

pub(super) fn superseded() -> AuthError {
    AuthError::new(Code::Aborted, "a later login or a logout overtook this call")
}
