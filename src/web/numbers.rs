//! What inputs and outputs are called on their way over the edge: `pkg-template/src/numbers.js` has the same.

macro_rules! numbers {
    ($($name:ident = $number:literal,)*) => {
        pub(in crate::web) const LIST: &[(&str, u32)] = &[$((stringify!($name), $number),)*];
        $(pub(in crate::web) const $name: u32 = $number;)*
    };
}

/// Inputs of the machine.
pub(super) mod input {
    numbers! {
        OPEN = 0,
        LOGIN = 1,
        CONFIRM = 2,
        SET_SESSION = 3,
        CHECK = 4,
        REFRESH = 5,
        TOKEN = 6,
        REFUSED = 7,
        ACCEPTED = 8,
        LOGOUT = 9,
        AUTHORIZATION_URL = 10,
        CALLBACK = 11,
        ABANDON = 12,
        RESUMED = 13,
        CHANGED = 14,
        CLOSE = 15,
        ANSWERED = 16,
        LOADED = 17,
        SWAPPED = 18,
        LOCKED = 19,
        UNLOCKED = 20,
        GIVEN = 21,
        FIRED = 22,
    }
}

/// What the shell is told.
pub(super) mod output {
    numbers! {
        SET = 0,
        SET_IDLE = 1,
        STOP = 2,
        LOAD = 3,
        SWAP = 4,
        PUT = 5,
        LOCK = 6,
        UNLOCK = 7,
        ASK = 8,
        SETTLE = 9,
        SETTLE_SESSION = 10,
        SETTLE_REDIRECTED = 11,
        REJECT = 12,
        SHOW = 13,
        CLEAN = 14,
        TRACE = 15,
        WARN = 16,
        WIPE = 17,
        ANSWER = 18,
        PREPARED = 19,
    }
}

/// Inputs by name.
pub const INPUTS: &[(&str, u32)] = input::LIST;
/// Outputs by name.
pub const OUTPUTS: &[(&str, u32)] = output::LIST;
