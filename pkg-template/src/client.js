/**
 * The class that callers see. It takes what it is given at once, and hands it on; what it does is done in the second script. What
 * stands behind a client is in a map of this script, so nothing of it can be reached from outside; its methods are bound, so they can
 * be passed around, and it works behind a Proxy.
 */
import { reasonOf } from "./call-options.js";
import { caller } from "./caller.js";
import { capture } from "./capture.js";
import { copied } from "./copied.js";
import { AuthError, isAuthError } from "./error.js";
import { core } from "./load/bind.js";
import { isFunction, isObject, silence } from "./reading.js";

/** @typedef {import("./caller.js").Place | undefined} Place */

/** Older browsers have no `Symbol.dispose`. @type {typeof Symbol.dispose} */
const DISPOSE = /** @type {any} */ (Symbol.dispose ?? Symbol.for("Symbol.dispose"));

/** Only `create` and `lazy` make clients. */
const INSIDE = Symbol();

/** Where a client has what it is known by. */
const KEY = Symbol();

/** That, also behind a Proxy, which has to show it as it is: it says nothing by itself. */
class Key {}

/** @type {WeakMap<Key, Inside>} */
const insides = new WeakMap();

/** Named by what it is assigned to: bundlers give a name of its own another one. Its methods stand below. @type {typeof import("../types/index.js").AuthClient} */
export const AuthClient = /** @type {any} */ (
  class {
    /** @param {any} [inside] @param {any} [given] options */
    constructor(inside, given) {
      if (inside !== INSIDE) throw mistake("invalid_config", "use `await AuthClient.create(options)` instead of `new`");
      const key = Object.freeze(new Key());
      const behind = new Inside(given);
      insides.set(key, behind);
      Object.defineProperty(this, KEY, { value: key });
      for (const [name, entry] of ENTRIES) Object.defineProperty(this, name, { value: entry.bind(behind), writable: true, configurable: true });
    }

    /** @param {any} given */
    static async create(given) {
      const at = caller(AuthClient.create);
      const client = made(given);
      try {
        await client.ready;
        return client;
      } catch (error) {
        client.close();
        throw placed(error, at);
      }
    }

    /** @param {any} given */
    static lazy(given) {
      if (!isObject(given)) throw mistake("invalid_config", "option `options` must be an object");
      const client = made(given);
      // Elsewhere the first call does it: a server that renders makes clients that nobody uses.
      if (typeof document !== "undefined") silence(client.ready);
      return client;
    }

    get provider() {
      return insideOf(this)?.provider;
    }

    get session() {
      return insideOf(this)?.session;
    }

    get ready() {
      const inside = insideOf(this);
      const ready = inside?.start().then(() => {});
      silence(ready);
      return ready;
    }

    [DISPOSE]() {
      /** @type {any} */ (this).close();
    }
  }
);

/** @param {any} given @returns {any} */
const made = (given) => new /** @type {any} */ (AuthClient)(INSIDE, given);

/** @param {any} client @returns {Inside | undefined} nothing where it is none, as of the prototype itself */
const insideOf = (client) => insides.get(client[KEY]);

/** @param {string} code @param {string} message @param {string | null} [provider] */
const mistake = (code, message, provider) => new AuthError({ code, message, provider });

/** An error as of the line that called: those who wait for the same have one each. @param {any} error @param {Place} at @param {string} [provider] */
function placed(error, at, provider) {
  if (!isAuthError(error)) return error;
  const fields = { ...error, message: error.message, cause: error.cause, provider: error.provider ?? provider };
  return at ? new AuthError(fields, at) : Object.assign(error, { provider: fields.provider ?? null });
}

/** What stands behind a client. */
class Inside {
  /** What was given, until the client is open. @type {any} */
  options;
  /** @type {Set<{ listener: Function }> | null} */
  listeners = null;
  /** @type {import("./shell.js").Shell | null} */
  shell = null;
  /** @type {typeof import("./methods.js").methods | null} */
  methods = null;
  /** Until it is open. @type {Promise<void> | null} */
  opening = null;
  /** Ends the wait of those who wait for that. @type {((error: unknown) => void) | null} */
  giveUp = null;
  isClosed = false;
  /** What listeners were shown last: the client may be told of before it is open. @type {any} */
  shown = null;

  /** @param {unknown} given */
  constructor(given) {
    this.options = capture(given);
    const provider = this.options?.provider?.id ?? this.options?.provider;
    this.name = typeof provider === "string" ? provider : "";
  }

  get provider() {
    return this.shell?.provider ?? this.name;
  }

  get session() {
    return this.isClosed ? null : this.shell ? this.shell.session : this.shown;
  }

  /** @param {Place} [at] */
  closed(at) {
    return new AuthError({ code: "closed", message: "the client was closed", provider: this.provider, hint: "Create a new one with `AuthClient.create`." }, at);
  }

  /** @param {unknown} session @param {string} reason */
  notify(session, reason) {
    this.shown = session;
    for (const one of [...(this.listeners ?? [])]) {
      // One listener may stop another, or close the client.
      if (!this.listeners?.has(one)) continue;
      try {
        silence(one.listener(session, reason));
      } catch {
        // What a listener throws does not disturb the client.
      }
    }
  }

  /** The module, and a client in it; what fails for the moment is tried again by the next call. @returns {Promise<void>} */
  start() {
    if (this.shell) return Promise.resolve();
    if (this.isClosed) return Promise.reject(this.closed());
    if (this.opening) return this.opening;
    /** @type {Promise<void>} */
    const opening = (this.opening = new Promise((resolve, reject) => {
      this.giveUp = reject;
      this.open().then(resolve, (error) => {
        if (error?.retryable && this.opening === opening) this.opening = null;
        reject(error);
      });
    }));
    silence(opening);
    return opening;
  }

  async open() {
    const { methods, instance } = await core();
    if (this.isClosed) throw this.closed();
    const shell = await instance.open(this.options, this);
    if (this.isClosed) {
      shell.close();
      throw this.closed();
    }
    this.shell = shell;
    this.methods = methods;
    // The shell has what it needs of them.
    this.options = this.opening = this.giveUp = null;
  }

  /**
   * A call: it is done, or waits until the client is open.
   *
   * @param {string} method
   * @param {Function} entry what was called
   * @param {any[]} taken what it was given
   * @param {any} [options] that of them which may have a signal
   * @returns {Promise<any>}
   */
  run(method, entry, taken, options) {
    const at = caller(entry);
    return (async () => {
      try {
        if (this.isClosed) throw this.closed(at);
        if (!this.shell) await untilAborted(this.start(), options);
        const { shell, methods } = /** @type {any} */ (this);
        const doing = () => methods[method](shell, taken, at, entry);
        const lacks = !methods[method];
        // What looks at the session has its turn behind what waits for the rest of the module.
        if (!lacks && !(method === "getAccessToken" && shell.queue.isBehind)) return await doing();
        return await untilAborted(shell.queue.turn(doing, lacks, { at, signal: null }, options?.timeout), options);
      } catch (error) {
        throw placed(error, at, this.shell?.provider);
      }
    })();
  }

  close() {
    if (this.isClosed) return;
    this.isClosed = true;
    this.listeners = null;
    this.shell?.close();
    this.giveUp?.(this.closed());
  }
}

/** A method that hands what it is given on, options among it. @param {string} name @param {number} place of the options among the arguments */
const handing = (name, place) => (/** @type {Inside} */ inside, /** @type {any[]} */ given, /** @type {Function} */ entry) => {
  const taken = given.map(capture);
  return inside.run(name, entry, taken, taken[place]);
};

/** What the methods of all clients do. @type {Record<string, (inside: Inside, given: any[], entry: Function) => any>} */
const METHODS = {
  login: handing("login", 1),
  confirm: handing("confirm", 1),
  setSession: handing("setSession", 1),
  authorizationUrl: handing("authorizationUrl", 0),
  loginWithRedirect: handing("loginWithRedirect", 0),
  refresh: handing("refresh", 0),
  check: handing("check", 0),
  logout: handing("logout", 0),
  subscribe(inside, [listener], entry) {
    if (!isFunction(listener)) throw placed(mistake("invalid_input", "`listener` must be a function", inside.name || null), caller(entry));
    const one = { listener };
    if (!inside.isClosed) (inside.listeners ??= new Set()).add(one);
    return () => void inside.listeners?.delete(one);
  },
  getAccessToken(inside, [given], entry) {
    const options = capture(given);
    const token = inside.shell && !inside.shell.queue.isBehind && inside.methods?.tokenAtHand(inside.shell, options);
    return token ? Promise.resolve(token) : inside.run("getAccessToken", entry, [options], options);
  },
  fetch(inside, given, entry) {
    const { shell, methods } = inside;
    if (shell && methods && !inside.isClosed) return methods.fetch(shell, given, undefined, entry);
    const [input, init] = given;
    return inside.run("fetch", entry, call(input, init), signalled(input, init));
  },
  problem(inside, [response], entry) {
    let taken = response;
    try {
      // Its owner may read it meanwhile.
      if (!inside.methods?.problem) taken = response.clone();
    } catch {
      // It was read, or is none: that is told then.
    }
    return inside.run("problem", entry, [taken]);
  },
  handleRedirect(inside, [url, given], entry) {
    const options = capture(given);
    return inside.run("handleRedirect", entry, [address(url), options], options);
  },
  close: (inside) => inside.close(),
};

/**
 * What each client has bound to it: values of its own, since spies of test tools look for such.
 *
 * @type {[string, Function][]}
 */
const ENTRIES = Object.entries(METHODS).map(([name, method]) => {
  const entry = function (/** @type {any[]} */ ...given) {
    // @ts-expect-error bound to what stands behind the client
    return method(this, given, entry);
  };
  return [name, entry];
});

/** A call that waits for the client to be open, taken at once. What cannot be read is told then. @param {any} input @param {any} init */
function call(input, init) {
  try {
    const headers = init.headers && new Headers(init.headers);
    const body = copied(init.body);
    const isPlain = Object.getPrototypeOf(init) === Object.prototype;
    return [input?.href ?? input, isPlain ? { ...init, ...(headers && { headers }), ...(body && { body }) } : init];
  } catch {
    return [input?.href ?? input, init];
  }
}

/** Which of the two says when a call is given up. @param {any} input @param {any} init */
function signalled(input, init) {
  try {
    return init.signal ? init : input;
  } catch {
    return input;
  }
}

/** The address that the user came back to: as it was given, and the page's as it is now. @param {any} url */
function address(url) {
  let here;
  try {
    here = typeof document === "undefined" ? undefined : globalThis.location?.href;
    return { here, given: typeof url === "object" && url ? (url.href ?? false) : url };
  } catch {
    return { here, given: false };
  }
}

/**
 * Waits for something that goes on without whoever waits. What is no signal is told later.
 *
 * @template T
 * @param {Promise<T>} promise
 * @param {any} options
 * @returns {Promise<T>}
 */
function untilAborted(promise, options) {
  silence(promise);
  /** @type {AbortSignal} */
  let signal;
  try {
    ({ signal } = options);
    if (!isFunction(signal.addEventListener)) return promise;
  } catch {
    return promise;
  }
  return new Promise((resolve, reject) => {
    const aborted = () => reject(reasonOf(signal));
    if (signal.aborted) return aborted();
    signal.addEventListener("abort", aborted, { once: true });
    const over = () => signal.removeEventListener?.("abort", aborted);
    promise.then(resolve, reject).then(over, over);
  });
}
