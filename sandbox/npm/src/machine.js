/** What the services take from the machine they run on. */
import { randomBytes } from "node:crypto";
import timers from "node:timers";

/** As they are now: a test that replaces them later does not mean the services. */
const { setTimeout, clearTimeout } = timers;

export class Machine {
  /** @type {Set<NodeJS.Timeout>} */
  #waiting = new Set();
  #log;

  /** @param {((line: string) => void) | null} log */
  constructor(log) {
    this.#log = log;
  }

  /** The clock of whoever tests: where they have set another time, client and service are to agree about it. */
  now() {
    return Date.now();
  }

  /** @param {number} length */
  random(length) {
    return randomBytes(length);
  }

  /** @param {() => void} done @param {number} ms */
  later(done, ms) {
    const timer = setTimeout(() => {
      this.#waiting.delete(timer);
      done();
    }, ms);
    this.#waiting.add(timer);
  }

  /** @param {string} line */
  log(line) {
    this.#log?.(line);
  }

  /** Nothing is waited for any more, so that the process may end. */
  stop() {
    this.#waiting.forEach((timer) => clearTimeout(timer));
    this.#waiting.clear();
  }
}
