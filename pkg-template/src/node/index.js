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

/**
 * By this name a client finds a method that puts a value in the place of another in one step, null being none. For the very store only: one that
 * a caller has made around it, to encrypt what is kept, inherits or copies the method, and must not be gone around.
 */
const SWAP = Symbol.for("propusk.swap");

/** Longest wait of a write for another one, in milliseconds. */
const TURN = 3000;

/** Half of a pair, of which no file can keep what it is. */
const HALF = /\p{Surrogate}/u;

/** @typedef {(key: string, expected: string | null, value: string | null) => Promise<boolean> | undefined} Swap */

/**
 * @param {any} [options]
 * @returns {ReturnType<typeof import("../../types/node.js").fileStore> & { [SWAP]: Swap }}
 */
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

  /**
   * Runs a task while no other runs for that place.
   *
   * @template T
   * @param {import("./lock.js").Place} place
   * @param {() => Promise<T>} task
   * @param {{ timeout: number, signal?: AbortSignal | undefined }} options
   * @returns {Promise<T>}
   */
  async function hold(place, task, { timeout, signal }) {
    const release = await acquire(place, { timeout, signal });
    try {
      if (!tidied.has(place.names.base)) await tidy(place);
      tidied.add(place.names.base);
      return await task();
    } finally {
      await release();
    }
  }

  /**
   * Writes, one at a time: between the look and the write of one, no other comes.
   *
   * @param {string} key
   * @param {string | null} value null: removes what is there
   * @param {string | null} [expected] only in the place of this one
   */
  async function write(key, value, expected) {
    const place = value === null ? locate(key, false) : await open(key);
    if (!place) return expected == null;
    const { directory, names: own } = place;
    const path = join(directory, own.value);
    return hold({ ...place, names: names(`${key}\n`) }, act, { timeout: TURN });

    async function act() {
      if (expected !== undefined && ((await read(path))?.text ?? null) !== expected) return false;
      if (value === null) await remove(directory, path);
      else await replace(directory, path, join(directory, own.draft(owner().text)), value);
      return true;
    }
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
      await write(key, value);
    },

    /** @param {string} key */
    async delete(key) {
      await write(key, null);
    },

    /**
     * @this {unknown}
     * @param {string} key
     * @param {string | null} expected
     * @param {string | null} value
     */
    [SWAP](key, expected, value) {
      return this === store ? write(key, value, expected) : undefined;
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
      return hold(await open(key), task, { timeout: lockTimeout, signal });
    },

    /** @param {string} key @param {() => void} listener */
    watch(key, listener) {
      if (typeof listener !== "function") throw badArgument("listener", "a function");
      const { directory, names } = /** @type {import("./lock.js").Place} */ (locate(key, true));
      return watch(directory, names.value, listener);
    },
  };
  return store;
}
