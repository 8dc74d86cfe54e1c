//! Percent-encoding: forms (application/x-www-form-urlencoded, WHATWG URL section 5; RFC 6749 appendix B) and parts of
//! addresses (RFC 3986 section 2.1).

use super::encoding::{lossy, nibble};
use super::steps::step;

/// Appends one name or value of a form: a space becomes `+`, all but ASCII letters, digits and `*-._` becomes `%XX`.
pub fn encode_component(text: &str, out: &mut String) {
    for byte in text.bytes() {
        match byte {
            b' ' => out.push('+'),
            b'*' | b'-' | b'.' | b'_' => out.push(char::from(byte)),
            _ => push_encoded(byte, out),
        }
    }
}

/// The body of a form, or a query.
pub fn encode<Name: AsRef<str>, Text: AsRef<str>>(pairs: &[(Name, Text)]) -> String {
    let mut out = String::new();
    for (name, text) in pairs {
        if !out.is_empty() {
            out.push('&');
        }
        encode_component(name.as_ref(), &mut out);
        out.push('=');
        encode_component(text.as_ref(), &mut out);
    }
    out
}

/// Reads the body of a form, or a query without its `?`. Like the parser of WHATWG it refuses nothing: a `%` that
/// begins no byte stands for itself, what is no UTF-8 becomes U+FFFD.
pub fn decode(text: &str) -> Vec<(String, String)> {
    let pairs = text.as_bytes().split(|byte| {
        step();
        *byte == b'&'
    });
    pairs
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let equals = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
            let value = pair.get(equals.saturating_add(1)..).unwrap_or_default();
            (plain(pair.get(..equals).unwrap_or_default()), plain(value))
        })
        .collect()
}

/// One name or value of a form, read as [`decode`] does.
pub fn decoded(text: &str) -> String {
    plain(text.as_bytes())
}

/// Appends the text with all but the unreserved characters of RFC 3986 section 2.3 as `%XX`: safe in any part of an
/// address.
pub fn percent_encode(text: &str, out: &mut String) {
    for byte in text.bytes() {
        match byte {
            b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => push_encoded(byte, out),
        }
    }
}

/// Letters and digits stay in every encoding, the rest never does unless the encoding says so.
fn push_encoded(byte: u8, out: &mut String) {
    const HEX: [u8; 16] = *b"0123456789ABCDEF";
    if byte.is_ascii_alphanumeric() {
        out.push(char::from(byte));
    } else {
        out.push('%');
        let digits = [byte >> 4, byte & 0xf];
        out.extend(digits.iter().filter_map(|digit| HEX.get(usize::from(*digit))).copied().map(char::from));
    }
}

fn plain(text: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        step();
        rest = after;
        bytes.push(match first {
            b'+' => b' ',
            b'%' => match hex_byte(after) {
                Some((byte, after)) => {
                    rest = after;
                    byte
                }
                None => b'%',
            },
            other => *other,
        });
    }
    lossy(&bytes)
}

fn hex_byte(text: &[u8]) -> Option<(u8, &[u8])> {
    let ([high, low], rest) = text.split_first_chunk()?;
    Some((nibble(*high)? << 4 | nibble(*low)?, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{decode, encode, encode_component, percent_encode};

    fn component(text: &str) -> String {
        let mut out = String::from("kept ");
        encode_component(text, &mut out);
        out.strip_prefix("kept ").unwrap().to_owned()
    }

    fn percent(text: &str) -> String {
        let mut out = String::from("kept ");
        percent_encode(text, &mut out);
        out.strip_prefix("kept ").unwrap().to_owned()
    }

    fn pair(name: &str, text: &str) -> (String, String) {
        (name.into(), text.into())
    }

    #[test]
    fn encodes_the_vector_of_rfc_6749() {
        assert_eq!(component(" %&+£€"), "+%25%26%2B%C2%A3%E2%82%AC");
    }

    #[test]
    fn keeps_of_ascii_what_each_encoding_keeps() {
        let alphanumeric: String = ('\0'..='\x7f').filter(char::is_ascii_alphanumeric).collect();
        for char in '\0'..='\x7f' {
            let text = char.to_string();
            let encoded = format!("%{:02X}", u32::from(char));
            let form = if char == ' ' { "+" } else { encoded.as_str() };
            let kept_in = |others: &str| alphanumeric.contains(char) || others.contains(char);
            assert_eq!(component(&text), if kept_in("*-._") { text.as_str() } else { form });
            assert_eq!(percent(&text), if kept_in("-._~") { text } else { encoded });
        }
        assert_eq!(percent("Ы/я ~"), "%D0%AB%2F%D1%8F%20~");
    }

    #[test]
    fn joins_pairs_in_their_order() {
        assert_eq!(encode(&[("b", "1 2"), ("a", ""), ("", "x"), ("b", "&=")]), "b=1+2&a=&=x&b=%26%3D");
        assert_eq!(encode::<&str, String>(&[]), "");
    }

    #[test]
    fn decodes_whatever_it_is_given() {
        assert_eq!(decode(""), []);
        assert_eq!(decode("&&a&=b&=&c=d=e&"), [pair("a", ""), pair("", "b"), pair("", ""), pair("c", "d=e")]);
        assert_eq!(decode("a+b=%2B+%2b%20"), [pair("a b", "+ + ")]);
        assert_eq!(decode("%=%4&%4x=%%41&é=%G1"), [pair("%", "%4"), pair("%4x", "%A"), pair("é", "%G1")]);
        assert_eq!(decode("%3D%26=%25%32%35"), [pair("=&", "%25")]);
        assert_eq!(decode("%+1=%-1"), [pair("% 1", "%-1")]);
        assert_eq!(decode("a=%E2%82%AC%E2%82x%FF"), [pair("a", "€\u{fffd}x\u{fffd}")]);
        assert_eq!(decode("%EF%BB%BFa"), [pair("\u{feff}a", "")]);
    }

    proptest! {
        #[test]
        fn what_is_encoded_decodes_to_the_same(pairs: Vec<(String, String)>) {
            let text = encode(&pairs);
            prop_assert!(text.is_ascii() && !text.contains([' ', '#', '?', '"', '\'', '<', '\r', '\n', '\0']));
            prop_assert_eq!(decode(&text), pairs);
        }

        #[test]
        fn percent_encoding_reads_as_a_form_too(text: String) {
            let encoded = percent(&text);
            prop_assert!(!encoded.contains(['+', '&', '=', '/']));
            prop_assert_eq!(decode(&encoded), if text.is_empty() { vec![] } else { vec![(text, String::new())] });
        }

        #[test]
        fn any_text_is_decoded_as_by_the_url_standard(text in "([%&=+;?#/]|%[0-9A-Fa-f]{2}|[0-9A-Za-gé\u{1f600}]){0,40}") {
            let expected: Vec<(String, String)> = url::form_urlencoded::parse(text.as_bytes()).into_owned().collect();
            prop_assert_eq!(decode(&text), expected);
        }

        #[test]
        fn decoding_takes_any_text(text in "[%&=+0-9A-Fa-gé]{0,40}") {
            let pairs = decode(&text);
            prop_assert_eq!(decode(&encode(&pairs)), pairs);
        }
    }
}
