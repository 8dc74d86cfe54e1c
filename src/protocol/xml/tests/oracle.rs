//! The same tree as quick-xml sees it. It is laxer than XML in places, which the tests name.

use std::mem;

use quick_xml::{Reader, events::Event};

use super::{MAX_DEPTH, MAX_NAMES, Malformed};
use crate::value::Value;

pub(super) fn read(text: &str, root: &str) -> Result<Value, Malformed> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut tree = Tree { open: Vec::new(), root: None };
    loop {
        let (at, fault) = match reader.read_event() {
            Ok(Event::Eof) => match tree.root {
                Some(value) => return Ok(value),
                None => (reader.buffer_position(), "no end of the root element"),
            },
            Ok(event) => match tree.take(event, root) {
                Ok(()) => continue,
                Err(fault) => (reader.buffer_position(), fault),
            },
            Err(_) => (reader.error_position(), "not well-formed"),
        };
        return Err(Malformed { at: usize::try_from(at).unwrap_or(text.len()), what: fault });
    }
}

struct Tree {
    /// The elements that have begun and not ended, from the root inwards.
    open: Vec<Element>,
    /// The root element, when it has ended.
    root: Option<Value>,
}

impl Tree {
    fn take(&mut self, event: Event<'_>, root: &str) -> Result<(), &'static str> {
        match event {
            // quick-xml takes all up to the next `>` for a tag; what it tells of attributes is not looked at.
            Event::Start(tag) if tag.bytes().any(|byte| byte == b'<') || !is_name(tag.name().0) => Err("no tag"),
            Event::Start(tag) => self.begin(tag.name().0, root),
            Event::End(_) => self.end(),
            Event::Text(text) => self.text(&text),
            Event::Comment(_) | Event::PI(_) => Ok(()),
            // White space before it is an error of XML, but a common one.
            Event::Decl(_) if self.open.is_empty() && self.root.is_none() => Ok(()),
            Event::CData(text) if !self.open.is_empty() => self.text(&text),
            Event::GeneralRef(name) if !self.open.is_empty() => self.push(referred(&name).ok_or("an unknown entity")?),
            Event::DocType(_) => Err("a document type"),
            _ => Err("something outside its place"),
        }
    }

    fn begin(&mut self, name: &str, root: &str) -> Result<(), &'static str> {
        if self.open.is_empty() && (self.root.is_some() || name != root) {
            return Err("another root element");
        }
        if self.open.len() == MAX_DEPTH {
            return Err("nested too deeply");
        }
        self.open.push(Element { name: name.into(), text: String::new(), children: Vec::new() });
        Ok(())
    }

    fn end(&mut self) -> Result<(), &'static str> {
        let Some(element) = self.open.pop() else {
            return Err("an end without a start");
        };
        let value = if element.children.is_empty() {
            Value::String(trim(&element.text).into())
        } else if trim(&element.text).is_empty() {
            Value::Map(element.children)
        } else {
            return Err("text next to elements");
        };
        match self.open.last_mut() {
            Some(parent) => parent.add(element.name, value)?,
            None => self.root = Some(value),
        }
        Ok(())
    }

    /// Takes text as written: a line end is one character, however it was made (section 2.11).
    fn text(&mut self, text: &str) -> Result<(), &'static str> {
        let mut before = ' ';
        for char in text.chars() {
            if (before, char) != ('\r', '\n') {
                self.push(if char == '\r' { '\n' } else { char })?;
            }
            before = char;
        }
        Ok(())
    }

    fn push(&mut self, char: char) -> Result<(), &'static str> {
        match self.open.last_mut() {
            _ if !is_legal(char) => return Err("an illegal character"),
            Some(element) => element.text.push(char),
            None if is_space(char) => {}
            None => return Err("text outside the root element"),
        }
        Ok(())
    }
}

struct Element {
    name: String,
    text: String,
    children: Vec<(String, Value)>,
}

impl Element {
    fn add(&mut self, name: String, value: Value) -> Result<(), &'static str> {
        let names = self.children.len();
        match self.children.iter_mut().find(|(known, _)| *known == name) {
            None if names == MAX_NAMES => return Err("too many different names"),
            None => self.children.push((name, value)),
            // An element is never a list by itself.
            Some((_, Value::List(siblings))) => siblings.push(value),
            Some((_, only)) => *only = Value::List(vec![mem::replace(only, Value::Null), value]),
        }
        Ok(())
    }
}

/// The character behind `&name;`, `&#10;` or `&#xA;`.
fn referred(name: &str) -> Option<char> {
    match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "apos" => Some('\''),
        "quot" => Some('"'),
        _ => {
            let number = name.strip_prefix('#')?;
            let (radix, digits) = number.strip_prefix('x').map_or((10, number), |digits| (16, digits));
            // No digits are the character zero, which is not legal.
            let code = digits
                .chars()
                .try_fold(0_u32, |code, digit| code.checked_mul(radix)?.checked_add(digit.to_digit(radix)?));
            char::from_u32(code?).filter(|char| is_legal(*char))
        }
    }
}

/// Production 2 of XML 1.0.
fn is_legal(char: char) -> bool {
    !matches!(char, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

/// Production 5 for ASCII; all else counts as a letter, which spares the tables.
fn is_name(text: &str) -> bool {
    !text.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '-' | '.'))
        && !text.is_empty()
        && text
            .chars()
            .all(|char| char.is_ascii_alphanumeric() || !char.is_ascii() || matches!(char, '_' | ':' | '-' | '.'))
}

fn trim(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// Production 3.
fn is_space(char: char) -> bool {
    matches!(char, ' ' | '\t' | '\n' | '\r')
}
