/** @typedef {import("./core.js").Core} Core */

/**
 * One start for all callers, also for those who ask while it runs; after a failure to start, or of what was started, the
 * next caller starts anew.
 *
 * @param {() => Promise<Core>} start
 * @returns {() => Promise<Core>}
 */
export function once(start) {
  /** @type {Promise<Core> | null} */
  let started = null;
  /** @type {Core | null} */
  let running = null;
  return () => {
    if (running?.instance.isDead) running = started = null;
    started ??= start().then(
      (core) => (running = core),
      (error) => {
        started = null;
        throw error;
      },
    );
    return started;
  };
}
