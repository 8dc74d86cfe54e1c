/**
 * What is to be told to a client's machine, in its order: also while the module lacks what some of it takes. Then what somebody asks
 * for is waited for by all that is behind it, as if it took so long to call; what is heard of operations and of the page comes late.
 */
import { refusal } from "./calls.js";
import { INPUT } from "./numbers.js";
import { clear, deadline, now } from "./timers.js";

/** @typedef {[what: number, id?: number, number?: number, other?: number, flag?: boolean, text?: string, cause?: any]} Input */

/** No input, but something that is done in its turn. */
const TURN = -1;

/** What somebody asks for. */
const ASKED = new Set([
  TURN,
  INPUT.OPEN,
  INPUT.LOGIN,
  INPUT.CONFIRM,
  INPUT.SET_SESSION,
  INPUT.CHECK,
  INPUT.REFRESH,
  INPUT.TOKEN,
  INPUT.REFUSED,
  INPUT.LOGOUT,
  INPUT.AUTHORIZATION_URL,
  INPUT.CALLBACK,
]);

/** What no call waits for. */
const HINTS = new Set([INPUT.RESUMED, INPUT.CHANGED]);

/** Between two tries to load the rest of the module, milliseconds. */
const FIRST_PAUSE = 300;
const LONGEST_PAUSE = 8000;

export class Queue {
  #shell;
  /** @type {Input[]} */
  #inputs = [];
  /** What comes late. @type {Input[] | null} */
  #parked = null;
  /** Whether the next one waits for the rest of the module. */
  #isBlocked = false;
  #isCompleting = false;
  /** Why what lacks something is not waited for. @type {any} */
  #refusal = null;
  /** Ends the pause before the rest is asked for again. @type {(() => void) | null} */
  #hurry = null;
  /** When whoever waits is told that it takes too long. */
  #until = Infinity;
  /** @type {any} */
  #timer = null;

  /** @param {import("./shell.js").Shell} shell */
  constructor(shell) {
    this.#shell = shell;
  }

  /** Whether something that was asked for waits: what looks at the session waits behind it. */
  get isBehind() {
    return this.#isBlocked || (this.#inputs.length > 0 && this.#inputs.some(([what]) => what === TURN));
  }

  /** @param {Input} input */
  push(input) {
    this.#inputs.push(input);
    if (this.#shell.instance.rest) this.#hurry?.();
  }

  /**
   * Does something when all is told that was there before, and, where it needs that, when the module is whole.
   *
   * @template T
   * @param {() => Promise<T>} doing
   * @param {boolean} needs
   * @param {{ at: import("./calls.js").Place, signal: AbortSignal | null }} who
   * @param {unknown} [limit] what the caller has as `timeout`
   * @returns {Promise<T>}
   */
  turn(doing, needs, { at, signal }, limit) {
    const { calls } = this.#shell;
    return new Promise((resolve, reject) => {
      if (calls.ended) return reject(refusal(calls.ended, this.#shell.provider, at));
      const id = calls.wait({ resolve, reject, at, isAsked: true }, signal);
      this.#shell.feed(TURN, id, 0, typeof limit === "number" ? limit : Number.NaN, needs, undefined, doing);
    });
  }

  /** A timer that is set anew, or stopped, has not fired. @param {number} timer */
  unfire(timer) {
    const isOther = (/** @type {Input} */ [what, id]) => what !== INPUT.FIRED || id !== timer;
    if (this.#inputs.length > 0) this.#inputs = this.#inputs.filter(isOther);
    if (this.#parked) this.#parked = this.#parked.filter(isOther);
  }

  /**
   * Tells the next one. Gives whether there was one that could be told, or dealt with.
   *
   * @param {(input: Input) => void} tell
   */
  next(tell) {
    if (this.#isBlocked) return false;
    const [input] = this.#inputs;
    if (!input) {
      // A list that was longer keeps its room.
      this.#inputs.length = 0;
      return false;
    }
    const { instance } = this.#shell;
    try {
      if (input[0] === TURN) this.#take(input);
      else {
        tell(input);
        // A caller's clock may have closed the client.
        if (this.#inputs[0] === input) this.#inputs.shift();
      }
    } catch (error) {
      if (!instance.isMissing(error)) throw error;
      this.#lack(input);
    }
    // Nothing is waited for by what is closed, but for what it can be told.
    if (input[0] === INPUT.CLOSE && this.#parked) this.#shell.wipe();
    return true;
  }

  /** @param {Input} turn */
  #take([, id = 0, , , needs, , doing]) {
    const { instance, calls } = this.#shell;
    if (needs) void instance.needed;
    const [, ...behind] = this.#inputs;
    this.#inputs = [];
    // Else it was aborted.
    if (calls.has(id)) calls.settle(id, doing());
    this.#inputs.push(...behind);
  }

  /** The module lacks what this one takes. @param {Input} input */
  #lack(input) {
    const shell = this.#shell;
    if (shell.isClosed) return shell.wipe();
    const [what, id = 0, , limit] = input;
    const isAsked = ASKED.has(what);
    if (isAsked && !this.#refusal) {
      this.#isBlocked = true;
      this.#hurry?.();
    } else {
      this.#inputs.shift();
      if (isAsked) return shell.calls.reject(id, this.#refusal);
      (this.#parked ??= []).push(input);
    }
    this.#limit(isAsked ? limit : HINTS.has(what) ? undefined : shell.calls.shortest);
    void this.#complete();
  }

  /** @param {number} [own] milliseconds */
  #limit(own) {
    const { timeout } = this.#shell.about;
    const limit = own !== undefined && own >= 0 ? Math.min(own, timeout) : timeout;
    const until = now() + limit;
    if (until >= this.#until) return;
    clear(this.#timer);
    this.#until = until;
    this.#timer = deadline(() => {
      this.#unlimit();
      this.#refuse({ code: "timeout", message: `the module was not loaded within ${limit} ms`, hint: "Try again when the network is better.", retryable: true }, true);
    }, limit);
  }

  #unlimit() {
    clear(this.#timer);
    this.#timer = null;
    this.#until = Infinity;
  }

  /** Brings the rest in. The machine misses nothing, and what was asked for is not waited for without end. */
  async #complete() {
    if (this.#isCompleting) return;
    this.#isCompleting = true;
    for (let tries = 0; (this.#isBlocked || this.#parked) && !this.#shell.isClosed; tries += 1) {
      try {
        await this.#shell.instance.complete();
        break;
      } catch (error) {
        // Whoever waits for something that was sent may have been offline for a moment.
        this.#refuse(error, tries > 0);
        if (!this.#parked) break;
        const pause = Math.min(FIRST_PAUSE * 2 ** tries, LONGEST_PAUSE);
        await new Promise((resolve) => {
          const timer = deadline(() => resolve(undefined), pause);
          this.#hurry = () => {
            clear(timer);
            resolve(undefined);
          };
        });
        this.#hurry = null;
      }
    }
    this.#isCompleting = this.#isBlocked = false;
    this.#unlimit();
    if (this.#shell.instance.rest) this.#inputs.unshift(...(this.#parked ?? []));
    this.#parked = null;
    this.#shell.run();
  }

  /**
   * Nothing of what is asked for and lacks something is done, then or later; what was sent for somebody is nobody's any more, where
   * that may be what lacks something.
   *
   * @param {any} error
   * @param {boolean} andSent
   */
  #refuse(error, andSent) {
    const shell = this.#shell;
    this.#refusal = error;
    this.#isBlocked = false;
    if (andSent && this.#parked?.some(([what]) => !HINTS.has(what))) {
      const waiting = this.#inputs.flatMap(([what, id = 0]) => (ASKED.has(what) ? id : []));
      const sent = shell.calls.refuse(error, waiting);
      this.#inputs.unshift(...sent.map((id) => /** @type {Input} */ ([INPUT.ABANDON, id])));
    }
    shell.run();
    this.#refusal = null;
  }

  /** Whoever asked for something was told that it is over. */
  close() {
    this.#unlimit();
    this.#isBlocked = false;
    this.#inputs = this.#inputs.filter(([what]) => !ASKED.has(what));
    this.#hurry?.();
  }

  clear() {
    this.#unlimit();
    this.#inputs = [];
    this.#parked = null;
  }
}
