//! JSON (RFC 8259), read into [`Value`] and written from it.
//!
//! Reading is linear but for the search for duplicate keys, which sorts them (n log n), and bounded in depth; a number
//! stays the text it was. What [`Mode::Lenient`] adds is in `lenient`.

use super::encoding::nibble;
use super::malformed::Malformed;
use super::sorted::sorted;
use super::steps::step;
use crate::value::Value;

mod lenient;
mod write;

#[cfg(test)]
mod tests;

pub use write::write;

/// How many lists and objects may stand in each other. Reading recurses, and the stack of WebAssembly is small.
pub const MAX_DEPTH: usize = 64;

/// How closely a text must follow RFC 8259.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Exactly.
    Strict,
    /// Bare keys, a trailing comma, a line break in place of a comma and leading zeros are read as well. To be tried
    /// after strict reading failed; what is cut off fails here too.
    Lenient,
}

/// Reads one JSON text: a value with nothing but white space around it.
///
/// Refused besides what RFC 8259 forbids, as what it leaves to the reader: two equal keys in one object (section 4),
/// lone surrogates (8.2), more than [`MAX_DEPTH`] levels (9), a byte order mark (8.1).
pub fn read(text: &str, mode: Mode) -> Result<Value, Malformed> {
    let mut reader = Reader { text, at: 0, depth: 0, mode };
    reader.space();
    let value = reader.value()?;
    reader.space();
    if reader.at == text.len() { Ok(value) } else { Err(reader.malformed("more after the end")) }
}

struct Reader<'a> {
    text: &'a str,
    /// Always between two characters: it only moves past ASCII, or past text up to an ASCII character.
    at: usize,
    depth: usize,
    mode: Mode,
}

impl<'a> Reader<'a> {
    fn value(&mut self) -> Result<Value, Malformed> {
        match self.peek() {
            Some(b'{') => self.map(),
            Some(b'[') => self.list(),
            Some(b'"') => self.string().map(Value::String),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ if self.word("null") => Ok(Value::Null),
            _ if self.word("true") => Ok(Value::Bool(true)),
            _ if self.word("false") => Ok(Value::Bool(false)),
            _ => Err(self.malformed("no value")),
        }
    }

    fn map(&mut self) -> Result<Value, Malformed> {
        let start = self.at;
        let mut members = Vec::new();
        let mut more = self.enter(b'}')?;
        while more {
            let key = self.key()?;
            self.space();
            if !self.eat(b':') {
                return Err(self.malformed("no colon after a key"));
            }
            self.space();
            members.push((key, self.value()?));
            more = self.go_on(b'}')?;
        }
        self.depth -= 1;
        if has_equal_keys(&members) {
            return Err(Malformed { at: start, what: DUPLICATE_KEY });
        }
        Ok(Value::Map(members))
    }

    fn list(&mut self) -> Result<Value, Malformed> {
        let mut items = Vec::new();
        let mut more = self.enter(b']')?;
        while more {
            items.push(self.value()?);
            more = self.go_on(b']')?;
        }
        self.depth -= 1;
        Ok(Value::List(items))
    }

    /// Steps into a list or an object. True if something is in it.
    fn enter(&mut self, close: u8) -> Result<bool, Malformed> {
        if self.depth == MAX_DEPTH {
            return Err(self.malformed(TOO_DEEP));
        }
        self.depth += 1;
        self.at += 1;
        self.space();
        Ok(!self.eat(close))
    }

    /// Steps over what follows a member or an item. True if another follows.
    fn go_on(&mut self, close: u8) -> Result<bool, Malformed> {
        let end = self.at;
        self.space();
        if self.eat(close) {
            Ok(false)
        } else if self.eat(b',') {
            self.space();
            Ok(!(self.allows_trailing_comma() && self.eat(close)))
        } else if self.allows_missing_comma(end) {
            Ok(true)
        } else {
            Err(self.malformed("no comma and no closing bracket"))
        }
    }

    fn key(&mut self) -> Result<String, Malformed> {
        if self.peek() == Some(b'"') {
            self.string()
        } else if let Some(key) = self.bare_key() {
            Ok(key)
        } else {
            Err(self.malformed("no key"))
        }
    }

    fn string(&mut self) -> Result<String, Malformed> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = self.rest();
            let plain = rest.bytes().position(|byte| {
                step();
                matches!(byte, b'"' | b'\\' | ..=0x1f)
            });
            let plain = plain.unwrap_or(rest.len());
            out.push_str(rest.get(..plain).unwrap_or_default());
            self.at += plain;
            if self.eat(b'"') {
                return Ok(out);
            } else if self.eat(b'\\') {
                out.push(self.escaped()?);
            } else {
                return Err(self.malformed("a control character, or no end of a string"));
            }
        }
    }

    /// Reads what follows a backslash.
    fn escaped(&mut self) -> Result<char, Malformed> {
        let char = match self.peek() {
            Some(plain @ (b'"' | b'\\' | b'/')) => char::from(plain),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode_escape().ok_or(self.malformed("no character")),
            _ => return Err(self.malformed("no escape")),
        };
        self.at += 1;
        Ok(char)
    }

    /// Reads `u` and four hexadecimal digits, twice for what is beyond U+FFFF.
    fn unicode_escape(&mut self) -> Option<char> {
        let high = self.utf16_unit()?;
        if !(0xd800..0xdc00).contains(&high) {
            return char::from_u32(high);
        }
        if !self.eat(b'\\') {
            return None;
        }
        let low = self.utf16_unit()?;
        if !(0xdc00..0xe000).contains(&low) {
            return None;
        }
        char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00))
    }

    fn utf16_unit(&mut self) -> Option<u32> {
        let [b'u', digits @ ..] = self.rest().as_bytes() else { return None };
        let unit = digits.get(..4)?.iter().try_fold(0, |unit, digit| Some((unit << 4) + u32::from(nibble(*digit)?)))?;
        self.at += 5;
        Some(unit)
    }

    /// Reads a number as the text it is.
    fn number(&mut self) -> Result<Value, Malformed> {
        let start = self.at;
        self.eat(b'-');
        let first = self.at;
        self.digits()?;
        if self.at - first > 1 && self.text.as_bytes().get(first) == Some(&b'0') {
            return self.without_leading_zeros(start);
        }
        if self.eat(b'.') {
            self.digits()?;
        }
        if self.eat(b'e') || self.eat(b'E') {
            let _signed = self.eat(b'+') || self.eat(b'-');
            self.digits()?;
        }
        Ok(Value::Number(self.since(start).into()))
    }

    fn digits(&mut self) -> Result<(), Malformed> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at > start { Ok(()) } else { Err(self.malformed("no digit")) }
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn word(&mut self, word: &str) -> bool {
        let found = self.rest().as_bytes().starts_with(word.as_bytes());
        if found {
            self.at += word.len();
        }
        found
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        if found {
            self.at += 1;
        }
        found
    }

    fn peek(&self) -> Option<u8> {
        step();
        self.text.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn since(&self, start: usize) -> &'a str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    fn malformed(&self, what: &'static str) -> Malformed {
        Malformed { at: self.at, what }
    }
}

const DUPLICATE_KEY: &str = "two equal keys in one object";
const TOO_DEEP: &str = "nested too deeply";

fn has_equal_keys(members: &[(String, Value)]) -> bool {
    let keys = sorted(members.iter().map(|(key, _)| key.as_str()));
    keys.iter().zip(keys.iter().skip(1)).any(|((key, _), (next, _))| key == next)
}
