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
    let part = |name: &str| profile.get(name).unwrap_or(&Value::Null);
    let credentials = part("credentials").items();
    let knows = |name: &str| credentials.iter().any(|known| known.as_str() == Some(name));
    if ENGINE_NAMES.into_iter().any(knows) {
        return Some(("credentials", "names other than those that the engine fills in"));
    }
    if (credentials.iter().enumerate()).any(|(at, name)| credentials.iter().take(at).any(|earlier| earlier == name)) {
        return Some(("credentials", "names that differ"));
    }
    if !part("formats").members().iter().all(|(name, _)| knows(name)) {
        return Some(("formats", "an object with names of credentials"));
    }
    if !part("infer").items().iter().all(|rule| rule.member_text("credential").is_some_and(knows)) {
        return Some(("infer", "a list whose every `credential` is one of `credentials`"));
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
    let headers = owner.get("headers").map_or(&[][..], Value::members);
    let is_twice = |(at, (name, _)): (usize, &(String, Value))| {
        headers.iter().take(at).any(|(earlier, _)| earlier.eq_ignore_ascii_case(name))
    };
    if headers.iter().enumerate().any(is_twice) {
        return Some(("headers", "an object that names each header once, in whatever case"));
    }
    if owner.member("basic").is_some() && headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization")) {
        return Some(("basic", "left out where `headers` have Authorization"));
    }
    None
}

pub(super) fn second_factor(second: &Value) -> Option<(&'static str, &'static str)> {
    let when = second.get("when").map_or(&[][..], Value::items);
    when.is_empty().then_some(("when", "a condition or a list of them"))
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
