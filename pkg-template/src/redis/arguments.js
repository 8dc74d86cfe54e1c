import { AuthError } from "../error.js";

/** Half of a surrogate pair: on the way through UTF-8 it would become another character. */
const HALF = /\p{Surrogate}/u;

/**
 * Refuses a text that could not come back as it was.
 *
 * @param {"key" | "value"} argument
 * @param {unknown} text
 */
export function needText(argument, text) {
  if (typeof text !== "string" || HALF.test(text)) throw wrong(argument, "a well-formed text");
}

/**
 * @param {"task" | "listener"} argument
 * @param {unknown} value
 */
export function needFunction(argument, value) {
  if (typeof value !== "function") throw wrong(argument, "a function");
}

/**
 * @param {string} argument
 * @param {string} accepts
 */
function wrong(argument, accepts) {
  return new AuthError({ code: "invalid_input", message: `\`${argument}\` must be ${accepts}` });
}
