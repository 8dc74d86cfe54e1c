//! The five providers that come with the package. Each is a page of data: a profile, and what its own options change
//! in it. The readings behind them, where a service's document leaves a choice:
//!
//! - **bifit-kassa**: "base64 urlencoded" is standard padded base64 that the form then percent-encodes, as every client
//!   known to work sends it. The vendor does not publish the second step: `secondFactor` here is a guess. `2user_id` is
//!   the page's misprint of `user_id`.
//! - **invoicebox**: a token of the form `29078-API:...` belongs to the l3 billing, whose check stands below `/l3/`.
//! - **mobile-smarts**: the page names `/api/session` twice and `/oauth/token` once for the POST login, and `username`
//!   in its runnable sample of the GET login. Its answers are printed with bare keys and a trailing comma.
//! - **bstats**: errors of the token address come with status 200; no `state` comes back.
//! - **smart-satu**: host and method lines give `login.smartsatu.com/api/user/login`. How the token becomes HTTP Basic is
//!   cut off in the document; token as user name with an empty password is an inference, so `presentation` switches it.

use super::fields::Fields;
use super::profile;
use crate::error::{AuthError, Code, Result};
use crate::protocol::json::{self, Mode};
use crate::protocol::url;
use crate::provider::Provider;
use crate::value::Value;

/// Names and definitions, in the order of the contract.
pub const BUILTIN: [(&str, &str); 5] = [
    ("bifit-kassa", include_str!("builtin/bifit-kassa.json")),
    ("invoicebox", include_str!("builtin/invoicebox.json")),
    ("mobile-smarts", include_str!("builtin/mobile-smarts.json")),
    ("bstats", include_str!("builtin/bstats.json")),
    ("smart-satu", include_str!("builtin/smart-satu.json")),
];

/// A definition: `options` and `profile`. `None` for an unknown name.
pub fn definition(id: &str) -> Option<Value> {
    let (_, text) = BUILTIN.iter().find(|(name, _)| *name == id)?;
    json::read(text, Mode::Strict).ok()
}

/// The built-in provider of that name with the caller's own options applied. `options` holds only members that no other
/// part of the library has taken.
pub fn provider(id: &str, options: &Value) -> Result<Provider> {
    let unknown = || {
        let names = BUILTIN.map(|(name, _)| name).join(", ");
        AuthError::config("provider", &["a profile, or one of ", &names].concat())
    };
    let definition = definition(id).ok_or_else(unknown)?;
    let mut profile = definition.get("profile").cloned().ok_or_else(unknown)?;
    let Some(Value::Map(known)) = definition.get("options") else {
        return Err(unknown());
    };
    let Value::Map(given) = options else {
        return Err(AuthError::config("options", "an object"));
    };

    if let Some((name, _)) = given.iter().find(|(name, _)| !known.iter().any(|(option, _)| option == name)) {
        return Err(unknown_option(name, id, known));
    }
    let mut params = Vec::new();
    for (name, effect) in known {
        let Some(value) = options.get(name).filter(|value| **value != Value::Null) else {
            continue;
        };
        needed(effect, name, options)?;
        if let Some(param) = effect.get("param").and_then(Value::as_str) {
            params.push((param, text_of(name, value, effect)?));
        } else if let Some(member) = effect.get("member").and_then(Value::as_str) {
            merge(&mut profile, &Value::map([(member, Value::Null)]));
            merge(&mut profile, &Value::map([(member, value.clone())]));
        } else if let Some(Value::Map(variants)) = effect.get("variants") {
            merge(&mut profile, variant(name, value, variants)?);
        }
    }

    let mut provider = profile::read(&profile, "")?;
    for (param, value) in params {
        provider.set_param(param, value);
        provider.infer.retain(|inference| inference.params.iter().all(|(name, _)| name != param));
    }
    Ok(provider)
}

fn unknown_option(name: &str, id: &str, known: &[(String, Value)]) -> AuthError {
    let known: Vec<&str> = known.iter().map(|(name, _)| name.as_str()).collect();
    let message = ["option `", name, "` is not known for ", id].concat();
    AuthError::new(Code::InvalidConfig, &message).hint_of(&["Its own options are: ", &known.join(", ")])
}

fn needed(effect: &Value, name: &str, options: &Value) -> Result<()> {
    let Some(Value::Map(needs)) = effect.get("needs") else {
        return Ok(());
    };
    match needs.iter().find(|(other, value)| options.get(other) != Some(value)) {
        None => Ok(()),
        Some((other, value)) => {
            let value = value.as_str().unwrap_or_default();
            Err(AuthError::config(name, &["left out unless `", other, "` is \"", value, "\""].concat()))
        }
    }
}

fn text_of<'v>(name: &str, value: &'v Value, effect: &Value) -> Result<&'v str> {
    let text = super::fields::text(value).map_err(|accepts| AuthError::config(name, accepts))?;
    if let Some(Value::List(any)) = effect.get("oneOf")
        && !any.contains(value)
    {
        let any: Vec<&str> = any.iter().filter_map(Value::as_str).collect();
        return Err(AuthError::config(name, &["one of: ", &any.join(", ")].concat()));
    }
    match effect.get("look").and_then(Value::as_str) {
        Some("path") if url::is_absolute(text) => {
            Err(AuthError::config(name, "a path below `baseUrl`, such as /oauth/token"))
        }
        Some("header") if !text.bytes().all(|byte| matches!(byte, b' '..=b'~')) || text.trim() != text => {
            Err(AuthError::config(name, "printable ASCII: it is sent in a header"))
        }
        _ if text.chars().any(char::is_control) => Err(AuthError::config(name, "text without control characters")),
        _ => Ok(text),
    }
}

fn variant<'v>(name: &str, value: &Value, variants: &'v [(String, Value)]) -> Result<&'v Value> {
    let chosen = match value {
        Value::String(text) => text.as_str(),
        Value::Bool(true) => "true",
        Value::Bool(false) => "false",
        _ => "",
    };
    let is_text = matches!(value, Value::String(_));
    let flag = variants.iter().any(|(known, _)| known == "true");
    match variants.iter().find(|(known, _)| known == chosen && is_text != flag) {
        Some((_, patch)) => Ok(patch),
        None => {
            let known: Vec<&str> = variants.iter().map(|(known, _)| known.as_str()).collect();
            Err(AuthError::config(name, &["one of: ", &known.join(", ")].concat()))
        }
    }
}

/// JSON Merge Patch (RFC 7396): null removes, maps merge, everything else replaces.
pub fn merge(target: &mut Value, patch: &Value) {
    let Value::Map(changes) = patch else {
        target.clone_from(patch);
        return;
    };
    if !matches!(target, Value::Map(_)) {
        *target = Value::Map(Vec::new());
    }
    let Value::Map(members) = target else { return };
    for (key, change) in changes {
        match (change, members.iter().position(|(name, _)| name == key)) {
            (Value::Null, Some(at)) => {
                members.remove(at);
            }
            (Value::Null, None) => {}
            (change, Some(at)) => {
                if let Some((_, member)) = members.get_mut(at) {
                    merge(member, change);
                }
            }
            (change, None) => {
                let mut member = Value::Null;
                merge(&mut member, change);
                members.push((key.clone(), member));
            }
        }
    }
}

/// Reads a caller's own profile, with the caller's `params` over the profile's.
pub fn custom(profile: &Value, params: Option<&Value>) -> Result<Provider> {
    let mut profile = profile.clone();
    if let Some(params) = params {
        Fields::open(&Value::map([("params", params.clone())]), "")?.texts("params")?;
        merge(&mut profile, &Value::map([("params", params.clone())]));
    }
    profile::read(&profile, "provider")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::{BasicEncoding, Login};

    fn options(json: &str) -> Value {
        json::read(json, Mode::Strict).unwrap()
    }

    fn refused(id: &str, json: &str) -> String {
        let error = provider(id, &options(json)).err().unwrap();
        assert!(error.code == Code::InvalidConfig);
        error.message.clone()
    }

    #[test]
    fn the_five_are_profiles_like_any_other() {
        for (id, _) in BUILTIN {
            let definition = definition(id).unwrap();
            let provider = profile::read(definition.get("profile").unwrap(), "").unwrap();
            assert_eq!(provider.id, id);
        }
    }

    #[test]
    fn the_user_agent_names_this_version() {
        let provider = provider("invoicebox", &options("{}")).unwrap();
        assert_eq!(provider.param("user_agent"), Some(concat!("propusk/", env!("CARGO_PKG_VERSION"))));
    }

    #[test]
    fn an_option_changes_only_what_it_names() {
        let basic = provider("mobile-smarts", &options(r#"{"method":"basic","basicEncoding":"plain"}"#)).unwrap();
        assert!(matches!(basic.login, Login::Direct) && basic.renew.is_none() && basic.present.headers.is_empty());
        assert!(basic.present.basic.is_some_and(|basic| basic.encode == BasicEncoding::Plain));

        let chosen = provider("invoicebox", &options(r#"{"version":"v3"}"#)).unwrap();
        assert!(chosen.infer.is_empty() && chosen.param("version") == Some("v3"));
    }

    #[test]
    fn a_wrong_option_is_named_with_what_it_accepts() {
        assert_eq!(refused("invoicebox", r#"{"version":"v4"}"#), "option `version` must be one of: v3, l3");
        assert_eq!(refused("bstats", r#"{"format":1}"#), "option `format` must be text that is not empty");
        assert_eq!(refused("smart-satu", r#"{"clientId":"x"}"#), "option `clientId` is not known for smart-satu");
        assert_eq!(
            refused("mobile-smarts", r#"{"anonymous":"true"}"#),
            "option `anonymous` must be one of: false, true"
        );
        assert_eq!(
            refused("mobile-smarts", r#"{"basicEncoding":"plain"}"#),
            "option `basicEncoding` must be left out unless `method` is \"basic\""
        );
        assert!(refused("bifit-kassa", r#"{"secondFactor":{"when":{}}}"#).starts_with("option `secondFactor.when"));
        assert!(
            refused("constructor", "{}").starts_with("option `provider` must be a profile, or one of bifit-kassa,")
        );
    }

    #[test]
    fn a_merge_patch_removes_merges_and_replaces() {
        let mut target = options(r#"{"a":{"b":1,"c":2},"d":[1]}"#);
        merge(&mut target, &options(r#"{"a":{"b":null,"e":{"f":null,"g":3}},"d":"x","h":null}"#));
        assert_eq!(json::write(&target), r#"{"a":{"c":2,"e":{"g":3}},"d":"x"}"#);
    }
}
