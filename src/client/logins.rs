//! Which logins are known, and which of them are over.

use super::engine::Client;
use super::held::Held;
use super::host::{Change, Host};
use super::version::Version;

/// How many logins are remembered.
const MOST_LOGINS: usize = 16;

impl<H: Host> Client<H> {
    /// Notes that a session has come.
    pub(super) fn remember(&self, held: &Held, change: Change) {
        if change == Change::Sync {
            self.shelf.has_held.set(Some(held.version.login));
        }
        self.know(held);
        // Logins before it are not come back to when it ends.
        let mut over = self.shelf.over.borrow_mut();
        over.iter_mut().filter(|known| known.login < held.version.login).for_each(|known| known.renewal = i64::MAX);
    }

    /// Notes that a session is known of.
    pub(super) fn know(&self, held: &Held) {
        self.shelf.newest.set(self.shelf.newest.get().max(held.version.login));
        self.outlive(Version { renewal: -1, ..held.version });
    }

    /// Notes that a session is over, and with it what it was renewed from.
    pub(super) fn outlive(&self, version: Version) {
        let mut over = self.shelf.over.borrow_mut();
        if let Some(known) = over.iter_mut().find(|known| known.login == version.login) {
            *known = version.max(*known);
            return;
        }
        if over.len() >= MOST_LOGINS {
            over.remove(0);
        }
        over.push(version);
    }

    /// Notes that every login known till now is signed out of.
    pub(super) fn forget_logins(&self) {
        self.shelf.over.borrow_mut().iter_mut().for_each(|known| known.renewal = i64::MAX);
    }

    pub(super) fn is_over(&self, version: Version) -> bool {
        self.shelf.over.borrow().iter().any(|known| known.login == version.login && version <= *known)
    }

    /// The newest login that is known.
    pub(super) fn newest_login(&self) -> i64 {
        self.shelf.newest.get()
    }
}
