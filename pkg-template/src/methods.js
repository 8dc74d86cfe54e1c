/** What a client does, once its shell is open: reads what a method took when it was called, and does it. */
import { callOptions, flag, settled } from "./call-options.js";
import { problem } from "./problem.js";
import { AuthError } from "./error.js";
import { fetch } from "./call.js";
import { credentials, secret } from "./credentials.js";
import { href, page } from "./host.js";
import { invalid } from "./mistakes.js";
import { INPUT } from "./numbers.js";
import { isObject, isWhole, LIFE } from "./reading.js";
import { tokens } from "./tokens.js";

/** @typedef {import("./call-options.js").CallOptions & { at: import("./calls.js").Place }} Who */
/** @typedef {import("./shell.js").Shell} Shell */

const NONE = Number.NaN;

/** @param {Shell} shell @param {any} fields @param {Who} who */
const error = ({ provider }, fields, { at }) => new AuthError({ provider, ...fields }, at);

/**
 * A method whose options stand at that place among what it takes.
 *
 * @param {number} place
 * @param {string[]} names of options of its own
 * @param {(shell: Shell, taken: any[], who: Who) => any} doing
 */
const method = (place, names, doing) => async (/** @type {Shell} */ shell, /** @type {any[]} */ taken, /** @type {Who["at"]} */ at) => {
  /** @type {AbortSignal | null} */
  let signal = null;
  try {
    const options = callOptions(taken[place], names);
    signal = options.signal;
    return await doing(shell, taken, { ...options, at });
  } catch (thrown) {
    throw settled(thrown, signal);
  }
};

/** What the caller's `credentials` does at once may not wait for the renewal that waits for it. @param {Shell} shell @param {Who} who */
function notAsking(shell, who) {
  if (!shell.isAsking) return;
  throw error(
    shell,
    {
      code: "login_required",
      message: "the session that `credentials` is asked for is not there yet",
      hint: "Do not use the client inside the `credentials` function.",
    },
    who,
  );
}

/** @param {Shell} shell @param {Who} who */
function redirects(shell, who) {
  if (shell.about.redirects) return;
  throw error(shell, { code: "unsupported", message: `${shell.provider} does not sign in by redirect`, hint: "Call `login`." }, who);
}

/** @param {Shell} shell @param {any} _ @param {Who} who */
function authorizationUrl({ calls }, _, who) {
  const { returnTo } = who.own;
  const read = returnTo === undefined || returnTo === null ? undefined : secret(returnTo, "returnTo");
  return calls.ask(INPUT.AUTHORIZATION_URL, [0, NONE, false, read], who);
}

/** The same functions for all clients: of each there are many. */
export const methods = {
  /** @param {Shell} shell @param {unknown[]} taken @param {Who["at"]} _ @param {Function} entry */
  fetch: (shell, taken, _, entry) => fetch(shell, taken, entry, notAsking),

  /** The token, if it can be used as it is: then no promise of the machine's is waited for. @param {Shell} shell @param {any} options */
  tokenAtHand(shell, options) {
    try {
      if (options !== undefined && options !== null && !isObject(options)) return null;
      for (const name in options) if (name !== "minValidity") return null;
      const { minValidity = 0 } = options ?? {};
      return isWhole(minValidity, 0, LIFE) && shell.isFresh(minValidity) ? shell.prepared().token : null;
    } catch {
      return null;
    }
  },

  login: method(1, [], ({ calls, about }, [given], who) => {
    // Where there is nothing to sign in with, whatever was given is not the mistake.
    return calls.ask(INPUT.LOGIN, [0, who.limit, false, about.redirects ? "[]" : credentials(given)], who);
  }),

  confirm: method(1, [], ({ calls }, [code], who) => calls.ask(INPUT.CONFIRM, [0, who.limit, false, secret(code, "code")], who)),

  setSession: method(1, [], ({ calls }, [given], who) => calls.ask(INPUT.SET_SESSION, [0, NONE, false, tokens(given)], who)),

  authorizationUrl: method(0, ["returnTo"], authorizationUrl),

  loginWithRedirect: method(0, ["returnTo"], async (shell, taken, who) => {
    redirects(shell, who);
    if (page() === undefined) {
      const hint = "Call `authorizationUrl` and send the user there yourself.";
      throw error(shell, { code: "unsupported", message: "there is no page to redirect", hint }, who);
    }
    const address = await authorizationUrl(shell, taken, who);
    try {
      globalThis.location.assign(address);
    } catch (cause) {
      throw error(shell, { code: "unsupported", message: "the page could not be redirected", cause }, who);
    }
    // The page is left; until then the call may be aborted.
    return new Promise((resolve, reject) => void shell.calls.wait({ resolve, reject, at: who.at }, who.signal));
  }),

  handleRedirect: method(1, [], async (shell, [{ here, given }], who) => {
    redirects(shell, who);
    const address = callback(here, given);
    const handled = given === undefined || given === null ? shell.handled(address) : address;
    try {
      return await shell.calls.ask(INPUT.CALLBACK, [0, who.limit, false, handled], who);
    } finally {
      // It is redeemed also when this caller waits no longer; another one may ask for the result.
      if (!who.signal?.aborted) shell.redeemed(handled);
    }
  }),

  refresh: method(0, [], (shell, _, who) => {
    notAsking(shell, who);
    return shell.calls.ask(INPUT.REFRESH, [0, who.limit], who);
  }),

  getAccessToken: method(0, ["minValidity", "forceRefresh"], async (shell, _, who) => {
    const { minValidity = 0 } = who.own;
    if (!isWhole(minValidity, 0, LIFE)) throw invalid("minValidity", "milliseconds, 0 or more");
    const force = flag(who.own, "forceRefresh", false);
    notAsking(shell, who);
    const { calls, about } = shell;
    if (!about.hasToken) {
      const message = `${shell.provider} signs calls with the credentials: there is no token`;
      throw error(shell, { code: "unsupported", message, hint: "Call the API with `fetch` of the client." }, who);
    }
    const isOwn = force || !Number.isNaN(who.limit);
    await (isOwn ? calls.ask(INPUT.TOKEN, [minValidity, who.limit, force], who) : calls.share(INPUT.TOKEN, [minValidity], who));
    const { token } = shell.prepared();
    if (token === null) throw error(shell, { code: "login_required", message: "nobody is signed in", hint: "Call `login` first." }, who);
    return token;
  }),

  problem: method(1, [], (shell, [response], who) => problem(shell, response, who)),

  check: method(0, [], (shell, _, who) => {
    notAsking(shell, who);
    return shell.calls.ask(INPUT.CHECK, [0, who.limit], who);
  }),

  logout: method(0, ["revoke"], async ({ calls }, _, who) => {
    await calls.ask(INPUT.LOGOUT, [0, who.limit, flag(who.own, "revoke", true)], who);
  }),
};

/** The address to handle. @param {string | undefined} here the page's @param {unknown} given */
function callback(here, given) {
  if (given === undefined || given === null) {
    if (here === undefined) throw invalid("url", "given: there is no page whose address could be read");
    return here;
  }
  if (typeof given !== "string") throw invalid("url", "text or a URL");
  const address = href(given, here);
  if (address === undefined) throw invalid("url", "an absolute address");
  return address;
}
