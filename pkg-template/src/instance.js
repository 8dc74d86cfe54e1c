/** One instance of the module, and the clients that live in it. */
import { settled } from "./call-options.js";
import { AuthError, isAuthError } from "./error.js";
import { options } from "./options.js";
import { Shell } from "./shell.js";

/** @typedef {(name: "session" | "local") => Promise<import("./store/swap.js").OwnStore | null>} BrowserStore */

/** @typedef {Pick<ReturnType<typeof import("#extras/glue").glue>, "check" | "xml">} Extras */

export class Instance {
  /** Whether it has failed: then nothing of it may be called any more. */
  isDead = false;
  /** @type {Set<WeakRef<Shell>>} */
  #shells = new Set();

  /** Its one export, once it runs. @type {ReturnType<typeof import("#engine/glue").glue>["Engine"]} */
  Engine = /** @type {any} */ (null);

  /** What only some clients need. @type {() => Promise<Extras>} */
  extras = /** @type {any} */ (null);

  /** @param {BrowserStore | null} browserStore */
  constructor(browserStore) {
    this.browserStore = browserStore;
  }

  /**
   * A client's shell: options checked, a stored session restored.
   *
   * @param {unknown} given options, as they were captured
   * @param {{ notify: (session: any, reason: string) => void }} listeners
   */
  async open(given, listeners) {
    try {
      const shell = new Shell(this, options(given), listeners);
      this.#shells.add(shell.weak);
      this.#prune();
      await shell.open();
      return shell;
    } catch (error) {
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
      if (isFields(error) || isAuthError(error)) throw error;
      this.fail(error);
      throw new AuthError(failed(error));
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
