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
  if (frames(error.stack).some(isCallers)) return error;
  const lines = frames(new Error().stack);
  const first = lines.findIndex(isCallers);
  if (first >= 0) {
    const value = [`${error.name}: ${error.message}`, ...lines.slice(first)].join("\n");
    Object.defineProperty(error, "stack", { value, configurable: true, writable: true });
  }
  return error;
}

const FRAME = /^\s+at /;

/** The folder of this script, as it stands in stacks. @type {string | undefined} */
let folder;

/** @param {unknown} stack */
function frames(stack) {
  return typeof stack === "string" ? stack.split("\n").filter((line) => FRAME.test(line)) : [];
}

/** Whether a place is neither the package's nor the host's. @param {string} line */
function isCallers(line) {
  folder ??= /([^\s()]+[/\\])[^/\\\s()]*:\d+:\d+\)?$/m.exec(String(new Error().stack))?.[1] ?? "\n";
  return FRAME.test(line) && !line.includes(folder) && !/\bnode:|<anonymous>\)?$/.test(line);
}

/**
 * A stack without its first lines that are the package's own, when a caller's follow.
 *
 * @param {string | undefined} stack
 */
export function outside(stack) {
  const lines = String(stack).split("\n");
  const first = lines.findIndex((line) => FRAME.test(line));
  const callers = lines.findIndex(isCallers);
  return callers <= first ? undefined : [...lines.slice(0, first), ...lines.slice(callers)].join("\n");
}
