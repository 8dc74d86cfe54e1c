/** An instance of the module with what the package does around it. */
import { glue } from "#engine/glue";
import { failure } from "./diagnosis.js";
import { Instance } from "../instance.js";
import { methods } from "../methods.js";
import { later } from "../promises.js";

/** @typedef {{ instance: Instance, methods: typeof methods, module: WebAssembly.Module }} Core */

/**
 * Starts one.
 *
 * @param {BufferSource | WebAssembly.Module} source
 * @param {import("../instance.js").BrowserStore | null} browserStore
 * @returns {Promise<Core>}
 */
export async function begin(source, browserStore) {
  const instance = new Instance(browserStore);
  // Its tasks: what one of them throws has made the instance unusable.
  const made = glue((task) =>
    later(() => {
      if (!instance.isDead) instance.enter(task);
    }),
  );
  try {
    const module = await made.instantiate(source);
    instance.Engine = made.Engine;
    return { instance, methods, module };
  } catch (error) {
    throw failure(error);
  }
}
