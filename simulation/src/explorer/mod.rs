//! Every order of deliveries of few contexts on one store, with and without a lock, with every accident at every moment.
//! Sessions are copied at each fork; worlds that will go on in the same way are gone into once.

mod model;
mod provider;
mod scenarios;
mod shell;
mod stage;

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use model::{Act, Choice, Model};

pub use scenarios::SCENARIOS;

use crate::lies::Lie;
use crate::record::Record;

/// One world of the table.
#[derive(Clone, Copy)]
pub struct Scenario {
    /// What happens in it.
    pub name: &'static str,
    contexts: usize,
    /// Users who are to come back; without them somebody is signed in.
    pending: usize,
    has_lock: bool,
    /// Whether the provider ends the family of a refresh token that comes again.
    revokes: bool,
    acts: &'static [(usize, Act)],
    /// How often the store may fail or be silent.
    troubles: u32,
    /// How often requests or answers may be lost.
    losses: u32,
    mortal: &'static [usize],
    /// What is not as it is said to be: then something must not hold.
    lie: Option<Lie>,
}

/// What was found in a world.
#[derive(Clone, Copy, Debug, Default)]
pub struct Count {
    /// Ends that were reached.
    pub runs: u64,
    /// Steps that were taken.
    pub steps: u64,
    /// Most steps to an end.
    pub longest: usize,
    /// Ends at which the provider had seen a spent token.
    pub reused: u64,
    /// Ends at which a session was lost, where something went wrong between the provider's answer and the store.
    pub lost: u64,
    /// Whether all was gone into.
    pub is_whole: bool,
}

struct Step {
    choice: Choice,
    before: Option<Rc<Step>>,
}

/// What did not hold, and how it came about.
pub struct Failure {
    /// What.
    pub what: String,
    path: Vec<Choice>,
}

impl Scenario {
    fn model(&self) -> Model {
        let mut model = Model::new(self.contexts, self.has_lock, self.revokes, self.pending);
        model.acts = self.acts.to_vec();
        model.lie = self.lie;
        (model.troubles, model.losses, model.mortal) = (self.troubles, self.losses, self.mortal.to_vec());
        model
    }

    /// Goes into everything, in at most so many steps.
    pub fn explore(&self, most: u64) -> Result<Count, Failure> {
        let mut count = Count { is_whole: true, ..Count::default() };
        let mut known = HashSet::new();
        let mut stack: Vec<(Model, Option<Rc<Step>>, usize)> = vec![(self.model(), None, 0)];
        while let Some((model, path, depth)) = stack.pop() {
            if !known.insert(model.fingerprint()) {
                continue;
            }
            if count.steps > most {
                count.is_whole = false;
                break;
            }
            count.longest = count.longest.max(depth);
            let mut choices = model.duties();
            if choices.is_empty() {
                choices = model.timers();
                if choices.is_empty() && model.acts.is_empty() {
                    count.runs += 1;
                    self.judge(&model, &mut count).map_err(|what| Failure { what, path: steps(path.as_deref()) })?;
                }
            }
            choices.extend(model.accidents());
            choices.extend(model.programs());
            for choice in choices {
                let mut next = model.clone();
                count.steps += 1;
                let path = Some(Rc::new(Step { choice, before: path.clone() }));
                let taken = catch_unwind(AssertUnwindSafe(|| next.take(choice)));
                if let Err(panic) = taken {
                    let text = panic.downcast_ref::<String>().cloned().unwrap_or_default();
                    return Err(Failure { what: text, path: steps(path.as_deref()) });
                }
                stack.push((next, path, depth + 1));
            }
        }
        Ok(count)
    }

    /// What must hold at an end.
    fn judge(&self, model: &Model, count: &mut Count) -> Result<(), String> {
        let is_sure = self.has_lock && self.troubles == 0 && self.losses == 0 && self.mortal.is_empty();
        if model.provider.has_seen_reuse {
            count.reused += 1;
            // What a logout gave up may still arrive; that session is over.
            if is_sure && !model.has_signed_out {
                return Err("the provider has seen a spent refresh token".to_owned());
            }
        }
        if model.provider.has_seen_code_twice {
            return Err("a code was redeemed twice".to_owned());
        }
        if model.open_calls() > 0 {
            return Err(format!("{} calls never end", model.open_calls()));
        }
        if !model.is_at_rest() {
            return Err("the contexts do not come to rest".to_owned());
        }
        let stored =
            model.records[0].as_deref().and_then(Record::read).and_then(|record| record.tokens.first().cloned());
        let in_use = || model.contexts.iter().filter(|context| !context.is_dead && !context.is_closed);
        let held = |context: &model::Context| {
            let tokens = context.session.tokens()?;
            tokens.access_token.as_ref().map(|token| token.expose().to_owned())
        };
        if in_use().any(|context| held(context) != stored) {
            let all: Vec<_> = in_use().map(held).collect();
            return Err(format!("contexts hold {all:?}, and the store {stored:?}"));
        }
        let signs_in = self.acts.iter().any(|(_, act)| matches!(act, Act::Login | Act::Callback(_)));
        // Whoever is closed has taken the pending login with it.
        let is_taken_along = self.pending > 0 && self.acts.iter().any(|(_, act)| *act == Act::Close);
        if model.has_signed_out && !signs_in && stored.is_some() {
            return Err("a logout was undone".to_owned());
        }
        if stored.is_none() && !model.has_signed_out && !is_taken_along {
            count.lost += 1;
            if !model.is_excused {
                return Err("the session is lost".to_owned());
            }
        }
        Ok(())
    }

    /// Tells how a failure came about.
    pub fn replay(&self, failure: &Failure) {
        let mut model = self.model();
        model.is_loud = true;
        for choice in &failure.path {
            if catch_unwind(AssertUnwindSafe(|| model.take(*choice))).is_err() {
                return;
            }
        }
    }
}

fn steps(mut path: Option<&Step>) -> Vec<Choice> {
    let mut steps = Vec::new();
    while let Some(step) = path {
        steps.push(step.choice);
        path = step.before.as_deref();
    }
    steps.reverse();
    steps
}

/// Goes into all worlds, and prints the table. The error names the first one in which something did not hold.
pub fn table(most: u64) -> Result<(), String> {
    println!("{:<50} {:>9} {:>10} {:>8} {:>7} {:>7}", "every order", "runs", "steps", "longest", "reused", "lost");
    let mut first = None;
    for scenario in SCENARIOS {
        match scenario.explore(most) {
            Ok(_) if scenario.lie.is_some() => {
                println!("{:<50} NOT NOTICED", scenario.name);
                return Err(format!("{}: not noticed", scenario.name));
            }
            Err(failure) if scenario.lie.is_some() => println!("{:<50} {}", scenario.name, failure.what),
            Ok(count) => println!(
                "{:<50} {:>9} {:>10} {:>8} {:>7} {:>7}{}",
                scenario.name,
                count.runs,
                count.steps,
                count.longest,
                count.reused,
                count.lost,
                if count.is_whole { "" } else { "  not all" },
            ),
            Err(failure) => {
                println!("{:<50} {}", scenario.name, failure.what);
                first.get_or_insert((scenario, failure));
            }
        }
    }
    match first {
        None => Ok(()),
        Some((scenario, failure)) => {
            scenario.replay(&failure);
            Err(format!("{}: {}", scenario.name, failure.what))
        }
    }
}
