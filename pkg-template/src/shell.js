/**
 * The outside of one client: hands inputs to its machine, one at a time, and carries out what the machine asks for. What
 * arises meanwhile (a listener, a store, a `credentials` function that calls back) waits for its turn.
 */
import { Calls, CLOSED } from "./calls.js";
import { steady, wall } from "./clock.js";
import { AuthError, isAuthError } from "./error.js";
import { freeze } from "./freeze.js";
import { Host, href, page } from "./host.js";
import { failure } from "./load/diagnosis.js";
import { FIRST } from "./load/first.js";
import { INPUT, OUTPUT } from "./numbers.js";
import { isFresh } from "./prepared.js";
import { later } from "./promises.js";
import { Queue } from "./queue.js";
import { silence } from "./reading.js";
import { clear, deadline, Timers } from "./timers.js";
import { onWake } from "./wake.js";

/** @typedef {[what: number, id: number, number: number, value: any, cause: unknown]} Output */
/** @typedef {import("./calls.js").Begin} Begin */
/** @typedef {import("./prepared.js").Prepared} Prepared */

/** After `create` the rest of the module is loaded, milliseconds. */
const AFTER = 3000;

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
  /** Where sessions are kept, and pending logins: most clients keep neither. @type {import("./stores.js").Stores | null} */
  stores = null;
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
    this.calls = new Calls(this);
    this.queue = new Queue(this);
  }

  /** Checks the options, and restores a stored session. Throws an AuthError for wrong ones. */
  async open() {
    const { options, instance } = this;
    // While the page goes on: it will be asked for.
    if (!FIRST.includes(this.provider) || options.hasObjects) silence(instance.complete());
    let trouble = options.storage || options.hasRedirect ? await this.#keep() : null;
    if (options.hasObjects) await this.#check();
    // What is traced cannot wait.
    if (options.onTrace) await instance.complete();
    const open = () => instance.Engine.open(new Host(this), options.data, Boolean(options.credentials), this.#hasStore, Boolean(options.onTrace));
    try {
      this.#engine = await instance.entered(open);
    } catch (error) {
      throw isAuthError(error) ? error : new AuthError(error);
    }
    options.data = "";
    this.about = await instance.entered(() => this.engine.about());
    // What is made for each call anew cannot wait, either.
    if (this.about.varies) await instance.complete();
    this.provider = this.about.provider;
    // Before anything is asked for that could not be read then.
    if (this.about.readsXml) await this.#extra(() => {});
    if (this.about.redirects) trouble ??= await this.#keep();
    if (this.stores) this.stores.key = this.about.key;
    if (this.about.redirects && trouble?.pending) this.warn(trouble.pending);
    if (trouble?.session) this.warn(trouble.session);
    await this.calls.open();
    // Who is to sign in takes longer; and a server may have other scripts by then.
    if (instance.half) {
      const timer = deadline(() => instance.completeSoon(), AFTER);
      this.atEnd(() => clear(timer));
    }
    const { weak } = this;
    if (this.#hasStore) await this.stores?.watch(() => weak.deref()?.feed(INPUT.CHANGED));
    if (this.#hasStore || options.renewsAhead) this.atEnd(onWake(() => weak.deref()?.feed(INPUT.RESUMED)));
  }

  /** Opens the stores, and gives the warnings that are due. */
  async #keep() {
    const { options, instance } = this;
    const { Stores, browserStore } = await instance.keeping();
    this.stores = new Stores(this);
    return this.stores.open(options.storage, browserStore, options.hasRedirect);
  }

  /** Whether sessions outlive the client. */
  get #hasStore() {
    return this.stores !== null && this.stores.has;
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
    if (!this.#engine || this.isClosed) throw new AuthError({ ...(this.calls.ended ?? CLOSED), provider: this.provider });
    return this.#engine;
  }

  /** @param {() => void} end called once, at the end */
  atEnd(end) {
    if (this.isClosed) end();
    else (this.#ends ??= []).push(end);
  }

  // ---- the machine

  /** One input, now or when those before it are done. @param {import("./queue.js").Input} input */
  feed(...input) {
    this.queue.push(input);
    this.run();
  }

  /** The module tells something; outside of a step it comes from a request, and waits for a turn of its own. @param {Output} output */
  tell(...output) {
    this.#told.push(output);
    if (!this.#isBusy) later(() => this.run());
  }

  /** Does what there is to do. */
  run() {
    if (this.#isBusy) return;
    // A caller's clock may call another client.
    if (this.instance.isAttempting) return later(() => this.run());
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
        const engine = this.#engine;
        if (!engine) return this.queue.clear();
        const isDone = this.queue.next(([what, id = 0, number = 0, other = Number.NaN, flag = false, text, cause]) => {
          this.instance.attempt(() => engine.input(what, id, number, other, flag, text, cause));
        });
        if (!isDone) {
          // As one of inputs.
          this.#told.length = 0;
          return;
        }
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
      case OUTPUT.SET_IDLE:
        this.queue.unfire(id);
        return this.timers.set(id, number, what === OUTPUT.SET_IDLE);
      case OUTPUT.STOP:
        this.queue.unfire(id);
        return this.timers.stop(id);
      case OUTPUT.LOAD:
        return void this.stores?.load(id, number);
      case OUTPUT.SWAP:
        return void this.stores?.swap(id, number, value[0], value[1]);
      case OUTPUT.PUT:
        return void this.stores?.put(id, number, value);
      case OUTPUT.LOCK:
        return void this.stores?.lock(id, number);
      case OUTPUT.UNLOCK:
        return this.stores?.unlock(id);
      case OUTPUT.ASK:
        // Only the rest of the machine asks.
        return void this.instance.rest?.ask(this, id, value);
      case OUTPUT.SETTLE:
        return this.calls.settle(id, freeze(value));
      case OUTPUT.SETTLE_SESSION:
        return this.calls.settle(id, this.#shown(value));
      case OUTPUT.SETTLE_REDIRECTED:
        return this.calls.settle(id, { session: this.#shown(value.session), returnTo: value.returnTo });
      case OUTPUT.REJECT:
        return this.calls.reject(id, { ...value, cause });
      case OUTPUT.SHOW:
        this.session = value.session && this.#shown(value.session);
        this.listeners.notify(this.session, value.reason);
        if (this.session) this.instance.completeSoon();
        return;
      case OUTPUT.CLEAN:
        return this.#clean(value[0], value[1]);
      case OUTPUT.TRACE:
        return this.trace(value);
      case OUTPUT.WARN:
        this.hasWarnedOfStore ||= value.code === "storage";
        return this.warn({ ...value, cause });
      case OUTPUT.WIPE:
        return this.wipe();
      case OUTPUT.ANSWER:
        this.timers.stop(-id);
        this.queue.unfire(-id);
        this.queue.push([INPUT.ANSWERED, id]);
        return;
      case OUTPUT.PREPARED:
        // A client that makes no calls keeps no second copy of the token, where one can be had at any time.
        if (this.instance.half) this.#prepare(value);
        else this.#prepared = null;
    }
  }

  /** A session as callers see it: the current one is an object already. @param {any} value */
  #shown(value) {
    return value ? freeze({ provider: this.provider, ...value }) : this.session;
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

  /** @param {boolean} isSteady */
  now(isSteady) {
    return isSteady ? steady(this.options) : wall(this.options);
  }

  // ---- what calls need

  /**
   * The machine is asked, where it can be, when it is first needed, or where each call has something of its own; else it has told.
   *
   * @param {boolean} [isSent] whether a call goes out with it
   * @returns {Prepared}
   */
  prepared(isSent) {
    if (!this.#prepared || (isSent && this.about.varies)) this.#prepare(this.instance.attempt(() => this.engine.prepared()));
    const prepared = /** @type {any} */ (this.#prepared);
    if (prepared.code) throw new AuthError({ ...prepared, provider: this.provider });
    return prepared;
  }

  /** @param {any} prepared or fields of an AuthError */
  #prepare(prepared) {
    // It counts as a folder.
    if (!prepared.code) prepared.base = prepared.base.replace(/\/+$/, "");
    this.#prepared = prepared;
  }

  /** Whether the session can be used without asking the machine, also that much later. */
  isFresh(minValidity = 0) {
    return isFresh(this.prepared(), this.options, minValidity);
  }

  /** Texts without the session's secrets, or without those of a record. @param {string[]} texts @param {string} [record] @returns {string[]} */
  scrubbed(texts, record) {
    return JSON.parse(this.instance.attempt(() => this.engine.scrubbed(JSON.stringify(texts), record)));
  }

  /** An address of a call as traces show it. @param {string} target */
  traced(target) {
    return this.instance.attempt(() => this.engine.traced(target));
  }

  // ---- the end

  close() {
    if (this.isClosed) return;
    this.#shut(undefined);
    this.queue.close();
    this.feed(INPUT.CLOSE);
  }

  /** The module has failed. @param {object} error fields of what everything that waits rejects with */
  end(error) {
    this.#shut(error);
    this.wipe();
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

  /** Nothing is left of it in the module. */
  wipe() {
    this.timers.end();
    this.stores?.end();
    const engine = this.#engine;
    this.#engine = null;
    this.queue.clear();
    this.#told = [];
    if (!engine) return;
    // A dead module is not entered any more, not even to free what it holds.
    if (this.instance.isDead) /** @type {any} */ (engine).__destroy_into_raw();
    else this.instance.enter(() => engine.free());
  }
}
