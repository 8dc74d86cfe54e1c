//! Dotted paths into answers.

use super::cut::{cut, is_token, pieces, whole};
use crate::value::Value;

/// Where something stands in an answer: `data.userId`, `items.0.id`, `header:X-Token`. The empty path is the whole
/// answer. Alternatives are separated by `|`, and the first that holds something is taken.
#[derive(Clone, Copy)]
pub struct Path<'p>(&'p str);

/// An answer as paths see it.
pub struct Answer<'v> {
    /// The body; null where it could not be read.
    pub tree: &'v Value,
    headers: Vec<(&'v str, Value)>,
}

impl<'v> Answer<'v> {
    /// The answer of that body and those headers, names in lower case.
    #[inline(never)]
    pub fn new(tree: &'v Value, headers: &'v [(String, String)]) -> Self {
        let mut texts = Vec::new();
        for (name, value) in headers {
            texts.push((name.as_str(), Value::text(value.as_str())));
        }
        Self { tree, headers: texts }
    }
}

/// What a path to a header starts with.
const HEADER: &str = "header:";

impl<'p> Path<'p> {
    /// The path of that text.
    pub const fn new(text: &'p str) -> Self {
        Self(text)
    }

    /// Says what a path must be, when the text is none.
    pub fn check(text: &str) -> Result<(), &'static str> {
        let fits = |path| match header(path) {
            Some(name) => is_token(name),
            None => pieces(path, b'.').all(|step| !step.is_empty()),
        };
        if text.is_empty() || pieces(text, b'|').all(fits) {
            return Ok(());
        }
        Err("a dotted path without empty parts, \"header:NAME\", or \"\" for the whole answer")
    }

    /// What stands there: an exact key wins, else keys are compared without regard to case. Null and empty text hold
    /// nothing: they are given only where no alternative holds something.
    pub fn find<'a>(self, answer: &'a Answer<'_>) -> Option<&'a Value> {
        let mut empty = None;
        for path in pieces(self.0, b'|') {
            let found = match header(path) {
                Some(name) => {
                    let mut headers = answer.headers.iter();
                    headers.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
                }
                None => walk(answer.tree, path),
            };
            if found.is_some_and(holds) {
                return found;
            }
            empty = empty.or(found);
        }
        empty
    }

    /// Text or a number that stands there.
    #[inline(never)]
    pub fn scalar<'a>(self, answer: &'a Answer<'_>) -> Option<&'a str> {
        self.find(answer).and_then(Value::scalar)
    }

    /// Whether something stands there.
    #[inline(never)]
    pub fn holds(self, answer: &Answer<'_>) -> bool {
        self.find(answer).is_some_and(holds)
    }

    /// Hands over each text and number of what stands there, for every alternative.
    pub fn each_text(self, answer: &Answer<'_>, take: &mut dyn FnMut(&str)) {
        for path in pieces(self.0, b'|') {
            if let Some(found) = Path(path).find(answer) {
                texts(found, take);
            }
        }
    }

    /// Takes what stands there out of the tree, for every alternative. An item of a list becomes null, so that the
    /// others keep their places.
    #[inline(never)]
    pub fn remove(self, tree: &mut Value) {
        for path in pieces(self.0, b'|').filter(|path| header(path).is_none()) {
            if path.is_empty() {
                *tree = Value::Null;
            } else {
                remove(tree, path);
            }
        }
    }

    /// Names of the headers among the alternatives.
    pub(super) fn headers(self) -> impl Iterator<Item = &'p str> {
        pieces(self.0, b'|').filter_map(header)
    }
}

fn header(path: &str) -> Option<&str> {
    path.strip_prefix(HEADER)
}

fn holds(value: &Value) -> bool {
    !matches!(value, Value::Null) && value.as_str() != Some("")
}

fn texts(value: &Value, take: &mut dyn FnMut(&str)) {
    match value {
        Value::String(text) | Value::Number(text) => take(text),
        Value::List(items) => items.iter().for_each(|item| texts(item, take)),
        Value::Map(members) => members.iter().for_each(|(_, member)| texts(member, take)),
        Value::Null | Value::Bool(_) => {}
    }
}

fn walk<'v>(tree: &'v Value, path: &str) -> Option<&'v Value> {
    if path.is_empty() {
        return Some(tree);
    }
    let mut value = tree;
    for step in pieces(path, b'.') {
        value = match value {
            Value::Map(members) => &members.get(position(members, step)?)?.1,
            Value::List(items) => items.get(usize::try_from(whole(step)?).ok()?)?,
            _ => return None,
        };
    }
    Some(value)
}

fn remove(value: &mut Value, path: &str) {
    let (step, rest) = cut(path, b'.');
    match value {
        Value::Map(members) => {
            let Some(at) = position(members, step) else { return };
            match (rest, members.get_mut(at)) {
                (Some(rest), Some((_, inner))) => remove(inner, rest),
                _ => drop(members.remove(at)),
            }
        }
        Value::List(items) => {
            let at = whole(step).and_then(|at| usize::try_from(at).ok());
            let Some(item) = at.and_then(|at| items.get_mut(at)) else { return };
            match rest {
                Some(rest) => remove(item, rest),
                None => *item = Value::Null,
            }
        }
        _ => {}
    }
}

fn position(members: &[(String, Value)], wanted: &str) -> Option<usize> {
    let exact = members.iter().position(|(key, _)| key == wanted);
    exact.or_else(|| members.iter().position(|(key, _)| key.eq_ignore_ascii_case(wanted)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::json::{self, Mode};

    fn find(path: &str, json: &str) -> Option<String> {
        let value = json::read(json, Mode::Strict).unwrap();
        Path::check(path).unwrap();
        Path::new(path).find(&Answer::new(&value, &[("x-token".to_owned(), "h".to_owned())])).map(json::write)
    }

    #[test]
    fn an_exact_key_wins_over_one_in_another_case() {
        assert_eq!(find("access_token", r#"{"Access_token":"a","access_token":"b"}"#).as_deref(), Some("\"b\""));
        assert_eq!(find("access_token", r#"{"Access_token":"a"}"#).as_deref(), Some("\"a\""));
    }

    #[test]
    fn a_path_goes_through_maps_and_lists() {
        assert_eq!(find("a.1.b", r#"{"a":[0,{"B":7}]}"#).as_deref(), Some("7"));
        assert_eq!(find("0.a", r#"[{"a":7}]"#).as_deref(), Some("7"));
        for none in ["a.length", "a.-1", "a.1", "a.99999999999999999999", "a.0.b"] {
            assert_eq!(find(none, r#"{"a":[0]}"#), None, "{none}");
        }
    }

    #[test]
    fn the_empty_path_is_the_whole_answer() {
        assert_eq!(find("", r#""a.b""#).as_deref(), Some("\"a.b\""));
        assert_eq!(find("", r#"{"a":1}"#).as_deref(), Some(r#"{"a":1}"#));
    }

    #[test]
    fn a_path_may_name_a_header() {
        assert_eq!(find("header:X-Token", "{}").as_deref(), Some("\"h\""));
        assert_eq!(find("header:X-Other", r#"{"header:X-Other":1}"#), None);
        assert_eq!(find("token|header:x-token", r#"{"token":""}"#).as_deref(), Some("\"h\""));
    }

    #[test]
    fn the_first_alternative_that_holds_something_is_taken() {
        assert_eq!(find("user_id|2user_id", r#"{"2user_id":5}"#).as_deref(), Some("5"));
        assert_eq!(find("a|b", r#"{"a":null,"b":1}"#).as_deref(), Some("1"));
        assert_eq!(find("a|b", r#"{"a":"","b":1}"#).as_deref(), Some("1"), "empty text holds nothing");
        assert_eq!(find("a|b", r#"{"a":0,"b":1}"#).as_deref(), Some("0"));
        assert_eq!(find("a|b", r#"{"a":null}"#).as_deref(), Some("null"));
    }

    #[test]
    fn what_is_removed_is_gone_and_the_rest_stays() {
        for (path, rest) in [
            ("data.userid", r#"{"data":{"profile":null},"x":[1,{"y":2}]}"#),
            ("x.0", r#"{"data":{"userId":"u","profile":null},"x":[null,{"y":2}]}"#),
            ("x.1.y|data", r#"{"x":[1,{}]}"#),
            ("header:x|nothing", r#"{"data":{"userId":"u","profile":null},"x":[1,{"y":2}]}"#),
            ("", "null"),
        ] {
            let mut value =
                json::read(r#"{"data":{"userId":"u","profile":null},"x":[1,{"y":2}]}"#, Mode::Strict).unwrap();
            Path::new(path).remove(&mut value);
            assert_eq!(json::write(&value), rest, "{path}");
        }
    }

    #[test]
    fn every_text_below_a_path_is_found() {
        let tree = json::read(r#"{"a":{"b":"x","c":[7,null,"y"]},"d":"z","e":"no"}"#, Mode::Strict).unwrap();
        let mut found = Vec::new();
        Path::new("a|d").each_text(&Answer::new(&tree, &[]), &mut |text| found.push(text.to_owned()));
        assert_eq!(found, ["x", "7", "y", "z"]);
    }

    #[test]
    fn an_empty_part_is_refused() {
        for wrong in [".", "a.", "a||b", "a..b", "|", "a|", "header:", "header:a b", "header:ж"] {
            assert!(Path::check(wrong).is_err(), "{wrong}");
        }
    }
}
