/** What a client does that no page needs until it has its first token. */
import { secret } from "./credentials.js";
import { href, page } from "./host.js";
import { error, method, notAsking } from "./method.js";
import { invalid } from "./mistakes.js";
import { INPUT } from "./numbers.js";
import { problem } from "./problem.js";
import { tokens } from "./tokens.js";

/** @typedef {import("./method.js").Who} Who */
/** @typedef {import("./shell.js").Shell} Shell */

const NONE = Number.NaN;

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

export const methods = {
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

  problem: method(1, [], (shell, [response], who) => problem(shell, response, who)),

  check: method(0, [], (shell, _, who) => {
    notAsking(shell, who);
    return shell.calls.ask(INPUT.CHECK, [0, who.limit], who);
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
