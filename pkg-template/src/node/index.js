/** What `propusk/node` exports. */
import { join } from "node:path";
import { check, usual } from "./directory.js";
import { badArgument, shown, storage } from "./failure.js";
import { change, discard, isFull, prepare, read, settle } from "./file.js";
import { acquire, free, tidy } from "./lock.js";
import { names } from "./names.js";
import { read as readOptions } from "./options.js";
import { owner } from "./owner.js";
import { LEASE, Signs, TASK, WRITE } from "./signs.js";
import { sweep } from "./sweep.js";
import { watch } from "./watching.js";

/**
 * By this name a client finds a method that puts a value in the place of another in one step, null being none. For the very store only: one that
 * a caller has made around it, to encrypt what is kept, inherits or copies the method, and must not be gone around.
 */
const SWAP = Symbol.for("propusk.swap");

/** Longest wait of a write for another one, in milliseconds. */
const TURN = 4000;

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
    return check(directory, make) ? { directory, names: names(key), signs, bounds: TASK } : null;
  }

  /** @param {unknown} key */
  async function open(key) {
    const place = /** @type {import("./lock.js").Place} */ (locate(key, true));
    await (swept ??= sweep(place.directory));
    return place;
  }

  /**
   * Runs a task while no other runs for that place. What it gives is not lost to trouble with the lock.
   *
   * @template T
   * @param {import("./lock.js").Place} place
   * @param {(mark: import("./mark.js").Mark) => Promise<T>} task
   * @param {{ timeout: number, signal?: AbortSignal | undefined }} options
   * @returns {Promise<T>}
   */
  async function hold(place, task, options) {
    const mark = await acquire(place, options);
    try {
      if (!tidied.has(place.names.short)) await tidy(place).catch(() => {});
      tidied.add(place.names.short);
      return await task(mark);
    } finally {
      await mark.giveBack();
    }
  }

  /**
   * Writes, one at a time: between the look and the write of one, no other comes. What takes long is done before its turn.
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
    const isExpected = async () => expected === undefined || ((await read(path))?.text ?? null) === expected;
    if (!(await isExpected())) return false;
    const draft = value === null ? null : join(directory, own.draft(owner().text));
    if (draft && value !== null) await prepare(path, draft, value);
    try {
      if (!(await inTurn({ ...place, names: names(`${key}\n`), bounds: WRITE }, path, draft, isExpected))) return false;
    } finally {
      if (draft) await discard(draft);
    }
    await settle(directory);
    return true;
  }

  /**
   * @param {import("./lock.js").Place} place
   * @param {string} path
   * @param {string | null} draft
   * @param {() => Promise<boolean>} isExpected
   * @returns {Promise<boolean>} whether it was as expected, and so was written
   */
  async function inTurn(place, path, draft, isExpected) {
    const end = performance.now() + TURN;
    const left = () => Math.max(0, end - performance.now());
    while (left() > 0) {
      const act = async (/** @type {() => boolean} */ isInTime) => ((await isExpected()) ? change(path, draft, isInTime) : null);
      // Who was held up for so long that others may have gone on does nothing, and begins again.
      const done = await hold(place, (mark) => act(() => mark.age < LEASE), { timeout: left() }).catch(async (error) => {
        if (draft !== null || !isFull(error.cause)) throw error;
        // A lock takes room, which a removal makes. Nobody else can take one, either.
        await free(place, left());
        return act(() => true);
      });
      if (done !== false) return done !== null;
    }
    throw storage(`the file ${shown(path)} was not written within ${TURN} ms`, "Look after that disk, and try again.", { retryable: true });
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
     * @param {(signal: AbortSignal) => Promise<T>} task is told by its signal when another one may run by now
     * @param {{ signal?: AbortSignal }} [options]
     * @returns {Promise<T>}
     */
    async withLock(key, task, options) {
      const signal = options && Object.hasOwn(options, "signal") ? options.signal : undefined;
      if (typeof task !== "function") throw badArgument("task", "a function");
      signal?.throwIfAborted();
      const act = /** @type {(signal: AbortSignal) => Promise<any>} */ (task);
      return hold(await open(key), async (mark) => act(mark.signal), { timeout: lockTimeout, signal });
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
