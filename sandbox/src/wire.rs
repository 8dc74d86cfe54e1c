//! Strict decoding of what arrives, and what its names tell of it.

/// Name and value pairs of a form or a query, each name once.
#[derive(Debug, Default)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Decodes `a=b&c=d`. Refuses what a lenient decoder would guess at; the message never holds a value.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut fields: Vec<(String, String)> = Vec::new();
        if text.is_empty() {
            return Ok(Self(fields));
        }
        for pair in text.split('&') {
            let Some((name, value)) = pair.split_once('=') else {
                return Err("a field without \"=\"".to_owned());
            };
            let name = decode(name).map_err(|why| format!("a field name {why}"))?;
            let value = decode(value).map_err(|why| format!("the value of {} {why}", quoted(&name)))?;
            if fields.iter().any(|(known, _)| *known == name) {
                return Err(format!("the field {} is sent twice", quoted(&name)));
            }
            fields.push((name, value));
        }
        Ok(Self(fields))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The first field that is not among `known`, in quotes.
    pub(crate) fn unknown(&self, known: &[&str]) -> Option<String> {
        self.0.iter().map(|(name, _)| name.as_str()).find(|name| !known.contains(name)).map(quoted)
    }

    /// The first of `required` that is absent or empty.
    pub(crate) fn missing<'a>(&self, required: &[&'a str]) -> Option<&'a str> {
        required.iter().copied().find(|name| self.get(name).is_none_or(str::is_empty))
    }
}

/// A field's name for the journal. A body that is no form at all may be all "name", secrets included: that is not shown.
fn quoted(name: &str) -> String {
    if is_plain(name) { format!("{name:?}") } else { "\"...\" (no name one would expect)".to_owned() }
}

/// Whether a text looks like a name that somebody chose.
pub(crate) fn is_plain(text: &str) -> bool {
    (1..=40).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.:".contains(&byte))
}

/// `application/x-www-form-urlencoded`: `+` is a space, `%XX` a byte, the bytes UTF-8.
fn decode(text: &str) -> Result<String, &'static str> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let high = rest.next().and_then(hex).ok_or("holds a \"%\" without two hex digits")?;
                let low = rest.next().and_then(hex).ok_or("holds a \"%\" without two hex digits")?;
                bytes.push(high << 4 | low);
            }
            0x21..=0x7e => bytes.push(byte),
            _ => return Err("holds a character that must be percent-encoded"),
        }
    }
    String::from_utf8(bytes).map_err(|_| "is not UTF-8")
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|n| u8::try_from(n).ok())
}

/// `application/x-www-form-urlencoded`, with `charset=UTF-8` or without.
pub(crate) fn is_form(content_type: &str) -> bool {
    let mut parts = content_type.split(';').map(str::trim);
    parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("application/x-www-form-urlencoded"))
        && parts.all(|parameter| parameter.eq_ignore_ascii_case("charset=utf-8"))
}

/// What a piece of a form or query says, where it can be decoded; else as it is written.
pub(crate) fn read(text: &str) -> String {
    decode(text).unwrap_or_else(|_| text.to_owned())
}

/// Whether the value of a parameter or header of this name is nobody's business.
pub(crate) fn is_secret(name: &str) -> bool {
    const PARTS: [&str; 9] = ["token", "secret", "pass", "auth", "session", "sessid", "cookie", "credential", "apikey"];
    const WORDS: [&str; 13] =
        ["code", "key", "keys", "sid", "pw", "pwd", "pin", "jwt", "sig", "sign", "signature", "otp", "ticket"];
    let name = read(name);
    let whole = name.to_lowercase();
    PARTS.iter().any(|part| whole.contains(part)) || words(&name).iter().any(|word| WORDS.contains(&word.as_str()))
}

/// The words of a name, however they are joined: `api_key`, `apiKey`, `X-API-Key`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for char in name.chars() {
        if !char.is_alphanumeric() || (char.is_uppercase() && was_lower) {
            words.push(String::new());
        }
        was_lower = char.is_lowercase();
        if let Some(word) = words.last_mut().filter(|_| char.is_alphanumeric()) {
            word.extend(char.to_lowercase());
        }
    }
    words
}

/// Text for HTML, in content and in quoted attributes.
pub(crate) fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_forms_and_refuses_guesswork() {
        let fields = Fields::parse("a=1+2&b=%D0%BF%2B&c=").unwrap();
        assert_eq!((fields.get("a"), fields.get("b"), fields.get("c")), (Some("1 2"), Some("п+"), Some("")));
        assert_eq!(fields.unknown(&["a", "c"]).as_deref(), Some("\"b\""));
        assert_eq!(fields.missing(&["a", "c"]), Some("c"));
        for bad in ["a", "a=1&a=2", "a=%4", "a=%zz", "a=%FF", "a=п", "a=1&&b=2"] {
            assert!(Fields::parse(bad).is_err(), "{bad}");
        }
    }
}
