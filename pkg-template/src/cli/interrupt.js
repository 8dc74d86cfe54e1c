/** Ctrl-C and the signals that end a process: what waits is told, what is held is given back, and a second one does not wait. */
import { constants } from "node:os";
import process from "node:process";
import { Interrupted } from "./failure.js";

/** So soon after the first a second one is the same: npx hands on what its terminal has sent to both. Milliseconds. */
const ECHO = 500;

/** @type {NodeJS.Signals[]} */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];

export class Interrupt {
  #controller = new AbortController();
  #since = 0;
  /** To be undone whichever way the process ends. @type {Set<() => void>} */
  #undo = new Set();

  /** @param {string} message */
  constructor(message) {
    this.message = message;
    for (const signal of SIGNALS) process.on(signal, () => this.raise(signal));
    process.on("exit", () => this.undo());
  }

  get signal() {
    return this.#controller.signal;
  }

  /** @param {NodeJS.Signals} signal */
  raise(signal) {
    if (this.signal.aborted) {
      if (performance.now() - this.#since > ECHO) process.exit(128 + constants.signals[signal]);
      return;
    }
    this.#since = performance.now();
    this.#controller.abort(new Interrupted(signal, this.message));
  }

  /** Restores something at the end, unless the function that is given back was called before. @param {() => void} undo */
  atEnd(undo) {
    this.#undo.add(undo);
    return () => {
      if (this.#undo.delete(undo)) undo();
    };
  }

  undo() {
    for (const undo of [...this.#undo].reverse()) undo();
    this.#undo.clear();
  }

  /**
   * What comes, or the interruption.
   *
   * @template T
   * @param {Promise<T>} promise
   * @returns {Promise<T>}
   */
  race(promise) {
    const { signal } = this;
    if (signal.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const abort = () => reject(signal.reason);
      signal.addEventListener("abort", abort, { once: true });
      promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
    });
  }
}
