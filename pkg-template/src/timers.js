/** The host's timers, by number. They are looked up when they are set: tests replace them. */

import { INPUT } from "./numbers.js";

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

/**
 * Deadlines of one length, as the calls of a client have: one timer for all that wait at the same time, and, where the host lets a
 * timer wait without keeping the program, for those that follow. To set one takes longer than most of what a call needs.
 */
export class Deadlines {
  #length;
  /** In the order in which they come. @type {Set<Due>} */
  #due = new Set();
  /** @type {any} */
  #timer = null;
  /** For when it was set. */
  #until = 0;
  /** By what: tests put their own in the place of the host's, and forget what was set. @type {unknown} */
  #setBy = null;

  /** @param {number} length milliseconds */
  constructor(length) {
    this.#length = length;
  }

  /** @typedef {{ until: number, expire: () => void, refuse: (fields: any) => void }} Due `until` is set here */

  get size() {
    return this.#due.size;
  }

  /** @param {Due} one */
  add(one) {
    one.until = now() + this.#length;
    this.#due.add(one);
    if (this.#setBy !== globalThis.setTimeout) this.#set(one, this.#length);
    else if (this.#due.size > 1) return;
    else if (!waits(this.#timer)) this.#set(one, this.#length);
    else {
      this.#timer.ref();
      // It was set for another one, and comes too early.
      this.#until = 0;
    }
  }

  /** Gives whether it was still waited for. @param {Due} one */
  delete(one) {
    if (!this.#due.delete(one)) return false;
    if (this.#due.size > 0) return true;
    if (waits(this.#timer)) this.#timer.unref();
    else clear(this.#timer);
    return true;
  }

  /** Nothing is waited for any more. @param {object} error fields of what those reject with that wait now */
  end(error) {
    for (const one of [...this.#due]) one.refuse(error);
    clear(this.#timer);
  }

  /** @param {Due} next @param {number} delay */
  #set(next, delay) {
    this.#until = next.until;
    this.#setBy = globalThis.setTimeout;
    this.#timer = deadline(() => this.#fire(), delay);
  }

  #fire() {
    this.#timer = null;
    // Whatever the clock says: the timers may be a test's own.
    const at = Math.max(now(), this.#until);
    const due = [...this.#due].filter(({ until }) => until <= at);
    const next = [...this.#due].find(({ until }) => until > at);
    if (next) this.#set(next, next.until - at);
    for (const one of due) one.expire();
  }
}

/** Whether it is one of Node's own that has neither fired nor been cleared: what tests put in its place forgets timers without a word. @param {any} timer */
const waits = (timer) => timer?._destroyed === false;

/** Of a clock that is never set, where there is one. */
function now() {
  try {
    return performance.now();
  } catch {
    return 0;
  }
}

/** Timers of one client's machine. */
export class Timers {
  /** @type {Map<number, any> | null} */
  #set = null;
  #shell;

  /** @param {import("./shell.js").Shell} shell */
  constructor(shell) {
    this.#shell = shell;
  }

  /**
   * @param {number} id
   * @param {number} delay milliseconds
   * @param {boolean} isIdle whether a program may end while nothing but this is waited for
   * @param {number} [left] of the delay
   */
  set(id, delay, isIdle, left = delay) {
    this.stop(id);
    const set = (this.#set ??= new Map());
    const slice = Math.min(Math.max(left, 0), LONGEST);
    const timer = setTimeout(() => {
      if (set.get(id) !== timer) return;
      this.#forget(id);
      if (left > slice) this.set(id, delay, isIdle, left - slice);
      else this.#shell.feed(INPUT.FIRED, id, delay);
    }, slice);
    if (isIdle) /** @type {any} */ (timer).unref?.();
    set.set(id, timer);
  }

  /** @param {number} id */
  stop(id) {
    if (!this.#set?.has(id)) return;
    clearTimeout(this.#set.get(id));
    this.#forget(id);
  }

  /** Most of the time there is none. @param {number} id */
  #forget(id) {
    this.#set?.delete(id);
    if (this.#set?.size === 0) this.#set = null;
  }

  end() {
    for (const id of [...(this.#set?.keys() ?? [])]) this.stop(id);
  }
}
