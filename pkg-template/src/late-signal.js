/**
 * `init.signal` that is made when it is first read: to make a signal takes longer than all else that a call needs, and stubs, caches
 * and the like never look at it. A member of the init's own: those who wrap `fetch` spread what they are given, go through a Proxy, or
 * set a signal of theirs.
 *
 * @param {RequestInit} init that has no signal
 * @param {AbortController} controller
 */
export function setSignal(init, controller) {
  Object.defineProperty(init, "signal", { get: () => controller.signal, set: replace, enumerable: true, configurable: true });
}

/** @this {object} @param {unknown} value */
function replace(value) {
  Object.defineProperty(this, "signal", { value, enumerable: true, configurable: true, writable: true });
}
