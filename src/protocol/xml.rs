//! XML 1.0 (fifth edition), as far as an answer is a tree of names and texts.

use std::mem;

use super::malformed::Malformed;
use super::steps::step;
use crate::value::Value;

mod characters;
mod declaration;

#[cfg(test)]
mod tests;

use characters::{all_legal, is_legal, is_name_char, is_name_start};

/// How many elements may stand in each other.
pub const MAX_DEPTH: usize = 64;

/// How many different names the children of one element may have, and how many attributes an element. Each is compared with
/// those before it: the limit keeps hostile bodies from taking seconds, and answers have a handful.
pub const MAX_NAMES: usize = 256;

/// Reads a document whose root element has exactly this name, its prefix included: to a text, or to a map of its child
/// elements. Siblings of one name become a list. Attributes, comments and processing instructions are read and left out,
/// white space around a text is cut.
///
/// Refused besides what is not well-formed: a document type, so that no entity but the predefined ones has a meaning, and
/// text next to elements, which no answer has. White space before the declaration is an error of XML, but a common one, and
/// let pass.
pub fn read(text: &str, root: &str) -> Result<Value, Malformed> {
    let mut reader = Reader { text, at: 0, open: Vec::new() };
    reader.document(root).map_err(|what| Malformed { at: reader.at, what })
}

/// Why a text is no such document.
type Fault = &'static str;

struct Reader<'a> {
    text: &'a str,
    /// Always between two characters: it moves past ASCII, or past text up to an ASCII character.
    at: usize,
    /// The elements that have begun and not ended, from the root inwards.
    open: Vec<Element<'a>>,
}

struct Element<'a> {
    name: &'a str,
    text: String,
    children: Vec<(String, Value)>,
}

impl<'a> Reader<'a> {
    fn document(&mut self, root: &str) -> Result<Value, Fault> {
        let _mark = self.eat("\u{feff}");
        self.space();
        if self.rest().starts_with("<?xml") && self.rest().as_bytes().get(5).copied().is_some_and(is_space) {
            self.declaration()?;
        }
        self.misc()?;
        if !self.eat("<") {
            return Err("no root element");
        }
        if let Some(whole) = self.start_tag(Some(root))? {
            return self.end_of_document(whole);
        }
        loop {
            if let Some(whole) = self.content()? {
                return self.end_of_document(whole);
            }
        }
    }

    fn end_of_document(&mut self, whole: Value) -> Result<Value, Fault> {
        self.misc()?;
        match self.rest().as_bytes() {
            [] => Ok(whole),
            [b'<', b'/' | b'!', ..] => Err("something outside its place"),
            [b'<', ..] => Err("another root element"),
            _ => Err("text outside the root element"),
        }
    }

    /// What may stand around the root element: white space, comments and processing instructions.
    fn misc(&mut self) -> Result<(), Fault> {
        loop {
            self.space();
            if !self.comment()? && !self.instruction()? {
                return self.no_document_type();
            }
        }
    }

    fn no_document_type(&self) -> Result<(), Fault> {
        let is_one = self.rest().get(..9).is_some_and(|start| start.eq_ignore_ascii_case("<!doctype"));
        if is_one { Err("a document type") } else { Ok(()) }
    }

    /// Production 15.
    fn comment(&mut self) -> Result<bool, Fault> {
        if !self.eat("<!--") {
            return Ok(false);
        }
        let comment = self.until("--", "no end of a comment")?;
        legal(comment)?;
        if self.eat(">") { Ok(true) } else { Err("two hyphens in a comment") }
    }

    /// Production 16.
    fn instruction(&mut self) -> Result<bool, Fault> {
        if !self.eat("<?") {
            return Ok(false);
        }
        let name = self.name()?;
        if name.eq_ignore_ascii_case("xml") {
            return Err("a declaration that is not at the start");
        }
        let has_more = !self.rest().starts_with("?>");
        let more = self.until("?>", "no end of a processing instruction")?;
        if has_more && !more.as_bytes().first().copied().is_some_and(is_space) {
            return Err("no name of a processing instruction");
        }
        legal(more)?;
        Ok(true)
    }

    /// Text up to the next mark, and what the mark begins. Gives the root element when that has ended.
    fn content(&mut self) -> Result<Option<Value>, Fault> {
        let piece = self.until_mark()?;
        if has(piece, b"]]>") {
            return Err("`]]>` in text");
        }
        self.push(piece)?;
        if self.eat("&") {
            let char = self.reference()?;
            if let Some(element) = self.open.last_mut() {
                element.text.push(char);
            }
        } else if self.eat("</") {
            return self.end_tag();
        } else if self.eat("<![CDATA[") {
            let piece = self.until("]]>", "no end of a section")?;
            self.push(piece)?;
        } else if !self.comment()? && !self.instruction()? {
            self.no_document_type()?;
            let _mark = self.eat("<");
            return self.start_tag(None);
        }
        Ok(None)
    }

    /// Takes text as written: a line end is one character, however it was made (section 2.11).
    fn push(&mut self, piece: &str) -> Result<(), Fault> {
        legal(piece)?;
        let Some(Element { text, .. }) = self.open.last_mut() else { return Ok(()) };
        let mut rest = piece;
        while let Some(end) = rest.bytes().position(|byte| byte == b'\r') {
            text.push_str(rest.get(..end).unwrap_or_default());
            text.push('\n');
            rest = rest.get(end + 1..).unwrap_or_default();
            rest = rest.strip_prefix('\n').unwrap_or(rest);
        }
        text.push_str(rest);
        Ok(())
    }

    /// What follows `&`: `lt;`, `#10;` or `#xA;`.
    fn reference(&mut self) -> Result<char, Fault> {
        let name = self.until(";", "no end of a reference")?;
        Ok(match name {
            "lt" => '<',
            "gt" => '>',
            "amp" => '&',
            "apos" => '\'',
            "quot" => '"',
            _ => numbered(name.as_bytes()).ok_or("an unknown entity")?,
        })
    }

    /// What follows `<` (productions 40 and 44). Gives the root element when that is empty.
    fn start_tag(&mut self, root: Option<&str>) -> Result<Option<Value>, Fault> {
        let name = self.name()?;
        if root.is_some_and(|root| root != name) {
            return Err("another root element");
        }
        if self.open.len() == MAX_DEPTH {
            return Err("nested too deeply");
        }
        let mut attributes: Vec<&str> = Vec::new();
        let is_empty = loop {
            let before = self.at;
            self.space();
            if self.eat(">") {
                break false;
            } else if self.eat("/>") {
                break true;
            } else if before == self.at {
                return Err("no tag");
            }
            let name = self.attribute()?;
            if attributes.contains(&name) {
                return Err("an attribute twice");
            } else if attributes.len() == MAX_NAMES {
                return Err("too many attributes");
            }
            attributes.push(name);
        };
        self.open.push(Element { name, text: String::new(), children: Vec::new() });
        if is_empty { self.end() } else { Ok(None) }
    }

    /// Production 41; the value is checked and left out.
    fn attribute(&mut self) -> Result<&'a str, Fault> {
        let name = self.name()?;
        self.space();
        if !self.eat("=") {
            return Err("an attribute without a value");
        }
        self.space();
        let start = self.at + 1;
        let value = self.quoted().ok_or("an attribute without quotes")?;
        if has(value, b"<") {
            return Err("`<` in an attribute");
        }
        legal(value)?;
        let mut references = Reader { text: value, at: 0, open: Vec::new() };
        while references.until("&", "").is_ok() {
            if let Err(fault) = references.reference() {
                self.at = start + references.at;
                return Err(fault);
            }
        }
        Ok(name)
    }

    /// What follows `</`.
    fn end_tag(&mut self) -> Result<Option<Value>, Fault> {
        let name = self.name()?;
        self.space();
        let is_open = self.open.last().is_some_and(|element| element.name == name);
        if is_open && self.eat(">") { self.end() } else { Err("an end without a start") }
    }

    fn end(&mut self) -> Result<Option<Value>, Fault> {
        let Some(element) = self.open.pop() else { return Ok(None) };
        let text = trim(&element.text);
        let value = match (element.children.is_empty(), text.is_empty()) {
            (true, _) => Value::text(text),
            (false, true) => Value::Map(element.children),
            _ => return Err("text next to elements"),
        };
        match self.open.last_mut() {
            Some(parent) => parent.add(element.name, value).map(|()| None),
            None => Ok(Some(value)),
        }
    }

    /// Production 5.
    fn name(&mut self) -> Result<&'a str, Fault> {
        let rest = self.rest();
        let mut end = 0;
        for char in rest.chars() {
            step();
            if !(if end == 0 { is_name_start(char) } else { is_name_char(char) }) {
                break;
            }
            end += char.len_utf8();
        }
        self.at += end;
        rest.get(..end).filter(|name| !name.is_empty()).ok_or("no name")
    }

    /// What stands between two quotes of a kind.
    fn quoted(&mut self) -> Option<&'a str> {
        let quote = self.rest().get(..1).filter(|quote| matches!(*quote, "\"" | "'"))?;
        self.at += 1;
        self.until(quote, "").ok()
    }

    fn space(&mut self) {
        while self.text.as_bytes().get(self.at).copied().is_some_and(is_space) {
            step();
            self.at += 1;
        }
    }

    /// The text up to the next `<` or `&`, which stays.
    fn until_mark(&mut self) -> Result<&'a str, Fault> {
        let rest = self.rest();
        let mark = rest.bytes().position(|byte| {
            step();
            matches!(byte, b'<' | b'&')
        });
        let end = mark.ok_or("no end of the root element")?;
        self.at += end;
        Ok(rest.get(..end).unwrap_or_default())
    }

    /// The text up to this ASCII end, which is stepped over.
    fn until(&mut self, end: &str, fault: Fault) -> Result<&'a str, Fault> {
        let rest = self.rest();
        let found = rest.as_bytes().windows(end.len().max(1)).position(|window| {
            step();
            window == end.as_bytes()
        });
        let at = found.ok_or(fault)?;
        self.at += at + end.len();
        Ok(rest.get(..at).unwrap_or_default())
    }

    fn eat(&mut self, text: &str) -> bool {
        let found = self.rest().as_bytes().starts_with(text.as_bytes());
        if found {
            self.at += text.len();
        }
        found
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }
}

impl Element<'_> {
    fn add(&mut self, name: &str, value: Value) -> Result<(), Fault> {
        let names = self.children.len();
        match self.children.iter_mut().find(|(known, _)| known == name) {
            None if names == MAX_NAMES => return Err("too many different names"),
            None => self.children.push((name.to_owned(), value)),
            // An element is never a list by itself.
            Some((_, Value::List(siblings))) => siblings.push(value),
            Some((_, only)) => *only = Value::List(vec![mem::replace(only, Value::Null), value]),
        }
        Ok(())
    }
}

fn legal(text: &str) -> Result<(), Fault> {
    if all_legal(text.as_bytes()) { Ok(()) } else { Err("an illegal character") }
}

/// The character behind `#10` or `#xA`.
fn numbered(name: &[u8]) -> Option<char> {
    let (radix, digits) = match name {
        [b'#', b'x', digits @ ..] => (16, digits),
        [b'#', digits @ ..] => (10, digits),
        _ => return None,
    };
    // No digits are the character zero, which is not legal.
    let code = digits.iter().try_fold(0_u32, |code, digit| {
        let digit = super::encoding::nibble(*digit).map(u32::from).filter(|digit| *digit < radix)?;
        code.checked_mul(radix)?.checked_add(digit)
    });
    char::from_u32(code?).filter(|char| is_legal(*char))
}

fn has(text: &str, part: &[u8]) -> bool {
    text.as_bytes().windows(part.len()).any(|window| window == part)
}

fn trim(text: &str) -> &str {
    let bytes = text.as_bytes();
    let start = bytes.iter().position(|byte| !is_space(*byte)).unwrap_or(bytes.len());
    let end = bytes.iter().rposition(|byte| !is_space(*byte)).map_or(start, |last| last + 1);
    text.get(start..end).unwrap_or_default()
}

/// Production 3.
const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}
