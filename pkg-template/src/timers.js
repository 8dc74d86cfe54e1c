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
  /** Of this era. @type {any} */
  #timer = null;
  /** For whoever was first to wait for it: null where that is over, and it comes too early. @type {Due | null} */
  #first = null;
  /** A new one begins where tests put their own timers in the place of the host's, or take them away: each has its own clock, too. */
  #era = 0;
  /** @type {unknown} */
  #setBy = null;

  /** @param {number} length milliseconds */
  constructor(length) {
    this.#length = length;
  }

  /** @typedef {{ until: number, era: number, expire: () => void, refuse: (fields: any) => void }} Due the first two are set here */

  get size() {
    return this.#due.size;
  }

  /** @param {Due} one */
  add(one) {
    if (this.#setBy !== globalThis.setTimeout) {
      this.#setBy = globalThis.setTimeout;
      this.#era += 1;
      this.#timer = null;
    }
    one.era = this.#era;
    one.until = now() + this.#length;
    this.#due.add(one);
    if (this.#timer !== null && this.#due.size > 1) return;
    if (!waits(this.#timer)) return this.#set(one, this.#length, this.#era);
    this.#timer.ref();
    this.#first = null;
  }

  /** Gives whether it was still waited for. @param {Due} one */
  delete(one) {
    if (!this.#due.delete(one)) return false;
    if (this.#due.size > 0) return true;
    if (waits(this.#timer)) this.#timer.unref();
    else this.#clear();
    return true;
  }

  /** Nothing is waited for any more. @param {object} error fields of what those reject with that wait now */
  end(error) {
    for (const one of [...this.#due]) one.refuse(error);
    this.#clear();
  }

  #clear() {
    // What has not set it knows nothing of it.
    if (this.#setBy === globalThis.setTimeout) clear(this.#timer);
    this.#timer = null;
  }

  /** @param {Due} next @param {number} delay @param {number} era */
  #set(next, delay, era) {
    // A clock may have been set back.
    const timer = deadline(() => this.#fire(era, timer), Math.min(delay, this.#length));
    if (era !== this.#era) return;
    this.#timer = timer;
    this.#first = next;
  }

  /** @param {number} era @param {any} timer */
  #fire(era, timer) {
    let at = now();
    const isLatest = era === this.#era && timer === this.#timer;
    if (isLatest) {
      // Whatever the clock says: the timers may be a test's own.
      if (this.#first) at = Math.max(at, this.#first.until);
      this.#timer = null;
    }
    // Those of a test may have been forgotten with it: the latest one ends them as well.
    const waiting = [...this.#due].filter((one) => isLatest || one.era === era);
    const next = waiting.find(({ until }) => until > at);
    if (next) this.#set(next, next.until - at, era);
    for (const one of waiting) if (one.until <= at) one.expire();
  }
}

/** Whether it is one of Node's own that has neither fired nor been cleared: what tests put in its place forgets timers without a word. @param {any} timer */
const waits = (timer) => timer?._destroyed === false;

/** Of a clock that is never set, where there is one. */
export function now() {
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
