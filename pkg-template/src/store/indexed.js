/** The store of all tabs and workers of the origin. */
import { SHARED, announce, watch } from "./changes.js";
import { exchange } from "./database.js";
import { withLease } from "./lease.js";
import { lockOr } from "./lock.js";
import { SWAP } from "./swap.js";

/** @returns {import("./swap.js").OwnStore} */
export function indexed() {
  const owner = {};
  const changed = (/** @type {string} */ key) => {
    forget(key);
    announce(key, owner);
  };
  return {
    get: async (key) => text(await exchange(key)),
    set: async (key, value) => {
      await exchange(key, () => value);
      changed(key);
    },
    delete: async (key) => {
      await exchange(key, () => null);
      changed(key);
    },
    [SWAP]: async (key, expected, value) => {
      const before = await exchange(key, (before) => (text(before) === expected ? value : undefined));
      const isSwapped = text(before) === expected;
      if (isSwapped) changed(key);
      return isSwapped;
    },
    withLock: lockOr(withLease),
    watch: (key, listener) => watch({ place: SHARED, key, owner, listener }),
  };
}

/** @param {unknown} entry */
function text(entry) {
  return typeof entry === "string" ? entry : null;
}

/** What was kept in localStorage while there was no database is older than this, and must not come back. @param {string} key */
function forget(key) {
  try {
    globalThis.localStorage?.removeItem(key);
  } catch {
    // There is none, so there is nothing in it.
  }
}
