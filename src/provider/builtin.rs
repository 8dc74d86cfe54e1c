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

use super::check::{check, check_member};
use super::cut::{concat, fits_header, has_control, joined};
use super::fields::Fields;
use super::template::is_absolute;
use crate::error::{AuthError, Code, Result};
use crate::protocol::json::{self, Mode};
use crate::provider::Provider;
use crate::value::Value;

/// A definition of those below, without the white space that is there for readers.
macro_rules! definition {
    ($id:literal) => {{
        const TEXT: &[u8] = include_bytes!(concat!("builtin/", $id, ".json"));
        const BYTES: [u8; compact::<0>(TEXT).1] = compact(TEXT).0;
        (
            $id,
            match std::str::from_utf8(&BYTES) {
                Ok(text) => text,
                Err(_) => "",
            },
        )
    }};
}

/// Names and definitions, in the order of the contract.
pub static BUILTIN: [(&str, &str); 5] = [
    definition!("bifit-kassa"),
    definition!("invoicebox"),
    definition!("mobile-smarts"),
    definition!("bstats"),
    definition!("smart-satu"),
];

/// The first `N` bytes of a JSON text without white space between its parts, and how many there are in all.
#[allow(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const fn compact<const N: usize>(text: &[u8]) -> ([u8; N], usize) {
    let (mut bytes, mut length, mut at, mut in_string) = ([0; N], 0, 0, false);
    while at < text.len() {
        let byte = text[at];
        if byte == b'"' && !(in_string && text[at - 1] == b'\\') {
            in_string = !in_string;
        }
        if in_string || !byte.is_ascii_whitespace() {
            if length < N {
                bytes[length] = byte;
            }
            length += 1;
        }
        at += 1;
    }
    (bytes, length)
}

/// A definition: `options` and `profile`. `None` for an unknown name.
pub fn definition(id: &str) -> Option<Value> {
    let (_, text) = BUILTIN.iter().find(|(name, _)| *name == id)?;
    json::read(text, Mode::Strict).ok()
}

/// Who looks whether profiles of callers, and parts of them, are such.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Checking {
    /// Whoever reads them.
    Here,
    /// Somebody has, before: who only reads them does not need the tables for it.
    Done,
}

/// The built-in provider of that name with the caller's own options applied. `options` holds only members that no other
/// part of the library has taken.
pub fn provider(id: &str, options: &Value) -> Result<Provider> {
    named(id, options, Checking::Here)
}

/// See [`provider`].
pub(crate) fn named(id: &str, options: &Value, checking: Checking) -> Result<Provider> {
    let unknown = || {
        let names = joined(&BUILTIN.map(|(name, _)| name), ", ");
        AuthError::config("provider", &concat(&["a profile, or one of ", &names]))
    };
    let definition = definition(id).ok_or_else(unknown)?;
    let mut page = definition.get("profile").cloned().ok_or_else(unknown)?;
    let known = definition.get("options").map_or(&[][..], Value::members);
    let Value::Map(given) = options else {
        return Err(AuthError::config("options", "an object"));
    };

    if let Some((name, _)) = given.iter().find(|(name, _)| !known.iter().any(|(option, _)| option == name)) {
        return Err(unknown_option(name, id, known));
    }
    for (name, effect) in known {
        let Some(value) = options.member(name) else {
            continue;
        };
        needed(effect, name, options)?;
        if let Some(param) = effect.member_text("param") {
            set_param(&mut page, param, text_of(name, value, effect)?);
        } else if let Some(member) = effect.member_text("member") {
            if !matches!(value, Value::Map(_)) {
                return Err(AuthError::config(member, "an object"));
            }
            // Not merged: null is a value there (`equals: null`).
            merge(&mut page, &Value::map([(member, Value::Null)]));
            if let Value::Map(members) = &mut page {
                members.push((member.to_owned(), value.clone()));
            }
            if checking == Checking::Here {
                check_member(&page, member)?;
            }
        } else if let Some(Value::Map(variants)) = effect.get("variants") {
            merge(&mut page, variant(name, value, variants)?);
        }
    }
    Ok(Provider::of(page))
}

/// Sets a param, over what was there and over what a credential's look would decide.
fn set_param(page: &mut Value, name: &str, value: &str) {
    merge(page, &Value::map([("params", Value::map([(name, Value::text(value))]))]));
    for rule in part(page, "infer").into_iter().flat_map(list) {
        if let Some(Value::Map(params)) = part(rule, "params") {
            params.retain(|(param, _)| param != name);
        }
    }
}

fn part<'v>(value: &'v mut Value, name: &str) -> Option<&'v mut Value> {
    match value {
        Value::Map(members) => members.iter_mut().find(|(known, _)| known == name).map(|(_, value)| value),
        _ => None,
    }
}

fn list(value: &mut Value) -> &mut [Value] {
    match value {
        Value::List(items) => items,
        _ => &mut [],
    }
}

fn unknown_option(name: &str, id: &str, known: &[(String, Value)]) -> AuthError {
    let known: Vec<&str> = known.iter().map(|(name, _)| name.as_str()).collect();
    let message = ["option `", name, "` is not known for ", id];
    AuthError::of(Code::InvalidConfig, &message).hint_of(&["Its own options are: ", &joined(&known, ", ")])
}

fn needed(effect: &Value, name: &str, options: &Value) -> Result<()> {
    let needs = effect.get("needs").map_or(&[][..], Value::members);
    match needs.iter().find(|(other, value)| options.get(other) != Some(value)) {
        None => Ok(()),
        Some((other, value)) => {
            let value = value.as_str().unwrap_or_default();
            Err(AuthError::config(name, &concat(&["left out unless `", other, "` is \"", value, "\""])))
        }
    }
}

fn text_of<'v>(name: &str, value: &'v Value, effect: &Value) -> Result<&'v str> {
    let text = super::fields::text(value).map_err(|accepts| AuthError::config(name, accepts))?;
    if let Some(Value::List(any)) = effect.get("oneOf")
        && !any.contains(value)
    {
        let any: Vec<&str> = any.iter().filter_map(Value::as_str).collect();
        return Err(AuthError::config(name, &concat(&["one of: ", &joined(&any, ", ")])));
    }
    match effect.member_text("look") {
        Some("path") if is_absolute(text.trim_ascii_start()) => {
            Err(AuthError::config(name, "a path below `baseUrl`, such as /oauth/token"))
        }
        Some("header") if !fits_header(text) => Err(AuthError::config(name, "printable ASCII: it is sent in a header")),
        _ if has_control(text) => Err(AuthError::config(name, "text without control characters")),
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
            Err(AuthError::config(name, &concat(&["one of: ", &joined(&known, ", ")])))
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
    given(profile, params, Checking::Here)
}

/// See [`custom`].
pub(crate) fn given(profile: &Value, params: Option<&Value>, checking: Checking) -> Result<Provider> {
    let mut page = profile.clone();
    if let Some(params) = params {
        if !matches!(page.member("params"), None | Some(Value::Map(_))) {
            return Err(AuthError::config("provider.params", "an object"));
        }
        for (name, value) in Fields::open(&Value::map([("params", params.clone())]), "")?.texts("params")? {
            set_param(&mut page, name, value);
        }
    }
    if checking == Checking::Here {
        check(&page, "provider")?;
    }
    Ok(Provider::of(page))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::{Answer, BasicEncoding, Login, Secrecy};

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
            let page = definition.get("profile").unwrap();
            check(page, "provider").unwrap();
            assert_eq!(Provider::of(page.clone()).id(), id);
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
        assert!(matches!(basic.login(), Login::Direct) && basic.renew().is_none());
        assert!(basic.present().headers().is_empty());
        assert!(basic.present().basic().is_some_and(|basic| basic.encode == BasicEncoding::Plain));

        let chosen = provider("invoicebox", &options(r#"{"version":"v3"}"#)).unwrap();
        assert_eq!(chosen.param("version"), Some("v3"));
        assert_eq!(chosen.inferred("token", "123-API:x"), [], "the caller's own param wins");
        let inferred = provider("invoicebox", &options("{}")).unwrap();
        assert_eq!(inferred.inferred("token", "123-API:x"), [("version", "l3")]);
        for other in ["-API:x", "abc-API:x", "123-api:x", "123"] {
            assert_eq!(inferred.inferred("token", other), [], "{other}");
        }
    }

    #[test]
    fn a_wrong_option_is_named_with_what_it_accepts() {
        assert_eq!(refused("invoicebox", r#"{"version":"v4"}"#), "option `version` must be one of: v3, l3");
        assert_eq!(refused("bstats", r#"{"format":1}"#), "option `format` must be text that is not empty");
        for path in ["https://evil.test/", "//evil.test", " https://evil.test", "\\\\\\\\evil.test", "a:b"] {
            let said = refused("mobile-smarts", &format!(r#"{{"tokenPath":"{path}"}}"#));
            assert!(said.starts_with("option `tokenPath` must be a path below"), "{said}");
        }
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
        let asks = r#"{"secondFactor":{"when":{"path":"a"},"request":{"url":"/x","form":{"c":"{refresh_token}"}}}}"#;
        assert!(refused("bifit-kassa", asks).starts_with("option `secondFactor.request.form.c`"));
        assert!(
            refused("constructor", "{}").starts_with("option `provider` must be a profile, or one of bifit-kassa,")
        );
    }

    #[test]
    fn a_second_step_of_the_callers_own_is_taken_as_it_is() {
        let own = r#"{"secondFactor":{"when":{"path":"session","equals":null},
            "request":{"url":"/otp","json":{"otp":"{second_factor}","device":null}}}}"#;
        let kassa = provider("bifit-kassa", &options(own)).unwrap();
        let asks = |body: &str| {
            let tree = options(body);
            kassa.second_factor().unwrap().is_wanted(200, &Answer::new(&tree, &[]))
        };
        assert!(asks(r#"{"session":null}"#) && !asks(r#"{"session":"s"}"#) && !asks("{}"));
    }

    #[test]
    fn a_definition_is_kept_without_the_white_space_between_its_parts() {
        for (id, text) in BUILTIN {
            let path = format!("{}/src/provider/builtin/{id}.json", env!("CARGO_MANIFEST_DIR"));
            let source = std::fs::read_to_string(path).unwrap();
            assert!(json::read(text, Mode::Strict).unwrap() == json::read(&source, Mode::Strict).unwrap(), "{id}");
            assert!(!text.contains('\n') && text.len() < source.len(), "{id}");
        }
    }

    #[test]
    fn params_of_the_callers_own_win_over_a_credentials_look() {
        let profile = options(
            r#"{"id":"p","baseUrl":"https://p.test","credentials":["token"],"params":{"version":"a","client_secret":"s","plain":""},
            "secretParams":["pin"],"optionalParams":["pin"],
            "infer":[{"credential":"token","digitsThen":"-","params":{"version":"b","extra":"c"}}],
            "login":{"kind":"direct"},"present":{"headers":{"X":"{token}","V":"{version}{extra}"}}}"#,
        );
        let read = |params: &str| custom(&profile, Some(&options(params))).unwrap();
        let inferred = |provider: &Provider| {
            let params = provider.inferred("token", "7-x").into_iter().map(|(name, value)| format!("{name}={value}"));
            params.collect::<Vec<_>>()
        };
        assert_eq!(inferred(&read("{}")), ["version=b", "extra=c"]);
        assert_eq!(inferred(&read(r#"{"version":"z"}"#)), ["extra=c"]);
        let provider = read(r#"{"pin":"1234"}"#);
        assert_eq!(provider.param("plain"), None, "declared, without a value");
        assert_eq!(provider.params(), [("version", "a"), ("client_secret", "s"), ("pin", "1234")]);
        for (name, secrecy) in
            [("pin", Secrecy::Secret), ("client_secret", Secrecy::Secret), ("version", Secrecy::Open)]
        {
            assert!(provider.param_secrecy(name) == secrecy, "{name}");
        }
        assert!(
            custom(&profile, Some(&options(r#"{"version":7}"#)))
                .is_err_and(|error| error.message.contains("params.version"))
        );
    }

    #[test]
    fn a_merge_patch_removes_merges_and_replaces() {
        let mut target = options(r#"{"a":{"b":1,"c":2},"d":[1]}"#);
        merge(&mut target, &options(r#"{"a":{"b":null,"e":{"f":null,"g":3}},"d":"x","h":null}"#));
        assert_eq!(json::write(&target), r#"{"a":{"c":2,"e":{"g":3}},"d":"x"}"#);
    }
}
