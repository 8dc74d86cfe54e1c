/** `fetch` with the credential attached: with a valid token nothing of the module is entered. */
import { reasonOf, settled } from "./call-options.js";
import { caller, told } from "./caller.js";
import { AuthError, isAuthError } from "./error.js";
import { given, readBody } from "./given.js";
import { INPUT } from "./numbers.js";
import { attempt, silence } from "./reading.js";
import { check, Sending } from "./sending.js";
import { clear, deadline } from "./timers.js";
import { address } from "./address.js";

/** @typedef {import("./given.js").Call} Call */
/** @typedef {import("./shell.js").Prepared} Prepared */
/** @typedef {import("./calls.js").Place} Place */

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
    try {
      call = given(input, init);
      if (call.signal?.aborted) throw reasonOf(call.signal);
      if (shell.isAsking) notAsking({ at: caller(entry) });
      const isFresh = shell.isFresh();
      if (isFresh && !call.request) return go(call, undefined);
      return telling(prepare(call, isFresh, isFresh ? undefined : caller(entry)), call);
    } catch (thrown) {
      return telling(Promise.reject(thrown), call);
    }
  };

  /** Has failures tell where the call came from. @param {Promise<Response>} going @param {Call | undefined} call */
  function telling(going, call) {
    return going.then(undefined, (thrown) => {
      const error = settled(thrown, call?.signal);
      throw isAuthError(error) ? told(error, shell.provider) : error;
    });
  }

  /** Waits for what the call needs first. @param {Call} call @param {boolean} isFresh @param {Place} at */
  async function prepare(call, isFresh, at) {
    // Before anything is waited for, so that a mistake is told at once.
    const target = address(shell, call.text);
    let isGood = isFresh;
    if (!isFresh) {
      check(shell, target, call.init);
      if (call.init.body) call.init.body = copied(call.init.body);
    }
    if (call.request) {
      await bodyOf(shell, call, at);
      isGood = shell.isFresh();
    }
    if (!isGood && !(about?.isOptional && !shell.session)) await calls.share(INPUT.TOKEN, [0], { at, signal: call.signal });
    return go(call, at);
  }

  /** @param {Call} call @param {Place} at @returns {Promise<Response>} */
  function go(call, at) {
    const prepared = present(shell, about?.isOptional);
    const sending = new Sending(shell, call, prepared, 1, at);
    return sending.start(
      (answer) => {
        if (about?.expired.includes(answer.status)) {
          return prepared.isSignedIn && call.isReplayable ? telling(again(answer, call, prepared, at), call) : answer;
        }
        if (isBraked) accepted();
        return answer;
      },
      // Failures are told by whoever waits for what was awaited until here.
      (error, resolve) => resolve(telling(Promise.reject(error).then(), call)),
    );
  }

  /** After a refusal: once more, where that may help. @param {Response} answer @param {Call} call @param {Prepared} prepared @param {Place} at */
  async function again(answer, call, prepared, at) {
    const who = { at, signal: call.signal };
    if (!(await calls.share(INPUT.REFUSED, [prepared.generation, prepared.login, false], who))) return answer;
    // Nobody will read the refusal.
    silence(attempt(() => answer.body?.cancel()));
    const renewed = present(shell, about?.isOptional);
    return new Sending(shell, call, renewed, 2, at).start((repeated) => {
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
