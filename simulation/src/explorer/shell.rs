//! What a session says is done, in a world that can be copied.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

use propusk::session::{Input, Now, Output, Place, Reply};

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
        random[8..16].copy_from_slice(&who.to_le_bytes());
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
        let (op, place, stage) = match output {
            Output::Load { op, place } => (op, place, Stage::Load),
            Output::Swap { op, place, expected, value } => (op, place, Stage::Swap(expected, value)),
            Output::Put { op, place, value } => (op, place, Stage::Put(value)),
            Output::Send { op, request, .. } => (op, Place::Session, Stage::Send(Rc::new(request))),
            Output::Lock { op, place } => (op, place, Stage::Lock),
            Output::Unlock { op } => {
                let was_waiting = self.open.len();
                self.open.retain(|open| open.who != who || open.op != op);
                let held = self.holders.iter_mut().find(|holder| **holder == Some((who, op)));
                if let Some(held) = held {
                    *held = None;
                } else if self.open.len() < was_waiting {
                    return;
                }
                (op, Place::Session, Stage::Unlocked)
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
            Output::Settle { result: Ok(Reply::Url(url)), .. } => return self.urls.push(url),
            _ => return,
        };
        let place = usize::from(place == Place::Pending);
        self.open.push(Open { who, op, place, stage });
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
