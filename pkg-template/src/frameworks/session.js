/**
 * What of a client is followed.
 *
 * @typedef {object} Client
 * @property {Session | null} session
 * @property {Promise<void>} [ready]
 * @property {(listener: () => void) => () => void} subscribe
 */

/** @typedef {import("../../types/index.js").Session} Session */

/** @typedef {{ readonly session: Session | null, readonly status: "loading" | "signed-in" | "signed-out" }} State */

/** On a server, and before it is known whether somebody is signed in. @type {State} */
export const LOADING = { session: null, status: "loading" };

/** @type {WeakMap<object, ReturnType<typeof make>>} */
const known = new WeakMap();

/**
 * The session of a client, as a store that components read and subscribe to. One for all components, so that what one of
 * them has waited for, the next one has at once.
 *
 * @param {Client} client
 */
export function sessionOf(client) {
  let store = known.get(client);
  if (!store) known.set(client, (store = make(client)));
  return store;
}

/** @param {Client} client */
function make(client) {
  let state = LOADING;
  let isRestored = false;
  let isAsked = false;
  /** @type {Set<() => void>} */
  const listeners = new Set();

  const restored = () => {
    isRestored = true;
    for (const listener of [...listeners]) listener();
  };

  return {
    /** The same object until something has changed. */
    read() {
      const { session } = client;
      const status = session ? "signed-in" : isRestored ? "signed-out" : "loading";
      if (session !== state.session || status !== state.status) state = { session, status };
      return state;
    },

    /** @param {() => void} changed */
    subscribe(changed) {
      // A listener of its own, since the same function may come twice.
      const listener = () => changed();
      listeners.add(listener);
      const stop = client.subscribe(listener);
      if (!isAsked) {
        isAsked = true;
        // Reading `ready` starts the restoring, so not before somebody looks. Where it rejects nobody is signed in.
        Promise.resolve(client.ready).then(restored, restored);
      }
      return () => {
        listeners.delete(listener);
        stop();
      };
    },
  };
}
