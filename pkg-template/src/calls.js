/** Callers who wait: for the machine, or for an answer of the API. Each is settled once. */
import { AuthError } from "./error.js";
import { INPUT } from "./numbers.js";
import { reasonOf } from "./call-options.js";

/** @typedef {import("./call-options.js").CallOptions} CallOptions */
/** @typedef {import("./caller.js").Place | undefined} Place */
/** @typedef {[number?: number, other?: number, flag?: boolean, text?: string]} Begin what an input has besides its number and its caller's */

/**
 * @typedef {object} Waiting
 * @property {(value: any) => void} resolve
 * @property {(reason: unknown) => void} reject
 * @property {Place} at
 */

export class Calls {
  #shell;
  /** @type {Map<number, Waiting>} */
  #waiting = new Map();
  #last = 0;
  /** Fields of what everything rejects with, once it is over. @type {object | null} */
  ended = null;

  /** @param {import("./shell.js").Shell} shell */
  constructor(shell) {
    this.#shell = shell;
  }

  /** Reads the store. */
  open() {
    return this.ask(INPUT.OPEN, [], { at: undefined, signal: null });
  }

  /**
   * An input that somebody waits for.
   *
   * @param {number} what
   * @param {Begin} begin
   * @param {{ at: Place, signal: AbortSignal | null }} who
   * @returns {Promise<any>}
   */
  ask(what, begin, { at, signal }) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(reasonOf(signal));
      if (this.ended) return reject(new AuthError({ ...this.ended, provider: this.#shell.provider }, at));
      const id = this.wait({ resolve, reject, at }, signal, () => this.#shell.feed(INPUT.ABANDON, id));
      this.#shell.feed(what, id, ...begin);
    });
  }

  /**
   * Notes somebody who waits, until `settle`, `reject`, the signal or the end.
   *
   * @param {Waiting} waiting
   * @param {AbortSignal | null} signal
   * @param {() => void} abandon when nobody waits any more
   */
  wait({ resolve, reject, at }, signal, abandon) {
    const id = (this.#last += 1);
    const unheed = this.#shell.heed(signal, (reason) => {
      if (!this.#waiting.delete(id)) return;
      reject(reason);
      abandon();
    });
    this.#waiting.set(id, {
      at,
      resolve: (value) => {
        unheed();
        resolve(value);
      },
      reject: (reason) => {
        unheed();
        reject(reason);
      },
    });
    return id;
  }

  /** @param {number} id @param {any} value */
  settle(id, value) {
    const waiting = this.#take(id);
    waiting?.resolve(value);
    return Boolean(waiting);
  }

  /** @param {number} id @param {any} fields of an AuthError */
  reject(id, fields) {
    const waiting = this.#take(id);
    waiting?.reject(new AuthError({ ...fields, provider: this.#shell.provider }, waiting.at));
  }

  /** Everything that waits ends. @param {object} [error] fields of what it rejects with */
  end(error = CLOSED) {
    this.ended = error;
    for (const id of [...this.#waiting.keys()]) this.reject(id, error);
  }

  /** @param {number} id */
  #take(id) {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }
}

export const CLOSED = { code: "closed", message: "the client was closed", hint: "Create a new one with `AuthClient.create`." };
