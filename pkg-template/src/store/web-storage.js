/** localStorage as a store, where there is no IndexedDB; and the areas that a browser has. */
import { heard, tell, watch } from "./changes.js";
import { inTurn, lockOr } from "./lock.js";
import { SWAP } from "./swap.js";

const PLACE = "localStorage";

/**
 * @param {Storage} storage
 * @returns {import("./swap.js").OwnStore}
 */
export function webStorage(storage) {
  const owner = {};
  const put = (/** @type {string} */ key, /** @type {string | null} */ value) => {
    if (value === null) storage.removeItem(key);
    else storage.setItem(key, value);
    tell(PLACE, key, owner);
  };
  return {
    get: (key) => storage.getItem(key),
    set: put,
    delete: (key) => put(key, null),
    [SWAP]: (key, expected, value) => {
      const isThere = storage.getItem(key) === expected;
      if (isThere) put(key, value);
      return isThere;
    },
    withLock: lockOr(inTurn),
    watch: (key, listener) => both(watch({ place: PLACE, key, owner, listener }), heard(storage, key, listener)),
  };
}

/** @param {() => void} one @param {() => void} other */
export function both(one, other) {
  return () => {
    one();
    other();
  };
}

/**
 * Null where there is none, or where it is switched off. One that is full is there: it can be read, and what is in it removed.
 *
 * @param {"sessionStorage" | "localStorage"} name
 * @returns {Storage | null}
 */
export function area(name) {
  try {
    const storage = globalThis[name];
    storage.getItem("propusk:probe");
    return storage;
  } catch {
    return null;
  }
}
