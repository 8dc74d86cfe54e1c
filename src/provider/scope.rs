//! Where the values of placeholders come from.

use super::Provider;

/// Values of placeholders, for one request.
#[derive(Default)]
pub struct Scope<'a> {
    values: Vec<(&'a str, Known<'a>)>,
    /// Whether values from outside the profile are replaced by a letter: see [`Scope::without_values`].
    is_neutral: bool,
}

/// What is known of a placeholder.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    /// Its value.
    pub(super) text: &'a str,
    /// Whether it may be shown.
    pub(super) secrecy: Secrecy,
    /// Whether it belongs to the profile and the options, and so may decide where a request goes.
    is_fixed: bool,
}

/// Whether a value may be shown in a trace.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Secrecy {
    /// May be shown.
    Open,
    /// Must not be shown.
    Secret,
}

impl<'a> Scope<'a> {
    /// A scope without values.
    pub const fn new() -> Self {
        Self { values: Vec::new(), is_neutral: false }
    }

    /// A scope with the params of a provider.
    pub fn of(provider: &'a Provider) -> Self {
        let mut scope = Self::new();
        for (name, value) in provider.params() {
            scope.param(name, value, provider.param_secrecy(name));
        }
        scope
    }

    /// Adds a value that may be shown; what was set later wins.
    pub fn open(&mut self, name: &'a str, text: &'a str) {
        self.values.push((name, Known { text, secrecy: Secrecy::Open, is_fixed: false }));
    }

    /// Adds a value that must not be shown; what was set later wins.
    pub fn secret(&mut self, name: &'a str, text: &'a str) {
        self.values.push((name, Known { text, secrecy: Secrecy::Secret, is_fixed: false }));
    }

    /// Adds a value of the profile or the options: it may decide where a request goes. What was set later wins.
    pub fn param(&mut self, name: &'a str, text: &'a str, secrecy: Secrecy) {
        self.values.push((name, Known { text, secrecy, is_fixed: true }));
    }

    pub(super) fn get(&self, wanted: &str) -> Option<Known<'a>> {
        let (_, known) = self.values.iter().rev().find(|(name, _)| *name == wanted)?;
        Some(if self.is_neutral && !known.is_fixed { Known { text: "x", ..*known } } else { *known })
    }

    /// The same with a letter in place of each value that does not belong to the profile and the options. Where an
    /// address leads must be the same with it.
    pub(crate) fn without_values(&self) -> Self {
        Self { values: self.values.clone(), is_neutral: true }
    }

    /// Every value that must not be shown.
    pub fn secrets(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.values.iter().filter(|(_, known)| known.secrecy == Secrecy::Secret).map(|(_, known)| known.text)
    }
}
