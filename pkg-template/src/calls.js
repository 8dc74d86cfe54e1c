/** Callers who wait for the machine. Each is settled once. Those who wait for an answer of the API wait in `Deadlines`. */
import { onAbort } from "./abort.js";
import { AuthError } from "./error.js";
import { INPUT } from "./numbers.js";
import { reasonOf } from "./call-options.js";

/** @typedef {import("./call-options.js").CallOptions} CallOptions */
/** @typedef {import("./caller.js").Place | undefined} Place */
/** @typedef {[number?: number, other?: number, flag?: boolean, text?: string]} Begin what an input has besides its number and its caller's */

/**
 * @typedef {object} Waiting
 * @property {(value: any) => void} resolve
 * @property {(reason: any) => void} reject
 * @property {Place} at
 * @property {(() => void) | null} [unheed] stops listening to the caller's signal
 * @property {boolean} [isAsked] whether it waits for the machine
 * @property {number} [limit] how long at the most, milliseconds
 */

/** @typedef {{ at: Place, signal: AbortSignal | null, limit?: number }} Who */

/** How many wait before it counts what another one costs. */
const MANY = 30;

export class Calls {
  #shell;
  /** Null while nobody waits, as most of the time. @type {Map<number, Waiting> | null} */
  #waiting = null;
  /** Inputs that several wait for, by what they ask: the input's number, and theirs. @type {Map<string, { id: number, members: Set<number> }> | null} */
  #shared = null;
  #last = 0;
  /** Fields of what everything rejects with, once it is over. @type {object | null} */
  ended = null;

  /** @param {import("./shell.js").Shell} shell */
  constructor(shell) {
    this.#shell = shell;
  }

  /** Whether so many wait that what each costs is felt. */
  get areMany() {
    return (this.#waiting?.size ?? 0) + (this.#shell.deadlines?.size ?? 0) > MANY;
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
   * @param {Who} who
   * @returns {Promise<any>}
   */
  ask(what, begin, who) {
    return this.#promise(who, (waiting, signal) => {
      const id = this.wait(waiting, signal, () => this.#shell.feed(INPUT.ABANDON, id));
      this.#shell.feed(what, id, ...begin);
    });
  }

  /**
   * The same, where a thousand may ask at once: the machine is asked by the first of them, and all are told what it says. It has
   * no deadline of anybody's; each waits for as long as the own signal allows.
   *
   * @param {number} what
   * @param {Begin} begin
   * @param {Who} who
   * @returns {Promise<any>}
   */
  share(what, begin, who) {
    // Whoever comes now may be `credentials` itself, for which the machine sets a deadline.
    if (this.#shell.hasAsked) return this.ask(what, begin, who);
    const key = `${what} ${begin}`;
    return this.#promise(who, (waiting, signal) => {
      const all = (this.#shared ??= new Map());
      const known = all.get(key);
      const shared = known ?? { id: 0, members: new Set() };
      const { members } = shared;
      const id = this.wait(waiting, signal, () => {
        members.delete(id);
        if (members.size > 0 || !this.#take(shared.id)) return;
        all.delete(key);
        this.#shell.feed(INPUT.ABANDON, shared.id);
      });
      members.add(id);
      if (known) return;
      const each = (/** @type {(id: number) => void} */ settle) => {
        all.delete(key);
        members.forEach(settle);
      };
      all.set(key, shared);
      const resolve = (/** @type {any} */ value) => each((one) => void this.settle(one, value));
      const reject = (/** @type {any} */ error) => each((one) => this.reject(one, error));
      shared.id = this.wait({ resolve, reject, at: undefined, isAsked: true }, null);
      this.#shell.feed(what, shared.id, ...begin);
    });
  }

  /** @param {Who} who @param {(waiting: Waiting, signal: AbortSignal | null) => void} begin */
  #promise({ at, signal, limit }, begin) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(reasonOf(signal));
      if (this.ended) return reject(new AuthError({ ...this.ended, provider: this.#shell.provider }, at));
      begin({ resolve, reject, at, isAsked: true, limit }, signal);
    });
  }

  /**
   * Notes somebody who waits, until `settle`, `reject`, the signal or the end.
   *
   * @param {Waiting} waiting
   * @param {AbortSignal | null} signal not yet aborted
   * @param {() => void} [abandon] when the signal has ended the wait
   */
  wait(waiting, signal, abandon) {
    const id = (this.#last += 1);
    if (signal) {
      waiting.unheed = onAbort(signal, () => {
        if (!this.#take(id)) return;
        waiting.reject(reasonOf(signal));
        abandon?.();
      });
    }
    (this.#waiting ??= new Map()).set(id, waiting);
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
    waiting?.reject(refusal(fields, this.#shell.provider, waiting.at));
  }

  /** Whether somebody waits under that number. @param {number} id */
  has(id) {
    return this.#waiting?.has(id) ?? false;
  }

  /** The shortest time that one of them waits, if there is a limit. @returns {number | undefined} */
  get shortest() {
    const limits = [...(this.#waiting?.values() ?? [])].flatMap(({ limit }) => limit ?? []).filter((limit) => limit >= 0);
    return limits.length > 0 ? Math.min(...limits) : undefined;
  }

  /** Those who wait for the machine wait in vain, but for some. Gives their numbers. @param {any} fields of an AuthError @param {number[]} others */
  refuse(fields, others) {
    const ids = [...(this.#waiting ?? [])].flatMap(([id, { isAsked }]) => (isAsked && !others.includes(id) ? id : []));
    for (const id of ids) this.reject(id, fields);
    return ids;
  }

  /** Everything that waits ends. @param {object} [error] fields of what it rejects with */
  end(error = CLOSED) {
    this.ended = error;
    for (const id of [...(this.#waiting?.keys() ?? [])]) this.reject(id, error);
    this.#shell.deadlines?.end(error);
  }

  /** @param {number} id */
  #take(id) {
    const waiting = this.#waiting?.get(id);
    this.#waiting?.delete(id);
    // An empty one takes as much as all else that is here.
    if (this.#waiting?.size === 0) this.#waiting = null;
    waiting?.unheed?.();
    return waiting;
  }
}

/** @param {any} fields of an AuthError @param {string} provider @param {Place} at */
export function refusal(fields, provider, at) {
  // Of an AuthError, these two are not enumerable.
  const { message, cause } = fields;
  return new AuthError({ ...fields, message, cause, provider }, at);
}

export const CLOSED = { code: "closed", message: "the client was closed", hint: "Create a new one with `AuthClient.create`." };
