/**
 * Exceptions for `cause`: as they are when they are a host's own plain errors without any secret, else a copy of what is
 * worth knowing without them. Hosts and callers' own `fetch` put addresses, requests and more into their errors, and a
 * password may stand in any of it.
 */

/** How many causes of causes are kept. */
const DEPTH = 8;

/** What hosts put beside the message: texts and numbers only. */
const FACTS = ["code", "errno", "syscall", "hostname", "address", "port"];

/** What is kept of an exception, in the order in which its texts are told. */
const TEXTS = ["name", "message", "stack", ...FACTS];

/** Members that a host's own errors have. */
const KNOWN = new Set([...TEXTS, "cause"]);

/** Longest text that is looked through. */
const LONGEST = 20_000;

/**
 * The texts of an exception and of its causes.
 *
 * @param {unknown} exception
 * @returns {string[]}
 */
export function texts(exception) {
  return chain(exception).flatMap((one) => TEXTS.map((name) => shown(isObject(one) ? member(one, name) : name === "message" ? one : "")));
}

/**
 * The exception with these texts in place of its own.
 *
 * @param {unknown} exception
 * @param {string[]} scrubbed
 */
export function retold(exception, scrubbed) {
  const own = texts(exception);
  const all = chain(exception);
  const isClean = own.length === scrubbed.length && own.every((text, n) => text === scrubbed[n]);
  if (isClean && all.every(isPlain)) return exception;
  /** @type {Error | undefined} */
  let cause;
  for (const [depth, one] of [...all.entries()].reverse()) {
    const at = (/** @type {string} */ name) => scrubbed[depth * TEXTS.length + TEXTS.indexOf(name)];
    const text = isObject(one) ? member(one, "message") : one;
    const message = typeof text === "string" ? at("message") : "an exception that is no error";
    /** @type {Error} */
    const error = new Error(message, cause && { cause });
    for (const name of ["name", "stack", ...FACTS]) {
      const fact = isObject(one) ? member(one, name) : undefined;
      if (typeof fact === "string") Object.defineProperty(error, name, { value: at(name), configurable: true, writable: true });
      if (typeof fact === "number" && at(name) === String(fact)) Object.assign(error, { [name]: fact });
    }
    cause = error;
  }
  return cause;
}

/** An exception and its causes. @param {unknown} exception */
function chain(exception) {
  const all = [exception];
  for (let one = exception; isObject(one) && all.length <= DEPTH; ) {
    one = member(one, "cause");
    if (one === undefined) break;
    all.push(one);
  }
  return all;
}

/** Whether it can hold nothing that is not among its texts. @param {any} value @param {number} depth */
function isPlain(value, depth) {
  if (!isObject(value)) return typeof value !== "symbol" && typeof value !== "function";
  try {
    const isOwn = value instanceof Error && Reflect.ownKeys(value).every((key) => KNOWN.has(String(key)));
    const isShort = TEXTS.every((name) => {
      const text = /** @type {any} */ (value)[name];
      return typeof text === "string" ? text.length <= LONGEST : typeof text !== "object" && typeof text !== "symbol" && typeof text !== "function";
    });
    return isOwn && isShort && (depth < DEPTH || /** @type {any} */ (value).cause === undefined);
  } catch {
    return false;
  }
}

/** @param {unknown} value @returns {value is object} */
function isObject(value) {
  return typeof value === "object" && value !== null;
}

/** @param {object} object @param {string} name */
function member(object, name) {
  try {
    return /** @type {any} */ (object)[name];
  } catch {
    return undefined;
  }
}

/** @param {unknown} value */
function shown(value) {
  if (typeof value === "number") return String(value);
  return typeof value === "string" ? value.slice(0, LONGEST).replace(/\p{Surrogate}/gu, "\uFFFD") : "";
}
