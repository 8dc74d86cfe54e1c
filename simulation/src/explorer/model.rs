//! A world that can be copied at every moment, and what may happen next in it.

use std::rc::Rc;

use propusk::error::{AuthError, Code};
use propusk::protocol::json::{self, Mode};
use propusk::protocol::response::Response;
use propusk::session::{Config, Input, Means, Op, Session, Timer};

use super::provider::Provider;
use super::shell::digest;
use super::stage::{Open, Stage};
use crate::calls::{CALLBACK, PASSWORD, REDIRECT, comes_back, credentials};
use crate::context::Urls;
use crate::invariants::Watch;
use crate::lies::Lie;
use crate::record::Record;

/// The wall clock at the start.
pub(super) const START: i64 = 1_800_000_000_000;
/// After so much time without anything that disturbs, all must have come to rest, milliseconds.
const REST: i64 = 60_000;

/// What a program does in a context.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Act {
    Refresh,
    Login,
    Logout,
    Close,
    /// The user comes back from the login that was begun so many logins before.
    Callback(usize),
}

/// What may happen next.
#[derive(Clone, Copy, Debug)]
pub(super) enum Choice {
    /// An operation goes on: it is carried out, or the context hears of it.
    Goes(usize),
    /// An operation of the store fails.
    Fails(usize),
    /// An operation of the store is silent; it may be carried out later, and be heard of then.
    FallsSilent(usize, bool),
    /// A request does not arrive, or its answer is lost.
    IsLost(usize),
    /// A silent operation, or one of a dead context, is carried out after all.
    Late(usize),
    /// A context hears that the store has changed.
    Notice(usize),
    /// A program does something.
    Acts(usize),
    /// A context dies.
    Dies(usize),
    /// Time passes until the next timer.
    Time(usize, usize),
}

/// One context.
#[derive(Clone)]
pub(super) struct Context {
    pub(super) session: Session,
    pub(super) watch: Watch,
    pub(super) timers: Vec<(Timer, i64)>,
    /// Stands for all that the session has been told: the same told in the same order makes the same session.
    pub(super) history: u64,
    pub(super) steps: u64,
    calls: u32,
    pub(super) is_dead: bool,
    pub(super) is_closed: bool,
}

/// How the world is.
#[derive(Clone)]
pub(super) struct Model {
    pub(super) contexts: Vec<Context>,
    pub(super) open: Vec<Open>,
    pub(super) late: Vec<(Open, bool)>,
    /// By place: the session, and pending logins.
    pub(super) records: [Option<String>; 2],
    pub(super) has_lock: bool,
    pub(super) holders: [Option<(usize, Op)>; 2],
    /// Where users were sent to.
    pub(super) urls: Vec<String>,
    notices: Vec<bool>,
    pub(super) provider: Provider,
    /// What programs have yet to do.
    pub(super) acts: Vec<(usize, Act)>,
    /// How often the store may fail or be silent.
    pub(super) troubles: u32,
    /// How often requests or answers may be lost.
    pub(super) losses: u32,
    /// Who may die.
    pub(super) mortal: Vec<usize>,
    pub(super) time: i64,
    /// When something last went wrong, or was done.
    disturbed: i64,
    /// New tokens may be lost: between the provider's answer and the store something went wrong.
    pub(super) is_excused: bool,
    pub(super) has_signed_out: bool,
    has_been_silent: bool,
    /// What is not as it is said to be, and what was there before the last write.
    pub(super) lie: Option<Lie>,
    before: [Option<String>; 2],
    /// Whether what happens is told.
    pub(super) is_loud: bool,
}

impl Model {
    /// Contexts that share a session, or that wait for so many users to come back.
    pub(super) fn new(contexts: usize, has_lock: bool, revokes: bool, pending: usize) -> Self {
        let options = match pending {
            0 => format!(r#"{{"provider":{PASSWORD},"retries":1}}"#),
            _ => format!(r#"{{"provider":{REDIRECT},"retries":1,"redirectUri":"{CALLBACK}"}}"#),
        };
        let options = json::read(&options, Mode::Strict).unwrap();
        let context = || {
            let means = Means { has_store: true, is_traced: true };
            let config = Config::read(&options, false, &Urls).unwrap();
            Context {
                session: Session::new(config, Rc::new(Urls), means),
                watch: Watch::new(true),
                timers: Vec::new(),
                history: 0,
                steps: 0,
                calls: 0,
                is_dead: false,
                is_closed: false,
            }
        };
        let mut model = Self {
            contexts: (0..contexts).map(|_| context()).collect(),
            open: Vec::new(),
            late: Vec::new(),
            records: [None, None],
            has_lock,
            holders: [None; 2],
            urls: Vec::new(),
            notices: vec![false; contexts],
            provider: Provider::new(revokes),
            acts: Vec::new(),
            troubles: 0,
            losses: 0,
            mortal: Vec::new(),
            time: 0,
            disturbed: 0,
            is_excused: false,
            has_signed_out: false,
            has_been_silent: false,
            lie: None,
            before: [None, None],
            is_loud: false,
        };
        model.opens(0);
        if pending == 0 {
            model.act(0, Act::Login);
            model.settle();
        }
        for _ in 0..pending {
            let call = model.call(0);
            model.give(0, Input::AuthorizationUrl { call, return_to: None });
            model.settle();
        }
        (1..contexts).for_each(|who| model.opens(who));
        model
    }

    fn opens(&mut self, who: usize) {
        let call = self.call(who);
        self.give(who, Input::Open { call });
        self.settle();
    }

    /// Everything goes on, in some order.
    fn settle(&mut self) {
        while let Some(choice) = self.duties().first() {
            self.take(*choice);
        }
    }

    fn call(&mut self, who: usize) -> u32 {
        self.contexts[who].calls += 1;
        self.contexts[who].calls
    }

    fn act(&mut self, who: usize, act: Act) {
        let call = self.call(who);
        self.disturbed = self.time;
        let input = match act {
            Act::Refresh => Input::Refresh { call, limit: None },
            Act::Login => Input::Login { call, credentials: credentials("user"), limit: None },
            Act::Logout => {
                self.has_signed_out = true;
                Input::Logout { call, revoke: false, limit: None }
            }
            Act::Callback(which) => {
                let address = comes_back(&self.urls[which], &format!("user{which}"));
                Input::Callback { call, address, limit: None }
            }
            Act::Close => {
                self.contexts[who].is_closed = true;
                Input::Close
            }
        };
        self.give(who, input);
    }

    /// What must happen before time passes.
    pub(super) fn duties(&self) -> Vec<Choice> {
        let mut choices: Vec<_> = (0..self.open.len()).filter(|at| self.can_go(*at)).map(Choice::Goes).collect();
        choices.extend((0..self.notices.len()).filter(|who| self.notices[*who]).map(Choice::Notice));
        choices
    }

    fn can_go(&self, at: usize) -> bool {
        let open = &self.open[at];
        !(matches!(open.stage, Stage::Lock) && self.has_lock && self.holders[open.place].is_some())
    }

    /// What may happen at any moment, or not.
    pub(super) fn accidents(&self) -> Vec<Choice> {
        let mut choices = Vec::new();
        for (at, open) in self.open.iter().enumerate() {
            if self.troubles > 0 && open.stage.is_stores() {
                choices.push(Choice::Fails(at));
                choices.push(Choice::FallsSilent(at, true));
                if !matches!(open.stage, Stage::Load) {
                    choices.push(Choice::FallsSilent(at, false));
                }
            }
            if self.losses > 0 && matches!(open.stage, Stage::Send(_) | Stage::Answered(_)) {
                choices.push(Choice::IsLost(at));
            }
        }
        choices.extend((0..self.late.len()).map(Choice::Late));
        choices.extend((0..self.mortal.len()).map(Choice::Dies));
        choices
    }

    /// What programs may do next: each context does one thing after the other.
    pub(super) fn programs(&self) -> Vec<Choice> {
        let is_first = |at: &usize| self.acts[..*at].iter().all(|(who, _)| *who != self.acts[*at].0);
        (0..self.acts.len()).filter(is_first).map(Choice::Acts).collect()
    }

    /// The timers that are due next.
    pub(super) fn timers(&self) -> Vec<Choice> {
        let alive = || self.contexts.iter().enumerate().filter(|(_, context)| !context.is_dead);
        let next = alive().flat_map(|(_, context)| context.timers.iter().map(|(_, at)| *at)).min();
        let Some(next) = next.filter(|next| *next <= self.disturbed + REST) else { return Vec::new() };
        let mut choices = Vec::new();
        for (who, context) in alive() {
            let due = context.timers.iter().enumerate().filter(|(_, (_, at))| *at == next);
            choices.extend(due.map(|(at, _)| Choice::Time(who, at)));
        }
        choices
    }

    /// One of them happens.
    pub(super) fn take(&mut self, choice: Choice) {
        if self.is_loud {
            println!("{:>6} ms  {choice:?}", self.time);
        }
        match choice {
            Choice::Goes(at) => {
                let open = self.open.remove(at);
                self.goes(open);
            }
            Choice::Fails(at) => {
                let Open { who, op, stage, .. } = self.open.remove(at);
                self.trouble(&stage);
                let error = AuthError::new(Code::Storage, "the store failed");
                self.give(
                    who,
                    match stage {
                        Stage::Load => Input::Loaded { op, record: Err(error) },
                        _ => Input::Swapped { op, done: Err(error) },
                    },
                );
            }
            Choice::FallsSilent(at, is_heard) => {
                let open = self.open.remove(at);
                self.trouble(&open.stage);
                self.has_been_silent = true;
                self.late.push((open, is_heard));
            }
            Choice::IsLost(at) => {
                let Open { who, op, stage, .. } = self.open.remove(at);
                self.losses -= 1;
                self.disturbed = self.time;
                self.is_excused |= matches!(stage, Stage::Answered(_));
                self.give(who, Input::Answered { op, answer: Err(AuthError::new(Code::Network, "lost")) });
            }
            Choice::Late(at) => {
                let (open, is_heard) = self.late.remove(at);
                self.disturbed = self.time;
                let before = self.open.len();
                self.goes(open);
                if !is_heard {
                    self.open.truncate(before);
                }
            }
            Choice::Notice(who) => {
                self.notices[who] = false;
                self.give(who, Input::Changed);
            }
            Choice::Acts(at) => {
                let (who, act) = self.acts.remove(at);
                if !self.contexts[who].is_dead {
                    self.act(who, act);
                }
            }
            Choice::Dies(at) => {
                let who = self.mortal.remove(at);
                self.dies(who);
            }
            Choice::Time(who, at) => {
                let (timer, at) = self.contexts[who].timers.remove(at);
                self.time = self.time.max(at);
                self.give(who, Input::Fired { timer });
            }
        }
    }

    fn trouble(&mut self, stage: &Stage) {
        self.troubles -= 1;
        self.disturbed = self.time;
        self.is_excused |= !matches!(stage, Stage::Load) || self.is_ahead();
    }

    /// Whether the provider has given tokens that are not in the store.
    fn is_ahead(&self) -> bool {
        let stored = self.records[0].as_deref().and_then(Record::read);
        let stored = stored.and_then(|record| record.tokens.last().cloned());
        stored.is_none_or(|stored| self.provider.newest(&stored) != Some(stored))
    }

    fn dies(&mut self, who: usize) {
        self.disturbed = self.time;
        self.is_excused |= self.is_ahead();
        self.contexts[who].is_dead = true;
        self.notices[who] = false;
        for held in self.holders.iter_mut().filter(|held| held.is_some_and(|(holder, _)| holder == who)) {
            *held = None;
        }
        let open = std::mem::take(&mut self.open);
        for open in open {
            if open.who != who {
                self.open.push(open);
            } else if matches!(open.stage, Stage::Swap(..) | Stage::Put(_) | Stage::Send(_)) {
                // What is on its way may still arrive.
                self.is_excused |= matches!(open.stage, Stage::Send(_));
                self.late.push((open, false));
            }
        }
    }

    fn goes(&mut self, open: Open) {
        let Open { who, op, place, stage } = open;
        let next = match stage {
            Stage::Load if self.lie == Some(Lie::LoadLast) => Stage::Loaded(self.before[place].clone()),
            Stage::Load => Stage::Loaded(self.records[place].clone()),
            Stage::Swap(expected, value) => {
                let fits = self.records[place] == expected || self.lie == Some(Lie::SwapAlways);
                if fits {
                    self.writes(who, place, value);
                }
                Stage::Swapped(fits || self.lie == Some(Lie::SwapSaysSo))
            }
            Stage::Put(value) => {
                self.writes(who, place, value);
                Stage::Swapped(true)
            }
            Stage::Send(request) => Stage::Answered(Rc::new(self.provider.receive(&request))),
            Stage::Lock => {
                if self.has_lock && self.lie != Some(Lie::LockForAll) {
                    self.holders[place] = Some((who, op));
                }
                return self.give(who, Input::Locked { op, lock: Ok(self.has_lock) });
            }
            Stage::Loaded(record) => return self.give(who, Input::Loaded { op, record: Ok(record) }),
            Stage::Swapped(done) => return self.give(who, Input::Swapped { op, done: Ok(done) }),
            Stage::Answered(response) => {
                return self.give(who, Input::Answered { op, answer: Ok(Response::clone(&response)) });
            }
            Stage::Unlocked => return self.give(who, Input::Unlocked { op }),
        };
        self.open.push(Open { who, op, place, stage: next });
    }

    fn writes(&mut self, by: usize, place: usize, value: Option<String>) {
        if self.lie == Some(Lie::WriteNothing) {
            return;
        }
        self.before[place] = std::mem::replace(&mut self.records[place], value);
        if place > 0 || self.lie == Some(Lie::NoNotices) {
            return;
        }
        for (who, notice) in self.notices.iter_mut().enumerate() {
            *notice |= who != by && !self.contexts[who].is_dead;
        }
    }

    /// The same for worlds that will go on in the same way.
    pub(super) fn fingerprint(&self) -> u64 {
        let mut open: Vec<u64> = self.open.iter().map(digest).collect();
        open.sort_unstable();
        let mut late: Vec<u64> = self.late.iter().map(digest).collect();
        late.sort_unstable();
        let contexts: Vec<_> = self.contexts.iter().map(|context| (context.history, context.is_dead)).collect();
        digest(&(
            (contexts, open, late, &self.records, &self.before, self.holders),
            (&self.notices, &self.provider, &self.acts, self.troubles, self.losses),
            (&self.mortal, self.time, self.disturbed, self.is_excused),
        ))
    }

    /// Calls that are open in contexts that are alive.
    pub(super) fn open_calls(&self) -> usize {
        self.contexts.iter().filter(|context| !context.is_dead).map(|context| context.watch.open_calls()).sum()
    }

    /// Whether nothing is to come but looks at a store that was silent: what it was asked then may still come to it.
    pub(super) fn is_at_rest(&self) -> bool {
        let is_look = |timer: Timer| timer == Timer::Resync && self.has_been_silent;
        let own = |context: &Context| context.is_dead || context.timers.iter().all(|(timer, _)| is_look(*timer));
        self.contexts.iter().all(own)
    }
}
