/** What `propusk/node` exports. */
import { join } from "node:path";
import { signalOf } from "../signal.js";
import { check, usual } from "./directory.js";
import { badArgument } from "./failure.js";
import { read } from "./file.js";
import { hold } from "./lock.js";
import { names } from "./names.js";
import { read as readOptions } from "./options.js";
import { Signs, TASK } from "./signs.js";
import { sweep } from "./sweep.js";
import { watch } from "./watching.js";
import { write } from "./writing.js";

export { listSessions, removeSession } from "./sessions.js";

/**
 * By this name a client finds a method that puts a value in the place of another in one step, null being none. For the very store only: one that
 * a caller has made around it, to encrypt what is kept, inherits or copies the method, and must not be gone around.
 */
const SWAP = Symbol.for("propusk.swap");

/** Half of a pair, of which no file can keep what it is. */
const HALF = /\p{Surrogate}/u;

/**
 * @typedef {(key: string, expected: string | null, value: string | null) => Promise<boolean> | undefined} Swap
 * @typedef {import("./writing.js").Place} Place
 */

/**
 * @param {any} [options]
 * @returns {ReturnType<typeof import("../../types/node.js").fileStore> & { [SWAP]: Swap }}
 */
export function fileStore(options) {
  const { directory: given, lockTimeout } = readOptions(options);
  const signs = new Signs();
  /** @type {Promise<void> | undefined} */
  let swept;

  /**
   * Where a key's files are; null: nothing is there, and nothing was made.
   *
   * @param {unknown} key
   * @param {boolean} make
   * @returns {Place | null}
   */
  function locate(key, make) {
    if (typeof key !== "string" || HALF.test(key)) throw badArgument("key", "a well-formed text");
    const directory = given ?? usual();
    return check(directory, make) ? { directory, names: names(key), signs } : null;
  }

  /** @param {unknown} key */
  async function open(key) {
    const place = /** @type {Place} */ (locate(key, true));
    await (swept ??= sweep(place.directory));
    return place;
  }

  /** @param {string} key @param {string | null} value @param {string | null} [expected] */
  async function put(key, value, expected) {
    const place = value === null ? locate(key, false) : await open(key);
    return place ? write(place, value, expected) : expected == null;
  }

  const store = {
    /** @param {string} key */
    async get(key) {
      const place = locate(key, false);
      return place && ((await read(join(place.directory, place.names.value)))?.text ?? null);
    },

    /** @param {string} key @param {string} value */
    async set(key, value) {
      if (typeof value !== "string" || HALF.test(value)) throw badArgument("value", "a well-formed text");
      await put(key, value);
    },

    /** @param {string} key */
    async delete(key) {
      await put(key, null);
    },

    /**
     * @this {unknown}
     * @param {string} key
     * @param {string | null} expected
     * @param {string | null} value
     */
    [SWAP](key, expected, value) {
      return this === store ? put(key, value, expected) : undefined;
    },

    /**
     * @template T
     * @param {string} key
     * @param {(signal: AbortSignal) => Promise<T>} task is told by its signal when another one may run by now
     * @param {{ signal?: AbortSignal }} [options]
     * @returns {Promise<T>}
     */
    async withLock(key, task, options) {
      const signal = signalOf(options);
      if (typeof task !== "function") throw badArgument("task", "a function");
      signal?.throwIfAborted();
      const act = /** @type {(signal: AbortSignal) => Promise<any>} */ (task);
      return hold({ ...(await open(key)), bounds: TASK }, async (mark) => act(mark.signal), { timeout: lockTimeout, signal });
    },

    /** @param {string} key @param {() => void} listener */
    watch(key, listener) {
      if (typeof listener !== "function") throw badArgument("listener", "a function");
      const { directory, names } = /** @type {Place} */ (locate(key, true));
      return watch(directory, names.value, listener);
    },
  };
  return store;
}
