/** Values from outside: own members, each read once, and whatever throws is told as a mistake. */

/** Longest credential, bytes. */
const LONGEST = 65_536;

/**
 * Own members of an object, but for undefined ones.
 *
 * @param {any} value
 * @param {() => Error} wrong
 * @returns {[name: string, value: any][]}
 */
export function members(value, wrong) {
  try {
    return Object.keys(value)
      .map((name) => /** @type {[string, any]} */ ([name, value[name]]))
      .filter(([, member]) => member !== undefined);
  } catch {
    throw wrong();
  }
}

/** @param {unknown} value @returns {value is object} */
export function isObject(value) {
  return typeof value === "object" && value !== null && !isList(value);
}

/** `Array.isArray` throws at a Proxy that was revoked. @param {unknown} value */
export function isList(value) {
  try {
    return Array.isArray(value);
  } catch {
    return true;
  }
}

/** @param {unknown} value @returns {value is Function} */
export function isFunction(value) {
  return typeof value === "function";
}

/** Half a character would become another one on the way, and two accounts one. @param {string} text */
export function isWellFormed(text) {
  try {
    encodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** Whether text is longer than a credential may be. @param {string} text well-formed */
export function isTooLong(text) {
  if (text.length > LONGEST) return true;
  return text.length * 3 > LONGEST && encodeURIComponent(text).replace(/%../g, "-").length > LONGEST;
}

/** @param {unknown} value @param {number} least @param {number} most @returns {value is number} */
export function isWhole(value, least, most) {
  return Number.isSafeInteger(value) && /** @type {number} */ (value) >= least && /** @type {number} */ (value) <= most;
}

/** The last moment that a clock can show, and the longest duration. */
export const LIFE = 8.64e15;

/** Takes what a function gave for its effect: a promise that rejects is not left unhandled. @param {any} given */
export function silence(given) {
  try {
    given?.then?.(
      () => {},
      () => {},
    );
  } catch {
    // What a callback does is nobody's concern.
  }
}

/** @template T @param {() => T} look @returns {T | undefined} undefined also where it throws */
export function attempt(look) {
  try {
    return look();
  } catch {
    return undefined;
  }
}
