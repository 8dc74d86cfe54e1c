//! What happens to a session: calls, answers of the outside, moments.

use super::ids::{CallId, Credentials, Op, Place};
use crate::error::Result;
use crate::protocol::response::Response;
use crate::secret::Secret;
use crate::value::Value;

/// The moment of an input, and what is random about it.
#[derive(Clone, Copy)]
pub struct Now {
    /// Our clock, milliseconds since the Unix epoch.
    pub wall: i64,
    /// Milliseconds of a clock that is never set; `None` where only `wall` counts.
    pub steady: Option<i64>,
    /// Fresh bytes of cryptographic quality for this step; `None` where the host has none.
    pub random: Option<[u8; 32]>,
}

/// Tokens that were had elsewhere, for `setSession`.
#[derive(Clone)]
pub struct GivenTokens {
    /// The token for calls.
    pub access_token: Secret,
    /// The token for renewal.
    pub refresh_token: Option<Secret>,
    /// End of the token's life, milliseconds since the Unix epoch.
    pub expires_at: Option<i64>,
    /// The user's id.
    pub subject: Option<String>,
    /// Granted scope.
    pub scope: Vec<String>,
    /// Where calls go.
    pub api_base: Option<String>,
    /// What may be shown of the session: a map.
    pub details: Value,
}

/// What happens. `limit` is the caller's own `timeout`, milliseconds.
pub enum Input {
    /// The first one: the store is read. Settled with [`Done`](super::Reply::Done) when that is over, well or not.
    Open {
        /// Who waits.
        call: CallId,
    },
    /// A caller signs in.
    Login {
        /// Who waits.
        call: CallId,
        /// With what.
        credentials: Credentials,
        /// The caller's own `timeout`.
        limit: Option<i64>,
    },
    /// The second step of a login.
    Confirm {
        /// Who waits.
        call: CallId,
        /// What the user typed.
        code: Secret,
        /// The caller's own `timeout`.
        limit: Option<i64>,
    },
    /// A caller has tokens from elsewhere.
    SetSession {
        /// Who waits.
        call: CallId,
        /// The tokens.
        tokens: Box<GivenTokens>,
    },
    /// A caller wants to know whose the credential is.
    Check {
        /// Who waits.
        call: CallId,
        /// The caller's own `timeout`.
        limit: Option<i64>,
    },
    /// A caller wants the session renewed now.
    Refresh {
        /// Who waits.
        call: CallId,
        /// The caller's own `timeout`.
        limit: Option<i64>,
    },
    /// A caller wants a session whose token is valid for `min_validity` milliseconds more. `force`: a new one.
    Token {
        /// Who waits.
        call: CallId,
        /// Milliseconds.
        min_validity: i64,
        /// Whether it must be a new one.
        force: bool,
        /// The caller's own `timeout`.
        limit: Option<i64>,
    },
    /// A call of the API was answered with "expired". Settled with [`Repeat`](super::Reply::Repeat).
    Refused {
        /// Who waits.
        call: CallId,
        /// The session's number when the call went out: see [`generation`](super::Session::generation).
        generation: u32,
        /// The login that it went out with: see [`login`](super::Session::login).
        login: i64,
        /// Whether it was the repetition after a renewal: then renewals are braked.
        repeated: bool,
    },
    /// A call of the API was answered otherwise: the brake is released.
    Accepted,
    /// A caller signs out.
    Logout {
        /// Who waits.
        call: CallId,
        /// Whether the provider is told.
        revoke: bool,
        /// The caller's own `timeout`.
        limit: Option<i64>,
    },
    /// A caller wants the address to send the user to.
    AuthorizationUrl {
        /// Who waits.
        call: CallId,
        /// Where the app wants to go after login.
        return_to: Option<String>,
    },
    /// The user came back to that address.
    Callback {
        /// Who waits.
        call: CallId,
        /// Absolute.
        address: String,
        /// The caller's own `timeout`.
        limit: Option<i64>,
    },
    /// A caller waits no longer, and wants to hear nothing.
    Abandon {
        /// Who waited.
        call: CallId,
    },
    /// Timers may have slept, and word of other contexts may have been missed.
    Resumed,
    /// Another context may have changed the store.
    Changed,
    /// The client is closed.
    Close,
    /// A request was answered; or not: `network`, `timeout`, `invalid_response`.
    Answered {
        /// Which.
        op: Op,
        /// The whole answer.
        answer: Result<Response>,
    },
    /// The store was read.
    Loaded {
        /// Which.
        op: Op,
        /// What was there.
        record: Result<Option<String>>,
    },
    /// The store was written, also by `Put`; false: something else than was expected was there.
    Swapped {
        /// Which.
        op: Op,
        /// Whether it was written.
        done: Result<bool>,
    },
    /// The lock was given; false: this store has none.
    Locked {
        /// Which.
        op: Op,
        /// Whether it is held now.
        lock: Result<bool>,
    },
    /// The lock is given back.
    Unlocked {
        /// The number of the `Lock`.
        op: Op,
    },
    /// `credentials` gave something, or gave up.
    Given {
        /// Which.
        op: Op,
        /// What.
        credentials: Result<Option<Credentials>>,
    },
    /// A moment has come.
    Fired {
        /// Which.
        timer: Timer,
    },
}

impl Input {
    /// The caller who waits for what comes of it.
    pub const fn call(&self) -> Option<CallId> {
        match self {
            Self::Open { call }
            | Self::Login { call, .. }
            | Self::Confirm { call, .. }
            | Self::SetSession { call, .. }
            | Self::Check { call, .. }
            | Self::Refresh { call, .. }
            | Self::Token { call, .. }
            | Self::Refused { call, .. }
            | Self::Logout { call, .. }
            | Self::AuthorizationUrl { call, .. }
            | Self::Callback { call, .. } => Some(*call),
            _ => None,
        }
    }
}

/// What is due at a moment. Each is set at most once at a time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Timer {
    /// The store must have answered.
    StoreDeadline(Place),
    /// The lock must have been given, or given back.
    LockDeadline(Place),
    /// The renewal goes on.
    RenewalPause,
    /// `credentials` must have given something.
    AskDeadline,
    /// A request is repeated, by the number of its exchange.
    Repeat(u32),
    /// A caller's own deadline, or the end of its pause.
    Call(CallId),
    /// The token is to be renewed in the background.
    Refresh,
    /// The store is looked at again, soon.
    Sync,
    /// The store is to be made to hold what memory holds.
    Resync,
    /// A closed client ends.
    CloseDeadline,
}

impl Timer {
    /// Whether a program may end while nothing but this is waited for.
    pub const fn is_idle(self) -> bool {
        matches!(self, Self::Refresh | Self::Sync | Self::Resync | Self::CloseDeadline | Self::AskDeadline)
    }

    /// A number of its own, for shells that keep timers by number.
    pub const fn number(self) -> f64 {
        let (kind, id) = match self {
            Self::StoreDeadline(Place::Session) => (0, 0),
            Self::StoreDeadline(Place::Pending) => (0, 1),
            Self::LockDeadline(Place::Session) => (1, 0),
            Self::LockDeadline(Place::Pending) => (1, 1),
            Self::RenewalPause => (2, 0),
            Self::AskDeadline => (3, 0),
            Self::Repeat(id) => (4, id),
            Self::Call(id) => (5, id),
            Self::Refresh => (6, 0),
            Self::Sync => (7, 0),
            Self::Resync => (8, 0),
            Self::CloseDeadline => (9, 0),
        };
        id as f64 * 16.0 + kind as f64
    }

    /// The timer of that number.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "made by `number`")]
    pub fn of_number(number: f64) -> Option<Self> {
        let number = number as u64;
        let id = (number / 16) as u32;
        let place = if id == 0 { Place::Session } else { Place::Pending };
        Some(match number % 16 {
            0 => Self::StoreDeadline(place),
            1 => Self::LockDeadline(place),
            2 => Self::RenewalPause,
            3 => Self::AskDeadline,
            4 => Self::Repeat(id),
            5 => Self::Call(id),
            6 => Self::Refresh,
            7 => Self::Sync,
            8 => Self::Resync,
            9 => Self::CloseDeadline,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_timer_has_a_number_of_its_own_and_comes_back_by_it() {
        let mut all = Vec::new();
        for place in [Place::Session, Place::Pending] {
            all.extend([Timer::StoreDeadline(place), Timer::LockDeadline(place)]);
        }
        for id in [0, 1, 15, 16, u32::MAX] {
            all.extend([Timer::Repeat(id), Timer::Call(id)]);
        }
        all.extend([Timer::RenewalPause, Timer::AskDeadline, Timer::Refresh, Timer::Sync, Timer::Resync]);
        all.push(Timer::CloseDeadline);
        for (at, timer) in all.iter().enumerate() {
            assert_eq!(Timer::of_number(timer.number()), Some(*timer));
            assert!(all.iter().skip(at + 1).all(|other| other.number() != timer.number()), "{timer:?}");
        }
        assert_eq!(Timer::of_number(10.0), None);
    }

    #[test]
    fn a_program_need_not_go_on_for_what_nobody_waits_for() {
        assert!(Timer::Refresh.is_idle() && Timer::Resync.is_idle() && Timer::AskDeadline.is_idle());
        assert!(!Timer::Call(1).is_idle() && !Timer::StoreDeadline(Place::Session).is_idle());
    }
}
