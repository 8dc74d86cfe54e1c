/**
 * `init.signal` that is made when it is first read: to make a signal takes longer than all else that a call needs, and stubs, caches
 * and the like never look at it. A member of the init's own: those who wrap `fetch` spread what they are given, go through a Proxy, or
 * set a signal of theirs.
 *
 * @param {Record<string, any>} init whose signal is undefined
 * @param {AbortController} controller
 * @returns {any}
 */
export function lateSignal(init, controller) {
  return new Proxy(init, new Late(controller));
}

/** A getter of the init's own would do, but takes five times as long to make. */
class Late {
  /** @param {AbortController} controller */
  constructor(controller) {
    this.controller = controller;
  }

  /** @param {any} init @param {string | symbol} name */
  get(init, name) {
    if (name === "signal" && init.signal === undefined && Object.hasOwn(init, name)) init.signal = this.controller.signal;
    return init[name];
  }

  /** @param {any} init @param {string | symbol} name */
  getOwnPropertyDescriptor(init, name) {
    this.get(init, name);
    return Reflect.getOwnPropertyDescriptor(init, name);
  }
}
