import { failure } from "./failure.js";

/**
 * One start for all callers, also for those who ask while it runs; after a failure the next caller starts anew.
 *
 * @template T
 * @param {() => Promise<T>} start
 * @returns {() => Promise<T>}
 */
export function once(start) {
  /** @type {Promise<T> | null} */
  let started = null;
  return () => {
    started ??= start().catch((error) => {
      started = null;
      throw failure(error);
    });
    return started;
  };
}
