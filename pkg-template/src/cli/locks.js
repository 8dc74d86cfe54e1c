/**
 * Keeps count of what a store is doing: which locks are waited for, so that it can be told, and what is held or written, so that
 * nothing of it is left behind.
 */

/** The method by which clients write. */
const SWAP = Symbol.for("propusk.swap");

/** How long a renewal that is under way may take after Ctrl-C: its refresh token is spent, and what comes for it should be kept. Milliseconds. */
const LINGER = 3_000;
/** How long giving locks back may take. */
const RELEASE = 1_000;

export class Locks {
  waiting = 0;
  /** @type {Set<Promise<unknown>>} */
  #open = new Set();
  #giveUp = () => {};
  #givenUp = new Promise((resolve) => (this.#giveUp = () => resolve(undefined)));

  /** The store stays the one that it is: a client does more with it than with a copy. @param {import("../../types/node.js").FileStore} store */
  constructor(store) {
    const own = /** @type {any} */ (store);
    for (const name of ["get", "set", "delete", SWAP]) {
      const method = own[name];
      const count = (/** @type {any} */ doing) => this.#count(doing);
      /** @this {unknown} @param {unknown[]} given */
      own[name] = function (...given) {
        return count(method.apply(this, given));
      };
    }
    const { withLock } = store;
    store.withLock = (key, task, options) => {
      this.waiting += 1;
      let isGranted = false;
      const granted = () => {
        if (!isGranted) this.waiting -= 1;
        isGranted = true;
      };
      const held = withLock.call(store, key, (/** @type {AbortSignal} */ signal) => {
        granted();
        return Promise.race([task(signal), this.#givenUp]);
      }, options);
      held.then(granted, granted);
      return this.#count(/** @type {any} */ (held));
    };
  }

  /** @template T @param {T} doing @returns {T} */
  #count(doing) {
    const forget = () => void this.#open.delete(over);
    const over = Promise.resolve(doing).then(forget, forget);
    this.#open.add(over);
    return doing;
  }

  /** Until nothing is held, waited for or written any more. */
  async end() {
    await this.#idle(LINGER);
    this.#giveUp();
    await this.#idle(RELEASE);
  }

  /** @param {number} most milliseconds */
  async #idle(most) {
    /** @type {NodeJS.Timeout | undefined} */
    let timer;
    let isLate = false;
    const late = new Promise((resolve) => (timer = setTimeout(resolve, most))).then(() => (isLate = true));
    // What one operation leads to begins as soon as it is over.
    do {
      await Promise.race([Promise.all(this.#open), late]);
      await new Promise((resolve) => setTimeout(resolve, 0));
    } while (this.#open.size > 0 && !isLate);
    clearTimeout(timer);
  }
}
