/** Where a call goes: below the API base, or to an origin that may have the credential. */
import { AuthError } from "./error.js";
import { invalid } from "./mistakes.js";
import { href } from "./host.js";

/** Starts with a scheme, or with `//`, and so does not stand below a base. */
const ABSOLUTE = /^\s*(?:[/\\]{2}|[a-z][a-z\d+.-]*:)/i;

/** Of these the parser changes nothing: a path without dots that lead upwards, and without what it would encode. */
const SIMPLE = /^\w(?:[\w~?&=+,!*/@;-]|\.(?=[\w-]))*$/;

const LOOPBACK = /^(?:localhost|.*\.localhost|127(?:\.\d+){3}|\[::1\])\.?$/;

/**
 * The absolute address of a call.
 *
 * @param {import("./shell.js").Shell} shell
 * @param {string} input
 * @returns {string}
 */
export function address(shell, input) {
  const { base, origins } = shell.prepared();
  if (SIMPLE.test(input)) return `${base}/${input}`;
  if (ABSOLUTE.test(input)) return allowed(shell, href(input, base), origins);
  return allowed(shell, href(relative(base, shell.about?.endpoint ?? null, input)), origins);
}

/** The base counts as a folder. @param {string} base @param {string | null} endpoint @param {string} input */
function relative(base, endpoint, input) {
  const path = input.replace(/^\/+/, "");
  const isBare = path === "" || input.startsWith("?");
  const folder = isBare && endpoint !== null ? below(base, endpoint) : base;
  return below(folder, path);
}

/** @param {string} base @param {string} path */
function below(base, path) {
  const folder = base.replace(/\/+$/, "");
  const rest = path.replace(/^\/+/, "");
  return rest === "" || /^[?#]/.test(rest) ? folder + rest : `${folder}/${rest}`;
}

/** @param {import("./shell.js").Shell} shell @param {string | undefined} whole @param {string[]} origins */
function allowed(shell, whole, origins) {
  if (whole === undefined) throw invalid("input", "an address");
  const url = new URL(whole);
  if (url.username || url.password) throw invalid("input", "an address without user name and password");
  const isHttp = /^https?:$/.test(url.protocol);
  if (!isHttp || !origins.includes(url.origin)) {
    throw new AuthError({
      code: "origin_not_allowed",
      message: `the credential is not sent to ${isHttp ? url.origin : url.protocol.slice(0, -1)}`,
      provider: shell.provider,
      hint: "Add the origin to the option `allowedOrigins` if it belongs to the provider.",
    });
  }
  if (url.protocol === "http:" && !LOOPBACK.test(url.hostname) && !shell.about?.allowInsecure) {
    throw new AuthError({
      code: "insecure_url",
      message: "the credential is not sent over http: to another machine",
      provider: shell.provider,
      hint: "Use https:, or set `allowInsecure: true` for a network that you trust.",
    });
  }
  return whole;
}

/** @param {[string, string, boolean][]} pairs */
export function encoded(pairs) {
  return String(new URLSearchParams(pairs.map(([name, value]) => [name, value])));
}

/** The address with more, already encoded, in its query. @param {string} target @param {string} more */
export function withQuery(target, more) {
  if (!more) return target;
  const [before] = target.split("#", 1);
  const separator = !before.includes("?") ? "?" : /[?&]$/.test(before) ? "" : "&";
  return before + separator + more + target.slice(before.length);
}
