/** The second script of the default entry: the glue, and as texts the module that it belongs to. */
import { glue } from "#engine/glue";
import module from "#engine/module.wasm";
import { begin } from "./core.js";
import { unreachable } from "./failure.js";
import { moduleOf } from "./streams.js";

export function start() {
  return begin(glue, () => moduleOf(module), browserStore, extras);
}

/** So is what only clients of providers of their own need. */
async function extras() {
  const chunk = await import("./extras.js").catch((error) => {
    throw unreachable(error);
  });
  return chunk.extras();
}

/** What only a page that keeps sessions needs is a script of its own. @type {import("../instance.js").BrowserStore} */
async function browserStore(name) {
  const stores = await import("../store/browser.js").catch((error) => {
    throw unreachable(error);
  });
  return stores.browserStore(name);
}
