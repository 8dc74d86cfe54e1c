//! Reads `WWW-Authenticate` (RFC 9110 section 11.6.1): many challenges, quoted values, token68.

use super::steps::step;

/// The `error` and `error_description` parameters of the first challenge that has an `error` (RFC 6750 section 3).
pub fn error(header: &str) -> Option<(Option<String>, Option<String>)> {
    let mut found = Found::default();
    let mut is_in_challenge = false;
    let mut rest = header.as_bytes();
    while let [_, after @ ..] = rest {
        step();
        let (word, behind) = token(rest);
        let behind = skip(behind, b" \t");
        match (word, behind) {
            // Between words; or no word, so that a broken header ends too.
            ([], _) => rest = after,
            (name, [b'=', value @ ..]) if is_in_challenge && value.first() != Some(&b'=') => {
                let (value, behind) = value_of(skip(value, b" \t"));
                found.take(name, value);
                rest = behind;
            }
            // `=` at the end of a token68, or of nothing.
            (_, [b'=', ..]) => rest = skip(behind, b"="),
            _ if found.error.is_some() => break,
            _ => {
                found = Found::default();
                is_in_challenge = true;
                rest = behind;
            }
        }
    }
    found.error.is_some().then_some((found.error, found.description))
}

/// The challenges whose scheme is none of those, in lower case; nothing where none is left. A header that has none of those
/// stays as it is.
pub fn without(header: &str, schemes: &[&str]) -> Option<String> {
    let mut kept = String::new();
    let mut is_kept = true;
    let mut is_whole = true;
    for part in parts(header) {
        let (word, behind) = token(part.as_bytes());
        // What a challenge begins with is followed by no `=`.
        if !word.is_empty() && !skip(behind, b" \t").starts_with(b"=") {
            is_kept = !schemes.iter().any(|scheme| word.eq_ignore_ascii_case(scheme.as_bytes()));
        }
        is_whole &= is_kept;
        if is_kept && !part.is_empty() {
            kept.push_str(if kept.is_empty() { "" } else { ", " });
            kept.push_str(part);
        }
    }
    if is_whole { Some(header.to_owned()) } else { Some(kept).filter(|kept| !kept.is_empty()) }
}

/// What stands between the commas that are in no quotes.
fn parts(header: &str) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    let mut is_escaped = false;
    let parts = header.split(move |mark: char| {
        step();
        let is_free = !is_escaped;
        is_escaped = is_quoted && is_free && mark == '\\';
        is_quoted ^= is_free && mark == '"';
        !is_quoted && mark == ','
    });
    parts.map(|part| part.trim_matches([' ', '\t']))
}

/// What the challenge being read says.
#[derive(Default)]
struct Found {
    error: Option<String>,
    description: Option<String>,
}

impl Found {
    /// The first of a name counts.
    fn take(&mut self, name: &[u8], value: Vec<u8>) {
        let place = if name.eq_ignore_ascii_case(b"error") {
            &mut self.error
        } else if name.eq_ignore_ascii_case(b"error_description") {
            &mut self.description
        } else {
            return;
        };
        if place.is_none() {
            *place = String::from_utf8(value).ok();
        }
    }
}

fn token(text: &[u8]) -> (&[u8], &[u8]) {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~/".contains(byte);
    text.split_at(text.iter().position(|byte| !is_part(byte)).unwrap_or(text.len()))
}

fn value_of(text: &[u8]) -> (Vec<u8>, &[u8]) {
    let [b'"', quoted @ ..] = text else {
        let (word, rest) = token(text);
        return (word.to_vec(), rest);
    };
    let mut value = Vec::new();
    let mut rest = quoted;
    while let [first, behind @ ..] = rest {
        step();
        rest = behind;
        match first {
            b'"' => break,
            b'\\' => {
                value.extend(rest.first());
                rest = rest.get(1..).unwrap_or_default();
            }
            _ => value.push(*first),
        }
    }
    (value, rest)
}

fn skip<'t>(text: &'t [u8], marks: &[u8]) -> &'t [u8] {
    let end = text.iter().position(|byte| !marks.contains(byte)).unwrap_or(text.len());
    text.get(end..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{error, without};
    use crate::protocol::steps::grows_linearly;

    fn code(header: &str) -> Option<String> {
        error(header).and_then(|(code, _)| code)
    }

    #[test]
    fn the_error_is_found_among_many_challenges() {
        let header = r#"Basic realm="a, error=\"no\"", Negotiate YWJj==, bearer realm=x , ERROR="invalid_token", error_description="expired, sorry""#;
        assert_eq!(error(header), Some((Some("invalid_token".into()), Some("expired, sorry".into()))));
    }

    #[test]
    fn a_challenge_without_an_error_gives_none() {
        for header in ["", "Bearer", "Basic realm=\"api\"", "Negotiate abc=", "=,=", "\"", "Bearer error", "é"] {
            assert_eq!(code(header), None, "{header}");
        }
        assert_eq!(code("DPoP error=use_dpop_nonce").as_deref(), Some("use_dpop_nonce"));
        assert_eq!(code("Bearer error = \"x").as_deref(), Some("x"));
        assert_eq!(code("Bearer error=\"\\").as_deref(), Some(""));
        assert_eq!(code("Bearer error=\"Отказ\\ß\"").as_deref(), Some("Отказß"));
    }

    #[test]
    fn the_first_of_two_is_the_one_that_counts() {
        let header =
            r#"Basic realm=x, Bearer error=a, error=b, error_description="c", Bearer error=d, error_description=e"#;
        assert_eq!(error(header), Some((Some("a".into()), Some("c".into()))));
        let apart = r#"Basic error_description="not this", Bearer error="a""#;
        assert_eq!(error(apart), Some((Some("a".into()), None)));
    }

    #[test]
    fn a_long_header_is_read_in_no_time() {
        for part in [",", "=", "a", "a ", "a=", "a=b,", "\"", "\\", "é", "error=\"", "Bearer error=a, "] {
            grows_linearly(4_096, 20, |size| {
                let header = ["Bearer x=\"", &"y".repeat(200), "\", ", &part.repeat(size / part.len())].concat();
                let _read = (error(&header), without(&header, &["bearer"]));
            });
        }
    }

    #[test]
    fn challenges_of_some_schemes_are_left_out_and_the_others_stay() {
        for (header, left) in [
            ("Basic", None),
            ("bASIC realm=\"a, b\", charset=\"UTF-8\"", None),
            ("Basic realm=\"a\\\", Bearer x\", Negotiate YWJj==, Basic , ", None),
            ("Bearer error=\"invalid_token\"", Some("Bearer error=\"invalid_token\"")),
            ("Bearer realm=\"a, Basic b\",,  DPoP algs=\"x\"", Some("Bearer realm=\"a, Basic b\",,  DPoP algs=\"x\"")),
            (
                "Basic realm=x, Bearer error = a , error_description=\"c, d\"",
                Some("Bearer error = a, error_description=\"c, d\""),
            ),
            ("Bearer scope=x, Negotiate, \tBasic realm=x", Some("Bearer scope=x")),
            ("Negotiate a=, DPoP, Basic charset=y, Mutual realm=z", Some("DPoP, Mutual realm=z")),
            // Its names say what it is, and no value does.
            ("Bearer basic=x, realm=Basic", Some("Bearer basic=x, realm=Basic")),
            ("BasicAuth realm=x", Some("BasicAuth realm=x")),
            ("Basic realm=\"é, ß", None),
            ("é, Basic, Bearer", Some("é, Bearer")),
            ("", Some("")),
            (" , ", Some(" , ")),
            (",Basic,", None),
        ] {
            assert_eq!(without(header, &["basic", "negotiate"]).as_deref(), left, "{header}");
        }
    }

    proptest! {
        #[test]
        fn what_is_left_has_no_challenge_of_those_schemes(header in "(Basic|Bearer|x| |,|=|\"|\\\\|é){0,24}") {
            let left = without(&header, &["basic"]).unwrap_or_default();
            prop_assert_eq!(without(&left, &["basic"]).unwrap_or_default(), left);
        }
    }
}
