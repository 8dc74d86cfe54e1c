//! The one tree that everything structured passes through: options, profiles, answers, stored records.

use crate::provider::cut::decimal;

/// A JSON-like value. It has no `Debug`: answers and credentials hold secrets.
#[derive(Clone, PartialEq)]
#[cfg_attr(test, derive(Debug))]
pub enum Value {
    /// `null`, and `undefined` where a value came from JavaScript.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number as the text it was written in, so that no digit of a large id is lost.
    Number(String),
    /// Text.
    String(String),
    /// A list.
    List(Vec<Value>),
    /// Members in the order they came; keys are unique.
    Map(Vec<(String, Value)>),
}

impl Value {
    /// The member of that name, when this is a map that has it.
    #[inline(never)]
    pub fn get(&self, key: &str) -> Option<&Value> {
        match self {
            Self::Map(members) => members.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The member of that name, unless it is missing or null.
    #[inline(never)]
    pub fn member(&self, key: &str) -> Option<&Value> {
        self.get(key).filter(|value| !matches!(value, Self::Null))
    }

    /// The text of the member of that name.
    #[inline(never)]
    pub fn member_text(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Self::as_str)
    }

    /// The members, when this is a map; else none.
    pub fn members(&self) -> &[(String, Value)] {
        match self {
            Self::Map(members) => members,
            _ => &[],
        }
    }

    /// The items of the member of that name; see [`items`](Self::items).
    #[inline(never)]
    pub fn member_items(&self, key: &str) -> &[Value] {
        self.get(key).map_or(&[], Self::items)
    }

    /// The members of the member of that name, when that is a map.
    #[inline(never)]
    pub fn member_members(&self, key: &str) -> &[(String, Value)] {
        self.get(key).map_or(&[], Self::members)
    }

    /// Whether the member of that name is this truth value.
    #[inline(never)]
    pub fn has_flag(&self, key: &str, flag: bool) -> bool {
        self.get(key) == Some(&Self::Bool(flag))
    }

    /// The items of a list. One value stands for a list of one, null for an empty one.
    pub fn items(&self) -> &[Value] {
        match self {
            Self::Null => &[],
            Self::List(items) => items,
            one => std::slice::from_ref(one),
        }
    }

    /// The text, when this is text.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// Text or a number as text; nothing for empty text and for everything else.
    pub fn scalar(&self) -> Option<&str> {
        match self {
            Self::String(text) | Self::Number(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    /// A map of texts, for templates and records.
    pub fn map<const N: usize>(mut members: [(&str, Value); N]) -> Self {
        Self::map_of(&mut members)
    }

    /// One function for maps of all sizes.
    #[inline(never)]
    fn map_of(members: &mut [(&str, Value)]) -> Self {
        let mut owned = Vec::with_capacity(members.len());
        for (key, value) in members {
            owned.push(((*key).to_owned(), std::mem::replace(value, Self::Null)));
        }
        Self::Map(owned)
    }

    /// Text, from anything that is text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::String(text.into())
    }

    /// A whole number.
    pub fn integer(number: i64) -> Self {
        Self::Number(decimal(number))
    }
}

impl From<Option<String>> for Value {
    fn from(text: Option<String>) -> Self {
        text.map_or(Self::Null, Self::String)
    }
}
