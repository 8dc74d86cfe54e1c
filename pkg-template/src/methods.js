/** What a client does, once its shell is open; arguments were read when the call came in. */
import { problem } from "./problem.js";
import { AuthError } from "./error.js";
import { api } from "./call.js";
import { page } from "./host.js";
import { INPUT } from "./numbers.js";

/** @typedef {import("./calls.js").CallOptions & { at: import("./calls.js").Place }} Who */
/** @typedef {ReturnType<typeof methods>} Methods */

const NONE = Number.NaN;

/** @param {import("./shell.js").Shell} shell */
export function methods(shell) {
  const { calls } = shell;
  const { about } = shell;
  if (!about) throw new AuthError({ code: "closed", message: "the client is not open" });
  const error = (/** @type {any} */ fields, /** @type {Who} */ { at }) => new AuthError({ provider: about.provider, ...fields }, at);

  /** What the caller's `credentials` does at once may not wait for the renewal that waits for it. @param {Who} who */
  function notAsking(who) {
    if (!shell.isAsking) return;
    throw error(
      {
        code: "login_required",
        message: "the session that `credentials` is asked for is not there yet",
        hint: "Do not use the client inside the `credentials` function.",
      },
      who,
    );
  }

  /** @param {Who} who */
  function redirects(who) {
    if (about.redirects) return;
    throw error({ code: "unsupported", message: `${about.provider} does not sign in by redirect`, hint: "Call `login`." }, who);
  }

  const authorizationUrl = (/** @type {string | undefined} */ returnTo, /** @type {Who} */ who) =>
    calls.ask(INPUT.AUTHORIZATION_URL, [0, NONE, false, returnTo], who);

  return {
    shell,
    fetch: api(shell, notAsking),

    /** The token, if it can be used as it is: then no promise of the machine's is waited for. @param {number} minValidity */
    tokenAtHand(minValidity) {
      try {
        return shell.isFresh(minValidity) ? shell.prepared().token : null;
      } catch {
        return null;
      }
    },

    /** @param {string | Error} credentials @param {Who} who */
    login(credentials, who) {
      // Where there is nothing to sign in with, whatever was given is not the mistake.
      if (typeof credentials !== "string" && !about.redirects) throw credentials;
      return calls.ask(INPUT.LOGIN, [0, who.limit, false, typeof credentials === "string" ? credentials : "[]"], who);
    },

    /** @param {string} code @param {Who} who */
    confirm: (code, who) => calls.ask(INPUT.CONFIRM, [0, who.limit, false, code], who),

    /** @param {string} tokens @param {Who} who */
    setSession: (tokens, who) => calls.ask(INPUT.SET_SESSION, [0, NONE, false, tokens], who),

    /** @param {string | undefined} returnTo @param {Who} who */
    authorizationUrl,

    /** @param {string | undefined} returnTo @param {Who} who */
    async loginWithRedirect(returnTo, who) {
      redirects(who);
      if (page() === undefined) {
        const hint = "Call `authorizationUrl` and send the user there yourself.";
        throw error({ code: "unsupported", message: "there is no page to redirect", hint }, who);
      }
      const address = await authorizationUrl(returnTo, who);
      try {
        globalThis.location.assign(address);
      } catch (cause) {
        throw error({ code: "unsupported", message: "the page could not be redirected", cause }, who);
      }
      // The page is left; until then the call may be aborted.
      return new Promise((resolve, reject) => void calls.wait({ resolve, reject, at: who.at }, who.signal));
    },

    /** @param {{ address: string, isPage: boolean } | Error} url @param {Who} who */
    async handleRedirect(url, who) {
      redirects(who);
      if (url instanceof Error) throw url;
      const address = url.isPage ? shell.handled(url.address) : url.address;
      try {
        return await calls.ask(INPUT.CALLBACK, [0, who.limit, false, address], who);
      } finally {
        // It is redeemed also when this caller waits no longer; another one may ask for the result.
        if (!who.signal?.aborted) shell.redeemed(address);
      }
    },

    /** @param {Who} who */
    refresh(who) {
      notAsking(who);
      return calls.ask(INPUT.REFRESH, [0, who.limit], who);
    },

    /** @param {number} minValidity @param {boolean} force @param {Who} who */
    async getAccessToken(minValidity, force, who) {
      notAsking(who);
      if (!about.hasToken) {
        const message = `${about.provider} signs calls with the credentials: there is no token`;
        throw error({ code: "unsupported", message, hint: "Call the API with `fetch` of the client." }, who);
      }
      const begin = /** @type {import("./calls.js").Begin} */ ([minValidity, who.limit, force]);
      if (force || isFinite(who.limit)) await calls.ask(INPUT.TOKEN, begin, who);
      else await calls.share(INPUT.TOKEN, begin, who);
      const { token } = shell.prepared();
      if (token === null) throw error({ code: "login_required", message: "nobody is signed in", hint: "Call `login` first." }, who);
      return token;
    },

    /** @param {any} response @param {Who} who */
    problem: (response, who) => problem(shell, response, who),

    /** @param {Who} who */
    check(who) {
      notAsking(who);
      return calls.ask(INPUT.CHECK, [0, who.limit], who);
    },

    /** @param {boolean} revoke @param {Who} who */
    logout: (revoke, who) => calls.ask(INPUT.LOGOUT, [0, who.limit, revoke], who).then(() => undefined),
  };
}
