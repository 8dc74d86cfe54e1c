//! Names that say that what they name is a secret.

/// What a word of a name, or two neighbouring ones together, may say.
const WORDS: [&[u8]; 15] = [
    b"token",
    b"secret",
    b"password",
    b"passwd",
    b"pwd",
    b"session",
    b"sessionid",
    b"sid",
    b"key",
    b"apikey",
    b"jwt",
    b"ticket",
    b"cookie",
    b"signature",
    b"sig",
];

/// Words that say it also at the end of another: `accesstoken`. Shorter ones end too many innocent words.
const ENDINGS: [&[u8]; 6] = [b"token", b"secret", b"password", b"passwd", b"sessionid", b"sessid"];

/// What says it of a query parameter, wherever it stands in the name.
const PARTS_OF_PARAMETERS: [&[u8]; 11] = [
    b"token",
    b"password",
    b"passwd",
    b"secret",
    b"code",
    b"signature",
    b"api_key",
    b"apikey",
    b"authorization",
    b"session",
    b"ticket",
];

/// What says it of a query parameter as its whole name.
const PARAMETERS: [&[u8]; 4] = [b"pass", b"auth", b"login", b"username"];

/// Longest name that is looked at; what is longer is no name, and may hold anything.
const LONGEST: usize = 256;

/// Whether the name of an answer's member says that it is a credential. Names are cut into words at case and at everything
/// that is no letter.
pub fn is_credential_name(name: &str) -> bool {
    if name.len() > LONGEST {
        return true;
    }
    let name = name.as_bytes();
    let mut words: Vec<Vec<u8>> = Vec::new();
    let mut word = Vec::new();
    for (at, byte) in name.iter().enumerate() {
        let is_letter = is_letter(*byte);
        if !is_letter || begins_word(name, at) {
            words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
        }
        if is_letter {
            word.push(byte.to_ascii_lowercase());
        }
    }
    words.push(word);
    let said = |word: &[u8]| WORDS.contains(&word) || ENDINGS.iter().any(|ending| word.ends_with(ending));
    let mut before: &[u8] = &[];
    for word in &words {
        let mut both = before.to_vec();
        both.extend_from_slice(word);
        if said(word) || said(&both) {
            return true;
        }
        before = word;
    }
    false
}

/// Letters beyond ASCII, too: their bytes are.
const fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte >= 0x80
}

/// `accessToken` has a second word, and `JWTData`.
fn begins_word(name: &[u8], at: usize) -> bool {
    let is = |at: Option<usize>, kind: fn(&u8) -> bool| at.and_then(|at| name.get(at)).is_some_and(kind);
    let (before, after) = (at.checked_sub(1), at.checked_add(1));
    let upper = u8::is_ascii_uppercase;
    let is_lower = |at| is(at, |byte| is_letter(*byte)) && !is(at, upper);
    is(Some(at), upper) && (is_lower(before) || is(before, upper) && is_lower(after))
}

/// Whether a query parameter of that name is worth hiding in a trace, whoever put it there.
pub fn is_secret_name(name: &str) -> bool {
    if is_credential_name(name) {
        return true;
    }
    let name = name.to_ascii_lowercase();
    let name = name.as_bytes();
    PARAMETERS.contains(&name)
        || PARTS_OF_PARAMETERS.iter().any(|part| name.windows(part.len()).any(|window| window == *part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_credentials_are_known_however_they_are_written() {
        for name in [
            "token",
            "access_token",
            "accessToken",
            "AccessToken",
            "Access_token",
            "ACCESS_TOKEN",
            "access-token",
            "access.token",
            "accesstoken",
            "X-Auth-Token",
            "idToken",
            "IDToken",
            "sid",
            "connect.sid",
            "PHPSESSID",
            "JSESSIONID",
            "session_id",
            "sessionId",
            "SessionID",
            "sessionid",
            "s_id",
            "api_key",
            "apiKey",
            "APIKey",
            "api-key",
            "apikey",
            "key",
            "privateKey",
            "jwt",
            "JWTData",
            "userJWT",
            "client_secret",
            "clientsecret",
            "pass_word",
            "userPwd",
            "db.passwd",
            "ticket",
            "set-cookie",
            "signature",
            "sig",
            "key2",
            "token_1",
            "user[password]",
        ] {
            assert!(is_credential_name(name), "{name}");
            assert!(is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn other_names_are_left_alone() {
        for name in [
            "",
            "currency",
            "keyboard",
            "monkey",
            "turkey",
            "tokenizer",
            "secretary",
            "sidebar",
            "side",
            "inside",
            "signal",
            "sign",
            "design",
            "obsession",
            "url_api",
            "price_decimals",
            "user_id",
            "company_id",
            "is_replacement",
            "ключ",
            "Ticketing",
        ] {
            assert!(!is_credential_name(name), "{name}");
        }
        assert!(!is_secret_name("page") && !is_secret_name("client_id"));
        for name in ["code", "login", "USERNAME", "sessions", "oauth_signature_method", "auth"] {
            assert!(is_secret_name(name), "{name}");
        }
    }
}
