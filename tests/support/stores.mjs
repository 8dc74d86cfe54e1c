/** Stores like those that callers write: shared by several clients, or out of order. */

/** A store that several clients share: it tells of changes, lets one in at a time, and writes down what happens. */
export function shared() {
  /** @type {Map<string, string>} */
  const map = new Map();
  /** @type {Map<string, Set<() => void>>} */
  const listeners = new Map();
  /** @type {Map<string, Promise<unknown>>} */
  const queues = new Map();
  /** @type {{ key: string, signal: unknown }[]} */
  const locks = [];
  const state = { holders: 0, most: 0 };
  const changed = (/** @type {string} */ key) => {
    for (const listener of [...(listeners.get(key) ?? [])]) listener();
  };
  return {
    map,
    locks,
    state,
    changed,
    watching: () => [...listeners.values()].reduce((sum, set) => sum + set.size, 0),
    async get(/** @type {string} */ key) {
      return map.get(key) ?? null;
    },
    async set(/** @type {string} */ key, /** @type {string} */ value) {
      map.set(key, value);
      changed(key);
    },
    async delete(/** @type {string} */ key) {
      map.delete(key);
      changed(key);
    },
    /** Tells everyone, the one who wrote as well: so do stores that only know that something was written. */
    watch(/** @type {string} */ key, /** @type {() => void} */ listener) {
      const set = listeners.get(key) ?? new Set();
      listeners.set(key, set.add(listener));
      return () => void set.delete(listener);
    },
    /**
     * @template T
     * @param {string} key
     * @param {() => Promise<T>} task
     * @param {{ signal?: AbortSignal }} [options]
     * @returns {Promise<T>}
     */
    withLock(key, task, options) {
      locks.push({ key, signal: options?.signal });
      const turn = (queues.get(key) ?? Promise.resolve()).then(async () => {
        state.holders += 1;
        state.most = Math.max(state.most, state.holders);
        try {
          return await task();
        } finally {
          state.holders -= 1;
        }
      });
      queues.set(key, turn.catch(() => {}));
      return turn;
    },
  };
}

/**
 * A store that breaks: `how` says per method what comes instead, until it is taken out.
 *
 * @param {Partial<Record<"get" | "set" | "delete", () => unknown>>} how
 */
export function broken(how) {
  /** @type {Map<string, string>} */
  const map = new Map();
  return {
    map,
    how,
    get: (/** @type {string} */ key) => (how.get ? how.get() : (map.get(key) ?? null)),
    set: (/** @type {string} */ key, /** @type {string} */ value) => (how.set ? how.set() : void map.set(key, value)),
    delete: (/** @type {string} */ key) => (how.delete ? how.delete() : void map.delete(key)),
  };
}
