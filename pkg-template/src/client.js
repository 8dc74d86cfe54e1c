/**
 * The class that callers see. It takes what it is given at once, and hands it on; what it does is done in the second
 * script. Everything of a client is in closures: its methods can be passed around, it works behind a Proxy, and nothing
 * of it can be reached from outside.
 */
import { reasonOf } from "./call-options.js";
import { caller } from "./caller.js";
import { capture } from "./capture.js";
import { AuthError, isAuthError } from "./error.js";
import { core } from "./load/bind.js";
import { isFunction, isObject, silence } from "./reading.js";

/** @typedef {import("./methods.js").Methods} Methods */
/** @typedef {import("./caller.js").Place | undefined} Place */

/** Older browsers have no `Symbol.dispose`. @type {typeof Symbol.dispose} */
const DISPOSE = /** @type {any} */ (Symbol.dispose ?? Symbol.for("Symbol.dispose"));

/** Only `create` and `lazy` make clients. */
const INSIDE = Symbol();

/** Methods that take options, by where those stand among the arguments. @type {Record<string, number>} */
const METHODS = { login: 1, confirm: 1, setSession: 1, authorizationUrl: 0, loginWithRedirect: 0, refresh: 0, check: 0, logout: 0 };

/** Its members are made with each client: see `furnish`. @type {typeof import("../types/index.js").AuthClient} */
export const AuthClient = /** @type {any} */ (
  class AuthClient {
    /** @param {any} [inside] @param {any} [given] options */
    constructor(inside, given) {
      if (inside !== INSIDE) throw mistake("invalid_config", "use `await AuthClient.create(options)` instead of `new`");
      furnish(this, given);
    }

    /** @param {any} given */
    static async create(given) {
      const at = caller(AuthClient.create);
      const client = /** @type {any} */ (new AuthClient(INSIDE, given));
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
      const client = /** @type {any} */ (new AuthClient(INSIDE, given));
      // Elsewhere the first call does it: a server that renders makes clients that nobody uses.
      if (typeof document !== "undefined") silence(client.ready);
      return client;
    }

    [DISPOSE]() {
      /** @type {any} */ (this).close();
    }
  }
);

/** @param {string} code @param {string} message @param {string | null} [provider] */
const mistake = (code, message, provider) => new AuthError({ code, message, provider });

/** An error as of the line that called: those who wait for the same have one each. @param {any} error @param {Place} at @param {string} [provider] */
function placed(error, at, provider) {
  if (!isAuthError(error)) return error;
  const fields = { ...error, message: error.message, cause: error.cause, provider: error.provider ?? provider };
  return at ? new AuthError(fields, at) : Object.assign(error, { provider: fields.provider ?? null });
}

/**
 * Gives a client its members.
 *
 * @param {object} client
 * @param {unknown} given
 */
function furnish(client, given) {
  let options = capture(given);
  const provider = options?.provider?.id ?? options?.provider;
  const name = typeof provider === "string" ? provider : "";
  /** @type {Set<{ listener: Function }>} */
  const listeners = new Set();
  /** @type {Methods | null} */
  let open = null;
  /** @type {Promise<Methods> | null} */
  let opening = null;
  let isClosed = false;
  /** What listeners were shown last: the client may be told of before it is open. @type {any} */
  let shown = null;
  /** Ends the wait of those who wait for it to open. @type {(error: unknown) => void} */
  let giveUp = () => {};
  const givenUp = new Promise((_, reject) => (giveUp = reject));
  silence(givenUp);

  const closed = (/** @type {Place} */ at) =>
    new AuthError({ code: "closed", message: "the client was closed", provider: open?.shell.provider ?? name, hint: "Create a new one with `AuthClient.create`." }, at);

  /** @param {unknown} session @param {string} reason */
  const notify = (session, reason) => {
    shown = session;
    for (const one of [...listeners]) {
      // One listener may stop another, or close the client.
      if (!listeners.has(one)) continue;
      try {
        silence(one.listener(session, reason));
      } catch {
        // What a listener throws does not disturb the client.
      }
    }
  };

  /** The module, and a client in it; what fails for the moment is tried again by the next call. @returns {Promise<Methods>} */
  const start = () => {
    if (opening) return opening;
    const started = (async () => {
      const { methods, instance } = await core();
      if (isClosed) throw closed(undefined);
      const shell = await instance.open(options, notify);
      if (isClosed) {
        shell.close();
        throw closed(undefined);
      }
      // The shell has what it needs of them.
      options = null;
      return (open = methods(shell));
    })();
    const race = (opening = Promise.race([started, givenUp]));
    race.catch((error) => {
      if (error?.retryable && opening === race) opening = null;
    });
    return race;
  };

  /**
   * A call: it is done, or waits until the client is open.
   *
   * @param {string} method
   * @param {Function} entry what was called
   * @param {any[]} taken what it was given
   * @param {any} [options] that of them which may have a signal
   * @returns {Promise<any>}
   */
  function run(method, entry, taken, options) {
    const at = caller(entry);
    return (async () => {
      try {
        if (isClosed) throw closed(at);
        const methods = /** @type {any} */ (open ?? (await untilAborted(start(), options)));
        return await methods[method](taken, at, entry);
      } catch (error) {
        throw placed(error, at, open?.shell.provider);
      }
    })();
  }

  /** @type {any} */
  const made = {
    subscribe(/** @type {any} */ listener) {
      if (!isFunction(listener)) throw placed(mistake("invalid_input", "`listener` must be a function", name || null), caller(made.subscribe));
      const one = { listener };
      if (!isClosed) listeners.add(one);
      return () => void listeners.delete(one);
    },
    getAccessToken(/** @type {any} */ given) {
      const options = capture(given);
      const token = open?.tokenAtHand(options);
      return token ? Promise.resolve(token) : run("getAccessToken", made.getAccessToken, [options], options);
    },
    fetch(/** @type {any} */ input, /** @type {any} */ init) {
      if (open && !isClosed) return open.fetch([input, init], undefined, made.fetch);
      return run("fetch", made.fetch, call(input, init), signalled(input, init));
    },
    problem(/** @type {any} */ response) {
      return run("problem", made.problem, [response]);
    },
    handleRedirect(/** @type {any} */ url, /** @type {any} */ given) {
      const options = capture(given);
      return run("handleRedirect", made.handleRedirect, [address(url), options], options);
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      listeners.clear();
      open?.shell.close();
      giveUp(closed(undefined));
    },
  };
  for (const method of Object.keys(METHODS)) {
    made[method] = (/** @type {any[]} */ ...given) => {
      const taken = given.map(capture);
      return run(method, made[method], taken, taken[METHODS[method]]);
    };
  }

  for (const [method, value] of Object.entries(made)) Object.defineProperty(client, method, { value, writable: true, configurable: true });
  Object.defineProperties(client, {
    provider: { get: () => open?.shell.provider ?? name, configurable: true },
    session: { get: () => (isClosed ? null : open ? open.shell.session : shown), configurable: true },
    ready: {
      get() {
        const ready = (isClosed && !open ? Promise.reject(closed(undefined)) : start()).then(() => {});
        silence(ready);
        return ready;
      },
      configurable: true,
    },
  });
}

/** A call that waits for the client to be open, taken at once. What cannot be read is told then. @param {any} input @param {any} init */
function call(input, init) {
  try {
    const headers = init.headers && new Headers(init.headers);
    const isPlain = Object.getPrototypeOf(init) === Object.prototype;
    return [input?.href ?? input, isPlain ? { ...init, ...(headers && { headers }) } : init];
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
