/** sessionStorage, and localStorage where there is no IndexedDB. */
import { tell, watch } from "./changes.js";
import { inTurn, lockOr } from "./lock.js";
import { SWAP } from "./swap.js";

/**
 * Null where there is none, or where it is switched off.
 *
 * @param {"sessionStorage" | "localStorage"} name
 * @returns {import("./swap.js").OwnStore | null}
 */
export function webStorage(name) {
  const storage = usable(name);
  if (!storage) return null;
  const owner = {};
  const put = (/** @type {string} */ key, /** @type {string | null} */ value) => {
    if (value === null) storage.removeItem(key);
    else storage.setItem(key, value);
    tell(name, key, owner);
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
    watch: (key, listener) => {
      const stop = watch({ place: name, key, owner, listener });
      // From other tabs and frames. No key: everything was cleared.
      const changed = (/** @type {StorageEvent} */ event) => {
        if (event.storageArea === storage && (event.key === null || event.key === key)) listener();
      };
      globalThis.addEventListener?.("storage", changed);
      return () => {
        stop();
        globalThis.removeEventListener?.("storage", changed);
      };
    },
  };
}

/** @param {"sessionStorage" | "localStorage"} name */
function usable(name) {
  try {
    const storage = globalThis[name];
    storage.setItem("propusk:probe", "1");
    storage.removeItem("propusk:probe");
    return storage;
  } catch {
    return null;
  }
}
