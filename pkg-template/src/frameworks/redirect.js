/** @typedef {{ handleRedirect: () => Promise<{ returnTo: string | null } | null> }} Client */

/** @typedef {{ readonly status: "idle" | "working" | "done" | "failed", readonly returnTo: string | null, readonly error: unknown }} State */

/** Before the first look, and where there is no login to finish. @type {State} */
export const IDLE = { status: "idle", returnTo: null, error: null };

/** @type {State} */
const WORKING = { ...IDLE, status: "working" };

/** @type {WeakMap<object, ReturnType<typeof make>>} */
const known = new WeakMap();

/**
 * How finishing a client's redirect goes, as a store that components read and subscribe to. One for all components and
 * mounts of a page load.
 *
 * @param {Client} client
 */
export function redirectOf(client) {
  let store = known.get(client);
  if (!store) known.set(client, (store = make(client)));
  return store;
}

/** @param {Client} client */
function make(client) {
  let state = IDLE;
  let isBegun = false;
  /** @type {Set<() => void>} */
  const listeners = new Set();

  /** @param {State} next */
  const become = (next) => {
    state = next;
    for (const listener of [...listeners]) listener();
  };

  return {
    read: () => state,

    /** @param {() => void} changed */
    subscribe(changed) {
      const listener = () => changed();
      listeners.add(listener);
      if (!isBegun) {
        isBegun = true;
        become(WORKING);
        new Promise((resolve) => resolve(client.handleRedirect())).then(
          (result) => become(result ? { ...IDLE, status: "done", returnTo: result.returnTo } : IDLE),
          (error) => become({ ...IDLE, status: "failed", error }),
        );
      }
      return () => void listeners.delete(listener);
    },
  };
}
