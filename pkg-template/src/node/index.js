/** What `propusk/node` exports. */
import { join } from "node:path";
import { check, usual } from "./directory.js";
import { badArgument } from "./failure.js";
import { read, remove, replace } from "./file.js";
import { acquire, tidy } from "./lock.js";
import { names } from "./names.js";
import { read as readOptions } from "./options.js";
import { owner } from "./owner.js";
import { Signs } from "./signs.js";
import { sweep } from "./sweep.js";
import { watch } from "./watching.js";

/** Half of a pair, of which no file can keep what it is. */
const HALF = /\p{Surrogate}/u;

/** @param {any} [options] */
export function fileStore(options) {
  const { directory: given, lockTimeout } = readOptions(options);
  const signs = new Signs();
  /** @type {Promise<void> | undefined} */
  let swept;
  /** Locks around which everything was put in order. @type {Set<string>} */
  const tidied = new Set();

  /**
   * Where a key's files are; null: nothing is there, and nothing was made.
   *
   * @param {unknown} key
   * @param {boolean} make
   */
  function locate(key, make) {
    if (typeof key !== "string" || HALF.test(key)) throw badArgument("key", "a well-formed text");
    const directory = given ?? usual();
    return check(directory, make) ? { directory, names: names(key), signs } : null;
  }

  /** @param {unknown} key */
  async function open(key) {
    const place = /** @type {import("./lock.js").Place} */ (locate(key, true));
    await (swept ??= sweep(place.directory));
    return place;
  }

  return {
    /** @param {string} key */
    async get(key) {
      const place = locate(key, false);
      return place && ((await read(join(place.directory, place.names.value)))?.text ?? null);
    },

    /** @param {string} key @param {string} value */
    async set(key, value) {
      if (typeof value !== "string" || HALF.test(value)) throw badArgument("value", "a well-formed text");
      const { directory, names } = await open(key);
      await replace(directory, join(directory, names.value), join(directory, names.draft(owner().text)), value);
    },

    /** @param {string} key */
    async delete(key) {
      const place = locate(key, false);
      if (place) await remove(place.directory, join(place.directory, place.names.value));
    },

    /**
     * @template T
     * @param {string} key
     * @param {() => Promise<T>} task
     * @param {{ signal?: AbortSignal }} [options]
     * @returns {Promise<T>}
     */
    async withLock(key, task, options) {
      const signal = options?.signal;
      if (typeof task !== "function") throw badArgument("task", "a function");
      signal?.throwIfAborted();
      const place = await open(key);
      const release = await acquire(place, { timeout: lockTimeout, signal });
      try {
        if (!tidied.has(place.names.base)) await tidy(place);
        tidied.add(place.names.base);
        return await task();
      } finally {
        await release();
      }
    },

    /** @param {string} key @param {() => void} listener */
    watch(key, listener) {
      if (typeof listener !== "function") throw badArgument("listener", "a function");
      const { directory, names } = /** @type {import("./lock.js").Place} */ (locate(key, true));
      return watch(directory, names.value, listener);
    },
  };
}
