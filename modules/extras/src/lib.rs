//! The module for what only some clients need: it checks profiles of their own, and reads XML. Whoever signs in to a
//! built-in provider that answers in JSON does not wait for it.
#![cfg(target_arch = "wasm32")]

use propusk::memory;
use propusk::protocol::json::{self, Mode};
use propusk::protocol::xml;
use propusk::provider::profile_faults;
use propusk::session;
use propusk::value::Value;
use wasm_bindgen::prelude::wasm_bindgen;

/// Looks at the provider of options, which are JSON: gives the fields of the error, in JSON, or nothing where all is well.
#[wasm_bindgen]
pub fn check(options: &str) -> Option<String> {
    let options = json::read(options, Mode::Strict).unwrap_or(Value::Null);
    let error = session::check_provider(&options).err();
    drop(options);
    memory::wipe_stack();
    error.map(|error| {
        json::write(&Value::map([
            ("code", Value::text(error.code.as_str())),
            ("message", Value::text(error.message.as_str())),
            ("hint", error.hint.as_deref().map(str::to_owned).into()),
        ]))
    })
}

/// Reads a document whose root element has that name: a list of its tree in JSON, empty where it is none.
#[wasm_bindgen(js_name = xml)]
pub fn read_xml(text: &str, root: &str) -> String {
    let trees = json::write(&Value::List(xml::read(text, root).ok().into_iter().collect()));
    memory::wipe_stack();
    trees
}

/// Everything that is wrong with a profile in JSON, as a list of pairs in JSON: the place, and what must be there. None: it is
/// no JSON that everybody reads alike.
#[wasm_bindgen]
pub fn faults(profile: &str) -> Option<String> {
    let profile = json::read(profile, Mode::Strict).ok()?;
    let pair = |(place, accepts)| Value::List(vec![Value::String(place), Value::String(accepts)]);
    Some(json::write(&Value::List(profile_faults(&profile).into_iter().map(pair).collect())))
}
