/** What a client does, once its shell is open: reads what a method took when it was called, and does it. */
import { flag } from "./call-options.js";
import { fetch } from "./call.js";
import { credentials } from "./credentials.js";
import { error, method, notAsking } from "./method.js";
import { invalid } from "./mistakes.js";
import { INPUT } from "./numbers.js";
import { isObject, isWhole, LIFE } from "./reading.js";

/** @typedef {import("./method.js").Who} Who */
/** @typedef {import("./shell.js").Shell} Shell */

/** What a page needs first. */
const first = {
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

  /** Also where nothing more can be loaded. */
  logout: method(0, ["revoke"], async ({ calls }, _, who) => {
    await calls.ask(INPUT.LOGOUT, [0, who.limit, flag(who.own, "revoke", true)], who);
  }),
};

/** The same functions for all clients: of each there are many. Those of `rest.js` come with it. @type {typeof first & Partial<import("./rest.js").Rest["methods"]>} */
export const methods = first;
