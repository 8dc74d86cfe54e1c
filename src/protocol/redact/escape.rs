//! Escapes that a secret may come back in.

use crate::protocol::encoding::nibble;

/// What an escape stands for.
pub(super) enum Unit {
    Byte(u8),
    Char(char),
}

/// References of HTML to what encoders escape in ASCII, each behind its character.
const ASCII: &[u8] = b"\tTab \nNewLine !excl \"quot #num $dollar %percnt &amp 'apos (lpar )rpar *ast +plus ,comma .period \
    /sol :colon ;semi <lt =equals >gt ?quest @commat [lsqb [lbrack \\bsol ]rsqb ]rbrack ^Hat _lowbar `grave {lcub {lbrace \
    |verbar |vert }rcub }rbrace";

/// References of HTML from U+00A0 to U+00FF.
const LATIN: &[u8] = b"nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn \
    sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml \
    Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml \
    times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave \
    eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute \
    ucirc uuml yacute thorn yuml";

/// Who escapes so: addresses, JSON and scripts, HTML. As bits, so that several can be undone together.
pub(super) const KINDS: [u8; 3] = [1, 2, 4];

/// No reference is longer, its `&` and `;` included: `&#x0010ffff;`.
const LONGEST: usize = 12;

/// Which kind of escape may begin with the byte; 0 for none.
pub(super) const fn kind(first: u8) -> u8 {
    match first {
        b'%' => 1,
        b'\\' => 2,
        b'&' => 4,
        _ => 0,
    }
}

/// What the text begins with, when that is an escape, and how long the escape is.
pub(super) fn read(text: &[u8]) -> Option<(Unit, usize)> {
    match text {
        [b'%' | b'\\', b'u', ..] => unicode(text),
        [b'%', high, low, ..] | [b'\\', b'x', high, low, ..] => {
            let byte = nibble(*high)? << 4 | nibble(*low)?;
            Some((Unit::Byte(byte), if text.first() == Some(&b'%') { 3 } else { 4 }))
        }
        [b'\\', letter, ..] => {
            let byte = match letter {
                b'"' | b'\'' | b'/' | b'\\' => *letter,
                b'b' => 8,
                b'f' => 12,
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                _ => return None,
            };
            Some((Unit::Byte(byte), 2))
        }
        [b'&', ..] => {
            let end = text.iter().take(LONGEST).position(|byte| *byte == b';')?;
            Some((Unit::Char(referred(text.get(1..end)?)?), end + 1))
        }
        _ => None,
    }
}

/// `\u00e9`, `\ud83d\ude00`, `%u00e9`, `\u{e9}`.
fn unicode(text: &[u8]) -> Option<(Unit, usize)> {
    if text.get(2) == Some(&b'{') {
        let end = text.iter().take(LONGEST).position(|byte| *byte == b'}')?;
        return Some((Unit::Char(number(text.get(3..end)?, 16)?), end + 1));
    }
    let unit = |at: usize| {
        text.get(at..at + 4)?.iter().try_fold(0, |unit, digit| Some(unit << 4 | u32::from(nibble(*digit)?)))
    };
    let high: u32 = unit(2)?;
    if let Some(char) = char::from_u32(high) {
        return Some((Unit::Char(char), 6));
    }
    let low = unit(8).filter(|_| text.get(6..8) == text.get(..2))?;
    let both = 0x1_0000 + (high.checked_sub(0xd800)? << 10) + low.checked_sub(0xdc00)?;
    Some((Unit::Char(char::from_u32(both)?), 12))
}

/// The character behind what stands between `&` and `;`.
fn referred(name: &[u8]) -> Option<char> {
    match name {
        [b'#', b'x' | b'X', digits @ ..] => number(digits, 16),
        [b'#', digits @ ..] => number(digits, 10),
        _ => {
            let ascii = || ASCII.split(|byte| *byte == b' ').find(|known| known.get(1..) == Some(name));
            if let Some([char, ..]) = ascii() {
                return Some(char::from(*char));
            }
            let at = LATIN.split(|byte| *byte == b' ').position(|known| known == name)?;
            char::from_u32(u32::try_from(at).ok()? + 0xa0)
        }
    }
}

fn number(digits: &[u8], radix: u32) -> Option<char> {
    let code = digits.iter().try_fold(0_u32, |code, digit| {
        let digit = u32::from(nibble(*digit)?);
        (digit < radix).then_some(code.checked_mul(radix)?.checked_add(digit)?)
    })?;
    char::from_u32(code).filter(|_| !digits.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Option<String> {
        let (unit, length) = read(text.as_bytes())?;
        let mut bytes = match unit {
            Unit::Byte(byte) => vec![byte],
            Unit::Char(char) => char.to_string().into_bytes(),
        };
        bytes.extend_from_slice(&text.as_bytes()[length..]);
        String::from_utf8(bytes).ok()
    }

    #[test]
    fn every_way_of_writing_a_character_is_read() {
        for (text, plain) in [
            ("%41x", "Ax"),
            ("%3f", "?"),
            ("%u00E9", "é"),
            ("\\u00e9x", "éx"),
            ("\\u00E9", "é"),
            ("\\ud83d\\uDE00x", "😀x"),
            ("\\u{1F600}x", "😀x"),
            ("\\x41", "A"),
            ("\\/", "/"),
            ("\\\\n", "\\n"),
            ("\\n", "\n"),
            ("&amp;x", "&x"),
            ("&#38;", "&"),
            ("&#x26;", "&"),
            ("&#X0000E9;", "é"),
            ("&eacute;", "é"),
            ("&Eacute;", "É"),
            ("&yuml;", "ÿ"),
            ("&nbsp;", "\u{a0}"),
            ("&iquest;", "¿"),
            ("&times;", "×"),
            ("&commat;", "@"),
            ("&rbrace;", "}"),
        ] {
            assert_eq!(read_text(text).as_deref(), Some(plain), "{text}");
        }
    }

    #[test]
    fn what_is_no_escape_stands_for_itself() {
        for text in [
            "",
            "x",
            "%",
            "%4",
            "%4g",
            "%uD83D",
            "\\",
            "\\ud83d",
            "\\ud83d\\u0041",
            "\\ude00",
            "\\u{}",
            "\\u{110000}",
            "\\q",
            "&",
            "&;",
            "&amp",
            "&#;",
            "&#x;",
            "&#a;",
            "&unknown;",
            "&#x110000;",
            "&#99999999999;",
            "&\tTab;",
        ] {
            assert!(read(text.as_bytes()).is_none(), "{text}");
        }
    }
}
