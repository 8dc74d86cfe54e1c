//! The exports of the relay's module. Only texts and bytes cross, structured ones as JSON; everything is decided in
//! [`propusk::relay`], and carried out in `pkg-template/src/relay`.
#![cfg(target_arch = "wasm32")]

use propusk::error::AuthError;
use propusk::protocol::json::{self, Mode};
use propusk::relay::{self, Head, Headers, Passing, Refusal, Relay, Verdict, What};
use propusk::session::Addresses;
use propusk::value::Value;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// What reads addresses.
    pub type Host;

    /// An absolute address as the URL standard writes it, a relative one below `base`.
    #[wasm_bindgen(method)]
    fn href(this: &Host, address: &str, base: Option<&str>) -> Option<String>;
}

impl Addresses for Host {
    fn href(&self, address: &str, base: Option<&str>) -> Option<String> {
        Self::href(self, address, base)
    }

    /// A relay is no page: its addresses are whole.
    fn page(&self) -> Option<String> {
        None
    }
}

/// A relay.
#[wasm_bindgen]
pub struct Gate {
    relay: Relay,
}

#[wasm_bindgen]
impl Gate {
    /// A relay with these options, which are data. Throws the fields of an error.
    pub fn open(host: &Host, options: &str) -> Result<Gate, JsValue> {
        let options = json::read(options, Mode::Strict).unwrap_or(Value::Null);
        let relay = Relay::new(&options, host).map_err(|error| JsValue::from_str(&fields(&error)))?;
        Ok(Self { relay })
    }

    /// What stays as it is.
    pub fn about(&self) -> String {
        let config = self.relay.config();
        json::write(&Value::map([
            ("headers", texts(&self.relay.wanted_headers())),
            ("answerHeaders", texts(&relay::wanted_of_answers())),
            ("maxBody", Value::integer(config.max_body)),
            ("timeout", Value::integer(config.timeout)),
        ]))
    }

    /// What becomes of a request; `body` is what it has, once it was read.
    pub fn judge(&self, head: &str, body: Option<Vec<u8>>) -> String {
        let verdict = read(head, |head| self.relay.judge(head, body.as_deref()));
        json::write(&told(verdict))
    }

    /// A request's target as traces show it.
    pub fn shown(&self, head: &str) -> String {
        read(head, |head| self.relay.shown(head)).unwrap_or_default()
    }

    /// The headers of a provider's answer as the page gets them, or the refusal that it gets instead. `scripts` is what the
    /// verdict has said of the request.
    pub fn answer(&self, status: u16, headers: &str, scripts: bool) -> String {
        let given = json::read(headers, Mode::Strict).unwrap_or(Value::Null);
        json::write(&match relay::answer(status, &pairs(&given), scripts) {
            Ok(headers) => Value::map([("headers", list(&headers))]),
            Err(refusal) => refused(refusal),
        })
    }

    /// What the page gets that is refused with a status.
    pub fn refusal(&self, status: u16) -> String {
        json::write(&refused(Refusal::of(status)))
    }
}

/// Reads a head; nothing where it holds what is no text.
fn read<T>(text: &str, then: impl FnOnce(&Head<'_>) -> T) -> Option<T> {
    let head = json::read(text, Mode::Strict).ok()?;
    let text = |name: &str| head.member_text(name).unwrap_or_default();
    let headers = pairs(head.get("headers").unwrap_or(&Value::Null));
    Some(then(&Head { method: text("method"), target: text("target"), own: text("own"), headers: &headers }))
}

/// A list of names and values.
fn pairs(value: &Value) -> Headers {
    let mut pairs = Headers::new();
    for pair in value.items() {
        if let [Value::String(name), Value::String(value)] = pair.items() {
            pairs.push((name.clone(), value.clone()));
        }
    }
    pairs
}

fn told(verdict: Option<Verdict>) -> Value {
    let Some(Verdict { what, headers, is_scripts }) = verdict else { return refused(Refusal::NotFound) };
    let mut told = match what {
        What::Outside => Value::map([("what", Value::text("outside"))]),
        What::Refuse(refusal) => refused(refusal),
        What::Answer(status, own) => Value::map([
            ("what", Value::text("answer")),
            ("status", Value::integer(i64::from(status))),
            ("code", Value::text(if status == 302 { "redirect" } else { "preflight" })),
            ("own", list(&own)),
        ]),
        What::Read => Value::map([("what", Value::text("read"))]),
        What::Send(send) => Value::map([
            ("what", Value::text("send")),
            ("method", Value::text(send.method)),
            ("url", Value::text(send.url)),
            ("own", list(&send.headers)),
            ("streams", Value::Bool(matches!(send.body, Passing::Stream))),
            ("body", if let Passing::Text(text) = send.body { Value::String(text) } else { Value::Null }),
        ]),
    };
    if let Value::Map(members) = &mut told {
        members.push(("headers".to_owned(), list(&headers)));
        members.push(("scripts".to_owned(), Value::Bool(is_scripts)));
    }
    told
}

fn refused(refusal: Refusal) -> Value {
    let (status, code, _) = refusal.words();
    Value::map([
        ("what", Value::text("refuse")),
        ("status", Value::integer(i64::from(status))),
        ("code", Value::text(code)),
        ("body", Value::text(refusal.body())),
    ])
}

fn list(headers: &Headers) -> Value {
    let pair = |(name, value): &(String, String)| Value::List(vec![Value::text(&**name), Value::text(&**value)]);
    Value::List(headers.iter().map(pair).collect())
}

fn texts(texts: &[impl AsRef<str>]) -> Value {
    Value::List(texts.iter().map(|text| Value::text(text.as_ref())).collect())
}

/// The fields of an `AuthError`.
fn fields(error: &AuthError) -> String {
    json::write(&Value::map([
        ("code", Value::text(error.code.as_str())),
        ("message", Value::text(&*error.message)),
        ("hint", error.hint.as_deref().map(str::to_owned).into()),
    ]))
}
