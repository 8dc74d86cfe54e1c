/** The host's timers, by number. They are looked up when they are set: tests replace them. */

/** Timers that are set for longer fire at once. */
const LONGEST = 0x7fffffff;

/**
 * One timer, as far as the host has any: what is waited for has no deadline then, but goes on.
 *
 * @param {() => void} callback
 * @param {number} delay
 * @returns {ReturnType<typeof setTimeout> | number} what `clear` takes
 */
export function deadline(callback, delay) {
  try {
    return setTimeout(callback, Math.min(delay, LONGEST));
  } catch {
    // Replaced by something that throws.
    return 0;
  }
}

/** @param {any} timer */
export function clear(timer) {
  if (timer) clearTimeout(timer);
}

export class Timers {
  /** @type {Map<number, any>} */
  #set = new Map();
  #fire;

  /** @param {(id: number, delay: number) => void} fire */
  constructor(fire) {
    this.#fire = fire;
  }

  /**
   * @param {number} id
   * @param {number} delay milliseconds
   * @param {boolean} isIdle whether a program may end while nothing but this is waited for
   * @param {number} [left] of the delay
   */
  set(id, delay, isIdle, left = delay) {
    this.stop(id);
    const slice = Math.min(Math.max(left, 0), LONGEST);
    const timer = setTimeout(() => {
      if (this.#set.get(id) !== timer) return;
      this.#set.delete(id);
      if (left > slice) this.set(id, delay, isIdle, left - slice);
      else this.#fire(id, delay);
    }, slice);
    if (isIdle) /** @type {any} */ (timer).unref?.();
    this.#set.set(id, timer);
  }

  /** @param {number} id */
  stop(id) {
    if (!this.#set.has(id)) return;
    clearTimeout(this.#set.get(id));
    this.#set.delete(id);
  }

  end() {
    for (const id of [...this.#set.keys()]) this.stop(id);
  }
}
