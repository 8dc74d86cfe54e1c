//! What a document says of itself.

use super::{Fault, Reader};

/// Whether a value is one of its kind.
type Accepts = fn(&[u8]) -> bool;

/// What a declaration says, in this order, and what it may say.
const DECLARED: [(&str, Accepts); 3] = [
    ("version", |value| {
        value.strip_prefix(b"1.").is_some_and(|digits| !digits.is_empty() && digits.iter().all(u8::is_ascii_digit))
    }),
    ("encoding", |value| {
        value.first().is_some_and(u8::is_ascii_alphabetic)
            && value.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
    }),
    ("standalone", |value| matches!(value, b"yes" | b"no")),
];

impl Reader<'_> {
    /// `<?xml version="1.0" encoding="utf-8" standalone="yes"?>` (production 23).
    pub(super) fn declaration(&mut self) -> Result<(), Fault> {
        let wrong = "a malformed declaration";
        let _start = self.eat("<?xml");
        for (name, accepts) in DECLARED {
            let start = self.at;
            self.space();
            if self.at > start && self.eat(name) {
                self.space();
                if !self.eat("=") {
                    return Err(wrong);
                }
                self.space();
                let value = self.quoted().ok_or(wrong)?;
                if !accepts(value.as_bytes()) {
                    return Err(wrong);
                }
            } else if name == "version" {
                return Err(wrong);
            } else {
                self.at = start;
            }
        }
        self.space();
        if self.eat("?>") { Ok(()) } else { Err(wrong) }
    }
}
