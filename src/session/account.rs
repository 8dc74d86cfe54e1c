//! Who is signed in, and which sessions are known to be over.

use std::rc::Rc;

use super::version::Version;
use super::{Change, Output, Session, Tokens};

/// How many logins are remembered.
const MOST_LOGINS: usize = 16;

/// The session, and the logins that were.
#[derive(Clone, Default)]
pub(super) struct Account {
    pub(super) tokens: Option<Rc<Tokens>>,
    /// Counts changes of `tokens`.
    pub(super) generation: u32,
    /// The newest login that is known.
    newest: i64,
    /// Tombstones: logins that are known, and up to which renewal they are over; those are not taken from the store any
    /// more. Each for itself: another machine's clock, which numbers its logins, may be behind.
    tombstones: Vec<Version>,
    /// The login of which the store is known to have held a session: an empty store then means that somebody signed out.
    pub(super) stored_login: Option<i64>,
}

/// What the store holds, against what memory holds.
#[derive(Clone)]
pub(super) enum Found {
    /// The same, or nothing.
    Same,
    /// What this version cannot read. Whatever it is, it is left alone until somebody signs in or out.
    Foreign { is_newer: bool },
    /// A newer session, which another context wrote.
    Newer(Rc<Tokens>),
    /// Something older, or nothing yet: what memory holds has not come there.
    Older,
    /// Nothing any more: another context signed out.
    Gone,
    /// The store could not be read.
    Unknown,
}

impl Account {
    /// Notes that a session is known of.
    pub(super) fn know(&mut self, version: Version) {
        self.newest = self.newest.max(version.login);
        self.outlive(Version { renewal: -1, ..version });
    }

    /// Notes that a session is over, and with it what it was renewed from.
    fn outlive(&mut self, version: Version) {
        if let Some(known) = self.tombstones.iter_mut().find(|known| known.login == version.login) {
            *known = version.max(*known);
            return;
        }
        if self.tombstones.len() >= MOST_LOGINS {
            self.tombstones.remove(0);
        }
        self.tombstones.push(version);
    }

    /// Notes that every login known till now is signed out of.
    pub(super) fn forget_logins(&mut self) {
        self.tombstones.iter_mut().for_each(|known| known.renewal = i64::MAX);
    }

    fn is_over(&self, version: Version) -> bool {
        self.tombstones.iter().any(|known| known.login == version.login && version <= *known)
    }

    /// The version of a login at that moment: the newest of all that are known.
    pub(super) fn next_login(&mut self, now: i64) -> Version {
        let version = Version::of_login(now, self.newest);
        self.know(version);
        version
    }

    fn replace(&mut self, next: Option<Rc<Tokens>>, change: Change) {
        match (&next, &self.tokens) {
            (Some(next), _) => {
                let version = next.version;
                if matches!(change, Change::Sync | Change::Restore) {
                    self.stored_login = Some(version.login);
                }
                self.know(version);
                // Logins before it are not come back to when it ends.
                let earlier = self.tombstones.iter_mut().filter(|known| known.login < version.login);
                earlier.for_each(|known| known.renewal = i64::MAX);
            }
            (None, Some(ended)) => {
                let version = ended.version;
                self.outlive(version);
            }
            (None, None) => {}
        }
        self.tokens = next;
        self.generation = self.generation.wrapping_add(1);
    }
}

impl Session {
    /// The one writer of the session: another one is there from now on.
    pub(super) fn replace_session(&mut self, next: Option<Rc<Tokens>>, change: Change) {
        self.account.replace(next, change);
        self.backoff.works();
        if change == Change::Login {
            self.brake.release();
        }
        if !self.lifecycle.is_open() {
            return;
        }
        self.arm();
        self.redirect.forget_others(self.account.tokens.as_ref());
        let show = Output::Show { change };
        if matches!(change, Change::Refresh | Change::Sync | Change::Expire) && self.renewal_is_locked() {
            // Of what comes in between nobody hears: what is shown is the session as it is then.
            self.renewal.deferred.retain(|output| !matches!(output, Output::Show { .. }));
            self.renewal.deferred.push(show);
        } else {
            self.renewal.deferred.retain(|output| !matches!(output, Output::Show { .. }));
            self.out.push(show);
        }
        self.calls.iter_mut().for_each(|call| call.wake());
    }

    /// Compares what was read with what memory holds.
    pub(super) fn compare(&mut self, record: Option<&str>, against: Option<&Tokens>) -> Found {
        let Some(record) = record else {
            return match against {
                None => Found::Same,
                Some(tokens) if self.account.stored_login != Some(tokens.version.login) => Found::Older,
                Some(_) if self.store.take_late_removal() => {
                    // That the store is empty may be our own doing.
                    self.account.stored_login = None;
                    Found::Older
                }
                Some(_) => Found::Gone,
            };
        };
        let read = Tokens::from_record(record, &self.config, self.now.wall, self.now.steady);
        let Some(mut stored) = read else {
            return Found::Foreign { is_newer: Tokens::is_of_newer_form(record) };
        };
        let is_older = match against {
            Some(tokens)
                if stored.same_tokens(tokens)
                    && (stored.version <= tokens.version || stored.expires_at == tokens.expires_at) =>
            {
                self.account.stored_login = Some(stored.version.login);
                return Found::Same;
            }
            Some(tokens) => stored.version < tokens.version,
            None => self.account.is_over(stored.version),
        };
        if is_older {
            return Found::Older;
        }
        // Options may have changed since it was written.
        stored.api_base = self.accepted_base(stored.api_base.take());
        Found::Newer(Rc::new(stored))
    }

    pub(super) fn has_refresh(&self, tokens: &Tokens) -> bool {
        self.config.provider.renew().is_some() && tokens.refresh_token.is_some()
    }

    /// Whether a session can be had again without the user.
    pub fn is_renewable(&self, tokens: &Tokens) -> bool {
        self.has_refresh(tokens) || self.config.can_ask || self.config.provider.renews_by_login()
    }

    /// What is left of a session's token; `None` where no end is known.
    pub(super) fn remaining(&self, tokens: &Tokens) -> Option<i64> {
        tokens.remaining(self.now.wall, self.now.steady)
    }

    /// How early a token is renewed: never more than half of its life.
    pub(super) fn margin(&self, tokens: &Tokens) -> i64 {
        self.config.refresh_before.min(tokens.life().unwrap_or(i64::MAX) / 2)
    }

    /// Whether a session that another context wrote can be used as it is, or not be helped.
    pub(super) fn is_good(&self, tokens: &Tokens) -> bool {
        let left = self.remaining(tokens);
        !self.is_renewable(tokens) || left.is_none_or(|left| left > 0 && left >= self.margin(tokens))
    }
}
