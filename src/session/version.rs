//! Which of two sessions is the newer one, whoever wrote them and in whatever order they are seen.

/// Every login is newer than the renewals of an earlier one, every renewal newer than what it renewed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// Grows with each login to the same account, in every context that shares the store.
    pub login: i64,
    /// Counts the renewals since.
    pub renewal: i64,
}

impl Version {
    /// A login at the moment `now`, after the newest one that is known. The moment makes it grow also after a logout,
    /// which signs_out nothing to count from.
    pub fn of_login(now: i64, newest: i64) -> Self {
        Self { login: now.max(newest.saturating_add(1)), renewal: 0 }
    }

    /// The next renewal.
    #[must_use]
    pub fn renewed(self) -> Self {
        Self { renewal: self.renewal.saturating_add(1), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_login_is_newer_than_every_renewal_of_an_earlier_one() {
        let first = Version::of_login(1000, 0);
        let renewed = first.renewed().renewed();
        assert!(first < renewed);
        assert!(renewed < Version::of_login(1001, first.login));
    }

    #[test]
    fn a_clock_that_stands_still_or_was_set_back_makes_no_login_older() {
        let first = Version::of_login(1000, 0);
        assert!(first < Version::of_login(1000, first.login));
        assert!(first < Version::of_login(0, first.login));
    }
}
