/** What it means when `fetch` rejects a call. */
import { retold, texts } from "./cause.js";
import { AuthError } from "./error.js";
import { unreachable } from "./network.js";
import { isFunction } from "./reading.js";

/** @typedef {import("./sending.js").Sending} Sending */

/** The fields of the error that it is. @param {Sending} sending @param {unknown} exception @returns {any} */
export function lost({ shell, target, init, refusesRedirects }, exception) {
  try {
    check(shell, target, init, exception);
  } catch (mistake) {
    return mistake;
  }
  const { isPermanent, ...fields } = unreachable(exception);
  if (refusesRedirects && !isPermanent) fields.hint = REFUSED_REDIRECT;
  return { ...fields, retryable: fields.code === "network" && !isPermanent, cause: clean(shell, exception) };
}

/**
 * Throws for an init that `fetch` refuses.
 *
 * @param {import("./shell.js").Shell} shell
 * @param {string} target
 * @param {Record<string, any>} init
 * @param {unknown} [exception] what `fetch` has rejected with
 */
export function check(shell, target, init, exception) {
  const wrong = refused(target, init, exception);
  if (!wrong) return;
  const fields = { code: "invalid_input", message: `\`${wrong.name}\` must be what \`fetch\` takes`, hint: "`cause` says what is wrong." };
  throw new AuthError({ ...fields, provider: shell.provider, cause: clean(shell, wrong.cause) });
}

const REFUSED_REDIRECT =
  'Check the connection. A redirect is refused too, because the credential is in a header that would go along: pass `redirect: "manual"` to see it.';

/** An exception without the session's secrets. @param {import("./shell.js").Shell} shell @param {unknown} exception */
function clean(shell, exception) {
  try {
    return retold(exception, shell.scrubbed(texts(exception)));
  } catch {
    return undefined;
  }
}

/** What undici, the `fetch` of Node, finds wrong only when it sends. */
const REFUSED = /^UND_ERR_(?:INVALID_ARG|NOT_SUPPORTED|REQ_CONTENT_LENGTH_MISMATCH)$/;

/**
 * What is wrong with an init that `fetch` refuses, whatever the network does: a Request can be made of all others.
 *
 * @param {string} target
 * @param {Record<string, any>} init
 * @param {any} [exception] what `fetch` has rejected with
 * @returns {{ name: string, cause: unknown } | null}
 */
function refused(target, init, exception) {
  /** @type {Record<string, any>} */
  const rest = { ...init, signal: undefined };
  const wrong = unmade(target, rest);
  if (wrong) return { name: Object.keys(rest).find((name) => name !== "body" && unmade(target, { [name]: rest[name] })) ?? "init", cause: wrong };
  try {
    return REFUSED.test(exception?.cause?.code) ? { name: "init", cause: exception } : null;
  } catch {
    return null;
  }
}

/** @param {string} target @param {Record<string, any>} init */
function unmade(target, init) {
  const { Request, ReadableStream } = globalThis;
  // An answer is not waited for, so the body need only be of the same kind: it may be used up.
  const body = typeof init.body !== "object" || init.body === null ? init.body : isFunction(init.body.getReader) ? new ReadableStream() : "";
  try {
    if (isFunction(Request)) new Request(target, { ...init, body });
    return null;
  } catch (exception) {
    return exception;
  }
}
