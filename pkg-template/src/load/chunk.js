/** The second script of the default entry: the glue, and as texts the module that it belongs to. */
import { glue } from "#engine/glue";
import module from "#engine/module.wasm";
import { AuthError } from "../error.js";
import { begin } from "./core.js";
import { unreachable } from "./failure.js";
import { moduleOf } from "./streams.js";

export function start() {
  return begin(glue, () => moduleOf(module), keeping, rest, extras);
}

/** What the module does not need until there is a token. */
async function rest() {
  const chunk = await import("./rest.js").catch((error) => {
    throw unreachable(error);
  });
  // A server that has another version by now may have replaced one of two scripts.
  if (chunk.build !== __BUILD__) {
    const message = "the scripts of this page are of two versions of the package";
    throw new AuthError({ code: "unsupported", message, hint: "Reload the page." });
  }
  // The same puts it together.
  return { rest: chunk.rest, bytes: await moduleOf([module[0], ...chunk.texts]) };
}

/** So is what only clients of providers of their own need. */
async function extras() {
  const chunk = await import("./extras.js").catch((error) => {
    throw unreachable(error);
  });
  return chunk.extras();
}

/** And what only those need that keep sessions or pending logins. */
function keeping() {
  return import("./keeping.js").catch((error) => {
    throw unreachable(error);
  });
}
