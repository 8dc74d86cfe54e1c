//! Reads a map member by member, and knows where it is when something is wrong.

use super::cut::{concat, joined, whole};
use crate::error::{AuthError, Result};
use crate::value::Value;

/// The members of one map. `finish` refuses what nobody asked for.
pub(crate) struct Fields<'v> {
    place: String,
    members: &'v [(String, Value)],
    known: Vec<&'static str>,
}

impl<'v> Fields<'v> {
    /// Opens a map that stands at `place`.
    pub(crate) fn open(value: &'v Value, place: impl Into<String>) -> Result<Self> {
        let place = place.into();
        match value {
            Value::Map(members) => Ok(Self { place, members, known: Vec::new() }),
            _ => Err(AuthError::config(&place, "an object")),
        }
    }

    /// Full name of a member.
    pub(crate) fn place(&self, name: &str) -> String {
        if self.place.is_empty() { name.to_owned() } else { concat(&[&self.place, ".", name]) }
    }

    /// The member, unless it is missing or null.
    pub(crate) fn get(&mut self, name: &'static str) -> Option<&'v Value> {
        self.known.push(name);
        self.members.iter().find(|(key, _)| key == name).map(|(_, value)| value).filter(|value| **value != Value::Null)
    }

    /// An error that names the member.
    pub(crate) fn wrong(&self, name: &str, accepts: &str) -> AuthError {
        AuthError::config(&self.place(name), accepts)
    }

    /// A member read by `read`, which says what it accepts when it refuses.
    pub(crate) fn read<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&'v Value) -> Result<T, &'static str>,
    ) -> Result<Option<T>> {
        self.get(name).map(|value| read(value).map_err(|accepts| self.wrong(name, accepts))).transpose()
    }

    /// Non-empty text.
    pub(crate) fn text(&mut self, name: &'static str) -> Result<Option<&'v str>> {
        self.read(name, text)
    }

    /// True or false.
    pub(crate) fn bool(&mut self, name: &'static str) -> Result<Option<bool>> {
        self.read(name, |value| match value {
            Value::Bool(value) => Ok(*value),
            _ => Err("true or false"),
        })
    }

    /// A whole number of milliseconds, 0 or more.
    pub(crate) fn duration(&mut self, name: &'static str) -> Result<Option<i64>> {
        self.read(name, duration)
    }

    /// A list; one value stands for a list of one.
    pub(crate) fn list(&mut self, name: &'static str) -> &'v [Value] {
        match self.get(name) {
            None => &[],
            Some(Value::List(items)) => items,
            Some(one) => std::slice::from_ref(one),
        }
    }

    /// A list whose items are read by `read`; missing is different from empty.
    pub(crate) fn each<T>(
        &mut self,
        name: &'static str,
        read: impl Fn(&'v Value) -> Result<T, &'static str>,
    ) -> Result<Option<Vec<T>>> {
        if self.get(name).is_none() {
            return Ok(None);
        }
        let items = self.list(name);
        items.iter().map(read).collect::<Result<_, _>>().map(Some).map_err(|accepts| self.wrong(name, accepts))
    }

    /// The members of a map of texts, in order.
    pub(crate) fn texts(&mut self, name: &'static str) -> Result<Vec<(&'v str, &'v str)>> {
        match self.get(name) {
            None => Ok(Vec::new()),
            Some(Value::Map(members)) => {
                let mut texts = Vec::new();
                for (key, value) in members {
                    match value {
                        Value::String(text) => texts.push((key.as_str(), text.as_str())),
                        _ => return Err(self.wrong(&concat(&[name, ".", key]), "text")),
                    }
                }
                Ok(texts)
            }
            Some(_) => Err(self.wrong(name, "an object of texts")),
        }
    }

    /// Members that somebody else reads.
    pub(crate) fn beside(mut self, names: &[&'static str]) -> Self {
        self.known.extend_from_slice(names);
        self
    }

    /// Refuses members that nobody asked for.
    pub(crate) fn finish(self) -> Result<()> {
        match self.members.iter().find(|(key, _)| !self.known.contains(&key.as_str())) {
            None => Ok(()),
            Some((key, _)) => {
                Err(self.wrong(key, &concat(&["left out: it is not known here. Known: ", &joined(&self.known, ", ")])))
            }
        }
    }
}

/// Non-empty text.
pub(crate) fn text(value: &Value) -> Result<&str, &'static str> {
    value.as_str().filter(|text| !text.is_empty()).ok_or("text that is not empty")
}

/// A whole number of milliseconds, 0 or more, within what a clock can show.
pub(crate) fn duration(value: &Value) -> Result<i64, &'static str> {
    match value {
        Value::Number(text) => whole(text).filter(|number| (0..=8_640_000_000_000_000).contains(number)),
        _ => None,
    }
    .ok_or("a whole number of milliseconds, 0 or more")
}
