/** sessionStorage, and localStorage where there is no IndexedDB. */
import { tell, watch } from "./changes.js";
import { inTurn, lockOr } from "./lock.js";
import { TAKE } from "./take.js";

/**
 * Null where there is none, or where it is switched off.
 *
 * @param {"sessionStorage" | "localStorage"} name
 * @returns {import("./take.js").OwnStore | null}
 */
export function webStorage(name) {
  const storage = usable(name);
  if (!storage) return null;
  const owner = {};
  const remove = (/** @type {string} */ key) => {
    storage.removeItem(key);
    tell(name, key, owner);
  };
  return {
    get: (key) => storage.getItem(key),
    set: (key, value) => {
      storage.setItem(key, value);
      tell(name, key, owner);
    },
    delete: remove,
    [TAKE]: (key, expected) => {
      const isThere = storage.getItem(key) === expected;
      if (isThere) remove(key);
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
