/** What a caller's signal ends: the caller's wait, and the request that is made for it. */

/** By signal, so that each has one listener of ours: of more than ten Node says that they may be a leak. @type {WeakMap<AbortSignal, Set<() => void>>} */
const heeded = new WeakMap();

/**
 * Calls back when a signal is aborted. Gives the function that stops it.
 *
 * @param {AbortSignal} signal not yet aborted
 * @param {() => void} callback
 */
export function onAbort(signal, callback) {
  const known = heeded.get(signal);
  const callbacks = known ?? new Set();
  if (!known) {
    heeded.set(signal, callbacks);
    signal.addEventListener("abort", () => callbacks.forEach((call) => call()), { once: true });
  }
  callbacks.add(callback);
  return () => void callbacks.delete(callback);
}

/** Node's `AbortSignal.any` keeps something of every signal that it makes as long as those live that it was made of: perhaps as long as the program. */
const isNode = Boolean(/** @type {any} */ (globalThis).process?.versions?.node);

/** Calls when a body is gone. Whoever still reads one holds it. */
const bodies = isNode && typeof FinalizationRegistry === "function" ? new FinalizationRegistry((/** @type {() => void} */ stop) => stop()) : null;

/**
 * Lets a caller's signal abort a request of ours: until `stop` is called or, after `untilGone`, as long as somebody can read
 * the answer's body. Null where the two signals are better joined.
 *
 * @param {AbortSignal} signal not yet aborted
 * @param {AbortController} controller
 */
export function follow(signal, controller) {
  if (!bodies) return null;
  const stop = onAbort(signal, () => controller.abort(signal.reason));
  return {
    stop,
    /** @param {unknown} body of the answer: null where there is none */
    untilGone(body) {
      if (typeof body === "object" && body !== null) bodies.register(body, stop);
      else stop();
    },
  };
}
