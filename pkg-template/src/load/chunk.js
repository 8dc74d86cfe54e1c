/** The second script of the default entry: the glue, and as text the module that it belongs to. */
import module from "#engine/module.wasm";
import { begin } from "./core.js";
import { unreachable } from "./failure.js";
import { bytesOf } from "./letters.js";

export function start() {
  return begin(bytesOf(module), browserStore);
}

/** What only a page that keeps sessions needs is a script of its own. @type {import("../instance.js").BrowserStore} */
async function browserStore(name) {
  const stores = await import("../store/browser.js").catch((error) => {
    throw unreachable(error);
  });
  return stores.browserStore(name);
}
