//! What must hold, whatever happens.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::{Rc, Weak};

use propusk::error::{AuthError, Code};
use propusk::protocol::form;
use propusk::protocol::json::{self, Mode};
use propusk::protocol::request::{Purpose, Request};
use propusk::protocol::response::Response;
use propusk::session::{Change, Place, Tokens};

use super::Tally;
use super::plan::Plan;
use crate::executor::Owner;
use crate::record::Record;
use crate::store::full_key;
use crate::witness::Witness;
use crate::world::{Context, World};

/// What became of a refresh token that was sent.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// Its answer is waited for.
    Out,
    /// Nobody waits for its answer any more.
    GivenUp,
    /// An answer came that says nothing about the token.
    Unclear,
    /// New tokens came back.
    Renewed,
    /// It was refused for good.
    Refused,
}

/// How many accounts there may be.
pub(super) const ACCOUNTS: usize = 2;

/// Longest time that an answer takes where nothing goes wrong, milliseconds.
const SLOW: i64 = 450;

struct Sent {
    owner: Owner,
    token: String,
    at: i64,
    fate: Fate,
}

/// What became of the session of an account.
#[derive(Default)]
struct Account {
    /// Whether somebody signed out, or the provider ended everything.
    is_over: Cell<bool>,
    was_over: Cell<bool>,
    /// Whether a context has removed the session from the store, and which.
    is_removed: Cell<bool>,
    removed_by: Cell<Option<Owner>>,
}

/// Looks on, and writes down what must not be.
pub(super) struct Checks {
    world: Weak<World>,
    plan: Rc<Plan>,
    sent: RefCell<Vec<Sent>>,
    /// Tokens that were in the store at some time.
    stored: RefCell<BTreeSet<String>>,
    /// Contexts whose renewal in progress was overtaken by a login, a logout or `close`.
    overtaken: RefCell<BTreeSet<Owner>>,
    /// What a context held when its renewal was refused for good, last.
    refused: RefCell<BTreeMap<Owner, String>>,
    accounts: [Account; ACCOUNTS],
    /// Whose context is whose, and which key of the store.
    owners: RefCell<BTreeMap<Owner, usize>>,
    keys: RefCell<BTreeMap<String, usize>>,
    /// Contexts that were closed or killed.
    gone: RefCell<BTreeSet<Owner>>,
    /// Prints what happens.
    is_loud: bool,
    tally: Cell<Tally>,
    failure: RefCell<Option<String>>,
}

impl Checks {
    pub(super) fn new(world: &Rc<World>, plan: Rc<Plan>, is_loud: bool) -> Rc<Self> {
        Rc::new(Self {
            world: Rc::downgrade(world),
            plan,
            sent: RefCell::default(),
            stored: RefCell::default(),
            overtaken: RefCell::default(),
            refused: RefCell::default(),
            accounts: Default::default(),
            owners: RefCell::default(),
            keys: RefCell::default(),
            gone: RefCell::default(),
            is_loud,
            tally: Cell::default(),
            failure: RefCell::default(),
        })
    }

    /// Somebody has signed in: what was over before is no excuse any more.
    pub(super) fn begins_again(&self, account: usize) {
        let account = &self.accounts[account];
        account.was_over.set(account.was_over.get() || account.is_over.get());
        account.is_over.set(false);
        account.is_removed.set(false);
    }

    /// The session of an account ends, as somebody wants it to.
    pub(super) fn ends(&self, account: usize) {
        self.accounts[account].is_over.set(true);
    }

    /// Whether it has ended.
    pub(super) fn is_over(&self, account: usize) -> bool {
        self.accounts[account].is_over.get()
    }

    /// A context is one of an account's.
    pub(super) fn belongs(&self, context: &Context, account: usize) {
        self.owners.borrow_mut().insert(context.host.owner, account);
        self.keys.borrow_mut().insert(full_key(Place::Session, &context.key), account);
    }

    fn account_of(&self, owner: Owner) -> &Account {
        &self.accounts[self.owners.borrow().get(&owner).copied().unwrap_or_default()]
    }

    /// A login went well.
    pub(super) fn counts_login(&self) {
        let tally = self.tally.get();
        self.tally.set(Tally { logins: tally.logins + 1, ..tally });
    }

    /// The first thing that did not hold.
    pub(super) fn failure(&self) -> Option<String> {
        self.failure.borrow().clone()
    }

    pub(super) fn tally(&self) -> Tally {
        self.tally.get()
    }

    /// Tells what happens, where somebody listens.
    pub(super) fn note(&self, what: &dyn Fn() -> String) {
        if self.is_loud {
            let elapsed = self.world.upgrade().map_or(0, |world| world.executor.elapsed());
            println!("{elapsed:>9} ms  {}", what());
        }
    }

    pub(super) fn fail(&self, what: String) {
        self.note(&|| format!("FAILED: {what}"));
        self.failure.borrow_mut().get_or_insert(what);
    }

    /// A login, logout or `close` begins in a context: a renewal that is out there may be dropped.
    pub(super) fn overtakes(&self, owner: Owner, what: &str) {
        self.note(&|| format!("context {owner}: {what}"));
        self.overtaken.borrow_mut().insert(owner);
    }

    /// A context is closed or killed.
    pub(super) fn goes(&self, owner: Owner) {
        self.gone.borrow_mut().insert(owner);
        self.never_tells(owner);
    }

    pub(super) fn kills(&self, owner: Owner) {
        self.note(&|| format!("context {owner}: killed"));
        self.goes(owner);
        let tally = self.tally.get();
        self.tally.set(Tally { kills: tally.kills + 1, ..tally });
    }

    /// Whether at most one context at a time was at it: who has waited in a long queue goes on without the lock.
    fn is_lock_sure(&self) -> bool {
        self.plan.is_lock_sure() && self.tally.get().lock_waits_given_up == 0
    }

    /// Whoever removes a session that was refused, and is gone, does not tell that it is over.
    fn never_tells(&self, owner: Owner) {
        let is_gone = self.gone.borrow().contains(&owner);
        let account = self.account_of(owner);
        if is_gone && account.removed_by.get() == Some(owner) && self.refused.borrow().contains_key(&owner) {
            account.is_over.set(true);
        }
    }

    fn is_alive(&self, owner: Owner) -> bool {
        self.world.upgrade().is_some_and(|world| world.is_alive(owner))
    }

    /// Whether what became of some token of the session is not known to whoever is left: then the session may be lost
    /// where the provider takes no token twice.
    fn is_unclear(&self, token: &str) -> bool {
        let Some(world) = self.world.upgrade() else { return true };
        let user = world.server.family_of(token);
        let is_lost = |sent: &Sent| match sent.fate {
            Fate::GivenUp | Fate::Unclear => true,
            Fate::Renewed => !self.is_alive(sent.owner) || self.overtaken.borrow().contains(&sent.owner),
            // An answer that takes longer than others believe a refusal may as well be none.
            Fate::Out => !self.is_alive(sent.owner) || world.executor.elapsed() - sent.at > SLOW,
            Fate::Refused => false,
        };
        self.sent.borrow().iter().any(|sent| is_lost(sent) && world.server.family_of(&sent.token) == user)
    }

    /// A text must not show a secret.
    fn hides_secrets(&self, text: &str) {
        let shows =
            |prefix: &str| text.split(prefix).skip(1).any(|rest| rest.starts_with(|next: char| next.is_ascii_digit()));
        if shows("access-") || shows("refresh-") || text.contains("pass-word") {
            self.fail(format!("a text shows a secret: {text}"));
        }
    }

    /// A call is rejected.
    pub(super) fn rejects(&self, owner: Owner, what: &str, error: &AuthError) {
        self.note(&|| format!("context {owner}: `{what}` rejects: {}", error.message));
        self.looks_at(error);
        if error.code == Code::Aborted && !self.overtaken.borrow().contains(&owner) {
            self.fail(format!("`{what}` of context {owner} was overtaken, though nobody signed in or out there"));
        }
    }

    /// Neither must an error.
    pub(super) fn looks_at(&self, error: &AuthError) {
        for text in [
            Some(error.message.as_str()),
            error.hint.as_deref(),
            error.provider_code.as_deref(),
            error.provider_message.as_deref(),
        ]
        .into_iter()
        .flatten()
        {
            self.hides_secrets(text);
        }
    }

    fn sends_refresh_token(&self, owner: Owner, token: &str) {
        let tally = self.tally.get();
        self.tally.set(Tally { renewals: tally.renewals + 1, ..tally });
        // Whoever signs in or out gives up the lock at once, and leaves to its end what it has sent.
        let is_left = |sent: &Sent| sent.token == token && self.overtaken.borrow().contains(&sent.owner);
        let is_sure = self.is_lock_sure() && self.plan.is_store_sure() && !self.sent.borrow().iter().any(is_left);
        for sent in self.sent.borrow().iter() {
            if sent.owner == owner && sent.fate == Fate::Out {
                self.fail(format!("context {owner} sends two refresh tokens at once"));
            }
            if sent.token != token {
                continue;
            }
            if sent.owner == owner && sent.fate == Fate::Renewed && self.plan.rotates {
                self.fail(format!("context {owner} sends {token} again, after it received a new one"));
            }
            if is_sure && sent.fate == Fate::Out && self.is_alive(sent.owner) {
                self.fail(format!("contexts {} and {owner} send {token} at the same time", sent.owner));
            }
            let successor = self.world.upgrade().and_then(|world| world.server.successor_of(token));
            if is_sure && successor.is_some_and(|successor| self.stored.borrow().contains(&successor)) {
                self.fail(format!("context {owner} sends {token}, whose successor is in the store"));
            }
        }
        let at = self.world.upgrade().map_or(0, |world| world.executor.elapsed());
        self.sent.borrow_mut().push(Sent { owner, token: token.to_owned(), at, fate: Fate::Out });
    }

    fn settle(&self, owner: Owner, token: &str, fate: Fate) {
        let mut sent = self.sent.borrow_mut();
        let open = sent.iter_mut().find(|sent| sent.owner == owner && sent.token == token && sent.fate == Fate::Out);
        if let Some(sent) = open {
            sent.fate = fate;
        }
    }
}

impl Witness for Checks {
    fn sends(&self, owner: Owner, request: &Request) {
        self.note(&|| format!("context {owner}: sends {} {:?}", request.purpose.as_str(), refresh_token(request)));
        if let Some(token) = refresh_token(request) {
            self.sends_refresh_token(owner, &token);
        }
    }

    fn gives_up(&self, owner: Owner, request: &Request) {
        if let Some(token) = refresh_token(request) {
            self.settle(owner, &token, Fate::GivenUp);
        }
    }

    fn answers(&self, owner: Owner, request: &Request, answer: &Result<Response, AuthError>, is_heard: bool) {
        self.note(&|| {
            let text = match answer {
                Ok(answer) => format!("{} {}", answer.status, String::from_utf8_lossy(&answer.body)),
                Err(error) => error.message.to_string(),
            };
            format!("context {owner}: is answered (heard: {is_heard}) {text}")
        });
        let Some(token) = refresh_token(request) else { return };
        let fate = match answer {
            _ if !is_heard => Fate::GivenUp,
            Ok(answer) if answer.status == 200 && is_whole(answer) => Fate::Renewed,
            Ok(answer) if matches!(answer.status, 400 | 401) && is_final(answer) => {
                self.refused.borrow_mut().insert(owner, token.clone());
                Fate::Refused
            }
            _ => Fate::Unclear,
        };
        self.settle(owner, &token, fate);
    }

    fn writes(&self, owner: Owner, key: &str, before: Option<&str>, after: Option<&str>) {
        let account = &self.accounts[self.keys.borrow().get(key).copied().unwrap_or_default()];
        let (before, after) = (before.and_then(Record::read), after.and_then(Record::read));
        self.note(&|| format!("context {owner}: writes {after:?} over {before:?}"));
        if let (Some(before), Some(after)) = (&before, &after)
            && after.version < before.version
            && !self.plan.swaps_in_two_steps
            && self.plan.is_store_sure()
        {
            self.fail(format!("context {owner} writes {:?} over {:?}", after.version, before.version));
        }
        if before.is_some() && after.is_none() && !account.is_over.get() && !account.is_removed.get() {
            // Others may see it before the context itself tells. A login that was overtaken is taken back.
            if !self.refused.borrow().contains_key(&owner) && !self.overtaken.borrow().contains(&owner) {
                self.fail(format!("context {owner} removes the session, though nobody signed out or was refused"));
            }
            account.is_removed.set(true);
            account.removed_by.set(Some(owner));
            self.never_tells(owner);
        }
        if let Some(after) = after {
            self.stored.borrow_mut().extend(after.tokens);
        }
    }

    fn announces(&self, owner: Owner, change: Change, tokens: Option<&Tokens>) {
        let token = tokens.and_then(|tokens| tokens.access_token.as_ref()).map(|token| token.expose().to_owned());
        self.note(&|| format!("context {owner}: tells {} {token:?}", change.as_str()));
        let account = self.account_of(owner);
        match (change, token) {
            (Change::Login | Change::Refresh, Some(token))
                if self.plan.is_store_sure() && !self.stored.borrow().contains(&token) =>
            {
                self.fail(format!("context {owner} shows a session that was never stored"));
            }
            (Change::Expire, _) => {
                let tally = self.tally.get();
                self.tally.set(Tally { ended: tally.ended + 1, ..tally });
                let refused = self.refused.borrow().get(&owner).cloned();
                let Some(token) = refused else {
                    return self.fail(format!("context {owner} ends its session without a final answer"));
                };
                let is_excused = account.is_over.get()
                    || !self.plan.is_store_sure()
                    || self.is_unclear(&token)
                    // A login by a clock that is behind is older than one that has ended unheard.
                    || (self.plan.clocks_differ && account.was_over.get())
                    || (self.plan.reuse == crate::server::Reuse::Revokes && !self.is_lock_sure());
                if !is_excused {
                    self.fail(format!("context {owner} lost its session, though every token is accounted for"));
                }
                account.is_over.set(true);
            }
            // A look may have begun before the next login.
            (Change::Sync, None)
                if !account.is_over.get() && account.removed_by.get().is_none() && !account.was_over.get() =>
            {
                self.fail(format!("context {owner} was signed out, though nobody did that"));
            }
            _ => {}
        }
    }

    fn warns(&self, owner: Owner, warning: &AuthError) {
        self.note(&|| format!("context {owner}: warns {}", warning.message));
        self.looks_at(warning);
        if warning.message.contains("`withLock`") {
            let tally = self.tally.get();
            self.tally.set(Tally { lock_waits_given_up: tally.lock_waits_given_up + 1, ..tally });
        }
    }

    fn notes(&self, owner: Owner, what: &dyn Fn() -> String) {
        self.note(&|| format!("context {owner} {}", what()));
    }

    fn shows(&self, text: &str) {
        self.hides_secrets(text);
    }
}

fn refresh_token(request: &Request) -> Option<String> {
    if request.purpose != Purpose::Refresh {
        return None;
    }
    let form = form::decode(request.body.as_deref().unwrap_or_default());
    form.into_iter().find(|(name, _)| name == "refresh_token").map(|(_, value)| value)
}

fn is_whole(answer: &Response) -> bool {
    let body = std::str::from_utf8(&answer.body).unwrap_or_default();
    json::read(body, Mode::Strict).is_ok_and(|body| body.get("access_token").is_some())
}

fn is_final(answer: &Response) -> bool {
    answer.status == 401 || String::from_utf8_lossy(&answer.body).contains("invalid_grant")
}
