//! What a session says is done, in a world that can be copied.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

use propusk::session::{Input, Now, Output, Place};

use super::model::{Model, START};
use super::stage::{Open, Stage};
use crate::invariants::Seen;
use crate::words;

impl Model {
    /// A session is told something, and does what it says.
    pub(super) fn give(&mut self, who: usize, input: Input) {
        let context = &mut self.contexts[who];
        if context.is_dead {
            return;
        }
        if self.is_loud {
            println!("{:>6} ms  context {who} <- {}", self.time, words::input(&input));
        }
        context.steps += 1;
        context.history = digest(&(context.history, digest_of_input(&input), self.time));
        let mut random = [0; 32];
        random[..8].copy_from_slice(&context.steps.to_le_bytes());
        let now = Now { wall: START + self.time, steady: Some(self.time), random: Some(random) };
        let seen = Seen::of(&input);
        let outputs = context.session.step(now, input);
        let is_kept = context.watch.step(&seen, &outputs, &context.session);
        for output in &outputs {
            if self.is_loud {
                println!("               -> {}", words::output(output));
            }
        }
        if let Err(what) = is_kept {
            panic!("context {who}: {what}");
        }
        outputs.into_iter().for_each(|output| self.perform(who, output));
    }

    fn perform(&mut self, who: usize, output: Output) {
        let (op, stage) = match output {
            Output::Load { op, place: Place::Session } => (op, Stage::Load),
            Output::Swap { op, place: Place::Session, expected, value } => (op, Stage::Swap(expected, value)),
            Output::Put { op, place: Place::Session, value } => (op, Stage::Put(value)),
            // Pending logins are no part of this.
            Output::Load { op, .. } => (op, Stage::Loaded(None)),
            Output::Swap { op, .. } | Output::Put { op, .. } => (op, Stage::Swapped(true)),
            Output::Send { op, request, .. } => (op, Stage::Send(Rc::new(request))),
            Output::Lock { op, .. } => (op, Stage::Lock),
            Output::Unlock { op } => {
                let was_waiting = self.open.len();
                self.open.retain(|open| open.who != who || open.op != op);
                if self.holder == Some((who, op)) {
                    self.holder = None;
                } else if self.open.len() < was_waiting {
                    return;
                }
                (op, Stage::Unlocked)
            }
            Output::Cancel { op } => {
                // It may have arrived, or may yet arrive.
                let at = self.open.iter().position(|open| open.who == who && open.op == op);
                if let Some(open) = at.map(|at| self.open.remove(at))
                    && matches!(open.stage, Stage::Send(_))
                {
                    self.late.push((open, false));
                }
                return;
            }
            Output::Set { timer, after } => {
                let at = self.time + after;
                let timers = &mut self.contexts[who].timers;
                timers.retain(|(known, _)| *known != timer);
                return timers.push((timer, at));
            }
            Output::Stop { timer } => return self.contexts[who].timers.retain(|(known, _)| *known != timer),
            _ => return,
        };
        self.open.push(Open { who, op, stage });
    }
}

pub(super) fn digest(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

fn digest_of_input(input: &Input) -> u64 {
    let text = match input {
        Input::Loaded { record: Ok(record), .. } => record.clone(),
        Input::Answered { answer: Ok(answer), .. } => Some(String::from_utf8_lossy(&answer.body).into_owned()),
        _ => None,
    };
    digest(&(words::input(input), text))
}
