/**
 * A store's lock: the browser's, which holds in all tabs and workers of the origin, or another one where it has none.
 *
 * @typedef {NonNullable<import("../../types/index.js").TokenStore["withLock"]>} WithLock
 */

/**
 * @param {WithLock} otherwise
 * @returns {WithLock}
 */
export function lockOr(otherwise) {
  return (key, task, options) => {
    const locks = globalThis.navigator?.locks;
    return locks ? locks.request(key, { signal: options?.signal }, task) : otherwise(key, task, options);
  };
}

/** @type {Map<string, Promise<unknown>>} */
const queues = new Map();

/** One after the other, in this page. @type {WithLock} */
export function inTurn(key, task, { signal } = {}) {
  const turn = (queues.get(key) ?? Promise.resolve()).then(() => {
    if (signal?.aborted) throw signal.reason;
    return task();
  });
  const ended = turn.then(
    () => {},
    () => {},
  );
  queues.set(key, ended);
  ended.then(() => {
    if (queues.get(key) === ended) queues.delete(key);
  });
  return turn;
}
