//! What must hold after every step of every session, whatever happens. Numbers are those of the list in
//! [`Watch::step`].

use std::rc::Rc;

use propusk::error::Code;
use propusk::protocol::request::Purpose;
use propusk::session::{CallId, Change, Input, Op, Output, Place, Session, Timer, Tokens};

use crate::record::Record;
use crate::states::{self, States};

/// How many records that are known to have been stored are remembered.
const REMEMBERED: usize = 8;

/// What a call is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// It waits for a renewal, or may.
    Renews,
    /// Anything else.
    Other,
}

/// An input, as far as it matters here.
pub enum Seen {
    /// A call begins.
    Call(CallId, Kind),
    /// A caller goes away.
    Abandon(CallId),
    /// The client is closed.
    Close,
    /// A request was answered; whether that may be a final refusal.
    Answered(Op, bool),
    /// The store was read.
    Loaded(Option<Rc<str>>),
    /// The store was written, if it was.
    Swapped(Op, bool),
    /// The lock was given, if it was.
    Locked(Op, bool),
    /// The lock was given back.
    Unlocked(Op),
    /// A timer has fired.
    Fired(Timer),
    /// Anything else.
    Other,
}

impl Seen {
    /// Of an input.
    pub fn of(input: &Input) -> Self {
        match input {
            Input::Refresh { call, .. } | Input::Token { call, .. } | Input::Refused { call, .. } => {
                Self::Call(*call, Kind::Renews)
            }
            Input::Open { call }
            | Input::Login { call, .. }
            | Input::Confirm { call, .. }
            | Input::SetSession { call, .. }
            | Input::Check { call, .. }
            | Input::Logout { call, .. }
            | Input::AuthorizationUrl { call, .. }
            | Input::Callback { call, .. } => Self::Call(*call, Kind::Other),
            Input::Abandon { call } => Self::Abandon(*call),
            Input::Close => Self::Close,
            Input::Answered { op, answer } => {
                let is_final = answer.as_ref().is_ok_and(|answer| {
                    (400..500).contains(&answer.status)
                        || answer.status == 200 && String::from_utf8_lossy(&answer.body).contains("error")
                });
                Self::Answered(*op, is_final)
            }
            Input::Loaded { record, .. } => Self::Loaded(record.clone().ok().flatten().map(Rc::from)),
            Input::Swapped { op, done } => Self::Swapped(*op, matches!(done, Ok(true))),
            Input::Locked { op, lock } => Self::Locked(*op, matches!(lock, Ok(true))),
            Input::Unlocked { op } => Self::Unlocked(*op),
            Input::Fired { timer } => Self::Fired(*timer),
            Input::Given { .. } | Input::Resumed | Input::Changed | Input::Accepted => Self::Other,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Lock {
    Asked,
    Held,
    Returning,
}

/// Looks at one session, step by step.
#[derive(Clone)]
pub struct Watch {
    has_store: bool,
    calls: Vec<(CallId, Kind)>,
    sent: Vec<(Op, Purpose)>,
    timers: Vec<Timer>,
    locks: Vec<(Op, Lock)>,
    /// Records on their way to the store.
    writes: Vec<(Op, Rc<str>)>,
    /// Records that were read, or written with success.
    stored: Vec<Rc<str>>,
    is_warned: bool,
    was_renewing: bool,
    is_refused: bool,
    /// What was held when it was refused.
    refused: Option<Rc<Tokens>>,
    is_closed: bool,
    states: Option<States>,
}

impl Watch {
    /// For a new session.
    pub fn new(has_store: bool) -> Self {
        Self {
            has_store,
            calls: Vec::new(),
            sent: Vec::new(),
            timers: Vec::new(),
            locks: Vec::new(),
            writes: Vec::new(),
            stored: Vec::new(),
            is_warned: false,
            was_renewing: false,
            is_refused: false,
            refused: None,
            is_closed: false,
            states: None,
        }
    }

    /// After a step; the error says what did not hold:
    ///
    /// 1. At most one refresh token is out.
    /// 2. No tokens are shown that are not stored, unless the store does not work and that was warned of.
    /// 3. A session expires by a final answer only.
    /// 4. What is not synced is seen to: a timer for it is set, or a job is under way.
    /// 5. Every call is settled once; at `close` all are.
    /// 6. Between getting the lock and having given it back nothing of the renewal is told, settled or shown.
    /// 7. A client that has ended has no timer, no operation and no secret.
    /// 8. A session in the store is replaced by a newer one only.
    pub fn step(&mut self, seen: &Seen, outputs: &[Output], session: &Session) -> Result<(), String> {
        let was_closed = self.is_closed;
        self.takes(seen, session);
        let begun = if let Seen::Call(call, _) = seen { Some(*call) } else { None };
        let audit = session.audit();
        if let Some(before) = self.states.replace(audit.states) {
            states::saw(&before, &audit.states);
        }
        // A login or a logout comes in the place of a renewal, whoever has the lock.
        let is_superseding =
            |output: &Output| matches!(output, Output::Show { change: Change::Login | Change::Logout });
        let is_renewing = (self.was_renewing || audit.is_renewing) && !outputs.iter().any(is_superseding);
        for output in outputs {
            // A lock that comes after all is given back.
            if was_closed && !matches!(output, Output::Settle { .. } | Output::Unlock { .. }) {
                return Err("7: something is done after the end".to_owned());
            }
            match output {
                Output::Send { op, request, .. } => {
                    self.sent.push((*op, request.purpose));
                    let out = self.sent.iter().filter(|(_, purpose)| *purpose == Purpose::Refresh).count();
                    if out > 1 {
                        return Err("1: two refresh tokens are out at once".to_owned());
                    }
                }
                Output::Cancel { op } => self.sent.retain(|(sent, _)| sent != op),
                Output::Load { .. } | Output::Ask { .. } | Output::CleanAddress { .. } | Output::Wipe => {}
                Output::Swap { op, place: Place::Session, expected, value } => {
                    self.replaces(expected.as_deref(), value.as_deref())?;
                    self.writes.extend(value.as_deref().map(|value| (*op, Rc::from(value))));
                }
                Output::Put { op, place: Place::Session, value } => {
                    self.writes.extend(value.as_deref().map(|value| (*op, Rc::from(value))));
                }
                Output::Swap { .. } | Output::Put { .. } => {}
                Output::Lock { op, place: Place::Session } => self.locks.push((*op, Lock::Asked)),
                Output::Lock { .. } => {}
                Output::Unlock { op } => {
                    self.locks.retain(|lock| *lock != (*op, Lock::Asked));
                    if let Some((_, lock)) = self.locks.iter_mut().find(|(held, _)| held == op) {
                        *lock = Lock::Returning;
                    }
                }
                Output::Set { timer, .. } => {
                    if !self.timers.contains(timer) {
                        self.timers.push(*timer);
                    }
                }
                Output::Stop { timer } => self.timers.retain(|set| set != timer),
                Output::Settle { call, result } => {
                    let at = self.calls.iter().position(|(open, _)| open == call);
                    let Some(at) = at else {
                        return Err(format!("5: call {call} is settled, and is not open"));
                    };
                    let (_, kind) = self.calls.swap_remove(at);
                    let is_dropped = result
                        .as_ref()
                        .is_err_and(|error| matches!(error.code, Code::Aborted | Code::Closed | Code::Timeout));
                    if kind == Kind::Renews && Some(*call) != begun && !is_dropped && is_renewing && self.has_lock() {
                        return Err("6: a call that waits for a renewal is settled under the lock".to_owned());
                    }
                }
                Output::Show { change } => self.shows(*change, session, audit.is_store_failing || !audit.is_synced)?,
                Output::Trace(trace) => {
                    if trace.purpose == Purpose::Refresh && trace.error != Some(Code::Aborted) && self.has_lock() {
                        return Err("6: a request of the renewal is traced under the lock".to_owned());
                    }
                }
                Output::Warn(error) => self.is_warned |= error.code == Code::Storage,
            }
        }
        self.was_renewing = audit.is_renewing;
        if !audit.is_store_failing && audit.is_synced {
            self.is_warned = false;
        }
        if matches!(seen, Seen::Close) && !self.calls.is_empty() {
            return Err(format!("5: calls are open after `close`: {:?}", self.calls));
        }
        if audit.is_closed {
            self.is_closed = true;
            return self.has_ended(session.tokens().is_some() || audit.has_secret);
        }
        // After `close` only what is under way comes to its end.
        let is_seen_to = audit.is_closing || audit.has_jobs;
        if self.has_store && !audit.is_synced && !is_seen_to && !self.timers.contains(&Timer::Resync) {
            return Err("4: the store does not hold what memory holds, and nobody sees to that".to_owned());
        }
        Ok(())
    }

    /// Calls that are open.
    pub fn open_calls(&self) -> usize {
        self.calls.len()
    }

    fn takes(&mut self, seen: &Seen, session: &Session) {
        match seen {
            Seen::Call(call, kind) => {
                // A renewal whose lock is being given back is over for those who come now; without a session they wait for
                // a look into the store.
                let is_over = session.tokens().is_none() || self.locks.iter().any(|(_, lock)| *lock == Lock::Returning);
                self.calls.push((*call, if is_over { Kind::Other } else { *kind }));
            }
            Seen::Abandon(call) => self.calls.retain(|(open, _)| open != call),
            Seen::Answered(op, is_refusal) => {
                if *is_refusal && self.sent.iter().any(|sent| is_about_a_session(*sent, *op)) {
                    self.is_refused = true;
                    self.refused = session.tokens().cloned();
                }
                self.sent.retain(|(sent, _)| sent != op);
            }
            Seen::Loaded(record) => self.is_stored(record.clone()),
            Seen::Swapped(op, is_done) => {
                let written = self.writes.iter().position(|(written, _)| written == op);
                let record = written.map(|at| self.writes.swap_remove(at).1);
                self.is_stored(record.filter(|_| *is_done));
            }
            Seen::Locked(op, is_given) => {
                if !is_given {
                    self.locks.retain(|(lock, _)| lock != op);
                }
                if let Some((_, lock)) = self.locks.iter_mut().find(|(lock, _)| lock == op) {
                    *lock = Lock::Held;
                }
            }
            Seen::Unlocked(op) => self.locks.retain(|lock| *lock != (*op, Lock::Returning)),
            Seen::Fired(timer) => {
                self.timers.retain(|set| set != timer);
                if *timer == Timer::LockDeadline(Place::Session) {
                    self.locks.retain(|(_, lock)| *lock != Lock::Returning);
                }
            }
            Seen::Close | Seen::Other => {}
        }
    }

    fn is_stored(&mut self, record: Option<Rc<str>>) {
        let Some(record) = record.filter(|record| !self.stored.contains(record)) else { return };
        if self.stored.len() >= REMEMBERED {
            self.stored.remove(0);
        }
        self.stored.push(record);
    }

    fn has_lock(&self) -> bool {
        self.locks.iter().any(|(_, lock)| *lock != Lock::Asked)
    }

    fn replaces(&self, before: Option<&str>, after: Option<&str>) -> Result<(), String> {
        let (Some(before), Some(after)) = (before.and_then(Record::read), after.and_then(Record::read)) else {
            return Ok(());
        };
        if after.version > before.version || after.tokens == before.tokens {
            return Ok(());
        }
        Err(format!("8: {:?} is to be replaced by {:?}", before.version, after.version))
    }

    fn shows(&mut self, change: Change, session: &Session, is_unhealthy: bool) -> Result<(), String> {
        let is_of_renewal = matches!(change, Change::Refresh | Change::Expire | Change::Sync);
        if is_of_renewal && self.has_lock() {
            return Err(format!("6: `{}` is shown under the lock", change.as_str()));
        }
        if change == Change::Expire && !self.is_refused {
            return Err("3: a session expires without a final answer".to_owned());
        }
        // A change that had to wait for the lock may be told after what came after it.
        let is_other = session
            .tokens()
            .is_some_and(|tokens| self.refused.as_ref().is_none_or(|refused| !tokens.same_tokens(refused)));
        if change == Change::Expire || is_other {
            self.is_refused = false;
        }
        let Some(tokens) = session.tokens().filter(|tokens| tokens.can_be_stored()) else { return Ok(()) };
        let Some(token) = &tokens.access_token else { return Ok(()) };
        let quoted = format!("\"{}\"", token.expose());
        let is_stored = self.stored.iter().any(|record| record.contains(&quoted));
        // The warning may have to wait for the lock; what is no renewal's does not.
        let is_excused = is_unhealthy && (self.is_warned || self.has_lock());
        if self.has_store && !is_stored && !is_excused {
            return Err(format!("2: `{}` shows a session that is not stored", change.as_str()));
        }
        Ok(())
    }

    fn has_ended(&self, has_secret: bool) -> Result<(), String> {
        let what = if has_secret {
            "a secret"
        } else if !self.timers.is_empty() {
            "a timer"
        } else if !self.sent.is_empty() {
            "a request"
        } else if self.locks.iter().any(|(_, lock)| *lock != Lock::Returning) {
            "a lock"
        } else if !self.calls.is_empty() {
            "a call"
        } else {
            return Ok(());
        };
        Err(format!("7: a client that has ended has {what}"))
    }
}

fn is_about_a_session((sent, purpose): (Op, Purpose), op: Op) -> bool {
    sent == op && matches!(purpose, Purpose::Refresh | Purpose::Login)
}
