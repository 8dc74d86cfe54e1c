/** How many causes of causes are kept. */
const DEPTH = 8;

/** What hosts put beside the message: texts and numbers only. */
const FACTS = ["code", "errno", "syscall", "hostname", "address", "port"];

/** Members that a host's own errors have. */
const KNOWN = new Set([...FACTS, "name", "message", "stack", "cause"]);

/**
 * An exception for `cause`: as it is when it is a host's own plain error without any of the texts, else a copy of what
 * is worth knowing without them. Hosts and callers' own `fetch` put addresses, requests and more into their errors, and
 * a password may stand in any of it.
 *
 * @param {unknown} exception
 * @param {string[]} secrets longest first
 */
export function cause(exception, secrets) {
  return isPlain(exception, secrets, DEPTH) ? exception : copy(exception, secrets, DEPTH);
}

/**
 * @param {any} value
 * @param {string[]} secrets
 * @param {number} depth
 * @returns {boolean}
 */
function isPlain(value, secrets, depth) {
  if (typeof value !== "object" || value === null) {
    return typeof value !== "symbol" && typeof value !== "function" && !holds(value, secrets);
  }
  try {
    const isOwn = value instanceof Error && Reflect.ownKeys(value).every((key) => KNOWN.has(String(key)));
    const isClean = [...FACTS, "name", "message", "stack"].every(
      (key) => typeof value[key] !== "object" && typeof value[key] !== "symbol" && !holds(value[key], secrets),
    );
    const inner = value.cause;
    return isOwn && isClean && depth > 0 && (inner === undefined || isPlain(inner, secrets, depth - 1));
  } catch {
    return false;
  }
}

/**
 * @param {unknown} text
 * @param {string[]} secrets
 */
function holds(text, secrets) {
  return secrets.some((secret) => String(text).includes(secret));
}

/**
 * @param {any} value
 * @param {string[]} secrets
 * @param {number} depth
 */
function copy(value, secrets, depth) {
  const read = (/** @type {string} */ key) => {
    try {
      return value?.[key];
    } catch {
      return undefined;
    }
  };
  const scrub = (/** @type {unknown} */ text) =>
    secrets.reduce((shown, secret) => shown.replaceAll(secret, "***"), String(text));
  const text = typeof value === "object" ? read("message") : value;
  const inner = read("cause");
  /** @type {Error} */
  const error = new Error(
    typeof text === "string" ? scrub(text) : "an exception that is no error",
    inner === undefined || depth === 0 ? undefined : { cause: copy(inner, secrets, depth - 1) },
  );
  for (const key of ["name", "stack", ...FACTS]) {
    const fact = read(key);
    if (typeof fact === "string") Object.defineProperty(error, key, { value: scrub(fact), configurable: true, writable: true });
    if (typeof fact === "number") Object.assign(error, { [key]: fact });
  }
  return error;
}
