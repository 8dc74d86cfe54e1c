//! What keeps a session from being lost, by name: a simulation takes one away to show that it would notice.

/// One precaution of the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// The store is read again when the lock is held, before the refresh token is sent.
    ReRead,
    /// What the store holds is compared before it is written.
    Compare,
    /// New tokens are stored before anyone sees them.
    StoreFirst,
    /// Callers at once share one renewal.
    OneFlight,
    /// After failed renewals the next ones wait.
    CoolDown,
    /// A renewal asks for the store's lock.
    Lock,
    /// A refusal is believed when the store still holds the refused token a moment later.
    SecondLook,
}

impl Guard {
    /// All of them, by the names that command lines give them.
    pub const ALL: [(&'static str, Self); 7] = [
        ("re-read", Self::ReRead),
        ("compare", Self::Compare),
        ("store-first", Self::StoreFirst),
        ("one-flight", Self::OneFlight),
        ("cool-down", Self::CoolDown),
        ("lock", Self::Lock),
        ("second-look", Self::SecondLook),
    ];
}
