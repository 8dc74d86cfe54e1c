/**
 * Browsers, Node, Deno, Bun, test runners: the module travels as text inside a script, which every bundler and server
 * handles without configuration. Imported when the first client is created, so that a page's first script stays small.
 */
import { withoutImport, unreachable } from "./failure.js";
import { once } from "./once.js";

export const load = once(async () => {
  const chunk = await import("./chunk.js").catch((error) => {
    throw isServiceWorker() ? withoutImport(error) : unreachable(error);
  });
  return chunk.start();
});

/** The only place where a script may not import another one. */
function isServiceWorker() {
  const { ServiceWorkerGlobalScope: scope } = /** @type {any} */ (globalThis);
  return typeof scope === "function" && Object.prototype.toString.call(globalThis) === "[object ServiceWorkerGlobalScope]";
}
