/** Where one client keeps its session and its pending logins. */
import { ask } from "./ask.js";
import { SWAP } from "./swap.js";
import { isAuthError } from "../error.js";

/** @typedef {import("../../types/index.js").TokenStore} TokenStore */

/** What a store did wrong, in a form that the module reads. */
export class StoreFault extends Error {
  /**
   * @param {string} method
   * @param {string} what
   * @param {string} [hint]
   * @param {unknown} [cause]
   */
  constructor(method, what, hint = "", cause) {
    super(`\`${method}\` of the store ${what}`, { cause });
    this.code = "storage";
    this.hint = hint;
  }
}

/** As long as the client: most never keep anything here. @implements {TokenStore} */
export class Memory {
  /** @type {Map<string, string> | null} */
  #kept = null;

  /** @param {string} key */
  get(key) {
    return this.#kept?.get(key) ?? null;
  }

  /** @param {string} key @param {string} value */
  set(key, value) {
    (this.#kept ??= new Map()).set(key, value);
  }

  /** @param {string} key */
  delete(key) {
    this.#kept?.delete(key);
  }
}

/**
 * Calls a method of a store; what is thrown names it. The stores of the package say themselves what is wrong and what helps.
 *
 * @template T
 * @param {string} method
 * @param {() => T | Promise<T>} call
 */
async function called(method, call) {
  try {
    return await call();
  } catch (error) {
    const isOurs = isAuthError(error, "storage");
    throw new StoreFault(method, isOurs ? `failed: ${error.message}` : "failed", (isOurs && error.hint) || "", error);
  }
}

/** @param {TokenStore} store @param {string} key @returns {Promise<string | undefined>} */
export async function load(store, key) {
  const value = await called("get", () => store.get(key));
  if (typeof value === "string") return value;
  if (value === null || value === undefined) return undefined;
  throw new StoreFault("get", "gave neither text nor null");
}

/** @param {TokenStore} store @param {string} key @param {string | null} value */
export async function put(store, key, value) {
  if (value === null) await called("delete", () => store.delete(key));
  else await called("set", () => store.set(key, value));
}

/**
 * Puts a value in the place of another one, and says whether that one was there: without a pause between looking and
 * writing, where the store can.
 *
 * @param {TokenStore} store
 * @param {string} key
 * @param {string | null} expected
 * @param {string | null} value
 */
export async function swap(store, key, expected, value) {
  const own = /** @type {any} */ (store)[SWAP];
  if (typeof own === "function") {
    const isSwapped = await called(String(SWAP.description), () => own.call(store, key, expected, value));
    // Undefined: not for this object, which may be a caller's own around a store that can.
    if (typeof isSwapped === "boolean") return isSwapped;
  }
  if (((await load(store, key)) ?? null) !== expected) return false;
  await put(store, key, value);
  return true;
}

/**
 * The store's lock; null where it has none.
 *
 * @param {TokenStore | null} store
 * @param {string} key
 */
export function lock(store, key) {
  if (!store || typeof store.withLock !== "function") return null;
  const asked = ask(store, key);
  const hint = "The renewal goes on without the lock, so that another context may renew as well.";
  const granted = asked.granted.then(
    (isGranted) => {
      if (!isGranted) throw new StoreFault("withLock", "ended without running its task", hint);
    },
    (error) => {
      const isOurs = isAuthError(error, "storage");
      throw new StoreFault("withLock", isOurs ? `failed: ${error.message}` : "failed", (isOurs && error.hint) || hint, error);
    },
  );
  return { granted, leave: asked.leave };
}
