/** What `propusk/redis` exports. */
import { needFunction, needText } from "./arguments.js";
import { calls } from "./calls.js";
import { link } from "./link.js";
import { locking } from "./lock.js";
import { naming } from "./names.js";
import { outages } from "./outages.js";
import { read } from "./options.js";
import { listing } from "./sessions.js";
import { values } from "./values.js";
import { warnUntold } from "./warning.js";
import { watching } from "./watch.js";

/**
 * By this name a client finds a method that puts a value in the place of another in one step, null being none. For the very store only: one that
 * a caller has made around it, to encrypt what is kept, inherits or copies the method, and must not be gone around.
 */
const SWAP = Symbol.for("propusk.swap");

/** @typedef {(key: string, expected: string | null, value: string | null) => Promise<boolean> | undefined} Swap */

/**
 * @param {any} client
 * @param {any} [options]
 * @returns {import("../../types/redis.js").RedisStore & { [SWAP]: Swap }}
 */
export function redisStore(client, options) {
  const { prefix, lockTtl, timeout } = read(options);
  const redis = link(client, "redisStore");
  const names = naming(prefix, redis.keyPrefix);
  const noted = outages(lockTtl);
  const call = calls(redis, timeout, noted);
  const { get, write, version } = values(call, names, () => warnUntold(redis));
  const lock = locking(call, names, lockTtl, noted);
  /** @type {ReturnType<typeof redisStore>} */
  const store = {
    async get(key) {
      needText("key", key);
      return get(key);
    },
    async set(key, value) {
      needText("key", key);
      needText("value", value);
      await write(key, value);
    },
    async delete(key) {
      needText("key", key);
      await write(key, null);
    },
    async withLock(key, task, options) {
      needText("key", key);
      needFunction("task", task);
      return lock(key, task, options);
    },
    watch(key, listener) {
      needText("key", key);
      needFunction("listener", listener);
      return watching(redis)(names(key).channel, listener, () => version(key));
    },
    /** @this {unknown} */
    [SWAP](key, expected, value) {
      return this === store ? write(key, value, expected) : undefined;
    },
  };
  return store;
}

/**
 * @param {any} client
 * @param {{ prefix?: string }} [options]
 */
export async function listSessions(client, options) {
  const { look } = listing(client, options, "listSessions");
  return Object.freeze((await look()).map(({ session }) => session));
}

/**
 * @param {any} client
 * @param {import("../record.js").Named} session
 * @param {{ prefix?: string }} [options]
 */
export async function removeSession(client, session, options) {
  return listing(client, options, "removeSession").remove(session);
}
