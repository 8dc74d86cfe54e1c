/** The store of all tabs and workers of the origin: IndexedDB, and localStorage for what it could not be given. */
import { bury, clear, found, newer } from "./beside.js";
import { SHARED, announce, heard, tell, watch } from "./changes.js";
import { Silence, exchange, reach } from "./database.js";
import { lock } from "./lease.js";
import { SWAP } from "./swap.js";
import { both } from "./web-storage.js";

/**
 * @param {Storage | null} storage localStorage
 * @returns {import("./swap.js").OwnStore}
 */
export function indexed(storage) {
  const owner = {};

  /**
   * What the entry was, after all that is known; and with `decide`, what becomes of it, undefined being that it stays.
   *
   * @param {string} key
   * @param {(before: string | null) => string | null | undefined} [decide]
   */
  async function step(key, decide) {
    const beside = found(storage, key);
    /** @type {string | null} */
    let known = null;
    let isChanged = false;
    const choose = (/** @type {unknown} */ entry) => {
      const text = typeof entry === "string" ? entry : null;
      known = beside ? newer(text, beside) : text;
      const after = decide?.(known);
      const result = after === undefined ? known : after;
      isChanged = result !== text;
      return isChanged ? result : undefined;
    };
    if (beside || decide) await exchange(key, choose);
    else choose(await exchange(key));
    if (beside) clear(storage, key, beside.text);
    if (isChanged) announce(key, owner);
    return known;
  }

  /**
   * The same where the database fails: in localStorage, where it is found when the database works again.
   *
   * @param {string} key
   * @param {unknown} error
   * @param {string | null} value
   * @param {string | null} [expected]
   */
  function aside(key, error, value, expected) {
    const beside = found(storage, key);
    if (!storage) throw error;
    if (value === null) {
      // Of what cannot be looked at, at least this much is known: it is gone.
      if (beside && expected !== undefined && beside.value !== expected) return false;
      bury(storage, key, expected ?? undefined);
    } else {
      // A database that is only slow is that of the other tabs all the same: in another place they would not be met.
      if (error instanceof Silence || (!beside && expected !== undefined)) throw error;
      if (beside && expected !== undefined && beside.value !== expected) return false;
      storage.setItem(key, value);
    }
    tell(SHARED, key, owner);
    return true;
  }

  /** @param {string} key @param {string | null} value @param {string | null} [expected] */
  async function put(key, value, expected) {
    let isExpected = true;
    try {
      await step(key, (before) => {
        isExpected = expected === undefined || before === expected;
        return isExpected ? value : undefined;
      });
    } catch (error) {
      // What works, and has no room for this, is nothing that anything could be put beside.
      if (value !== null && (await reach().then(() => true, () => false))) throw error;
      return aside(key, error, value, expected);
    }
    // What was kept there while there was no database is older than this, and must not come back.
    if (isExpected) clear(storage, key);
    return isExpected;
  }

  return {
    get: async (key) => {
      try {
        return await step(key);
      } catch (error) {
        const beside = found(storage, key);
        if (beside) return beside.value;
        throw error;
      }
    },
    set: async (key, value) => void (await put(key, value)),
    delete: async (key) => void (await put(key, null)),
    [SWAP]: (key, expected, value) => put(key, value, expected),
    withLock: lock,
    watch: (key, listener) => both(watch({ place: SHARED, key, owner, listener }), heard(storage, key, listener)),
  };
}
