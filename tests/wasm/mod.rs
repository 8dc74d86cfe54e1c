//! A shell for the module: what `pkg-template` gives it, as small as it goes.

use propusk::web::{Engine, Shell};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(inline_js = "
export function shell(fetch) {
  const told = [];
  return {
    told,
    tell: (...output) => told.push(output),
    now: (steady) => (steady ? NaN : 1e12),
    random: (bytes) => (bytes.fill(7), true),
    href: (address, base) => { try { return new URL(address, base).href } catch {} },
    page: () => undefined,
    fetch: async (address, init) => fetch(address, init),
    requestInit: { credentials: 'same-origin' },
    isBrowser: false,
    body: async ({ body }) => (typeof body === 'string' ? new TextEncoder().encode(body) : body),
    whole: async () => undefined,
    decode: (bytes, charset) => { try { return new TextDecoder(charset, { fatal: true }).decode(bytes) } catch {} },
    unreachable: () => 'network\\nnobody is there\\nCheck the connection.\\n',
    texts: (exception) => JSON.stringify([String(exception)]),
    retold: (_, texts) => JSON.parse(texts)[0],
  };
}
export async function outputs(shell) {
  for (let turn = 0; turn < 100; turn += 1) await undefined;
  // But for what calls of the API need, which no caller is shown.
  return JSON.stringify(shell.told.splice(0).filter(([what]) => what !== 19));
}
export function evaluate(source) { return new Function('return (' + source + ')')(); }
")]
extern "C" {
    fn shell(fetch: &JsValue) -> Shell;

    fn outputs(shell: &Shell) -> js_sys::Promise;

    /// A JavaScript value from its source.
    #[wasm_bindgen(js_name = evaluate)]
    pub(crate) fn js(source: &str) -> JsValue;
}

/// An engine and its shell, whose `fetch` is given as JavaScript source.
pub(crate) struct Opened {
    pub(crate) engine: Engine,
    shell: Shell,
}

impl Opened {
    /// With options in JSON; the fields of the error otherwise.
    pub(crate) fn new(options: &str, fetch: &str) -> Result<Self, JsValue> {
        let shell = shell(&js(fetch));
        let engine = Engine::open(shell.clone(), options, false, false, true)?;
        Ok(Self { engine, shell })
    }

    /// One input: its number, who asks, and its text.
    pub(crate) fn input(&self, what: u32, id: f64, text: Option<&str>) {
        self.engine.input(what, id, 0.0, f64::NAN, false, text.map(str::to_owned), JsValue::UNDEFINED);
    }

    /// What was told since, in JSON, a while later.
    pub(crate) async fn told(&self) -> String {
        let told = wasm_bindgen_futures::JsFuture::from(outputs(&self.shell)).await;
        told.unwrap().as_string().unwrap()
    }
}

/// A member as text.
pub(crate) fn member(value: &JsValue, name: &str) -> String {
    let value = js_sys::Reflect::get(value, &name.into()).unwrap();
    value.as_string().unwrap_or_else(|| js_sys::JSON::stringify(&value).unwrap().into())
}
