/** How deep an exception is looked through. */
const DEPTH = 4;

/**
 * The exception as it is, unless one of the texts stands anywhere in it: then a copy without them. Hosts and callers'
 * own `fetch` put addresses into their errors, and a password may stand in an address.
 *
 * @param {unknown} exception
 * @param {string[]} secrets longest first
 */
export function cause(exception, secrets) {
  return holds(exception, secrets, DEPTH) ? copy(exception, secrets, DEPTH) : exception;
}

/**
 * @param {any} value
 * @param {string[]} secrets
 * @param {number} depth
 * @returns {boolean}
 */
function holds(value, secrets, depth) {
  if (typeof value === "string") return secrets.some((secret) => value.includes(secret));
  if (typeof value !== "object" || value === null || depth === 0) return false;
  try {
    if (value instanceof URL || value instanceof Request) return holds(String(/** @type {any} */ (value).url ?? value), secrets, 1);
    return Reflect.ownKeys(value).some((key) => holds(value[key], secrets, depth - 1));
  } catch {
    return true;
  }
}

/**
 * @param {any} value
 * @param {string[]} secrets
 * @param {number} depth
 * @returns {Error}
 */
function copy(value, secrets, depth) {
  const scrub = (/** @type {unknown} */ text) =>
    secrets.reduce((shown, secret) => shown.replaceAll(secret, "***"), String(text));
  const inner = value?.cause;
  const options = inner === undefined || depth === 0 ? undefined : { cause: copy(inner, secrets, depth - 1) };
  const error = new Error(scrub(value?.message ?? value), options);
  error.name = scrub(value?.name ?? "Error");
  error.stack = scrub(value?.stack ?? error.message);
  if (typeof value?.code === "string") Object.assign(error, { code: scrub(value.code) });
  return error;
}
