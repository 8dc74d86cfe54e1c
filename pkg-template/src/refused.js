/** What becomes of inputs while the module lacks what the first of them takes, and that cannot be had. */
import { INPUT } from "./numbers.js";

/** @typedef {import("./shell.js").Input} Input */

/** Inputs that somebody waits for. */
const ASKED = new Set([
  INPUT.OPEN,
  INPUT.LOGIN,
  INPUT.CONFIRM,
  INPUT.SET_SESSION,
  INPUT.CHECK,
  INPUT.REFRESH,
  INPUT.TOKEN,
  INPUT.REFUSED,
  INPUT.LOGOUT,
  INPUT.AUTHORIZATION_URL,
  INPUT.CALLBACK,
]);

/**
 * Nothing of what is asked is done, then or later; what was begun is nobody's any more. Gives the inputs that stay.
 *
 * @param {Input[]} inputs
 * @param {import("./calls.js").Calls} calls
 * @param {unknown} error
 * @returns {Input[]}
 */
export function refused(inputs, calls, error) {
  const [asked, others] = [true, false].map((is) => inputs.filter(([what]) => ASKED.has(what) === is));
  const waiting = asked.map(([, id]) => id);
  const begun = calls.refuse(error).filter((id) => !waiting.includes(id));
  return [...begun.map((id) => /** @type {Input} */ ([INPUT.ABANDON, id])), ...others];
}
