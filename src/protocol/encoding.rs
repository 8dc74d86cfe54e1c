//! Bytes as text: base64 (RFC 4648 sections 4 and 5) and hexadecimal.

use base64::Engine;
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// Base64 with the standard alphabet and padding.
pub fn base64(bytes: &[u8]) -> String {
    encoded(&STANDARD, bytes, "=")
}

/// Base64 with the URL-safe alphabet, without padding.
pub fn base64url(bytes: &[u8]) -> String {
    encoded(&URL_SAFE_NO_PAD, bytes, "")
}

// Three bytes at a time: of a length that is known, nothing of the way that is quick for long ones comes into the module.
// `encode_slice`, because `encode` brings the formatting machinery along.
fn encoded(engine: &GeneralPurpose, bytes: &[u8], padding: &str) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let (mut three, mut four) = ([0; 3], [0; 4]);
        three.iter_mut().zip(chunk).for_each(|(to, from)| *to = *from);
        let _length = engine.encode_slice(three, &mut four);
        text.extend(four.iter().take(chunk.len() + 1).copied().map(char::from));
        for _ in chunk.len()..3 {
            text.push_str(padding);
        }
    }
    text
}

/// Bytes as text; what is no UTF-8 becomes U+FFFD.
pub fn lossy(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Err(error) = std::str::from_utf8(rest) {
        let (valid, after) = rest.split_at_checked(error.valid_up_to()).unwrap_or_default();
        text.push_str(std::str::from_utf8(valid).unwrap_or_default());
        text.push('\u{fffd}');
        rest = error.error_len().and_then(|length| after.get(length..)).unwrap_or_default();
    }
    text.push_str(std::str::from_utf8(rest).unwrap_or_default());
    text
}

/// The bytes behind base64 with the URL-safe alphabet, without padding. `None` for everything else, bits beyond the last
/// byte included.
pub fn from_base64url(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let (mut bits, mut waiting) = (0_u32, 0_u32);
    for byte in text.bytes() {
        if matches!(byte, b'+' | b'/') {
            return None;
        }
        bits = bits << 6 | u32::from(sextet(byte)?);
        waiting += 6;
        if waiting >= 8 {
            waiting -= 8;
            bytes.push(low_byte(bits >> waiting));
            bits &= (1 << waiting) - 1;
        }
    }
    (waiting < 6 && bits == 0).then_some(bytes)
}

/// The six bits of a character of either alphabet.
pub fn sextet(byte: u8) -> Option<u8> {
    Some(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    })
}

/// Bytes as hexadecimal digits, in lower case.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from(if nibble < 10 { b'0' + nibble } else { b'a' - 10 + nibble });
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(digit(byte >> 4));
        text.push(digit(byte & 15));
    }
    text
}

/// The four bits of a hexadecimal digit of either case.
pub fn nibble(byte: u8) -> Option<u8> {
    Some(match byte {
        b'0'..=b'9' => byte - b'0',
        b'a'..=b'f' => byte - b'a' + 10,
        b'A'..=b'F' => byte - b'A' + 10,
        _ => return None,
    })
}

/// The lowest eight bits.
pub(super) const fn low_byte(bits: u32) -> u8 {
    bits.to_le_bytes()[0]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_vectors_of_rfc_4648_hold() {
        for (plain, standard, url) in [
            ("", "", ""),
            ("f", "Zg==", "Zg"),
            ("fo", "Zm8=", "Zm8"),
            ("foo", "Zm9v", "Zm9v"),
            ("foob", "Zm9vYg==", "Zm9vYg"),
            ("??>", "Pz8+", "Pz8-"),
            ("???", "Pz8/", "Pz8_"),
        ] {
            assert_eq!((base64(plain.as_bytes()).as_str(), base64url(plain.as_bytes()).as_str()), (standard, url));
        }
        assert_eq!(hex(b"\x00foobar\xff"), "00666f6f626172ff");
    }

    #[test]
    fn what_is_no_utf8_is_replaced_as_everybody_does() {
        for bytes in [
            &b""[..],
            b"a\xffb",
            b"\xe2\x82",
            b"\xe2\x82x",
            b"\xf0\x9f\x98\x80\xf0\x9f\x98",
            b"\xc0\x80",
            b"\xed\xa0\x80!",
        ] {
            assert_eq!(lossy(bytes), String::from_utf8_lossy(bytes), "{bytes:?}");
        }
    }

    #[test]
    fn only_whole_base64url_is_decoded() {
        for text in ["Zg==", "Zh", "Z", "Zm9vYg=", "Pz8+", "Pz8/", "Zm 9v", "Zm9vY", "Zm9é"] {
            assert_eq!(from_base64url(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_decodes_to_the_same(bytes: Vec<u8>) {
            let text = base64url(&bytes);
            let mut at_once = vec![0; text.len() + 4];
            let length = STANDARD.encode_slice(&bytes, &mut at_once).unwrap();
            prop_assert_eq!(base64(&bytes), str::from_utf8(&at_once[..length]).unwrap());
            prop_assert_eq!(lossy(&bytes), String::from_utf8_lossy(&bytes));
            prop_assert_eq!(from_base64url(&text), Some(bytes.clone()));
            let digits = hex(&bytes);
            let nibbles: Option<Vec<u8>> = digits.to_uppercase().bytes().map(nibble).collect();
            let whole: Vec<u8> = nibbles.unwrap().chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect();
            prop_assert_eq!(whole, bytes);
        }
    }
}
