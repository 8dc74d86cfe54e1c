/** One request to the API: what it consists of, and how it ends. */
import { follow, onAbort } from "./abort.js";
import { address, encoded, withQuery } from "./address.js";
import { reasonOf } from "./call-options.js";
import { refusal } from "./calls.js";
import { isAuthError } from "./error.js";
import { answering, isAnswer, isBrowser } from "./host.js";
import { lateSignal } from "./late-signal.js";
import { invalid } from "./mistakes.js";
import { attempt, isFunction, silence } from "./reading.js";
import { Deadlines } from "./timers.js";

/** @typedef {import("./given.js").Call} Call */
/** @typedef {import("./prepared.js").Prepared} Prepared */
/** @typedef {import("./calls.js").Place} Place */

/** @typedef {{ headers: Headers, query: string, isSecret: boolean }} Sent */

/** A class, since there is one for each call, and a few functions for each would take longer to make. It waits in `Deadlines`. */
export class Sending {
  until = 0;
  era = 0;
  /** Stops listening to the caller's signal. @type {(() => void) | null} */
  unheed = null;

  /**
   * @param {import("./shell.js").Shell} shell
   * @param {Call} call
   * @param {Prepared} prepared
   * @param {number} number 1 for the first try
   * @param {Place} at
   */
  constructor(shell, call, prepared, number, at) {
    const { signal } = call;
    if (signal?.aborted) throw reasonOf(signal);
    const sent = prepared.sent ?? sentOf(prepared);
    this.shell = shell;
    this.signal = signal;
    this.number = number;
    this.at = at;
    this.target = withCredential(address(shell, call.text), prepared, sent);
    this.controller = new AbortController();
    this.following = signal && follow(signal, this.controller);
    // A host's own `fetch` looks at the signal in any case.
    const isLate = !signal && shell.options.fetch !== undefined;
    const ends = isLate ? undefined : !signal || this.following ? this.controller.signal : joined(signal, this.controller.signal);
    const headers = headersOf(call, prepared, sent);
    /** @type {any} */
    const init = call.hasInit ? { ...call.init, headers, signal: ends } : { headers, signal: ends };
    this.refusesRedirects = sent.isSecret && init.redirect !== "manual" && init.redirect !== "error";
    if (this.refusesRedirects) init.redirect = "error";
    this.init = isLate ? lateSignal(init, this.controller) : init;
    this.started = shell.options.onTrace ? shell.now(false) : 0;
  }

  /**
   * @param {(answer: Response) => Response | Promise<Response>} then what is given for the answer
   * @param {(error: any, resolve: (given: Promise<Response>) => void) => void} [failed] how a failure is told, where the error alone does not say enough
   * @returns {Promise<Response>}
   */
  start(then, failed) {
    const { shell, signal } = this;
    return new Promise((resolve, reject) => {
      this.then = then;
      this.give = resolve;
      this.fail = failed ? (/** @type {any} */ error) => failed(error, resolve) : reject;
      if (signal) this.unheed = onAbort(signal, () => void (this.ends() && this.reject(reasonOf(signal))));
      this.deadlines = shell.deadlines ??= new Deadlines(shell.about.timeout);
      this.deadlines.add(this);
      answering(shell.options.fetch, this.target, this.init).then(
        (answer) => this.answered(answer),
        (exception) => this.lost(exception),
      );
    });
  }

  /** Nobody waits for it any more. Gives whether somebody did: it ends once. */
  ends() {
    return this.deadlines?.delete(this) ?? false;
  }

  /** @param {unknown} answer */
  answered(answer) {
    if (!isAnswer(answer)) return this.refuse({ code: "invalid_response", message: "`fetch` gave something that is no Response", hint: "Check the option `fetch`." });
    if (!this.ends()) return silence(attempt(() => answer.body?.cancel()));
    // The body goes on streaming to the caller, and is the caller's to abort.
    this.following?.untilGone(attempt(() => answer.body));
    this.over(answer.status, null);
    try {
      this.give?.(/** @type {any} */ (this.then)(answer));
    } catch (error) {
      this.fail?.(error);
    }
  }

  /** @param {unknown} exception @param {boolean} [isLast] whether it is told with what there is of the module */
  lost(exception, isLast) {
    // Aborted: the signal's listener rejects, with its reason.
    if (this.signal?.aborted) return this.refuse({ code: "aborted", message: "the call was aborted" });
    const { instance } = this.shell;
    if (instance.rest) return this.refuse(instance.rest.lost(this, exception));
    const again = () => this.lost(exception, true);
    if (isLast) this.refuse(UNREACHABLE);
    else instance.complete().then(again, again);
  }

  /** The deadline has come. */
  expire() {
    const message = `the provider did not answer within ${this.shell.about.timeout} ms`;
    this.refuse({ code: "timeout", message, retryable: true, hint: "Try again, or raise the option `timeout`." });
  }

  /** @param {any} fields of an AuthError */
  refuse(fields) {
    if (this.ends()) this.reject(refusal(fields, this.shell.provider, this.at));
  }

  /** @param {any} error */
  reject(error) {
    this.following?.stop();
    this.controller.abort();
    this.over(null, !isAuthError(error) || error.code === "closed" ? "aborted" : error.code);
    this.fail?.(error);
  }

  /** Each call ends here, once. @param {number | null} status @param {string | null} error */
  over(status, error) {
    this.unheed?.();
    const { shell, init, target, number } = this;
    if (!shell.options.onTrace) return;
    try {
      const method = String(init.method ?? "GET").toUpperCase();
      const duration = Math.max(Math.trunc(shell.now(false) - this.started), 0);
      shell.trace({ purpose: "api", method, url: shell.traced(target), status, duration, attempt: number, error });
    } catch {
      // The module has failed: there is nobody to mask the address.
    }
  }
}

/** What is known of a failure while what tells more is not there, which the network has to bring, too. */
const UNREACHABLE = { code: "network", message: "the provider could not be reached", hint: "Check the connection and the address.", retryable: true };

/** For hosts that can; elsewhere the caller's own counts. @param {AbortSignal} signal @param {AbortSignal} own */
function joined(signal, own) {
  return isFunction(AbortSignal.any) ? AbortSignal.any([signal, own]) : signal;
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
