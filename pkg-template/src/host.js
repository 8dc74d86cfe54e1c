/** What the module asks the host for, on behalf of one client: `Shell` in the glue's declarations. Nothing here throws, but where it takes what is still missing. */
import { read } from "./body.js";
import { AuthError } from "./error.js";
import { failure } from "./load/diagnosis.js";
import { later } from "./promises.js";
import { isFunction } from "./reading.js";

// Workers throw at members of RequestInit that they do not know, and have neither cookies nor a cache here.
const knowsAll = globalThis.navigator?.userAgent !== "Cloudflare-Workers";

/** Whether this is a page or a worker of one, where the browser decides about some headers. */
export const isBrowser = () => typeof document !== "undefined" || isFunction(/** @type {any} */ (globalThis).importScripts);

/** Address of the page, where there is one. */
export function page() {
  try {
    return typeof document === "undefined" ? undefined : globalThis.location?.href;
  } catch {
    return undefined;
  }
}

/** Address that a path is taken from: the page's, or in a worker of one the worker's own. */
function place() {
  try {
    return isBrowser() ? globalThis.location?.href : undefined;
  } catch {
    return undefined;
  }
}

/** @param {string} address @param {string} [base] */
export function href(address, base) {
  try {
    return new URL(address, base).href;
  } catch {
    return undefined;
  }
}

/**
 * Calls the caller's `fetch`, or the global one as it is now. What it gives may be no answer.
 *
 * @param {typeof globalThis.fetch | undefined} own
 * @param {string} address
 * @param {RequestInit} init
 * @returns {Promise<unknown>}
 */
export function answering(own, address, init) {
  const fetch = own ?? globalThis.fetch;
  try {
    if (!isFunction(fetch)) throw new AuthError({ code: "unsupported", message: "this host has no `fetch`", hint: "Give the option `fetch`." });
    return Promise.resolve(fetch(address, init));
  } catch (exception) {
    return Promise.reject(exception);
  }
}

/** The same for those to whom null is no answer. @param {typeof globalThis.fetch | undefined} own @param {string} address @param {RequestInit} init */
export async function call(own, address, init) {
  const answer = await answering(own, address, init);
  return isAnswer(answer) ? answer : null;
}

/** @param {any} answer @returns {answer is Response} */
export function isAnswer(answer) {
  try {
    return typeof answer?.status === "number" && isFunction(answer.headers?.get);
  } catch {
    return false;
  }
}

/**
 * Has a document read: a list of its tree in JSON, or the lines of an error where what reads it cannot be had.
 *
 * @param {import("./instance.js").Instance} instance
 * @param {string} text
 * @param {string} root
 */
export async function xml(instance, text, root) {
  try {
    return (await instance.extras()).xml(text, root);
  } catch (error) {
    return lines(failure(error));
  }
}

/**
 * Waits until the module is whole; gives the lines of an error where its rest cannot be had.
 *
 * @param {import("./instance.js").Instance} instance
 */
async function whole(instance) {
  try {
    await instance.complete();
  } catch (error) {
    return lines(failure(error));
  }
}

/** One client's host. Its methods are the module's to call: one class for all, since a client that lives should take little. */
export class Host {
  /** Held weakly: the module keeps its host, and the shell its part of the module. @type {WeakRef<import("./shell.js").Shell>} */
  #shell;
  #instance;
  #fetch;

  /** @param {import("./shell.js").Shell} shell */
  constructor(shell) {
    this.#shell = shell.weak;
    this.#instance = shell.instance;
    this.#fetch = shell.options.fetch;
  }

  /** @param {number} what @param {number} id @param {number} number @param {any} value @param {any} cause */
  tell(what, id, number, value, cause) {
    this.#shell.deref()?.tell(what, id, number, value, cause);
  }

  /** @param {boolean} steady */
  now(steady) {
    return this.#shell.deref()?.now(steady) ?? Number.NaN;
  }

  /** @param {any} bytes */
  random(bytes) {
    try {
      crypto.getRandomValues(bytes);
      return true;
    } catch {
      return false;
    }
  }

  /** @param {string} address @param {string} [base] */
  href(address, base) {
    return href(address, base);
  }

  page() {
    return place();
  }

  /** @param {string} address @param {RequestInit} init */
  fetch(address, init) {
    return this.#whileAlive(() => call(this.#fetch, address, init));
  }

  get requestInit() {
    return knowsAll ? { credentials: "same-origin", cache: "no-store" } : {};
  }

  get isBrowser() {
    return isBrowser();
  }

  /** @param {any} answer */
  body(answer) {
    return this.#whileAlive(() => read(answer));
  }

  whole() {
    return this.#whileAlive(() => whole(this.#instance));
  }

  /** @param {string} text @param {string} root */
  xml(text, root) {
    return this.#whileAlive(() => xml(this.#instance, text, root));
  }

  /** @param {Uint8Array} bytes @param {string} charset */
  decode(bytes, charset) {
    try {
      return new TextDecoder(charset, { fatal: true }).decode(/** @type {any} */ (bytes));
    } catch {
      return undefined;
    }
  }

  /** @param {unknown} exception */
  unreachable(exception) {
    return lines(this.#instance.needed.unreachable(exception));
  }

  /** @param {unknown} exception */
  texts(exception) {
    return JSON.stringify(this.#instance.needed.texts(exception));
  }

  /** @param {unknown} exception @param {string} scrubbed */
  retold(exception, scrubbed) {
    return this.#instance.needed.retold(exception, JSON.parse(scrubbed));
  }

  /**
   * Does something, not from within the module. What comes of it enters the module as everything does: guarded, and only as
   * long as it can be entered. To the module this is a promise.
   *
   * @template T
   * @param {() => Promise<T>} doing
   * @returns {Promise<T>}
   */
  #whileAlive(doing) {
    const guarded = (/** @type {(value: any) => void} */ settle) => (/** @type {any} */ value) => {
      try {
        if (!this.#instance.isDead) this.#instance.enter(() => settle(value));
      } catch {
        // Everybody was told.
      }
    };
    const then = (/** @type {any} */ well, /** @type {any} */ ill) => later(() => void doing().then(guarded(well), guarded(ill)));
    return /** @type {any} */ ({ then });
  }
}

/**
 * An error as the module reads it.
 *
 * @param {{ code: string, message: string, hint?: string | null, isPermanent?: boolean }} fields
 */
export function lines({ code, message, hint, isPermanent }) {
  return [code, message, hint ?? "", isPermanent ? "permanent" : ""].map((line) => line.replaceAll("\n", " ")).join("\n");
}
