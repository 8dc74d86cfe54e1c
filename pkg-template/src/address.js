/** Where a call goes: below the API base, or to an origin that may have the credential. */
import { AuthError } from "./error.js";
import { invalid } from "./mistakes.js";

/** Starts with a scheme, or with `//`, and so does not stand below a base. */
const ABSOLUTE = /^\s*(?:[/\\]{2}|[a-z][a-z\d+.-]*:)/i;

/** Of these the parser changes nothing: a path without dots that lead upwards, and without what it would encode. */
const SIMPLE = /^\w(?:[\w~?&=+,!*/@;-]|\.(?=[\w-])|%(?!2e))*$/i;

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
  if (input[0] === "/" && SIMPLE.test(input.slice(1))) return base + input;
  if (!ABSOLUTE.test(input)) return allowed(shell, relative(base, shell.about.endpoint ?? null, input), base, origins);
  const isBelow = input.startsWith(base) && input[base.length] === "/" && SIMPLE.test(input.slice(base.length + 1));
  return isBelow ? input : allowed(shell, input, base, origins);
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

/** @param {import("./shell.js").Shell} shell @param {string} input @param {string} base @param {string[]} origins */
function allowed(shell, input, base, origins) {
  const { href, origin, protocol, hostname, username, password } = parsed(input, base);
  if (username || password) throw invalid("input", "an address without user name and password");
  const isHttp = /^https?:$/.test(protocol);
  if (!isHttp || !origins.includes(origin)) {
    throw new AuthError({
      code: "origin_not_allowed",
      message: `the credential is not sent to ${isHttp ? origin : protocol.slice(0, -1)}`,
      provider: shell.provider,
      hint: "Add the origin to the option `allowedOrigins` if it belongs to the provider.",
    });
  }
  if (protocol === "http:" && !LOOPBACK.test(hostname) && !shell.about.allowInsecure) {
    throw new AuthError({
      code: "insecure_url",
      message: "the credential is not sent over http: to another machine",
      provider: shell.provider,
      hint: "Use https:, or set `allowInsecure: true` for a network that you trust.",
    });
  }
  return href;
}

/** @param {string} input @param {string} base */
function parsed(input, base) {
  try {
    return new URL(input, base);
  } catch {
    throw invalid("input", "an address");
  }
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
