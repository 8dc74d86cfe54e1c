/** `fetch` with the credential attached: with a valid token nothing of the module is entered. */
import { reasonOf, settled } from "./call-options.js";
import { caller, told } from "./caller.js";
import { copied } from "./copied.js";
import { AuthError, isAuthError } from "./error.js";
import { given, readBody } from "./given.js";
import { INPUT } from "./numbers.js";
import { attempt, silence } from "./reading.js";
import { Sending } from "./sending.js";
import { clear, deadline } from "./timers.js";
import { address } from "./address.js";

/** @typedef {import("./given.js").Call} Call */
/** @typedef {import("./prepared.js").Prepared} Prepared */
/** @typedef {import("./shell.js").Shell} Shell */
/** @typedef {import("./calls.js").Place} Place */

/**
 * @param {Shell} shell
 * @param {unknown[]} taken input and init
 * @param {Function} entry what the caller called: where that was is only looked for where it takes no time that matters
 * @param {(shell: Shell, who: any) => void} notAsking
 * @returns {Promise<Response>}
 */
export function fetch(shell, [input, init], entry, notAsking) {
  /** @type {Call | undefined} */
  let call;
  try {
    call = given(input, init);
    if (call.signal?.aborted) throw reasonOf(call.signal);
    if (shell.isAsking) notAsking(shell, { at: caller(entry) });
    const { queue, instance } = shell;
    const isFresh = !queue.isBehind && shell.isFresh();
    if (isFresh && !call.request) return go(shell, call, undefined);
    // Of a thousand at once, most are told by who awaits them: to look for the place takes as long as all else.
    const at = isFresh || shell.calls.areMany ? undefined : caller(entry);
    if (!isFresh && call.init.body) call.init.body = copied(call.init.body);
    // What looks at an init may not be there yet.
    const needs = !isFresh && call.hasInit && !instance.rest;
    if (!needs && !queue.isBehind) return telling(shell, call, prepare(shell, call, isFresh, at));
    const waiting = call;
    return telling(shell, call, queue.turn(() => prepare(shell, waiting, shell.isFresh(), at), needs, { at, signal: call.signal }));
  } catch (thrown) {
    return telling(shell, call, Promise.reject(thrown));
  }
}

/** Has failures tell where the call came from. @param {Shell} shell @param {Call | undefined} call @param {Promise<Response>} going */
function telling(shell, call, going) {
  return going.then(undefined, (thrown) => {
    const error = settled(thrown, call?.signal);
    throw isAuthError(error) ? told(error, shell.provider) : error;
  });
}

/** Waits for what the call needs first. @param {Shell} shell @param {Call} call @param {boolean} isFresh @param {Place} at */
async function prepare(shell, call, isFresh, at) {
  // Before anything is sent, so that a mistake is told at once.
  const target = address(shell, call.text);
  let isGood = isFresh;
  if (!isFresh) {
    if (call.hasInit) shell.instance.rest?.check(shell, target, call.init);
  }
  if (call.request) {
    await bodyOf(shell, call, at);
    isGood = shell.isFresh();
  }
  if (!isGood && !(shell.about.isOptional && !shell.session)) await shell.calls.share(INPUT.TOKEN, [0], { at, signal: call.signal });
  return go(shell, call, at);
}

/** @param {Shell} shell @param {Call} call @param {Place} at @returns {Promise<Response>} */
function go(shell, call, at) {
  const prepared = present(shell);
  return new Sending(shell, call, prepared, 1, at).start(
    (answer) => {
      if (!shell.about.expired.includes(answer.status)) return accepted(shell, answer);
      return prepared.isSignedIn && call.isReplayable ? telling(shell, call, again(shell, call, prepared, at, answer)) : answer;
    },
    // It is told by whoever waits, and so once they do.
    (error, resolve) => resolve(telling(shell, call, Promise.reject(error).then())),
  );
}

/** After a refusal: once more, where that may help. @param {Shell} shell @param {Call} call @param {Prepared} prepared @param {Place} at @param {Response} answer */
async function again(shell, call, prepared, at, answer) {
  const { calls, about } = shell;
  const who = { at, signal: call.signal };
  if (!(await calls.share(INPUT.REFUSED, [prepared.generation, prepared.login, false], who))) return answer;
  // Nobody will read the refusal.
  silence(attempt(() => answer.body?.cancel()));
  const renewed = present(shell);
  return new Sending(shell, call, renewed, 2, at).start((repeated) => {
    if (!about.expired.includes(repeated.status)) return accepted(shell, repeated);
    shell.isBraked = true;
    silence(calls.ask(INPUT.REFUSED, [renewed.generation, renewed.login, true], who));
    return repeated;
  });
}

/** @param {Shell} shell @param {Response} answer */
function accepted(shell, answer) {
  if (shell.isBraked) {
    shell.isBraked = false;
    shell.feed(INPUT.ACCEPTED);
  }
  return answer;
}

/** What goes along; the session may have ended while it was waited for. @param {Shell} shell */
function present(shell) {
  const prepared = shell.prepared(true);
  if (prepared.isSignedIn || shell.about.isOptional) return prepared;
  throw new AuthError({ code: "login_required", message: "nobody is signed in", provider: shell.provider, hint: "Call `login` first." });
}

/**
 * Reads the body of a Request, as long as the caller and `timeout` allow.
 *
 * @param {Shell} shell
 * @param {Call} call
 * @param {Place} at
 */
function bodyOf({ calls, about }, call, at) {
  const { timeout } = about;
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
