/** A client that does what the test says, and counts what it is asked for. */

/** @typedef {import("propusk").Session} Session */

/** @param {string} subject @returns {Session} */
export const session = (subject) => ({ provider: "fake", subject, scope: [], expiresAt: null, renewable: false, details: {} });

/** @param {{ session?: Session | null, redirect?: () => Promise<{ session: Session, returnTo: string | null } | null> }} [start] */
export function fake({ session: first = null, redirect = () => Promise.resolve(null) } = {}) {
  /** @type {Set<(session: Session | null, reason: string) => void>} */
  const listeners = new Set();
  /** @type {Session | null} */
  let current = first;
  /** @type {() => void} */
  let restored = () => {};
  /** @type {(error: unknown) => void} */
  let failed = () => {};
  /** @type {Promise<void>} */
  const ready = new Promise((resolve, reject) => {
    restored = resolve;
    failed = reject;
  });
  // As the real one's: nobody has to listen.
  ready.catch(() => {});

  const counts = { ready: 0, redirects: 0, subscriptions: 0 };
  const client = {
    provider: "fake",
    get session() {
      return current;
    },
    get ready() {
      counts.ready++;
      return ready;
    },
    /** @param {(session: Session | null, reason: string) => void} listener */
    subscribe(listener) {
      counts.subscriptions++;
      const own = (/** @type {Session | null} */ now, /** @type {string} */ reason) => listener(now, reason);
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    handleRedirect() {
      counts.redirects++;
      return redirect();
    },
  };

  /** What a sign-in, a renewal or a logout does. @param {Session | null} next @param {string} [reason] */
  const become = (next, reason = next ? "login" : "logout") => {
    current = next;
    for (const listener of [...listeners]) listener(next, reason);
  };

  return {
    client: /** @type {any} */ (client),
    counts,
    listening: () => listeners.size,
    become,
    /** The stored session is restored, if there is one. @param {Session | null} next */
    restore(next) {
      if (next) become(next, "restore");
      restored();
    },
    /** What `create` would have rejected with. @param {unknown} error */
    fail: (error) => failed(error),
  };
}
