/** Values that a caller has given: read once, and told what is wrong with them. */
import { inspect } from "node:util";

/** @param {string} where @param {string} expected @param {unknown} given */
export function mistake(where, expected, given) {
  return new TypeError(`${where}: ${expected} expected, ${inspect(given, { depth: 0, maxStringLength: 80, breakLength: Infinity })} given`);
}

/** @param {string} where @param {readonly string[]} names @param {unknown} given */
export function oneOf(where, names, given) {
  if (names.includes(/** @type {string} */ (given))) return;
  throw mistake(where, `one of ${names.map((name) => JSON.stringify(name)).join(", ")}`, given);
}

/**
 * The members that are there, none but these.
 *
 * @param {string} where
 * @param {readonly string[]} names
 * @param {unknown} given
 * @returns {Record<string, any>}
 */
export function members(where, names, given) {
  if (typeof given !== "object" || given === null || Array.isArray(given)) throw mistake(where, "an object", given);
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown !== undefined) throw new TypeError(`${where} has no member ${JSON.stringify(unknown)}: there are ${names.join(", ")}`);
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** @param {string} where @param {unknown} given @param {number} [most] */
export function whole(where, given, most = Number.MAX_SAFE_INTEGER) {
  const isFit = Number.isSafeInteger(given) && /** @type {number} */ (given) >= 0 && /** @type {number} */ (given) <= most;
  if (!isFit) throw mistake(where, most < Number.MAX_SAFE_INTEGER ? `a whole number from 0 to ${most}` : "a whole number, 0 or more,", given);
}

/** @param {string} where @param {unknown} given */
export function amount(where, given) {
  if (!Number.isFinite(given) || /** @type {number} */ (given) < 0) throw mistake(where, "a number, 0 or more,", given);
}
