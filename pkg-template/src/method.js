/** What the methods of a client have in common: options are read, and whatever is thrown is an AuthError. */
import { callOptions, settled } from "./call-options.js";
import { AuthError } from "./error.js";

/** @typedef {import("./call-options.js").CallOptions & { at: import("./calls.js").Place }} Who */
/** @typedef {import("./shell.js").Shell} Shell */

/** @param {Shell} shell @param {any} fields @param {Who} who */
export const error = ({ provider }, fields, { at }) => new AuthError({ provider, ...fields }, at);

/**
 * A method whose options stand at that place among what it takes.
 *
 * @param {number} place
 * @param {string[]} names of options of its own
 * @param {(shell: Shell, taken: any[], who: Who) => any} doing
 */
export const method = (place, names, doing) => async (/** @type {Shell} */ shell, /** @type {any[]} */ taken, /** @type {Who["at"]} */ at) => {
  /** @type {AbortSignal | null} */
  let signal = null;
  try {
    const options = callOptions(taken[place], names);
    signal = options.signal;
    return await doing(shell, taken, { ...options, at });
  } catch (thrown) {
    throw settled(thrown, signal);
  }
};

/** What the caller's `credentials` does at once may not wait for the renewal that waits for it. @param {Shell} shell @param {Who} who */
export function notAsking(shell, who) {
  if (!shell.isAsking) return;
  throw error(
    shell,
    {
      code: "login_required",
      message: "the session that `credentials` is asked for is not there yet",
      hint: "Do not use the client inside the `credentials` function.",
    },
    who,
  );
}
