/**
 * Asks a store for its lock; what the store does with the task, and when, harms nobody.
 *
 * `granted` resolves with true when the lock is held, with false when the store has ended without giving it, and rejects
 * when the store fails. `leave` gives the lock back, or leaves the queue; its promise resolves when the store is done.
 *
 * @param {import("../../types/index.js").TokenStore} store one with `withLock`
 * @param {string} key
 */
export function ask(store, key) {
  const controller = new AbortController();
  let isGranted = false;
  let go = () => {};
  /** @type {Promise<void>} */
  const left = new Promise((resolve) => (go = resolve));
  // Run again, it ends with the first run; run when nobody wants the lock any more, it ends at once.
  const task = (/** @type {(isHeld: boolean) => void} */ grant) => {
    isGranted = true;
    grant(true);
    return left;
  };
  /** @type {Promise<void>} */
  let ended = left;
  /** @type {Promise<boolean>} */
  const granted = new Promise((resolve, reject) => {
    const run = async () => store.withLock?.(key, () => task(resolve), { signal: controller.signal });
    ended = run().then(() => resolve(false), reject);
  });
  return {
    granted,
    leave: () => {
      go();
      if (!isGranted) controller.abort();
      return ended;
    },
  };
}
