/** `fetch` with the credential attached: with a valid token nothing of the module is entered. */
import { follow } from "./abort.js";
import { reasonOf, settled, signal as readSignal } from "./call-options.js";
import { caller, told } from "./caller.js";
import { AuthError, isAuthError } from "./error.js";
import { invalid } from "./mistakes.js";
import { call as hand, isBrowser } from "./host.js";
import { retold, texts } from "./cause.js";
import { unreachable } from "./network.js";
import { INPUT } from "./numbers.js";
import { isFunction, silence } from "./reading.js";
import { deadline } from "./timers.js";
import { address, encoded, withQuery } from "./address.js";

/** Members of `RequestInit`; `fetch` reads them also where they are inherited, as from a Request. */
const INIT = ["method", "body", "referrer", "referrerPolicy", "mode", "credentials", "cache", "redirect", "integrity", "keepalive", "duplex", "priority", "dispatcher", "cf"];

/** Those that a Request takes along. */
const OF_REQUEST = ["method", "referrer", "referrerPolicy", "mode", "credentials", "cache", "redirect", "integrity", "keepalive", "cf"];

/** @typedef {import("./shell.js").Prepared} Prepared */

/**
 * A caller's call, read once and sent once or twice.
 *
 * @typedef {object} Call
 * @property {string} text
 * @property {any} request a Request, when the caller gave one
 * @property {Record<string, any>} init
 * @property {Headers | null} headers null where the caller has none
 * @property {AbortSignal | null} signal
 * @property {boolean} isReplayable whether the body can be sent again
 */

/**
 * @param {import("./shell.js").Shell} shell
 * @param {(who: any) => void} notAsking
 */
export function api(shell, notAsking) {
  const { calls, about } = shell;
  /** Whether the last repetition was refused too: then the machine wants to hear of a call that is not. */
  let isBraked = false;

  /**
   * @param {unknown} input
   * @param {unknown} init
   * @param {Function} entry what the caller called
   * @returns {Promise<Response>}
   */
  return async function fetch(input, init, entry) {
    /** @type {Call | undefined} */
    let call;
    try {
      call = read(input, init);
      const { signal } = call;
      if (signal?.aborted) throw reasonOf(signal);
      let isFresh = shell.isFresh();
      const at = isFresh ? undefined : caller(entry);
      notAsking({ at });
      if (call.request || !isFresh) {
        // Before anything is waited for, so that a mistake is told at once.
        address(shell, call.text);
        if (call.request) {
          await bodyOf(shell, call, at);
          isFresh = shell.isFresh();
        }
        if (!isFresh && !(about?.isOptional && !shell.session)) await calls.ask(INPUT.TOKEN, [0], { at, signal });
      }

      const prepared = present(shell, about?.isOptional);
      const answer = await send(shell, call, prepared, 1, at);
      if (!about?.expired.includes(answer.status)) {
        if (isBraked) shell.feed(INPUT.ACCEPTED);
        isBraked = false;
        return answer;
      }
      if (!prepared.isSignedIn || !call.isReplayable) return answer;
      const refused = (/** @type {Prepared} */ sent, /** @type {boolean} */ isRepeated) =>
        calls.ask(INPUT.REFUSED, [sent.generation, sent.login, isRepeated], { at, signal });
      if (!(await refused(prepared, false))) return answer;
      // Nobody will read the refusal.
      silence(attempt(() => answer.body?.cancel()));
      const renewed = present(shell, about.isOptional);
      const again = await send(shell, call, renewed, 2, at);
      if (about.expired.includes(again.status)) {
        isBraked = true;
        silence(refused(renewed, true));
      } else if (isBraked) {
        isBraked = false;
        shell.feed(INPUT.ACCEPTED);
      }
      return again;
    } catch (thrown) {
      const error = settled(thrown, call?.signal);
      throw isAuthError(error) ? told(error, shell.provider) : error;
    }
  };
}

/** What goes along; the session may have ended while it was waited for. @param {import("./shell.js").Shell} shell @param {boolean | undefined} isOptional */
function present(shell, isOptional) {
  const prepared = shell.prepared();
  if (prepared.isSignedIn || isOptional) return prepared;
  throw new AuthError({ code: "login_required", message: "nobody is signed in", provider: shell.provider, hint: "Call `login` first." });
}

/**
 * Reads the body of a Request, as long as the caller and `timeout` allow.
 *
 * @param {import("./shell.js").Shell} shell
 * @param {Call} call
 * @param {import("./calls.js").Place} at
 */
function bodyOf(shell, call, at) {
  const timeout = shell.about?.timeout ?? 0;
  return new Promise((resolve, reject) => {
    let stop = () => {};
    const end = (/** @type {(value: any) => void} */ settle) => (/** @type {any} */ value) => {
      stop();
      settle(value);
    };
    const id = shell.calls.wait({ resolve: end(resolve), reject: end(reject), at }, call.signal, () => {});
    stop = deadline(() => shell.calls.reject(id, { code: "timeout", message: `the body of the Request did not end within ${timeout} ms`, hint: "Give the body itself in `init`, or raise the option `timeout`." }), timeout);
    readBody(call).then(
      () => shell.calls.settle(id, undefined),
      (error) => shell.calls.reject(id, error),
    );
  });
}

/** Reads what the caller gave. @param {any} input @param {any} init @returns {Call} */
function read(input, init) {
  if (init !== undefined && init !== null && typeof init !== "object") throw invalid("init", "an object");
  try {
    const request = typeof input === "object" && input !== null && typeof input.url === "string" && typeof input.headers === "object" ? input : null;
    const text = request ? request.url : typeof input === "string" ? input : input?.href;
    if (typeof text !== "string") throw invalid("input", "an address, a URL or a Request");
    const own = members(init, request);
    const { body } = own;
    return {
      text,
      request,
      init: own,
      headers: given(own.headers),
      signal: readSignal(own.signal),
      isReplayable: body === undefined || body === null ? !request?.bodyUsed : !isFunction(body.getReader) && !isFunction(body[Symbol.asyncIterator]),
    };
  } catch (error) {
    throw isAuthError(error) ? error : invalid("input, init", "what can be read");
  }
}

/** What `init` has goes over what the request has. @param {any} init @param {any} request */
function members(init, request) {
  /** @type {Record<string, any>} */
  const own = {};
  if (request) {
    for (const name of [...OF_REQUEST, "headers", "signal"]) {
      const value = request[name];
      // No script may ask for the mode of a navigation.
      if (value !== undefined && value !== "navigate") own[name] = value;
    }
  }
  if (!init) return own;
  Object.assign(own, init);
  const prototype = Object.getPrototypeOf(init);
  if (prototype !== Object.prototype && prototype !== null) {
    for (const name of [...INIT, "headers", "signal"]) if (init[name] !== undefined) own[name] = init[name];
  }
  return own;
}

/** @param {any} value */
function given(value) {
  if (value === undefined || value === null) return null;
  let headers;
  try {
    headers = new Headers(value);
  } catch {
    throw invalid("headers", "what `fetch` takes as headers");
  }
  if (headers.has("authorization")) throw invalid("Authorization", "left out: the client attaches the credential");
  return headers;
}

/** The body of a Request, as bytes: `fetch` is always called with an address and an init. @param {Call} call */
async function readBody({ request, init }) {
  const unread = () => invalid("input", "a Request whose body has not been read");
  if (init.body !== undefined) return;
  if (request.bodyUsed) throw unread();
  // Some hosts do not show a Request's body.
  if (request.body === null || /^(GET|HEAD)$/i.test(String(init.method))) return;
  try {
    const bytes = await request.clone().arrayBuffer();
    if (bytes.byteLength > 0 || request.body) init.body = bytes;
  } catch {
    throw unread();
  }
}

/**
 * The headers of a session, made once: a copy of them is cheap.
 *
 * @type {WeakMap<Prepared, Headers>}
 */
const made = new WeakMap();

/** @param {Call} call @param {Prepared} prepared */
function headersOf({ headers }, prepared) {
  const isOurs = (/** @type {string} */ name) => !(/^user-agent$/i.test(name) && isBrowser());
  if (!headers) {
    let own = made.get(prepared);
    if (!own) {
      own = new Headers();
      for (const [name, value, isCredential] of prepared.headers) if (isCredential || isOurs(name)) own.set(name, value);
      made.set(prepared, own);
    }
    return new Headers(own);
  }
  const all = new Headers(headers);
  for (const [name, value, isCredential] of prepared.headers) {
    const isCallers = headers.has(name);
    if (isCredential && isCallers) throw invalid(name, "left out: the client attaches the credential");
    if (isCredential || (!isCallers && isOurs(name))) all.set(name, value);
  }
  return all;
}

/** @param {string} target @param {Prepared} prepared */
function withCredential(target, { query }) {
  if (query.length === 0) return target;
  const callers = new URL(target).searchParams;
  const added = query.filter(([name, , isCredential]) => {
    const isCallers = callers.has(name);
    if (isCredential && isCallers) throw invalid(name, "left out of the address: the client attaches the credential");
    return !isCallers;
  });
  return withQuery(target, encoded(added));
}

/**
 * @param {import("./shell.js").Shell} shell
 * @param {Call} call
 * @param {Prepared} prepared
 * @param {number} number 1 for the first try
 * @param {import("./calls.js").Place} at
 * @returns {Promise<Response>}
 */
function send(shell, call, prepared, number, at) {
  const { signal } = call;
  if (signal?.aborted) throw reasonOf(signal);
  const target = withCredential(address(shell, call.text), prepared);
  /** @type {any} */
  const init = { ...call.init, headers: headersOf(call, prepared) };
  // Hosts take Authorization out when a redirect leaves the origin, and nothing else.
  const isSecret = prepared.headers.some(([name, , isCredential]) => isCredential && !/^authorization$/i.test(name));
  const refusesRedirects = isSecret && init.redirect !== "manual" && init.redirect !== "error";
  if (refusesRedirects) init.redirect = "error";
  const controller = new AbortController();
  const following = signal && follow(signal, controller);
  init.signal = signal && !following ? joined(signal, controller.signal) : controller.signal;

  const timeout = shell.about?.timeout ?? 0;
  const started = shell.options.onTrace ? shell.now(false) : 0;
  return new Promise((resolve, reject) => {
    let stop = () => {};
    /** Each call ends here, once. @param {number | null} status @param {string | null} code */
    const over = (status, code) => {
      stop();
      if (shell.options.onTrace) trace({ shell, target, init, number, started }, status, code);
    };
    const give = (/** @type {Response} */ answer) => {
      // The body goes on streaming to the caller, and is the caller's to abort.
      following?.untilGone(answer.body);
      over(answer.status, null);
      resolve(answer);
    };
    const fail = (/** @type {any} */ error) => {
      following?.stop();
      controller.abort();
      over(null, !isAuthError(error) || error.code === "closed" ? "aborted" : error.code);
      reject(error);
    };
    const id = shell.calls.wait({ resolve: give, reject: fail, at }, signal, () => {});
    const isLate = () => shell.calls.reject(id, { code: "timeout", message: `the provider did not answer within ${timeout} ms`, retryable: true, hint: "Try again, or raise the option `timeout`." });
    stop = deadline(isLate, timeout);
    hand(shell.options.fetch, target, init).then(
      (answer) => {
        if (answer) return shell.calls.settle(id, answer) || silence(attempt(() => answer.body?.cancel()));
        return shell.calls.reject(id, { code: "invalid_response", message: "`fetch` gave something that is no Response", hint: "Check the option `fetch`." });
      },
      (exception) => {
        // Aborted: the signal's listener rejects, with its reason.
        if (signal?.aborted) return shell.calls.reject(id, { code: "aborted", message: "the call was aborted" });
        const { isPermanent, ...fields } = unreachable(exception);
        if (refusesRedirects && !isPermanent) fields.hint = REFUSED_REDIRECT;
        shell.calls.reject(id, { ...fields, retryable: fields.code === "network" && !isPermanent, cause: clean(shell, exception) });
      },
    );
  });
}

/**
 * @param {{ shell: import("./shell.js").Shell, target: string, init: any, number: number, started: number }} sent
 * @param {number | null} status
 * @param {string | null} error
 */
function trace({ shell, target, init, number, started }, status, error) {
  try {
    const method = String(init.method ?? "GET").toUpperCase();
    const duration = Math.max(Math.trunc(shell.now(false) - started), 0);
    shell.trace({ purpose: "api", method, url: shell.traced(target), status, duration, attempt: number, error });
  } catch {
    // The module has failed: there is nobody to mask the address.
  }
}

const REFUSED_REDIRECT =
  'Check the connection. A redirect is refused too, because the credential is in a header that would go along: pass `redirect: "manual"` to see it.';

/** An exception without the session's secrets. @param {import("./shell.js").Shell} shell @param {unknown} exception */
function clean(shell, exception) {
  try {
    return retold(exception, shell.scrubbed(texts(exception)));
  } catch {
    return undefined;
  }
}

/** For hosts that can; elsewhere the caller's own counts. @param {AbortSignal} signal @param {AbortSignal} own */
function joined(signal, own) {
  return isFunction(AbortSignal.any) ? AbortSignal.any([signal, own]) : signal;
}

/** @template T @param {() => T} call */
function attempt(call) {
  try {
    return call();
  } catch {
    return undefined;
  }
}
