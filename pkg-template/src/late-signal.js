/**
 * `init.signal` that is made when it is first read: to make a signal takes longer than all else that a call needs, and stubs, caches
 * and the like never look at it. The controller stays in a private field, so that the object has nothing that an init has not.
 */

class Given {
  /** @param {object} init */
  constructor(init) {
    // The object gets the private field of the class below.
    return init;
  }
}

class Late extends Given {
  #controller;

  /** @param {object} init @param {AbortController} controller */
  constructor(init, controller) {
    super(init);
    this.#controller = controller;
  }

  /** @param {object} init */
  static signalOf(init) {
    return #controller in init ? init.#controller.signal : undefined;
  }
}

/** One for all, and a member of each init's own: those who wrap `fetch` spread what they are given, or set a signal of theirs. */
const SIGNAL = {
  get() {
    return Late.signalOf(this);
  },
  /** @param {unknown} value */
  set(value) {
    Object.defineProperty(this, "signal", { value, enumerable: true, configurable: true, writable: true });
  },
  enumerable: true,
  configurable: true,
};

/** @param {RequestInit} init that has no signal @param {AbortController} controller */
export function setSignal(init, controller) {
  new Late(init, controller);
  Object.defineProperty(init, "signal", SIGNAL);
}
