/** An instance of the module with what the package does around it. */
import { failure } from "./diagnosis.js";
import { Instance } from "../instance.js";
import { methods } from "../methods.js";
import { later } from "../promises.js";

/** @typedef {typeof import("#engine/glue").glue | typeof import("#whole/glue").glue} Glue */
/** @typedef {import("../rest.js").Rest} Rest */
/** @typedef {{ instance: Instance, methods: typeof methods, module: WebAssembly.Module }} Core */

/** Node, and what takes its place: also when tests put a document there. */
const isOnDisk = () => Boolean(/** @type {any} */ (globalThis).process?.versions?.node);

/**
 * Starts one.
 *
 * @param {Glue} glue
 * @param {BufferSource | WebAssembly.Module | (() => Promise<BufferSource>)} source
 * @param {() => Promise<import("../instance.js").Keeping> | import("../instance.js").Keeping} keeping
 * @param {Rest | (() => Promise<{ rest: Rest, bytes: BufferSource }>)} rest where the module was cut in two, what brings it, too
 * @param {() => Promise<import("../instance.js").Extras>} [extras] where it is a module of its own
 * @returns {Promise<Core>}
 */
export async function begin(glue, source, keeping, rest, extras) {
  const instance = new Instance(keeping);
  // Its tasks: what one of them throws has made the instance unusable.
  const made = glue((task) =>
    later(() => {
      if (!instance.isDead) instance.enter(task);
    }),
  );
  try {
    const module = await made.instantiate(typeof source === "function" ? await source() : source);
    instance.Engine = made.Engine;
    const has = (/** @type {Rest} */ rest) => {
      Object.assign(methods, rest.methods);
      return (instance.rest = rest);
    };
    if (typeof rest === "object") {
      has(rest);
    } else if ("attempt" in made) {
      const { MISSING: missing, attempt, complete, reserve } = made;
      reserve();
      const bring = async () => {
        const { rest: brought, bytes } = await rest();
        await complete(bytes);
        return has(brought);
      };
      instance.half = { missing, attempt, bring };
      // Only a page waits for a network.
      if (isOnDisk()) await instance.complete();
    }
    instance.extras = extras ?? (async () => /** @type {import("../instance.js").Extras} */ (/** @type {unknown} */ (made)));
    return { instance, methods, module };
  } catch (error) {
    throw failure(error);
  }
}
