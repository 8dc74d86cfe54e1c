/**
 * Browsers, Node, Deno, Bun, test runners: the module travels as text inside a script, which every bundler and server
 * handles without configuration. Imported when the first client is created, so that a page's first script stays small.
 */
import { unreachable } from "./failure.js";
import { once } from "./once.js";

export const load = once(async () => {
  const chunk = await import("./chunk.js").catch((error) => {
    throw unreachable(error);
  });
  await chunk.start();
  return chunk;
});
