//! What calls of the API need of the session: the shell is told of it before callers are shown a session, so that it need not
//! ask.

use wasm_bindgen::prelude::*;

use super::fault;
use super::inner::{Inner, texts};
use super::numbers::output;
use super::output::Told;
use super::values::to_js;
use crate::protocol::request::Presented;
use crate::session::{Now, Output, Reply};
use crate::value::Value;

/// As it is now.
pub(super) fn now(inner: &Inner) -> JsValue {
    // Before the session is borrowed: the caller's clock may call the client.
    at(inner, inner.shell.moment())
}

/// Tells of it where the session is another one than it was told of, and callers are about to see that.
pub(super) fn told(inner: &Inner, output: Option<&Output>) -> Option<Told> {
    let is_seen = matches!(
        output,
        None | Some(Output::Show { .. } | Output::Settle { result: Ok(Reply::Session(_) | Reply::Repeat(true)), .. })
    );
    let (generation, varies) = {
        let session = inner.session.borrow();
        (session.generation(), session.config().provider.present().varies())
    };
    if !is_seen || inner.prepared.replace(Some(generation)) == Some(generation) {
        return None;
    }
    // What does not vary depends on no moment.
    let value = if varies { now(inner) } else { at(inner, Now { wall: 0, steady: None, random: None }) };
    Some(Told::plain(output::PREPARED, 0, value))
}

fn at(inner: &Inner, now: Now) -> JsValue {
    let session = inner.session.borrow();
    let tokens = session.tokens();
    let credential = match session.credential(now) {
        Ok(credential) => credential,
        Err(error) => return fault::fields(&error),
    };
    let token = tokens.filter(|_| session.config().provider.has_token());
    let token = token.and_then(|tokens| tokens.access_token.as_ref()).map(|token| token.expose().to_owned());
    let fresh = session.fresh();
    let moment = |moment: Option<i64>| moment.map_or(Value::Null, Value::integer);
    to_js(&Value::map([
        ("isSignedIn", Value::Bool(tokens.is_some())),
        ("token", token.into()),
        ("wall", moment(fresh.wall)),
        ("steady", moment(fresh.steady)),
        ("margin", Value::integer(fresh.margin)),
        ("life", moment(fresh.life)),
        ("headers", presented(&credential.headers)),
        ("query", presented(&credential.query)),
        ("base", Value::text(session.api_base())),
        ("origins", texts(session.origins().iter())),
        ("generation", Value::integer(i64::from(session.generation()))),
        ("login", Value::integer(session.login())),
    ]))
}

fn presented(list: &[Presented]) -> Value {
    let triple = |one: &Presented| {
        Value::List(vec![Value::text(&*one.name), Value::text(&*one.value), Value::Bool(one.is_credential)])
    };
    Value::List(list.iter().map(triple).collect())
}
