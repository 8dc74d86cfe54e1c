//! What of an answer may be shown: everything that is neither a token nor said elsewhere.

use super::redact::{Finder, Redactor, is_credential_name};
use crate::value::Value;

/// Takes out members that are named like secrets, and texts that hold a secret of this exchange.
pub fn showable(mut value: Value, redactor: &Redactor) -> Value {
    clean(&mut value, &redactor.finder());
    if matches!(value, Value::Map(_)) { value } else { Value::Map(Vec::new()) }
}

fn clean(value: &mut Value, secrets: &Finder) {
    match value {
        Value::Map(members) => {
            members.retain(|(name, value)| {
                !is_secret(name) && !holds_secret(value, secrets) && !has_secret(name, secrets)
            });
            members.iter_mut().for_each(|(_, value)| clean(value, secrets));
        }
        Value::List(items) => {
            items.retain(|value| !holds_secret(value, secrets));
            items.iter_mut().for_each(|value| clean(value, secrets));
        }
        _ => {}
    }
}

fn is_secret(name: &str) -> bool {
    // A member of that name would become the prototype of the object that callers get.
    name == "__proto__" || is_credential_name(name)
}

fn has_secret(text: &str, secrets: &Finder) -> bool {
    // Shorter ones stand in too many innocent texts.
    secrets.is_in(text, 6)
}

fn holds_secret(value: &Value, secrets: &Finder) -> bool {
    match value {
        Value::String(text) | Value::Number(text) => has_secret(text, secrets),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::json::{self, Mode};

    #[test]
    fn no_token_is_among_the_details() {
        let answer = r#"{"currency":"тг","id_token":"x","nested":{"accessToken":null,"ok":1,"copy":"see s3cr3t-t0ken"},"list":["s3cr3t-t0ken",2]}"#;
        let mut redactor = Redactor::default();
        redactor.add("s3cr3t-t0ken");
        let details = showable(json::read(answer, Mode::Strict).unwrap(), &redactor);
        assert_eq!(json::write(&details), r#"{"currency":"тг","nested":{"ok":1},"list":[2]}"#);
    }

    #[test]
    fn an_answer_that_is_no_map_has_no_details() {
        assert_eq!(json::write(&showable(Value::text("x"), &Redactor::default())), "{}");
    }
}
