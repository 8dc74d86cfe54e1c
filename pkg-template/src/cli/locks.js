/** Keeps count of a store's locks: which are waited for, so that it can be told, and which are held, so that none is left behind. */

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
      const over = held.then(granted, granted).then(() => void this.#open.delete(over));
      this.#open.add(over);
      return /** @type {any} */ (held);
    };
  }

  /** Until none is held, or waited for, any more. */
  async end() {
    await this.#idle(LINGER);
    this.#giveUp();
    await this.#idle(RELEASE);
  }

  /** @param {number} most milliseconds */
  async #idle(most) {
    /** @type {NodeJS.Timeout | undefined} */
    let timer;
    const late = new Promise((resolve) => (timer = setTimeout(resolve, most)));
    await Promise.race([Promise.all(this.#open), late]);
    clearTimeout(timer);
  }
}
