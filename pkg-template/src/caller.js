/**
 * Where a call came from: an error tells of the line that the caller wrote, and not of lines of the package. Hosts without
 * `captureStackTrace` show their own.
 *
 * @typedef {{ stack?: unknown }} Place
 */

/**
 * The stack above a function of the package.
 *
 * @param {Function} entry
 * @returns {Place | undefined}
 */
export function caller(entry) {
  const host = /** @type {{ captureStackTrace?: (at: Place, entry: Function) => void }} */ (Error);
  if (!host.captureStackTrace) return undefined;
  const at = {};
  host.captureStackTrace(at, entry);
  return at;
}

/**
 * An error's stack from there; nothing where the host does not tell.
 *
 * @param {Place} at
 * @param {Error} error
 */
export function from(at, error) {
  const lines = typeof at.stack === "string" ? at.stack.split("\n") : [];
  const first = lines.findIndex((line) => FRAME.test(line));
  return first < 0 ? undefined : [`${error.name}: ${error.message}`, ...lines.slice(first)].join("\n");
}

/**
 * An error of a call that nobody noted the place of: the host knows who waits for it.
 *
 * @param {any} error
 * @param {string} provider
 */
export function told(error, provider) {
  error.provider ??= provider;
  const stack = outside(new Error().stack);
  const lines = stack?.split("\n").filter((line) => FRAME.test(line));
  const isOutside = error.stack?.split("\n").some((/** @type {string} */ line) => FRAME.test(line) && !line.includes(folder || "\n"));
  if (lines && !isOutside) define(error, [`${error.name}: ${error.message}`, ...lines].join("\n"));
  return error;
}

/** @param {Error} error @param {string} stack */
function define(error, stack) {
  Object.defineProperty(error, "stack", { value: stack, configurable: true, writable: true });
}

const FRAME = /^\s+at /;

/** The folder of this script, as it stands in stacks. @type {string | undefined} */
let folder;

/**
 * A stack without its first lines that are the package's own, when others follow.
 *
 * @param {string | undefined} stack
 */
export function outside(stack) {
  folder ??= /([^\s()]+[/\\])[^/\\\s()]*:\d+:\d+\)?$/m.exec(String(new Error().stack))?.[1] ?? "";
  if (!folder || typeof stack !== "string") return undefined;
  const lines = stack.split("\n");
  const first = lines.findIndex((line) => FRAME.test(line));
  const own = /** @type {string} */ (folder);
  const callers = lines.findIndex((line, n) => n >= first && FRAME.test(line) && !line.includes(own));
  return first < 0 || callers <= first ? undefined : [...lines.slice(0, first), ...lines.slice(callers)].join("\n");
}
