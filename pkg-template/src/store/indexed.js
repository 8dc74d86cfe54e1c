/** The store of all tabs and workers of the origin. */
import { SHARED, announce, watch } from "./changes.js";
import { exchange } from "./database.js";
import { withLease } from "./lease.js";
import { lockOr } from "./lock.js";
import { TAKE } from "./take.js";

/** @returns {import("./take.js").OwnStore} */
export function indexed() {
  const owner = {};
  return {
    get: async (key) => {
      const value = await exchange(key);
      return typeof value === "string" ? value : null;
    },
    set: async (key, value) => {
      await exchange(key, () => value);
      forget(key);
      announce(key, owner);
    },
    delete: async (key) => {
      await exchange(key, () => null);
      forget(key);
      announce(key, owner);
    },
    [TAKE]: async (key, expected) => {
      const before = await exchange(key, (value) => (value === expected ? null : undefined));
      return before === expected;
    },
    withLock: lockOr(withLease),
    watch: (key, listener) => watch({ place: SHARED, key, owner, listener }),
  };
}

/** What was kept in localStorage while there was no database is older than this, and must not come back. @param {string} key */
function forget(key) {
  try {
    globalThis.localStorage?.removeItem(key);
  } catch {
    // There is none, so there is nothing in it.
  }
}
