/** Carries out what the machine asks of its stores, and hands back what came of it. */
import { isAuthError } from "./error.js";
import { lines, page } from "./host.js";
import { INPUT } from "./numbers.js";
import { isFunction, silence } from "./reading.js";
import { load, lock, Memory, put, StoreFault, swap } from "./store/place.js";

/** @typedef {import("../types/index.js").TokenStore} TokenStore */

const SESSION = 0;
const PENDING = 1;

export class Stores {
  /** Of the session in a store. */
  key = "";
  #shell;
  /** By place. @type {(TokenStore | null)[]} */
  #places = [null, null];
  /** What was last read or written: what exceptions may tell. @type {string[]} */
  #records = [];
  /** @type {Map<number, NonNullable<ReturnType<typeof lock>>> | null} */
  #locks = null;

  /** @param {import("./shell.js").Shell} shell */
  constructor(shell) {
    this.#shell = shell;
  }

  /** Whether sessions outlive the client. */
  get has() {
    return this.#places[SESSION] !== null;
  }

  /**
   * What the browser lacks is replaced by memory. Gives the warnings that are due.
   *
   * @param {import("./options.js").Options["storage"]} storage
   * @param {import("./instance.js").BrowserStore | null} browserStore
   * @param {boolean} redirects whether a login may be pending while the page is away
   */
  async open(storage, browserStore, redirects) {
    const isOwn = storage !== null && typeof storage === "object";
    const browser = async (/** @type {"session" | "local"} */ name) => {
      try {
        return (await browserStore?.(name)) ?? null;
      } catch (error) {
        if (isAuthError(error)) throw error;
        return null;
      }
    };
    const sessions = isOwn ? storage : storage && (await browser(storage));
    const isPage = redirects && page() !== undefined;
    const tab = isPage ? await browser("session") : null;
    this.#places = [sessions, tab ?? (isOwn ? storage : new Memory())];
    const hint = "Allow the site to store data, or give the option `storage` a store of your own.";
    const what = storage === "local" ? "neither IndexedDB nor localStorage" : "no sessionStorage";
    return {
      session: storage && !sessions ? { code: "storage", message: `there is ${what} here; the session is kept in memory`, hint } : null,
      pending:
        isPage && !isOwn && !tab
          ? { code: "storage", message: "there is no sessionStorage here, so a redirect login cannot be finished", hint }
          : null,
    };
  }

  /** Calls back when another context changed the session, where the store can tell. @param {() => void} changed */
  async watch(changed) {
    const store = this.#places[SESSION];
    if (!store || !isFunction(store.watch)) return;
    try {
      let isOn = true;
      const stop = store.watch(this.key, () => {
        if (isOn) changed();
      });
      if (!isFunction(stop)) {
        isOn = false;
        silence(stop);
        throw new StoreFault("watch", "gave no function that stops it", WATCH);
      }
      this.#shell.atEnd(() => {
        isOn = false;
        silence(stop());
      });
    } catch (error) {
      if (this.#shell.hasWarnedOfStore) return;
      const fault = error instanceof StoreFault ? error : new StoreFault("watch", "failed", WATCH, error);
      this.#shell.warn({ code: fault.code, hint: fault.hint, ...(await this.#cause(fault, SESSION)) });
    }
  }

  /** @param {number} op @param {number} place */
  load(op, place) {
    return this.#do(op, INPUT.LOADED, place, async (store, key) => {
      const record = store ? await load(store, key) : undefined;
      if (record !== undefined) this.#records[place] = record;
      this.#shell.feed(INPUT.LOADED, op, 0, Number.NaN, false, record);
    });
  }

  /** @param {number} op @param {number} place @param {string | null} expected @param {string | null} value */
  swap(op, place, expected, value) {
    return this.#do(op, INPUT.SWAPPED, place, async (store, key) => {
      this.#note(place, value);
      const isDone = store ? await swap(store, key, expected, value) : expected === null;
      this.#shell.feed(INPUT.SWAPPED, op, Number(isDone));
    });
  }

  /** @param {number} op @param {number} place @param {string | null} value */
  put(op, place, value) {
    return this.#do(op, INPUT.SWAPPED, place, async (store, key) => {
      this.#note(place, value);
      if (store) await put(store, key, value);
      this.#shell.feed(INPUT.SWAPPED, op, 1);
    });
  }

  /** @param {number} op @param {number} place */
  lock(op, place) {
    return this.#do(op, INPUT.LOCKED, place, async (store, key) => {
      const asked = lock(store, key);
      if (!asked) return this.#shell.feed(INPUT.LOCKED, op, 0);
      (this.#locks ??= new Map()).set(op, asked);
      await asked.granted;
      this.#shell.feed(INPUT.LOCKED, op, 1);
    });
  }

  /** Gives a lock back, or leaves its queue. @param {number} op */
  unlock(op) {
    const ended = () => this.#shell.feed(INPUT.UNLOCKED, op);
    const asked = this.#locks?.get(op);
    this.#locks?.delete(op);
    if (asked) asked.leave().then(ended, ended);
    else ended();
  }

  end() {
    for (const asked of this.#locks?.values() ?? []) asked.leave().catch(() => {});
    this.#locks = null;
    this.#records = [];
    this.#places = [null, null];
  }

  /**
   * @param {number} op
   * @param {number} input by which a failure is told
   * @param {number} place
   * @param {(store: TokenStore | null, key: string) => Promise<void>} doing
   */
  async #do(op, input, place, doing) {
    try {
      await doing(this.#places[place], place === PENDING ? `${this.key}:pending` : this.key);
    } catch (error) {
      const fault = error instanceof StoreFault ? error : new StoreFault("get", "failed", "", error);
      const { cause, message } = await this.#cause(fault, place);
      this.#shell.feed(input, op, 0, Number.NaN, true, lines({ code: fault.code, message, hint: fault.hint }), cause);
    }
  }

  /** @param {number} place @param {string | null} value */
  #note(place, value) {
    if (value !== null) this.#records[place] = value;
  }

  /** A failure without the secrets that a store may put into its exceptions. @param {StoreFault} fault @param {number} place */
  async #cause({ message, cause }, place) {
    try {
      const { retold, texts } = await this.#shell.instance.complete();
      const own = texts(cause);
      const [shown, ...scrubbed] = this.#shell.scrubbed([message, ...own], this.#records[place] ?? "");
      return { message: shown, cause: cause === undefined ? undefined : retold(cause, scrubbed) };
    } catch {
      return { message: "the store failed", cause: undefined };
    }
  }
}

const WATCH = "What others change is seen when the session is renewed, not before.";
