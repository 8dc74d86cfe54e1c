/** Mistakes of the caller: named, and without the value, which may be a secret. */
import { AuthError } from "./error.js";

/**
 * A wrong option: names it and says what it accepts.
 *
 * @param {string} name
 * @param {string} accepts
 */
export function config(name, accepts) {
  return new AuthError({ code: "invalid_config", message: `option \`${name}\` must be ${accepts}` });
}

/**
 * A wrong argument, likewise. The value is never shown.
 *
 * @param {string} name
 * @param {string} accepts
 */
export function invalid(name, accepts) {
  return new AuthError({ code: "invalid_input", message: `\`${name}\` must be ${accepts}` });
}
