//! What callers are told where nothing was sent.

use crate::error::{AuthError, Code};

pub(super) fn signed_out() -> AuthError {
    AuthError::new(Code::LoginRequired, "nobody is signed in").hint("Call `login` first.")
}

pub(super) fn superseded() -> AuthError {
    AuthError::new(Code::Aborted, "a later login or a logout overtook this call")
}
