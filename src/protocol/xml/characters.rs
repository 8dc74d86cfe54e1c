//! Which characters XML has, and which of them make names.

use crate::protocol::steps::step;

/// Production 2.
pub(super) const fn is_legal(char: char) -> bool {
    !matches!(char, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

/// Whether all characters of UTF-8 are legal.
pub(super) fn all_legal(text: &[u8]) -> bool {
    let mut rest = text;
    while let [first, behind @ ..] = rest {
        step();
        let is_illegal = match first {
            0x20..=0xee => false,
            b'\t' | b'\n' | b'\r' => false,
            // U+FFFE and U+FFFF.
            0xef => matches!(behind, [0xbf, 0xbe | 0xbf, ..]),
            _ => *first < 0x20,
        };
        if is_illegal {
            return false;
        }
        rest = behind;
    }
    true
}

/// First and last of the characters beyond ASCII that a name may begin with (production 4).
const STARTS: [(u32, u32); 12] = [
    (0xc0, 0xd6),
    (0xd8, 0xf6),
    (0xf8, 0x2ff),
    (0x370, 0x37d),
    (0x37f, 0x1fff),
    (0x200c, 0x200d),
    (0x2070, 0x218f),
    (0x2c00, 0x2fef),
    (0x3001, 0xd7ff),
    (0xf900, 0xfdcf),
    (0xfdf0, 0xfffd),
    (0x1_0000, 0xe_ffff),
];

pub(super) fn is_name_start(char: char) -> bool {
    let code = u32::from(char);
    char.is_ascii_alphabetic()
        || matches!(char, '_' | ':')
        || STARTS.iter().any(|(first, last)| (*first..=*last).contains(&code))
}

/// Production 4a.
pub(super) fn is_name_char(char: char) -> bool {
    is_name_start(char)
        || char.is_ascii_digit()
        || matches!(char, '-' | '.' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}' | '\u{2040}')
}
