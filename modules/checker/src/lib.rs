//! The module behind `propusk check-profile`. Clients refuse a profile for its first fault; here all of them are told.

use propusk::protocol::json::{self, Mode};
use propusk::provider::profile_faults;
use propusk::value::Value;

/// What is wrong with a profile in JSON, as a list of pairs in JSON: the place, and what must be there. None: it is no JSON
/// that everybody reads alike.
#[cfg_attr(target_arch = "wasm32", wasm_bindgen::prelude::wasm_bindgen)]
pub fn faults(profile: &str) -> Option<String> {
    let profile = json::read(profile, Mode::Strict).ok()?;
    let pair = |(place, accepts)| Value::List(vec![Value::String(place), Value::String(accepts)]);
    Some(json::write(&Value::List(profile_faults(&profile).into_iter().map(pair).collect())))
}

#[cfg(test)]
mod tests {
    use super::faults;

    #[test]
    fn faults_are_told_in_json_with_their_places() {
        assert_eq!(
            faults(r#"{"id":1,"baseUrl":"https://own.test","credentials":[],"login":{"kind":"direct"},"present":{}}"#)
                .as_deref(),
            Some(r#"[["id","printable ASCII without blanks"]]"#)
        );
        assert_eq!(faults("{").as_deref(), None);
        assert_eq!(faults(r#"{"id":"a","id":"b"}"#).as_deref(), None, "which of them counts?");
    }
}
