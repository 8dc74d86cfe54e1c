//! Worlds that do not do what they say: a simulation that looks well notices them, or the lie does no harm.

/// Something that the outside says though it is not so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lie {
    /// Everybody is told to have the lock.
    LockForAll,
    /// A swap writes whatever is there.
    SwapAlways,
    /// A swap that found something else says that it has written.
    SwapSaysSo,
    /// A read gives what was there before the last write.
    LoadLast,
    /// A read now and then finds nothing.
    LoadNothing,
    /// A write says that it was done, and nothing is written.
    WriteNothing,
    /// No context hears of what others write.
    NoNotices,
    /// Pauses of a renewal end at once.
    NoPauses,
    /// Pauses of callers, after renewals that failed, end at once.
    NoBackoff,
    /// The store's deadlines come at once.
    NoPatience,
    /// Our clock jumps by hours from one moment to the next.
    ClockJumps,
    /// Every answer comes twice.
    Twice,
    /// What was given up is answered all the same.
    AnswersAllTheSame,
    /// Random bytes are always the same.
    NoRandom,
    /// Timers fire though they were stopped.
    TimersFireAnyway,
}

impl Lie {
    /// All of them, by the names that command lines give them; with the reason where one does no harm.
    pub const ALL: [(&'static str, Self, Option<&'static str>); 15] = [
        ("lock-for-all", Self::LockForAll, None),
        ("swap-always", Self::SwapAlways, None),
        ("swap-says-so", Self::SwapSaysSo, None),
        ("load-last", Self::LoadLast, None),
        ("load-nothing", Self::LoadNothing, None),
        ("write-nothing", Self::WriteNothing, None),
        ("no-notices", Self::NoNotices, None),
        ("no-pauses", Self::NoPauses, None),
        (
            "no-backoff",
            Self::NoBackoff,
            Some("it is the longer pauses that save requests, and those are no timers: calls reject within them"),
        ),
        ("no-patience", Self::NoPatience, None),
        ("clock-jumps", Self::ClockJumps, None),
        ("twice", Self::Twice, Some("an answer whose operation is over is dropped")),
        ("answers-all-the-same", Self::AnswersAllTheSame, Some("an answer whose operation is over is dropped")),
        ("no-random", Self::NoRandom, None),
        ("timers-fire-anyway", Self::TimersFireAnyway, None),
    ];
}
