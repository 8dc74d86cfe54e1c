/** The store of one tab, and of its copies: sessionStorage. */
import { heard, watch } from "./changes.js";
import { copies } from "./copies.js";
import { lock } from "./lease.js";
import { SWAP } from "./swap.js";
import { both } from "./web-storage.js";

const PLACE = "sessionStorage";

/** @type {ReturnType<typeof copies> | null} */
let shared = null;

/**
 * @param {Storage} storage
 * @returns {import("./swap.js").OwnStore}
 */
export function tabStore(storage) {
  const entries = (shared ??= copies(storage, PLACE));
  const owner = {};

  /**
   * @param {string} key
   * @param {string | null | undefined} expected undefined: whatever is there
   * @param {string | null} value
   */
  async function put(key, expected, value) {
    const change = () => entries.change(key, expected, value, owner);
    if (!(await entries.newest(key)).isShared) return change();
    // With copies, one after the other: between the question and the change of one, no other changes it.
    return lock(`write:${entries.nameOf(key)}`, async () => {
      await entries.newest(key);
      return change();
    });
  }

  return {
    get: async (key) => (await entries.newest(key)).value,
    set: async (key, value) => void (await put(key, undefined, value)),
    delete: async (key) => void (await put(key, undefined, null)),
    [SWAP]: put,
    withLock: async (key, task, options) => {
      await entries.newest(key);
      return lock(entries.nameOf(key), task, options);
    },
    // Frames of the page have the same.
    watch: (key, listener) => both(watch({ place: PLACE, key, owner, listener }), heard(storage, key, listener)),
  };
}
