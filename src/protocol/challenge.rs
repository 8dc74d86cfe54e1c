//! Reads `WWW-Authenticate` (RFC 9110 section 11.6.1): many challenges, quoted values, token68.

/// The `error` and `error_description` parameters of the first challenge that has an `error` (RFC 6750 section 3).
pub fn error(header: &str) -> Option<(Option<String>, Option<String>)> {
    let mut challenges: Vec<Vec<(String, String)>> = Vec::new();
    let mut rest = header;
    while !rest.is_empty() {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let (word, after) = token(rest);
        if word.is_empty() {
            // Not a word: skip one character, so that a broken header ends too.
            let mut characters = rest.chars();
            characters.next();
            rest = characters.as_str();
            continue;
        }
        let blank = after.trim_start_matches([' ', '\t']);
        match blank.strip_prefix('=') {
            Some(value) if !challenges.is_empty() && !value.starts_with('=') => {
                let (value, after) = value_of(value.trim_start_matches([' ', '\t']));
                if let Some(challenge) = challenges.last_mut() {
                    challenge.push((word.to_ascii_lowercase(), value));
                }
                rest = after;
            }
            // `=` at the end of a token68, or of nothing.
            Some(_) => rest = blank.trim_start_matches('='),
            None => {
                challenges.push(Vec::new());
                rest = blank;
            }
        }
    }
    let value = |challenge: &[(String, String)], name: &str| {
        challenge.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    };
    let challenge = challenges.iter().find(|challenge| value(challenge, "error").is_some())?;
    Some((value(challenge, "error"), value(challenge, "error_description")))
}

fn token(text: &str) -> (&str, &str) {
    let end =
        text.find(|character: char| !(character.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~/".contains(character)));
    text.split_at(end.unwrap_or(text.len()))
}

fn value_of(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let (word, rest) = token(text);
        return (word.to_owned(), rest);
    };
    let mut value = String::new();
    let mut characters = quoted.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => break,
            '\\' => value.extend(characters.next()),
            other => value.push(other),
        }
    }
    (value, characters.as_str())
}

#[cfg(test)]
mod tests {
    use super::error;

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
    }
}
