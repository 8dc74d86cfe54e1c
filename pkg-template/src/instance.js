/** One instance of the module, and the clients that live in it. */
import { settled } from "./call-options.js";
import { AuthError, isAuthError } from "./error.js";
import { failure } from "./load/diagnosis.js";
import { options } from "./options.js";
import { silence } from "./reading.js";
import { Shell } from "./shell.js";

/** @typedef {(name: "session" | "local") => Promise<import("./store/swap.js").OwnStore | null>} BrowserStore */
/** @typedef {{ Stores: typeof import("./stores.js").Stores, browserStore: BrowserStore | null }} Keeping */

/** @typedef {import("./rest.js").Rest} Rest */
/** @typedef {Pick<ReturnType<typeof import("#extras/glue").glue>, "check" | "xml">} Extras */

/**
 * What there is of a module that was cut in two while its rest is missing. What takes a function of that throws `missing`, and
 * nothing has happened then.
 *
 * @typedef {{ missing: unknown, attempt: <T>(enter: () => T) => T, bring: () => Promise<Rest> }} Half
 */

/** A page that is never idle for so long, milliseconds, is asked all the same. */
const SOON = 2000;

export class Instance {
  /** Whether it has failed: then nothing of it may be called any more. */
  isDead = false;
  /** @type {Set<WeakRef<Shell>>} */
  #shells = new Set();

  /** Its one export, once it runs. @type {ReturnType<typeof import("#engine/glue").glue>["Engine"]} */
  Engine = /** @type {any} */ (null);

  /** What only some clients need. @type {() => Promise<Extras>} */
  extras = /** @type {any} */ (null);

  /** Until it is whole. @type {Half | null} */
  half = null;

  /** Whether something is entered that may be undone: what else is to be entered waits. */
  isAttempting = false;

  /** Once it is. @type {Rest | null} */
  rest = null;

  /** @type {Promise<Rest> | null} */
  #completing = null;

  /** @param {() => Promise<Keeping> | Keeping} keeping what only clients need that keep sessions or pending logins */
  constructor(keeping) {
    this.keeping = keeping;
  }

  /**
   * Brings in what is missing. Rejects with an AuthError; then the next call tries again.
   *
   * @returns {Promise<Rest>}
   */
  async complete() {
    if (this.rest) return this.rest;
    try {
      const rest = await (this.#completing ??= /** @type {Half} */ (this.half).bring());
      this.half = null;
      return rest;
    } catch (error) {
      this.#completing = null;
      throw failure(error);
    }
  }

  /** What it has for somebody who can wait for it as `attempt` does. @returns {Rest} */
  get needed() {
    if (!this.rest) throw this.half?.missing;
    return this.rest;
  }

  /**
   * Brings it in before somebody needs it, and when a page is idle: one that has just signed in asks for its data first. Not without a
   * network: engines may keep that a script could not be had.
   */
  completeSoon() {
    if (!this.half || this.#completing) return;
    const complete = () => {
      if (globalThis.navigator?.onLine !== false) silence(this.complete());
    };
    try {
      globalThis.requestIdleCallback(complete, { timeout: SOON });
    } catch {
      // Not every browser has it.
      complete();
    }
  }

  /** @param {unknown} error */
  isMissing(error) {
    return this.half !== null && error === this.half.missing;
  }

  /**
   * A client's shell: options checked, a stored session restored.
   *
   * @param {unknown} given options, as they were captured
   * @param {{ notify: (session: any, reason: string) => void }} listeners
   */
  async open(given, listeners) {
    /** @type {Shell | null} */
    let shell = null;
    try {
      shell = new Shell(this, options(given), listeners);
      this.#shells.add(shell.weak);
      this.#prune();
      await shell.open();
      return shell;
    } catch (error) {
      shell?.close();
      throw settled(error);
    }
  }

  /** One has ended. @param {Shell} shell */
  forget(shell) {
    this.#shells.delete(shell.weak);
  }

  /** Forgets those that nobody holds any more: at each doubling, so that it costs next to nothing. */
  #prune() {
    const { size } = this.#shells;
    if (size & (size - 1)) return;
    for (const weak of [...this.#shells]) if (!weak.deref()) this.#shells.delete(weak);
  }

  /**
   * Something has thrown that cannot throw: the module's memory is not to be trusted any more.
   *
   * @param {unknown} cause
   */
  fail(cause) {
    if (this.isDead) return;
    this.isDead = true;
    for (const weak of [...this.#shells]) weak.deref()?.end(failed(cause));
  }

  /**
   * Enters the module.
   *
   * @template T
   * @param {() => T} enter
   * @returns {T}
   */
  enter(enter) {
    if (this.isDead) throw new AuthError(failed(undefined));
    try {
      return enter();
    } catch (error) {
      // An AuthError is thrown on the way in: the client is closed.
      if (this.isMissing(error) || isFields(error) || isAuthError(error)) throw error;
      this.fail(error);
      throw new AuthError(failed(error));
    }
  }

  /**
   * The same, and once more where it takes what is missing.
   *
   * @template T
   * @param {() => T} enter
   */
  async entered(enter) {
    try {
      return this.attempt(enter);
    } catch (error) {
      if (!this.isMissing(error)) throw error;
    }
    await this.complete();
    return this.enter(enter);
  }

  /**
   * Enters the module with what may be missing.
   *
   * @template T
   * @param {() => T} enter
   * @returns {T}
   */
  attempt(enter) {
    const { half } = this;
    if (!half) return this.enter(enter);
    const was = this.isAttempting;
    this.isAttempting = true;
    try {
      return this.enter(() => half.attempt(enter));
    } finally {
      this.isAttempting = was;
    }
  }
}

/** What `Engine.open` throws for wrong options: no error of whichever realm. @param {any} error */
function isFields(error) {
  return typeof error?.code === "string" && Object.prototype.toString.call(error) === "[object Object]";
}

/** @param {unknown} cause */
function failed(cause) {
  return {
    code: "closed",
    message: "the module of this package has failed and was stopped, and this client with it",
    hint: "Create a new client: it starts the module anew. Please report what led here.",
    cause,
  };
}
