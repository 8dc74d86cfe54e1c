/**
 * The class that callers see. It reads what it is given at once, and hands it on; what it does is done in the second
 * script. Everything of a client is in closures: its methods can be passed around, it works behind a Proxy, and nothing
 * of it can be reached from outside.
 */
import { callOptions, flag, reasonOf, settled } from "./call-options.js";
import { caller } from "./caller.js";
import { credentials, secret } from "./credentials.js";
import { AuthError, isAuthError } from "./error.js";
import { invalid } from "./mistakes.js";
import { core } from "./load/bind.js";
import { options as readOptions, whole } from "./options.js";
import { isFunction, isWhole, LIFE, silence } from "./reading.js";
import { tokens as readTokens } from "./tokens.js";

/** @typedef {import("./methods.js").Methods} Methods */
/** @typedef {import("./methods.js").Who} Who */

/** Older browsers have no `Symbol.dispose`. @type {typeof Symbol.dispose} */
const DISPOSE = /** @type {any} */ (Symbol.dispose ?? Symbol.for("Symbol.dispose"));

/** Only `create` and `lazy` make clients. */
const INSIDE = Symbol();

/** What takes no options. */
const NO_OPTIONS = { signal: null, limit: Number.NaN, own: {} };

/** Its members are made with each client: see `furnish`. @type {typeof import("../types/index.js").AuthClient} */
export const AuthClient = /** @type {any} */ (
  class AuthClient {
    /** @param {any} [inside] @param {any} [given] options */
    constructor(inside, given) {
      if (inside !== INSIDE) {
        throw new AuthError({ code: "invalid_config", message: "use `await AuthClient.create(options)` instead of `new`" });
      }
      furnish(this, given);
    }

    /** @param {any} given */
    static async create(given) {
      const at = caller(AuthClient.create);
      /** @type {any} */
      let client;
      try {
        client = new AuthClient(INSIDE, given);
        await client.ready;
        return client;
      } catch (error) {
        client?.close();
        throw placed(error, at);
      }
    }

    /** @param {any} given */
    static lazy(given) {
      whole(given);
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

/** An error as of the line that called. @param {any} error @param {import("./caller.js").Place | undefined} at */
function placed(error, at) {
  return at && isAuthError(error) ? new AuthError({ ...error, message: error.message, cause: error.cause }, at) : error;
}

/**
 * Gives a client its members.
 *
 * @param {object} client
 * @param {unknown} given
 */
function furnish(client, given) {
  /** What was wrong with the options. @type {unknown} */
  let mistake;
  /** @type {import("./options.js").Options | undefined} */
  let options;
  try {
    options = readOptions(given);
  } catch (error) {
    mistake = error;
  }
  const name = options?.provider ?? "";
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

  const closed = (/** @type {Who["at"]} */ at) =>
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
    opening ??= (async () => {
      if (mistake) throw mistake;
      const { methods, instance } = await loaded();
      if (isClosed) throw closed(undefined);
      const shell = await instance.open(/** @type {any} */ (options), notify);
      if (isClosed) {
        shell.close();
        throw closed(undefined);
      }
      return (open = methods(shell));
    })();
    opening = Promise.race([opening, givenUp]);
    const started = opening;
    started.catch((error) => {
      if (error?.retryable && opening === started) opening = null;
    });
    return started;
  };

  /**
   * A call: its options are read, then it is done, or waits until the client is open.
   *
   * @param {Function} entry what was called
   * @param {unknown} given its options
   * @param {string[] | null} names of its own; null where it has no options
   * @param {(methods: Methods, who: Who) => any} doing
   * @param {(own: Record<string, any>) => void} [look] at its own options
   * @returns {Promise<any>}
   */
  function run(entry, given, names, doing, look) {
    const at = caller(entry);
    return (async () => {
      /** @type {AbortSignal | null} */
      let signal = null;
      try {
        if (isClosed) throw closed(at);
        const options = names ? callOptions(given, names) : NO_OPTIONS;
        signal = options.signal;
        look?.(options.own);
        return await doing(open ?? (await untilAborted(start(), options.signal)), { ...options, at });
      } catch (thrown) {
        const error = settled(thrown, signal);
        if (!isAuthError(error)) throw error;
        /** @type {any} */ (error).provider ??= open?.shell.provider ?? null;
        // Of opening: it is the same for all who wait for it.
        throw open ? error : placed(error, at);
      }
    })();
  }

  /** @type {any} */
  const made = {
    subscribe(/** @type {any} */ listener) {
      if (!isFunction(listener)) {
        throw new AuthError({ code: "invalid_input", message: "`listener` must be a function", provider: name || null }, caller(made.subscribe));
      }
      const one = { listener };
      if (!isClosed) listeners.add(one);
      return () => void listeners.delete(one);
    },
    login(/** @type {any} */ given, /** @type {any} */ options) {
      // Read now: its owner may wipe it.
      const read = attempt(() => credentials(given));
      return run(made.login, options, [], (methods, who) => methods.login(read, who));
    },
    confirm(/** @type {any} */ code, /** @type {any} */ options) {
      return run(made.confirm, options, [], (methods, who) => methods.confirm(secret(code, "code"), who));
    },
    setSession(/** @type {any} */ given, /** @type {any} */ options) {
      const read = attempt(() => readTokens(given));
      return run(made.setSession, options, [], (methods, who) => methods.setSession(sure(read), who));
    },
    authorizationUrl(/** @type {any} */ options) {
      return redirecting(made.authorizationUrl, options, (methods, returnTo, who) => methods.authorizationUrl(returnTo, who));
    },
    loginWithRedirect(/** @type {any} */ options) {
      return redirecting(made.loginWithRedirect, options, (methods, returnTo, who) => methods.loginWithRedirect(returnTo, who));
    },
    handleRedirect(/** @type {any} */ url, /** @type {any} */ options) {
      const read = attempt(() => callback(url));
      return run(made.handleRedirect, options, [], (methods, who) => methods.handleRedirect(read, who));
    },
    refresh(/** @type {any} */ options) {
      return run(made.refresh, options, [], (methods, who) => methods.refresh(who));
    },
    getAccessToken(/** @type {any} */ options) {
      if (options === undefined && open) {
        const token = open.tokenAtHand(0);
        if (token) return Promise.resolve(token);
      }
      let minValidity = 0;
      let force = false;
      const look = (/** @type {Record<string, any>} */ own) => {
        minValidity = own.minValidity === undefined ? 0 : own.minValidity;
        if (!isWhole(minValidity, 0, LIFE)) throw invalid("minValidity", "milliseconds, 0 or more");
        force = flag(own, "forceRefresh", false);
      };
      return run(made.getAccessToken, options, ["minValidity", "forceRefresh"], (methods, who) => methods.getAccessToken(minValidity, force, who), look);
    },
    fetch(/** @type {any} */ input, /** @type {any} */ init) {
      if (open && !isClosed) return open.fetch(input, init, made.fetch);
      return run(made.fetch, undefined, null, (methods) => methods.fetch(input, init, made.fetch));
    },
    problem(/** @type {any} */ response) {
      return run(made.problem, undefined, null, (methods, who) => methods.problem(response, who));
    },
    check(/** @type {any} */ options) {
      return run(made.check, options, [], (methods, who) => methods.check(who));
    },
    logout(/** @type {any} */ options) {
      let revoke = true;
      const look = (/** @type {Record<string, any>} */ own) => {
        revoke = flag(own, "revoke", true);
      };
      return run(made.logout, options, ["revoke"], (methods, who) => methods.logout(revoke, who), look);
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      listeners.clear();
      open?.shell.close();
      giveUp(closed(undefined));
    },
  };

  /** @param {Function} entry @param {any} options @param {(methods: Methods, returnTo: string | undefined, who: Who) => any} doing */
  function redirecting(entry, options, doing) {
    /** @type {string | undefined} */
    let returnTo;
    const look = (/** @type {Record<string, any>} */ own) => {
      if (own.returnTo !== undefined && own.returnTo !== null) returnTo = secret(own.returnTo, "returnTo");
    };
    return run(entry, options, ["returnTo"], (methods, who) => doing(methods, returnTo, who), look);
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

/** The second script; what keeps it from loading is told as every other error. */
async function loaded() {
  try {
    return await core();
  } catch (error) {
    throw isAuthError(error) ? error : new AuthError(/** @type {any} */ (error));
  }
}

/**
 * The address that the user came back to: as it was given, or the page's as it is now.
 *
 * @param {any} url
 */
function callback(url) {
  const here = typeof document === "undefined" ? undefined : globalThis.location.href;
  if (url === undefined || url === null) {
    if (here === undefined) throw invalid("url", "given: there is no page whose address could be read");
    return { address: here, isPage: true };
  }
  try {
    const text = typeof url === "string" ? url : url.href;
    if (typeof text !== "string") throw invalid("url", "text or a URL");
    return { address: new URL(text, here).href, isPage: false };
  } catch (error) {
    throw isAuthError(error) ? error : invalid("url", "an absolute address");
  }
}

/**
 * Waits for something that goes on without whoever waits.
 *
 * @template T
 * @param {Promise<T>} promise
 * @param {AbortSignal | null} signal
 * @returns {Promise<T>}
 */
function untilAborted(promise, signal) {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const aborted = () => reject(reasonOf(signal));
    if (signal.aborted) return aborted();
    signal.addEventListener("abort", aborted, { once: true });
    const over = () => signal.removeEventListener?.("abort", aborted);
    promise.then(resolve, reject).then(over, over);
  });
}

/**
 * What is read now and told later.
 *
 * @template T
 * @param {() => T} read
 * @returns {T | Error}
 */
function attempt(read) {
  try {
    return read();
  } catch (error) {
    return /** @type {Error} */ (error);
  }
}

/** @template T @param {T | Error} read @returns {T} */
function sure(read) {
  if (read instanceof Error) throw read;
  return read;
}
