//! What the table of shapes cannot say: how members of one object go together.

use crate::value::Value;

/// Names a member and what it must be, where an object is wrong as a whole.
pub(super) type Rule = fn(&Value) -> Option<(&'static str, &'static str)>;

pub(super) fn none(_: &Value) -> Option<(&'static str, &'static str)> {
    None
}

/// Placeholders that the engine fills in, besides credentials and params.
pub(super) const ENGINE_NAMES: [&str; 10] = [
    "access_token",
    "refresh_token",
    "code",
    "redirect_uri",
    "state",
    "code_verifier",
    "code_challenge",
    "second_factor",
    "now",
    "uuid",
];

pub(super) fn profile(profile: &Value) -> Option<(&'static str, &'static str)> {
    let credentials = profile.member_items("credentials");
    let knows = |name: Option<&str>| credentials.iter().any(|known| known.as_str() == name);
    for (at, name) in credentials.iter().enumerate() {
        if name.as_str().is_some_and(|name| ENGINE_NAMES.contains(&name)) {
            return Some(("credentials", "names other than those that the engine fills in"));
        }
        if credentials.iter().take(at).any(|earlier| earlier == name) {
            return Some(("credentials", "names that differ"));
        }
    }
    for (name, _) in profile.member_members("formats") {
        if !knows(Some(name)) {
            return Some(("formats", "an object with names of credentials"));
        }
    }
    for rule in profile.member_items("infer") {
        if !knows(rule.member_text("credential")) {
            return Some(("infer", "a list whose every `credential` is one of `credentials`"));
        }
    }
    None
}

pub(super) fn request(request: &Value) -> Option<(&'static str, &'static str)> {
    let has = |name: &str| request.member(name).is_some();
    match (has("form"), has("json")) {
        (true, true) => Some(("json", "left out where there is `form`")),
        (false, false) => None,
        _ if request.member_text("method") == Some("GET") => {
            Some(("method", "\"POST\" or \"PUT\" where there is a body"))
        }
        _ => None,
    }
    .or_else(|| presentation(request))
}

/// Two headers of one name would be sent as one.
pub(super) fn presentation(owner: &Value) -> Option<(&'static str, &'static str)> {
    let headers = owner.member_members("headers");
    for (at, (name, _)) in headers.iter().enumerate() {
        if headers.iter().take(at).any(|(earlier, _)| earlier.eq_ignore_ascii_case(name)) {
            return Some(("headers", "an object that names each header once, in whatever case"));
        }
        if owner.member("basic").is_some() && name.eq_ignore_ascii_case("authorization") {
            return Some(("basic", "left out where `headers` have Authorization"));
        }
    }
    None
}

pub(super) fn second_factor(second: &Value) -> Option<(&'static str, &'static str)> {
    second.member_items("when").is_empty().then_some(("when", "a condition or a list of them"))
}

pub(super) fn condition(condition: &Value) -> Option<(&'static str, &'static str)> {
    let has = |name: &str| condition.member(name).is_some();
    // `equals: null` is a condition, a missing `equals` is none.
    let equals = condition.get("equals").is_some();
    if equals && has("oneOf") {
        return Some(("oneOf", "left out where there is `equals`"));
    }
    if !has("path") && (equals || has("oneOf") || has("present")) {
        return Some(("path", "given where there is `equals`, `oneOf` or `present`"));
    }
    if !has("path") && !has("status") {
        return Some(("status", "given where there is no `path`"));
    }
    None
}
