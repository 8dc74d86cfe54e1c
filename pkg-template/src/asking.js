/** Asks the caller's `credentials` on behalf of the machine. */
import { credentials } from "./credentials.js";
import { lines } from "./host.js";
import { INPUT } from "./numbers.js";

/** @param {import("./shell.js").Shell} shell @param {number} op @param {string} reason */
export async function ask(shell, op, reason) {
  const fail = (/** @type {any} */ fields, /** @type {unknown} */ cause) =>
    shell.feed(INPUT.GIVEN, op, 0, Number.NaN, true, lines(fields), cause);
  let given;
  try {
    shell.isAsking = shell.hasAsked = true;
    const asked = shell.options.credentials?.(reason);
    shell.isAsking = false;
    given = await asked;
  } catch (exception) {
    return fail({ code: "login_required", message: "the function `credentials` failed" }, exception);
  } finally {
    shell.isAsking = shell.hasAsked = false;
  }
  try {
    shell.feed(INPUT.GIVEN, op, 0, Number.NaN, false, given === null || given === undefined ? undefined : credentials(given));
  } catch (error) {
    fail(error, undefined);
  }
}
