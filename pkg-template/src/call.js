/** `fetch` with the credential attached: with a valid token nothing of the module is entered. */
import { follow } from "./abort.js";
import { reasonOf, settled } from "./call-options.js";
import { caller, told } from "./caller.js";
import { AuthError, isAuthError } from "./error.js";
import { given, readBody } from "./given.js";
import { invalid } from "./mistakes.js";
import { answering, isAnswer, isBrowser } from "./host.js";
import { retold, texts } from "./cause.js";
import { setSignal } from "./late-signal.js";
import { unreachable } from "./network.js";
import { INPUT } from "./numbers.js";
import { isFunction, silence } from "./reading.js";
import { clear, deadline } from "./timers.js";
import { address, encoded, withQuery } from "./address.js";

/** @typedef {import("./given.js").Call} Call */
/** @typedef {import("./shell.js").Prepared} Prepared */
/** @typedef {import("./calls.js").Place} Place */

/** @typedef {{ headers: Headers, query: string, isSecret: boolean }} Sent */

/**
 * @param {import("./shell.js").Shell} shell
 * @param {(who: any) => void} notAsking
 */
export function api(shell, notAsking) {
  const { calls, about } = shell;
  /** Whether the last repetition was refused too: then the machine wants to hear of a call that is not. */
  let isBraked = false;

  /**
   * @param {unknown[]} taken input and init
   * @param {Place} _ is only looked for where it takes no time that matters
   * @param {Function} entry what the caller called
   * @returns {Promise<Response>}
   */
  return function fetch([input, init], _, entry) {
    /** @type {Call | undefined} */
    let call;
    /** @type {Promise<Response>} */
    let going;
    try {
      call = given(input, init);
      if (call.signal?.aborted) throw reasonOf(call.signal);
      if (shell.isAsking) notAsking({ at: caller(entry) });
      const isFresh = shell.isFresh();
      going = isFresh && !call.request ? go(call, undefined) : prepare(call, isFresh, isFresh ? undefined : caller(entry));
    } catch (thrown) {
      going = Promise.reject(thrown);
    }
    return going.then(undefined, (thrown) => {
      const error = settled(thrown, call?.signal);
      throw isAuthError(error) ? told(error, shell.provider) : error;
    });
  };

  /** Waits for what the call needs first. @param {Call} call @param {boolean} isFresh @param {Place} at */
  async function prepare(call, isFresh, at) {
    // Before anything is waited for, so that a mistake is told at once.
    address(shell, call.text);
    let isGood = isFresh;
    if (!isFresh && call.init.body) call.init.body = copied(call.init.body);
    if (call.request) {
      await bodyOf(shell, call, at);
      isGood = shell.isFresh();
    }
    if (!isGood && !(about?.isOptional && !shell.session)) await calls.share(INPUT.TOKEN, [0], { at, signal: call.signal });
    return go(call, at);
  }

  /** @param {Call} call @param {Place} at */
  function go(call, at) {
    const prepared = present(shell, about?.isOptional);
    return send(shell, call, prepared, 1, at, (answer) => {
      if (about?.expired.includes(answer.status)) return prepared.isSignedIn && call.isReplayable ? again(answer, call, prepared, at) : answer;
      if (isBraked) accepted();
      return answer;
    });
  }

  /** After a refusal: once more, where that may help. @param {Response} answer @param {Call} call @param {Prepared} prepared @param {Place} at */
  async function again(answer, call, prepared, at) {
    const who = { at, signal: call.signal };
    if (!(await calls.share(INPUT.REFUSED, [prepared.generation, prepared.login, false], who))) return answer;
    // Nobody will read the refusal.
    silence(attempt(() => answer.body?.cancel()));
    const renewed = present(shell, about?.isOptional);
    return send(shell, call, renewed, 2, at, (repeated) => {
      if (about?.expired.includes(repeated.status)) {
        isBraked = true;
        silence(calls.ask(INPUT.REFUSED, [renewed.generation, renewed.login, true], who));
      } else if (isBraked) accepted();
      return repeated;
    });
  }

  function accepted() {
    isBraked = false;
    shell.feed(INPUT.ACCEPTED);
  }
}

/** A body that its owner may change while something else is waited for. @param {any} body */
function copied(body) {
  if (ArrayBuffer.isView(body)) return new Uint8Array(body.buffer.slice(body.byteOffset, body.byteOffset + body.byteLength));
  switch (Object.prototype.toString.call(body)) {
    case "[object ArrayBuffer]":
      return body.slice(0);
    case "[object URLSearchParams]":
      return new URLSearchParams(body);
    default:
      return body;
  }
}

/** What goes along; the session may have ended while it was waited for. @param {import("./shell.js").Shell} shell @param {boolean | undefined} isOptional */
function present(shell, isOptional) {
  const prepared = shell.prepared(true);
  if (prepared.isSignedIn || isOptional) return prepared;
  throw new AuthError({ code: "login_required", message: "nobody is signed in", provider: shell.provider, hint: "Call `login` first." });
}

/**
 * Reads the body of a Request, as long as the caller and `timeout` allow.
 *
 * @param {import("./shell.js").Shell} shell
 * @param {Call} call
 * @param {Place} at
 */
function bodyOf({ calls, about }, call, at) {
  const timeout = about?.timeout ?? 0;
  return new Promise((resolve, reject) => {
    /** @type {any} */
    let timer = 0;
    const end = (/** @type {(value: any) => void} */ settle) => (/** @type {any} */ value) => {
      clear(timer);
      settle(value);
    };
    const id = calls.wait({ resolve: end(resolve), reject: end(reject), at }, call.signal);
    timer = deadline(() => calls.reject(id, { code: "timeout", message: `the body of the Request did not end within ${timeout} ms`, hint: "Give the body itself in `init`, or raise the option `timeout`." }), timeout);
    readBody(call).then(
      () => calls.settle(id, undefined),
      (error) => calls.reject(id, error),
    );
  });
}

/** What calls have of a session that have none of their own, made once. @param {Prepared} prepared @returns {Sent} */
function sentOf(prepared) {
  const headers = new Headers();
  let isSecret = false;
  for (const [name, value, isCredential] of prepared.headers) {
    if (isCredential || !/^user-agent$/i.test(name) || !isBrowser()) headers.set(name, value);
    // Hosts take Authorization out when a redirect leaves the origin, and nothing else.
    isSecret ||= isCredential && !/^authorization$/i.test(name);
  }
  return (prepared.sent = { headers, query: encoded(prepared.query), isSecret });
}

/** The caller's headers go over ours that are no credential. @param {Call} call @param {Prepared} prepared @param {Sent} sent */
function headersOf({ headers }, prepared, sent) {
  const all = new Headers(sent.headers);
  if (!headers) return all;
  for (const [name, , isCredential] of prepared.headers) {
    if (isCredential && headers.has(name)) throw invalid(name, "left out: the client attaches the credential");
  }
  headers.forEach((value, name) => all.set(name, value));
  return all;
}

/** @param {string} target @param {Prepared} prepared @param {Sent} sent */
function withCredential(target, { query }, sent) {
  if (query.length === 0) return target;
  if (!target.includes("?")) return withQuery(target, sent.query);
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
 * @param {Place} at
 * @param {(answer: Response) => Response | Promise<Response>} then what is given for the answer
 * @returns {Promise<Response>}
 */
function send(shell, call, prepared, number, at, then) {
  const { signal } = call;
  if (signal?.aborted) throw reasonOf(signal);
  const { calls, options } = shell;
  const sent = prepared.sent ?? sentOf(prepared);
  const target = withCredential(address(shell, call.text), prepared, sent);
  /** @type {any} */
  const init = { ...call.init, headers: headersOf(call, prepared, sent) };
  const refusesRedirects = sent.isSecret && init.redirect !== "manual" && init.redirect !== "error";
  if (refusesRedirects) init.redirect = "error";
  const controller = new AbortController();
  const following = signal && follow(signal, controller);
  if (signal) init.signal = following ? controller.signal : joined(signal, controller.signal);
  else setSignal(init, controller);

  const timeout = shell.about?.timeout ?? 0;
  const started = options.onTrace ? shell.now(false) : 0;
  return new Promise((resolve, reject) => {
    /** @type {any} */
    let timer = 0;
    /** Each call ends here, once. @param {number | null} status @param {string | null} code */
    const over = (status, code) => {
      clear(timer);
      if (options.onTrace) trace({ shell, target, init, number, started }, status, code);
    };
    const id = calls.wait(
      {
        at,
        resolve(answer) {
          // The body goes on streaming to the caller, and is the caller's to abort.
          following?.untilGone(attempt(() => answer.body));
          over(answer.status, null);
          resolve(then(answer));
        },
        reject(error) {
          following?.stop();
          controller.abort();
          over(null, !isAuthError(error) || error.code === "closed" ? "aborted" : error.code);
          reject(error);
        },
      },
      signal,
    );
    timer = deadline(() => calls.reject(id, { code: "timeout", message: `the provider did not answer within ${timeout} ms`, retryable: true, hint: "Try again, or raise the option `timeout`." }), timeout);
    answering(options.fetch, target, init).then(
      (answer) => {
        if (isAnswer(answer)) return calls.settle(id, answer) || silence(attempt(() => answer.body?.cancel()));
        return calls.reject(id, { code: "invalid_response", message: "`fetch` gave something that is no Response", hint: "Check the option `fetch`." });
      },
      (exception) => {
        // Aborted: the signal's listener rejects, with its reason.
        if (signal?.aborted) return calls.reject(id, { code: "aborted", message: "the call was aborted" });
        const { isPermanent, ...fields } = unreachable(exception);
        if (refusesRedirects && !isPermanent) fields.hint = REFUSED_REDIRECT;
        calls.reject(id, { ...fields, retryable: fields.code === "network" && !isPermanent, cause: clean(shell, exception) });
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
