/** An instance of the module with what the package does around it. */
import { failure } from "./diagnosis.js";
import { Instance } from "../instance.js";
import { methods } from "../methods.js";
import { later } from "../promises.js";

/** @typedef {typeof import("#engine/glue").glue | typeof import("#whole/glue").glue} Glue */
/** @typedef {{ instance: Instance, methods: typeof methods, module: WebAssembly.Module }} Core */

/**
 * Starts one.
 *
 * @param {Glue} glue
 * @param {BufferSource | WebAssembly.Module | (() => Promise<BufferSource>)} source
 * @param {import("../instance.js").BrowserStore | null} browserStore
 * @param {() => Promise<import("../instance.js").Extras>} [extras] where it is a module of its own
 * @returns {Promise<Core>}
 */
export async function begin(glue, source, browserStore, extras) {
  const instance = new Instance(browserStore);
  // Its tasks: what one of them throws has made the instance unusable.
  const made = glue((task) =>
    later(() => {
      if (!instance.isDead) instance.enter(task);
    }),
  );
  try {
    const module = await made.instantiate(typeof source === "function" ? await source() : source);
    instance.Engine = made.Engine;
    instance.extras = extras ?? (async () => /** @type {import("../instance.js").Extras} */ (/** @type {unknown} */ (made)));
    return { instance, methods, module };
  } catch (error) {
    throw failure(error);
  }
}
