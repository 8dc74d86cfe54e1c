/** Reads credentials when they are given: their owner may wipe them at once. */
import { invalid } from "./mistakes.js";
import { isObject, isTooLong, isWellFormed, members } from "./reading.js";

/**
 * Names and values as the machine takes them.
 *
 * @param {unknown} given to `login`, or by the function `credentials`
 */
export function credentials(given) {
  const wrong = () => invalid("credentials", "an object");
  if (!isObject(given)) throw wrong();
  return JSON.stringify(members(given, wrong).map(([name, value]) => [isWellFormed(name) ? name : "?", secret(value, name)]));
}

/**
 * One text.
 *
 * @param {unknown} value
 * @param {string} name
 */
export function secret(value, name) {
  if (typeof value !== "string") throw invalid(name, "text");
  if (!isWellFormed(value)) throw invalid(name, "well-formed Unicode");
  if (isTooLong(value)) throw invalid(name, "text of at most 64 KiB");
  return value;
}
