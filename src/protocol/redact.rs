//! Takes secrets out of texts that others will see.
//!
//! A secret may come back in any encoding, and in one inside another. So the text is decoded, not the secret encoded: in
//! each reading of it (`piece`) all secrets are looked for at once (`automaton`), and what they were read from is masked.

use std::cell::OnceCell;
use std::rc::Rc;

use zeroize::Zeroize;

use super::encoding::{base64, base64url, low_byte};
use super::steps::step;
use super::{form, json};
use crate::secret::Secret;
use crate::value::Value;
use automaton::{Automaton, START};
use escape::KINDS;
use piece::{Digits, Piece};

mod address;
mod automaton;
mod escape;
mod name;
mod piece;

pub use address::{shown_address, shown_url};
pub use name::{is_credential_name, is_secret_name};

/// What stands in place of a secret.
pub const MASK: &str = "***";

/// How much of a provider's text is looked at, in bytes, beyond what a secret may take.
const SHOWN: usize = 4_000;

/// How many times longer an encoding makes a secret; nobody goes beyond two encodings of several characters for each.
const LONGEST_ENCODING: usize = 32;

/// How many encodings are undone, one inside another.
const DEPTH: usize = 3;

/// Every kind of escape.
const ALL: u8 = KINDS[0] | KINDS[1] | KINDS[2];

/// Shorter secrets stand in too many words by chance when they are read as base64 or hexadecimal, and in too many innocent
/// parts of addresses. In a word read so they count when they are all of it.
const TELLING: usize = 4;

/// Knows the secrets of one request, or of a session.
#[derive(Clone, Default)]
pub struct Redactor {
    secrets: Vec<Secret>,
    /// Made when a text is first looked at.
    finder: OnceCell<Rc<Finder>>,
    /// The same for hosts, made when an address is first looked at.
    host_finder: OnceCell<Rc<Finder>>,
}

impl Redactor {
    /// Adds a secret.
    pub fn add(&mut self, secret: &str) {
        if !secret.is_empty() {
            self.secrets.push(Secret::new(secret));
            self.finder = OnceCell::new();
            self.host_finder = OnceCell::new();
        }
    }

    /// The usual forms of the secrets as text to look for, longer ones first; for where a text cannot be handed over.
    pub fn forms(&self) -> Vec<String> {
        let mut forms: Vec<String> = Vec::new();
        let mut add = |form: String| {
            if !forms.contains(&form) {
                let shorter = forms.iter().position(|other| other.len() < form.len());
                forms.insert(shorter.unwrap_or(forms.len()), form);
            }
        };
        for secret in &self.secrets {
            let text = secret.expose();
            let json = json::write(&Value::text(text));
            let json = json.get(1..json.len().saturating_sub(1)).unwrap_or_default();
            let padded = base64(text.as_bytes());
            for plain in [text, json, padded.trim_end_matches('='), &base64url(text.as_bytes()), &padded] {
                let (mut in_form, mut percent) = (String::new(), String::new());
                form::encode_component(plain, &mut in_form);
                form::percent_encode(plain, &mut percent);
                add(in_form);
                add(percent);
                add(plain.to_owned());
            }
        }
        forms
    }

    /// The text without any of the secrets, however they are encoded.
    pub fn scrub(&self, text: &str) -> String {
        self.scrub_until(text, text.len())
    }

    /// The start of a text, which may be very long, without any of the secrets.
    pub fn scrub_start(&self, text: &str) -> String {
        let longest = self.secrets.iter().map(|secret| secret.expose().len()).max().unwrap_or(0);
        // A secret that begins in what is shown must be seen whole.
        let seen = SHOWN.saturating_add(longest.saturating_mul(LONGEST_ENCODING));
        self.scrub_until(start_of(text, seen), SHOWN)
    }

    fn scrub_until(&self, text: &str, end: usize) -> String {
        let end = start_of(text, end).len();
        if self.secrets.is_empty() {
            return start_of(text, end).to_owned();
        }
        let mut marks = Marks::new(text);
        self.finder().find(text, &mut |found| marks.add(found.start, found.end));
        marks.masked(end)
    }

    /// What finds the secrets.
    pub(super) fn finder(&self) -> Rc<Finder> {
        self.finder.get_or_init(|| Rc::new(self.finder_of(|byte| byte))).clone()
    }

    /// What finds them in a host, which is written in lower case, whatever went into it.
    fn host_finder(&self) -> Rc<Finder> {
        self.host_finder.get_or_init(|| Rc::new(self.finder_of(|byte| byte.to_ascii_lowercase()))).clone()
    }

    /// `fold` makes bytes equal that are to count as equal.
    fn finder_of(&self, fold: fn(u8) -> u8) -> Finder {
        let mut texts: Vec<Vec<u8>> = Vec::new();
        for secret in &self.secrets {
            let mut piece = Piece::new(secret.expose());
            texts.push(piece.bytes.clone());
            texts.extend(in_single_bytes(secret.expose()));
            // What looks like an escape in the secret itself is undone with those of the text.
            for _ in 0..DEPTH {
                let Some((plain, _)) = piece.unescaped(ALL) else { break };
                if plain.bytes.len() < TELLING {
                    break;
                }
                texts.push(plain.bytes.clone());
                piece = plain;
            }
        }
        let shortest = texts.iter().map(Vec::len).min().unwrap_or(usize::MAX);
        texts.iter_mut().flatten().for_each(|byte| *byte = blank(fold(*byte)));
        let automaton = Automaton::new(&texts);
        texts.iter_mut().for_each(Zeroize::zeroize);
        Finder { automaton, shortest, fold }
    }
}

/// The text as programs write it that have a byte for each character: in windows-1251 where it is Cyrillic, else in Latin-1
/// (`btoa`, `escape`). `None` where that is no other form than UTF-8, or none at all.
fn in_single_bytes(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    for char in text.chars() {
        bytes.push(match char {
            '\u{401}' => 0xa8,
            '\u{451}' => 0xb8,
            '\u{410}'..='\u{44f}' => low_byte(u32::from(char) - 0x410 + 0xc0),
            _ => u8::try_from(u32::from(char)).ok()?,
        });
    }
    (TELLING..text.len()).contains(&bytes.len()).then_some(bytes)
}

/// Finds the secrets of a redactor.
pub(super) struct Finder {
    automaton: Automaton,
    shortest: usize,
    fold: fn(u8) -> u8,
}

/// Where in a text a secret stands.
pub(super) struct Found {
    start: usize,
    end: usize,
    /// The secret's own length.
    length: usize,
}

impl Finder {
    fn find(&self, text: &str, found: &mut dyn FnMut(Found)) {
        if text.len() >= self.shortest {
            self.find_in(&Piece::new(text), DEPTH, found);
        }
    }

    /// Whether a secret of that length stands in the text, or a shorter one is all of it.
    pub(super) fn is_in(&self, text: &str, length: usize) -> bool {
        let mut is_in = false;
        self.find(text, &mut |found| is_in |= found.length >= length || (found.start, found.end) == (0, text.len()));
        is_in
    }

    /// Looks at a piece and at what it says in other encodings, so many of them one inside another.
    fn find_in(&self, piece: &Piece, depth: usize, found: &mut dyn FnMut(Found)) {
        let mut at = START;
        for (last, byte) in piece.bytes.iter().enumerate() {
            at = self.automaton.next(at, blank((self.fold)(*byte)));
            let length = self.automaton.longest(at);
            let counts = length >= TELLING || !piece.is_guess || piece.is_whole && length == piece.bytes.len();
            if length > 0
                && counts
                && let Some((start, end)) = piece.place(last, length)
            {
                found(Found { start, end, length });
            }
        }
        let Some(depth) = depth.checked_sub(1) else { return };
        if let Some((plain, seen)) = piece.unescaped(ALL) {
            self.find_in(&plain, depth, found);
            // Escapes inside escapes of another kind come apart only one kind at a time.
            if seen.count_ones() > 1 {
                for kind in KINDS {
                    if let Some((plain, _)) = piece.unescaped(kind) {
                        self.find_in(&plain, depth, found);
                    }
                }
            }
        }
        for (digits, longest) in [(Digits::Base64, 4), (Digits::Hex, 6)] {
            let shortest = self.shortest.saturating_mul(longest).div_ceil(3);
            piece.each_decoded(digits, shortest, &mut |decoded| self.find_in(decoded, depth, found));
        }
    }
}

/// In a form `+` is a blank; elsewhere nobody loses by it.
const fn blank(byte: u8) -> u8 {
    if byte == b'+' { b' ' } else { byte }
}

/// What is to be masked in a text.
struct Marks<'t> {
    text: &'t str,
    /// For each place where a mark begins, how far it reaches.
    ends: Vec<u32>,
}

impl<'t> Marks<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, ends: vec![0; text.len()] }
    }

    fn add(&mut self, mut start: usize, mut end: usize) {
        while !self.text.is_char_boundary(start) {
            start -= 1;
        }
        while !self.text.is_char_boundary(end) {
            end += 1;
        }
        let end = u32::try_from(end).unwrap_or(u32::MAX);
        if let Some(known) = self.ends.get_mut(start) {
            *known = end.max(*known);
        }
    }

    /// Where masks begin and end, in order; marks that overlap share one.
    fn ranges(&self) -> Vec<(usize, usize)> {
        let mut ranges: Vec<(usize, usize)> = Vec::new();
        for (start, end) in self.ends.iter().enumerate() {
            step();
            let end = usize::try_from(*end).unwrap_or(usize::MAX);
            match ranges.last_mut() {
                _ if end == 0 => {}
                Some((_, before)) if start < *before => *before = end.max(*before),
                _ => ranges.push((start, end)),
            }
        }
        ranges
    }

    /// The text up to there, masked.
    fn masked(&self, end: usize) -> String {
        let mut shown = String::new();
        let mut at = 0;
        for (from, to) in self.ranges() {
            if from >= end {
                break;
            }
            shown.push_str(self.text.get(at..from).unwrap_or_default());
            shown.push_str(MASK);
            at = to;
        }
        shown.push_str(self.text.get(at..end).unwrap_or_default());
        shown
    }
}

/// At most so many bytes of a text, whole characters.
fn start_of(text: &str, most: usize) -> &str {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests;
