//! Logins whose callbacks are awaited, and their stored form.

use crate::protocol::json::{self, Mode};
use crate::provider::cut::integer;
use crate::secret::Secret;
use crate::value::Value;

/// How many may be pending at once; one more takes the oldest one's place.
const MOST: usize = 8;
/// Which stored form this is; others are not read.
const FORM: i64 = 2;

/// A login whose callback is awaited.
#[derive(Clone)]
pub(super) struct Pending {
    pub(super) state: Secret,
    pub(super) verifier: Secret,
    pub(super) redirect_uri: String,
    pub(super) issuer: Option<String>,
    pub(super) scope: Vec<String>,
    /// Milliseconds since the Unix epoch.
    pub(super) deadline: i64,
    pub(super) return_to: Option<String>,
}

impl Pending {
    fn to_value(&self) -> Value {
        Value::map([
            ("state", Value::text(self.state.expose())),
            ("verifier", Value::text(self.verifier.expose())),
            ("redirectUri", Value::text(self.redirect_uri.as_str())),
            ("issuer", self.issuer.clone().into()),
            ("scope", Value::List(self.scope.iter().map(Value::text).collect())),
            ("deadline", Value::integer(self.deadline)),
            ("returnTo", self.return_to.clone().into()),
        ])
    }

    fn from_value(value: &Value) -> Option<Self> {
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        let Some(Value::List(scope)) = value.get("scope") else {
            return None;
        };
        Some(Self {
            state: Secret::new(text("state")?),
            verifier: Secret::new(text("verifier")?),
            redirect_uri: text("redirectUri")?.to_owned(),
            issuer: text("issuer").map(str::to_owned),
            scope: scope.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            deadline: value.get("deadline").and_then(Value::scalar).and_then(integer)?,
            return_to: text("returnTo").map(str::to_owned),
        })
    }
}

/// Reads a record: the oldest first; none where it is garbage.
pub(super) fn read(record: Option<&str>) -> Vec<Pending> {
    let record = record.and_then(|record| json::read(record, Mode::Strict).ok()).unwrap_or(Value::Null);
    match record.get("logins") {
        Some(Value::List(logins)) if record.get("v") == Some(&Value::integer(FORM)) => {
            logins.iter().filter_map(Pending::from_value).collect()
        }
        _ => Vec::new(),
    }
}

/// The record of those whose time is not over; `None` when there is none.
pub(super) fn write(mut logins: Vec<Pending>, now: i64) -> Option<String> {
    logins.retain(|login| login.deadline >= now);
    let first = logins.len().saturating_sub(MOST);
    let kept: Vec<Value> = logins.iter().skip(first).map(Pending::to_value).collect();
    if kept.is_empty() {
        return None;
    }
    Some(json::write(&Value::map([("v", Value::integer(FORM)), ("logins", Value::List(kept))])))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pending(state: &str, deadline: i64) -> Pending {
        Pending {
            state: Secret::new(state),
            verifier: Secret::new("v"),
            redirect_uri: "https://app.test/back?x=\"1\"".to_owned(),
            issuer: None,
            scope: vec!["a".to_owned()],
            deadline,
            return_to: Some("/there".to_owned()),
        }
    }

    fn states(record: Option<&str>) -> Vec<String> {
        read(record).iter().map(|login| login.state.expose().to_owned()).collect()
    }

    #[test]
    fn a_ninth_takes_the_oldest_ones_place() {
        let logins = (0..9).map(|at| pending(&at.to_string(), 10)).collect();
        let record = write(logins, 0);
        assert_eq!(states(record.as_deref()), ["1", "2", "3", "4", "5", "6", "7", "8"]);
        assert_eq!(read(record.as_deref())[0].return_to.as_deref(), Some("/there"));
    }

    #[test]
    fn what_is_over_is_not_kept() {
        let record = write(vec![pending("old", 9), pending("new", 10)], 10);
        assert_eq!(states(record.as_deref()), ["new"]);
        assert_eq!(write(vec![pending("old", 9)], 10), None);
    }

    #[test]
    fn garbage_is_nothing() {
        for record in
            [None, Some(""), Some("x"), Some("[]"), Some(r#"{"v":1,"state":"s"}"#), Some(r#"{"v":2,"logins":7}"#)]
        {
            assert!(read(record).is_empty());
        }
        let record = write(vec![pending("s", 10)], 0).unwrap();
        assert_eq!(states(Some(&record)), ["s"]);
        assert!(read(Some(&record.replace(r#""v":2"#, r#""v":3"#))).is_empty(), "of another version");
    }
}
