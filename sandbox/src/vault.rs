//! Tokens of one service: issued, checked, renewed, spent, expired.

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use crate::host::Host;
use crate::time;

/// What a login or renewal gave.
#[derive(Debug, Clone)]
pub(crate) struct Pair {
    pub(crate) access: String,
    pub(crate) refresh: Option<String>,
    /// Seconds.
    pub(crate) lifetime: u64,
    /// Milliseconds since the epoch.
    pub(crate) ends: u64,
}

/// Why a token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    Unknown,
    Expired,
    /// The token of an "expired" account.
    Flawed,
    /// A refresh token that was spent: its whole family is dead now.
    Reused,
    /// Of a family that was revoked.
    Revoked,
}

impl Refusal {
    pub(crate) fn why(self) -> &'static str {
        match self {
            Self::Unknown => "the token is not one that was issued here",
            Self::Expired => "the token has expired",
            Self::Flawed => "the first token of an \"expired\" account is never good",
            Self::Reused => "the refresh token was spent before: its whole family is revoked",
            Self::Revoked => "the token's family was revoked",
        }
    }
}

/// How tokens are issued just now.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terms {
    /// Seconds.
    pub(crate) lifetime: u64,
    /// Seconds; None: for ever.
    pub(crate) refresh_lifetime: Option<u64>,
    pub(crate) grace: f64,
    pub(crate) rotate: bool,
    pub(crate) omit_refresh_token: bool,
}

/// Counters of refresh token families.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Counters {
    /// Refresh tokens given out.
    issued: u64,
    /// Refresh tokens exchanged for a successor.
    spent: u64,
    reuse_detected: u64,
    /// Families revoked, for reuse or by the control port.
    revoked: u64,
    /// The largest number of times one refresh token was received.
    max_spends: u64,
}

struct Access {
    account: String,
    family: u64,
    ends: u64,
    flawed: bool,
}

struct Ticket {
    account: String,
    family: u64,
    ends: Option<u64>,
    received: u64,
    spent: Option<(u64, Pair)>,
}

/// The tokens of one service.
pub(crate) struct Vault {
    host: Host,
    access: HashMap<String, Access>,
    tickets: HashMap<String, Ticket>,
    revoked: HashSet<u64>,
    families: u64,
    counters: Counters,
    /// Per account, the access token issued last.
    latest: HashMap<String, String>,
    /// Accounts whose flawed token was shown and refused: their next one is good.
    healed: HashSet<String>,
}

impl Vault {
    pub(crate) fn new(host: Host) -> Self {
        Self {
            host,
            access: HashMap::new(),
            tickets: HashMap::new(),
            revoked: HashSet::new(),
            families: 0,
            counters: Counters::default(),
            latest: HashMap::new(),
            healed: HashSet::new(),
        }
    }

    /// Signs an account in: a new family. A flawed account's token is refused from the start.
    pub(crate) fn issue(&mut self, account: &str, flawed: bool, refreshable: bool, terms: Terms) -> Pair {
        let flawed = flawed && !self.healed.remove(account);
        self.families += 1;
        let family = self.families;
        let mut pair = self.access_token(account, family, flawed, terms);
        if refreshable {
            pair.refresh = Some(self.refresh_token(account, family, terms));
        }
        pair
    }

    /// Spends a refresh token.
    pub(crate) fn renew(&mut self, token: &str, terms: Terms) -> Result<(String, Pair), Refusal> {
        let now = self.host.now();
        let ticket = self.tickets.get_mut(token).ok_or(Refusal::Unknown)?;
        ticket.received += 1;
        self.counters.max_spends = self.counters.max_spends.max(ticket.received);
        let (account, family) = (ticket.account.clone(), ticket.family);
        if self.revoked.contains(&family) {
            return Err(Refusal::Revoked);
        }
        if let Some((at, pair)) = &ticket.spent {
            if now < at.saturating_add(time::millis(terms.grace)) {
                return Ok((account, pair.clone()));
            }
            self.counters.reuse_detected += 1;
            self.revoke_family(family);
            return Err(Refusal::Reused);
        }
        if ticket.ends.is_some_and(|ends| ends <= now) {
            return Err(Refusal::Expired);
        }
        self.healed.remove(&account);
        let mut pair = self.access_token(&account, family, false, terms);
        if terms.omit_refresh_token {
            return Ok((account, pair));
        }
        if !terms.rotate {
            pair.refresh = Some(token.to_owned());
            return Ok((account, pair));
        }
        pair.refresh = Some(self.refresh_token(&account, family, terms));
        if let Some(ticket) = self.tickets.get_mut(token) {
            ticket.spent = Some((now, pair.clone()));
            self.counters.spent += 1;
        }
        Ok((account, pair))
    }

    /// The account that an access token belongs to.
    pub(crate) fn check(&mut self, token: &str) -> Result<String, Refusal> {
        let access = self.access.get(token).ok_or(Refusal::Unknown)?;
        if self.revoked.contains(&access.family) {
            return Err(Refusal::Revoked);
        }
        if access.flawed {
            // Only the newest one heals: one that straggles in after the next login must not spoil the login after that.
            if self.latest.get(&access.account).is_some_and(|latest| latest == token) {
                self.healed.insert(access.account.clone());
            }
            return Err(Refusal::Flawed);
        }
        if access.ends <= self.host.now() { Err(Refusal::Expired) } else { Ok(access.account.clone()) }
    }

    /// Ends all access tokens issued till now; refresh tokens stay good.
    pub(crate) fn expire(&mut self) {
        for access in self.access.values_mut() {
            access.ends = 0;
        }
    }

    /// Ends everything.
    pub(crate) fn revoke(&mut self) {
        for family in 1..=self.families {
            self.revoke_family(family);
        }
    }

    pub(crate) fn counters(&self) -> &Counters {
        &self.counters
    }

    pub(crate) fn has_issued(&self, text: &str) -> bool {
        self.access.contains_key(text) || self.tickets.contains_key(text)
    }

    fn revoke_family(&mut self, family: u64) {
        if self.revoked.insert(family) {
            self.counters.revoked += 1;
        }
    }

    fn access_token(&mut self, account: &str, family: u64, flawed: bool, terms: Terms) -> Pair {
        let token = self.host.random_text();
        let ends = self.host.now().saturating_add(terms.lifetime.saturating_mul(1000));
        self.latest.insert(account.to_owned(), token.clone());
        self.access.insert(token.clone(), Access { account: account.to_owned(), family, ends, flawed });
        Pair { access: token, refresh: None, lifetime: terms.lifetime, ends }
    }

    fn refresh_token(&mut self, account: &str, family: u64, terms: Terms) -> String {
        let token = self.host.random_text();
        let ends = terms.refresh_lifetime.map(|life| self.host.now().saturating_add(life.saturating_mul(1000)));
        let ticket = Ticket { account: account.to_owned(), family, ends, received: 0, spent: None };
        self.tickets.insert(token.clone(), ticket);
        self.counters.issued += 1;
        token
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU8, Ordering};

    use super::*;

    /// Stands still, and never gives the same bytes twice.
    const HOST: Host = Host {
        now: || 1_600_000_000_000,
        random: |bytes| {
            static LAST: AtomicU8 = AtomicU8::new(0);
            bytes.fill(LAST.fetch_add(1, Ordering::Relaxed));
        },
        sleep: |_| Box::pin(std::future::ready(())),
        log: |_| {},
    };

    const TERMS: Terms =
        Terms { lifetime: 60, refresh_lifetime: None, grace: 0.0, rotate: true, omit_refresh_token: false };

    #[test]
    fn a_spent_refresh_token_ends_its_family() {
        let mut vault = Vault::new(HOST);
        let first = vault.issue("a", false, true, TERMS);
        let spent = first.refresh.unwrap();
        let (_, second) = vault.renew(&spent, TERMS).unwrap();
        assert_eq!(vault.check(&second.access).unwrap(), "a");
        assert_eq!(vault.renew(&spent, TERMS).unwrap_err(), Refusal::Reused);
        assert_eq!(vault.check(&second.access).unwrap_err(), Refusal::Revoked);
        assert_eq!(vault.renew(&second.refresh.unwrap(), TERMS).unwrap_err(), Refusal::Revoked);
        assert_eq!((vault.counters.max_spends, vault.counters.reuse_detected), (2, 1));
    }

    #[test]
    fn within_the_grace_a_spent_refresh_token_gives_the_same_answer() {
        let mut vault = Vault::new(HOST);
        let terms = Terms { grace: 60.0, ..TERMS };
        let token = vault.issue("a", false, true, terms).refresh.unwrap();
        let (_, once) = vault.renew(&token, terms).unwrap();
        let (_, again) = vault.renew(&token, terms).unwrap();
        assert_eq!((once.access, once.refresh), (again.access, again.refresh));
    }

    #[test]
    fn a_flawed_account_heals_by_renewal_and_by_another_login() {
        let mut vault = Vault::new(HOST);
        let pair = vault.issue("a", true, true, TERMS);
        assert_eq!(vault.check(&pair.access).unwrap_err(), Refusal::Flawed);
        let (_, renewed) = vault.renew(&pair.refresh.unwrap(), TERMS).unwrap();
        assert!(vault.check(&renewed.access).is_ok());
        let pair = vault.issue("a", true, false, TERMS);
        assert_eq!(vault.check(&pair.access).unwrap_err(), Refusal::Flawed);
        let again = vault.issue("a", true, false, TERMS);
        assert!(vault.check(&again.access).is_ok());
    }
}
