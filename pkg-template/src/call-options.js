/** Options of a call: `signal`, `timeout`, and those of its own. */
import { AuthError, isAuthError } from "./error.js";
import { invalid } from "./mistakes.js";
import { isFunction, isObject, isWhole, LIFE, members } from "./reading.js";

/**
 * @typedef {object} CallOptions
 * @property {AbortSignal | null} signal
 * @property {number} limit no number where none is given
 * @property {Record<string, any>} own
 */

/**
 * @param {unknown} given
 * @param {string[]} [names] of its own
 * @returns {CallOptions}
 */
export function callOptions(given, names = []) {
  /** @type {CallOptions} */
  const read = { signal: null, limit: Number.NaN, own: {} };
  if (given === undefined || given === null) return read;
  const wrong = () => invalid("options", "an object");
  if (!isObject(given)) throw wrong();
  for (const [name, value] of members(given, wrong)) {
    if (name === "signal") read.signal = signal(value);
    else if (name === "timeout") {
      if (!isWhole(value, 1, LIFE)) throw invalid("timeout", "a whole number of milliseconds, 1 or more");
      read.limit = value;
    } else if (names.includes(name)) read.own[name] = value;
    else throw invalid(name, "left out: this call has no such option");
  }
  return read;
}

/** By shape: it may be another realm's, or a library's. @param {any} value @returns {AbortSignal | null} */
export function signal(value) {
  if (value === undefined || value === null) return null;
  try {
    if (typeof value.aborted === "boolean" && isFunction(value.addEventListener)) return value;
  } catch {
    // It is none.
  }
  throw invalid("signal", "an AbortSignal");
}

/** What a call rejects with whose signal was aborted; old signals do not say why. @param {AbortSignal} signal */
export function reasonOf(signal) {
  const { reason } = signal;
  return reason === undefined ? new DOMException("This operation was aborted", "AbortError") : reason;
}

/**
 * What a call rejects with: an AuthError, or what its signal says.
 *
 * @param {any} error
 * @param {AbortSignal | null} [signal]
 * @returns {any}
 */
export function settled(error, signal) {
  if (isAuthError(error) || signal?.aborted) return error;
  const hint = "Look at `cause`: something that every host has is missing here, or was replaced.";
  return new AuthError({ code: "unsupported", message: "this host has failed", hint, cause: error });
}

/** @param {Record<string, any>} own @param {string} name @param {boolean} otherwise */
export function flag(own, name, otherwise) {
  const value = own[name] ?? otherwise;
  if (typeof value !== "boolean" || own[name] === null) throw invalid(name, "true or false");
  return value;
}
