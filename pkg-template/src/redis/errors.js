import { AuthError } from "../error.js";

/** Longest text of Redis or of its client that is shown. */
const LONGEST = 200;

/**
 * @param {string} message
 * @param {string} [hint]
 */
export function invalid(message, hint) {
  return new AuthError({ code: "invalid_config", message, hint });
}

/**
 * @param {string} message
 * @param {string} hint
 * @param {unknown} [exception] what the client was rejected with
 */
export function storage(message, hint, exception) {
  const cause = exception === undefined ? undefined : known(exception);
  return new AuthError({ code: "storage", message, retryable: true, hint, cause });
}

/**
 * What an exception of a client says, on one line. Redis repeats arguments where it does not know a command, and a
 * token is among them.
 *
 * @param {any} exception
 */
export function reason(exception) {
  const text = String(exception?.message || exception?.code || exception).split(/,? with args beginning with/)[0];
  return text.replace(/[\p{C}\p{Z}]+/gu, " ").trim().slice(0, LONGEST);
}

/**
 * An exception without what clients put beside its message: the command and its arguments.
 *
 * @param {any} exception
 */
function known(exception) {
  const error = new Error(reason(exception));
  if (typeof exception?.name === "string") error.name = exception.name;
  if (typeof exception?.code === "string") Object.assign(error, { code: exception.code });
  return error;
}
