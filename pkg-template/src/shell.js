/**
 * The outside of one client: hands inputs to its machine, one at a time, and carries out what the machine asks for. What
 * arises meanwhile (a listener, a store, a `credentials` function that calls back) waits for its turn.
 */
import { Calls, CLOSED } from "./calls.js";
import { credentials } from "./credentials.js";
import { AuthError, isAuthError } from "./error.js";
import { freeze } from "./freeze.js";
import { Host, href, lines, page } from "./host.js";
import { failure } from "./load/diagnosis.js";
import { INPUT, OUTPUT } from "./numbers.js";
import { later } from "./promises.js";
import { silence } from "./reading.js";
import { Stores } from "./stores.js";
import { Timers } from "./timers.js";
import { onWake } from "./wake.js";

/** @typedef {[what: number, id?: number, number?: number, other?: number, flag?: boolean, text?: string, cause?: unknown]} Input */
/** @typedef {[what: number, id: number, number: number, value: any, cause: unknown]} Output */
/** @typedef {import("./calls.js").Begin} Begin */

/**
 * @typedef {object} Prepared what calls need of the session
 * @property {boolean} isSignedIn
 * @property {string | null} token
 * @property {number | null} wall until when it can be used as it is, by our clock: null is no known end
 * @property {number | null} steady and by the one that is never set
 * @property {number} margin how much earlier than its end that is
 * @property {number | null} life of the token, as a whole
 * @property {[name: string, value: string, isCredential: boolean][]} headers
 * @property {[name: string, value: string, isCredential: boolean][]} query
 * @property {import("./sending.js").Sent | undefined} sent what is made of these for calls that have none of their own
 * @property {string} base
 * @property {string[]} origins
 * @property {number} generation
 * @property {number} login
 */

export class Shell {
  /** @type {any} */
  session = null;
  /** Whether the caller's `credentials` runs: what it does at once is told apart from what others do meanwhile. */
  isAsking = false;
  /** And whether what it gives is still awaited. */
  hasAsked = false;
  isClosed = false;
  /** Whether the last repetition of a call was refused too: then the machine wants to hear of one that is not. */
  isBraked = false;
  /** Of calls, once there was one. @type {import("./timers.js").Deadlines | null} */
  deadlines = null;
  /** One warning tells of an outage of the store. */
  hasWarnedOfStore = false;
  /**
   * What stays as it is, once it is open.
   *
   * @type {{ provider: string, key: string, hasToken: boolean, redirects: boolean, endpoint: string | null, readsXml: boolean, isOptional: boolean,
   *    varies: boolean, headers: string[], expired: number[], timeout: number, allowInsecure: boolean }}
   */
  about = /** @type {any} */ (null);
  /** @type {import("#engine/glue").Engine | null} */
  #engine = null;
  /** @type {Input[]} */
  #inputs = [];
  /** @type {Output[]} */
  #told = [];
  #isBusy = false;
  /** @type {Prepared | null} */
  #prepared = null;
  /** What happens when it ends. @type {(() => void)[] | null} */
  #ends = null;
  /** Held like this by what may live longer. */
  weak = new WeakRef(this);
  /** The page's address after a callback was taken out of it, and before, while that callback is redeemed. @type {[string, string] | null} */
  #redeeming = null;

  /**
   * @param {import("./instance.js").Instance} instance
   * @param {import("./options.js").Options} options
   * @param {{ notify: (session: any, reason: string) => void }} listeners
   */
  constructor(instance, options, listeners) {
    this.instance = instance;
    this.options = options;
    this.listeners = listeners;
    this.provider = options.provider;
    this.timers = new Timers(this);
    this.stores = new Stores(this);
    this.calls = new Calls(this);
  }

  /** Checks the options, and restores a stored session. Throws an AuthError for wrong ones. */
  async open() {
    const { options, instance } = this;
    const trouble = await this.stores.open(options.storage, instance.browserStore, options.hasRedirect);
    if (options.hasObjects) await this.#check();
    try {
      this.#engine = instance.enter(() =>
        instance.Engine.open(new Host(this), options.data, Boolean(options.credentials), this.stores.has, Boolean(options.onTrace)),
      );
    } catch (error) {
      throw isAuthError(error) ? error : new AuthError(error);
    }
    options.data = "";
    this.about = instance.enter(() => this.engine.about());
    this.provider = this.about.provider;
    // Before anything is asked for that could not be read then.
    if (this.about.readsXml) await this.#extra(() => {});
    this.stores.key = this.about.key;
    if (this.about.redirects && trouble.pending) this.warn(trouble.pending);
    if (trouble.session) this.warn(trouble.session);
    await this.calls.open();
    const { weak } = this;
    if (this.stores.has) await this.stores.watch(() => weak.deref()?.feed(INPUT.CHANGED));
    if (this.stores.has || options.renewsAhead) this.atEnd(onWake(() => weak.deref()?.feed(INPUT.RESUMED)));
  }

  /** Has another module look at what only providers of the caller's own have. */
  async #check() {
    const wrong = await this.#extra((extras) => extras.check(this.options.data));
    if (wrong) throw new AuthError(JSON.parse(wrong));
  }

  /**
   * What another module has, which only some clients need.
   *
   * @template T
   * @param {(extras: import("./instance.js").Extras) => T} use
   */
  async #extra(use) {
    try {
      return use(await this.instance.extras());
    } catch (error) {
      throw failure(error);
    }
  }

  get engine() {
    if (!this.#engine) throw new AuthError({ ...(this.calls.ended ?? CLOSED), provider: this.provider });
    return this.#engine;
  }

  /** @param {() => void} end called once, at the end */
  atEnd(end) {
    if (this.isClosed) end();
    else (this.#ends ??= []).push(end);
  }

  // ---- the machine

  /** One input, now or when those before it are done. @param {Input} input */
  feed(...input) {
    this.#inputs.push(input);
    this.#run();
  }

  /** The module tells something; outside of a step it comes from a request, and waits for a turn of its own. @param {Output} output */
  tell(...output) {
    this.#told.push(output);
    if (!this.#isBusy) later(() => this.#run());
  }

  #run() {
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      for (;;) {
        const output = this.#told.shift();
        if (output) {
          try {
            this.#perform(output);
          } catch {
            // The host has failed, at a timer say: what else there is to do is done all the same.
          }
          continue;
        }
        const input = this.#inputs.shift();
        if (!input || !this.#engine) {
          // Lists that were longer keep their room.
          this.#inputs.length = this.#told.length = 0;
          return;
        }
        const [what, id = 0, number = 0, other = Number.NaN, flag = false, text, cause] = input;
        const engine = this.#engine;
        this.instance.enter(() => engine.input(what, id, number, other, flag, text, cause));
      }
    } catch {
      // The module has failed, and everybody was told.
    } finally {
      this.#isBusy = false;
    }
  }

  /** @param {Output} output */
  #perform([what, id, number, value, cause]) {
    switch (what) {
      case OUTPUT.SET:
        return this.timers.set(id, number, false);
      case OUTPUT.SET_IDLE:
        return this.timers.set(id, number, true);
      case OUTPUT.STOP:
        return this.timers.stop(id);
      case OUTPUT.LOAD:
        return void this.stores.load(id, number);
      case OUTPUT.SWAP:
        return void this.stores.swap(id, number, value[0], value[1]);
      case OUTPUT.PUT:
        return void this.stores.put(id, number, value);
      case OUTPUT.LOCK:
        return void this.stores.lock(id, number);
      case OUTPUT.UNLOCK:
        return this.stores.unlock(id);
      case OUTPUT.ASK:
        return void this.#ask(id, value);
      case OUTPUT.SETTLE:
        // A call is to be repeated: with the session as the machine has it, which may not be shown yet.
        if (value === true) this.#prepared = null;
        return this.calls.settle(id, freeze(value));
      case OUTPUT.SETTLE_SESSION:
        this.#prepared = null;
        return this.calls.settle(id, this.#shown(value));
      case OUTPUT.SETTLE_REDIRECTED:
        return this.calls.settle(id, { session: this.#shown(value.session), returnTo: value.returnTo });
      case OUTPUT.REJECT:
        return this.calls.reject(id, { ...value, cause });
      case OUTPUT.SHOW:
        this.session = value.session && this.#shown(value.session);
        this.#prepared = null;
        return this.listeners.notify(this.session, value.reason);
      case OUTPUT.CLEAN:
        return this.#clean(value[0], value[1]);
      case OUTPUT.TRACE:
        return this.trace(value);
      case OUTPUT.WARN:
        this.hasWarnedOfStore ||= value.code === "storage";
        return this.warn({ ...value, cause });
      case OUTPUT.WIPE:
        return this.#free();
      case OUTPUT.ANSWER:
        this.timers.stop(-id);
        this.#inputs.push([INPUT.ANSWERED, id]);
    }
  }

  /** A session as callers see it: the current one is an object already. @param {any} value */
  #shown(value) {
    return value ? freeze({ provider: this.provider, ...value }) : this.session;
  }

  /** @param {number} op @param {string} reason */
  async #ask(op, reason) {
    const fail = (/** @type {any} */ fields, /** @type {unknown} */ cause) =>
      this.feed(INPUT.GIVEN, op, 0, Number.NaN, true, lines(fields), cause);
    let given;
    try {
      this.isAsking = this.hasAsked = true;
      const asked = this.options.credentials?.(reason);
      this.isAsking = false;
      given = await asked;
    } catch (exception) {
      return fail({ code: "login_required", message: "the function `credentials` failed" }, exception);
    } finally {
      this.isAsking = this.hasAsked = false;
    }
    try {
      this.feed(INPUT.GIVEN, op, 0, Number.NaN, false, given === null || given === undefined ? undefined : credentials(given));
    } catch (error) {
      fail(error, undefined);
    }
  }

  // ---- the page

  /** The page's address as it is handled: of a callback that is being redeemed, the one before it was cleaned. @param {string} here */
  handled(here) {
    return this.#redeeming?.[0] === here ? this.#redeeming[1] : here;
  }

  /** @param {string} handled @param {string} cleaned */
  #clean(handled, cleaned) {
    if (href(page() ?? "") !== href(handled)) return;
    try {
      globalThis.history.replaceState(globalThis.history.state, "", cleaned);
      this.#redeeming = [String(page()), handled];
    } catch {
      // Documents without an origin cannot.
    }
  }

  /** A callback was redeemed. @param {string} handled */
  redeemed(handled) {
    if (this.#redeeming?.[1] === handled) this.#redeeming = null;
  }

  // ---- what callers hear

  /** @param {object} record */
  trace(record) {
    this.#callback(this.options.onTrace, { provider: this.provider, ...record });
  }

  /** @param {object} fields of an AuthError */
  warn(fields) {
    this.#callback(this.options.onWarning, new AuthError({ ...fields, provider: this.provider }));
  }

  /** What a callback throws does not disturb the client. @param {((value: any) => any) | undefined} callback @param {unknown} value */
  #callback(callback, value) {
    try {
      silence(callback?.(value));
    } catch {
      // Nobody's concern.
    }
  }

  // ---- clocks

  /** @param {boolean} steady */
  now(steady) {
    return steady ? this.#steady() : this.#wall();
  }

  #wall() {
    const { now } = this.options;
    if (!now) return today();
    try {
      const given = now();
      if (Number.isFinite(given)) return given;
    } catch {
      // Then it is as if it had not been given.
    }
    return today();
  }

  #steady() {
    try {
      return this.options.now ? Number.NaN : performance.now();
    } catch {
      return Number.NaN;
    }
  }

  // ---- what calls need

  /**
   * Made once a session, but where each call has something of its own.
   *
   * @param {boolean} [isSent] whether a call goes out with it
   * @returns {Prepared}
   */
  prepared(isSent) {
    if (this.#prepared && !(isSent && this.about.varies)) return this.#prepared;
    const made = this.instance.enter(() => this.engine.prepared());
    if (made.code) throw new AuthError({ ...made, provider: this.provider });
    // It counts as a folder.
    made.base = made.base.replace(/\/+$/, "");
    return (this.#prepared = made);
  }

  /** Whether the session can be used without asking the machine, also that much later. */
  isFresh(minValidity = 0) {
    const { isSignedIn, wall, steady, margin, life } = this.prepared();
    if (!isSignedIn || wall === null) return isSignedIn;
    const early = Math.max(minValidity - margin, 0);
    // No number: there is no such clock now. No clock that was set back makes a life longer.
    return this.#wall() + early < wall && (steady === null || !(this.#steady() + early >= steady)) && (early === 0 || minValidity <= Number(life));
  }

  /** Texts without the session's secrets, or without those of a record. @param {string[]} texts @param {string} [record] @returns {string[]} */
  scrubbed(texts, record) {
    return JSON.parse(this.instance.enter(() => this.engine.scrubbed(JSON.stringify(texts), record)));
  }

  /** An address of a call as traces show it. @param {string} target */
  traced(target) {
    return this.instance.enter(() => this.engine.traced(target));
  }

  // ---- the end

  close() {
    if (this.isClosed) return;
    this.#shut(undefined);
    this.feed(INPUT.CLOSE);
  }

  /** The module has failed. @param {object} error fields of what everything that waits rejects with */
  end(error) {
    this.#shut(error);
    this.#free();
  }

  /** @param {object | undefined} error */
  #shut(error) {
    this.isClosed = true;
    this.session = null;
    this.#prepared = null;
    this.calls.end(error);
    this.instance.forget(this);
    for (const end of this.#ends?.splice(0) ?? []) {
      try {
        end();
      } catch {
        // Nobody's concern.
      }
    }
  }

  #free() {
    this.timers.end();
    this.stores.end();
    const engine = this.#engine;
    this.#engine = null;
    this.#inputs = [];
    this.#told = [];
    if (!engine) return;
    // A dead module is not entered any more, not even to free what it holds.
    if (this.instance.isDead) /** @type {any} */ (engine).__destroy_into_raw();
    else this.instance.enter(() => engine.free());
  }
}

/** Our clock, also in hosts whose `Date.now` throws. */
function today() {
  try {
    return Date.now();
  } catch {
    return performance.timeOrigin + performance.now();
  }
}
