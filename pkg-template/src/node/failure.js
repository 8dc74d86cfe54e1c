/** What the store rejects with. */
import { AuthError, isAuthError } from "../error.js";

/**
 * Causes by the system's own code: what to say, what to do, whether trying again may help.
 *
 * @type {Record<string, [reason: string, hint: string, retryable: boolean]>}
 */
const CAUSES = {
  EACCES: ["this user has no right to it", "Give this user the right to it, or choose another `directory`.", false],
  EPERM: ["the system does not permit it", "Give this user the right to it, or choose another `directory`.", false],
  EROFS: ["the file system is read-only", "Choose a `directory` that can be written to.", false],
  ENOTDIR: ["a part of the path is no folder", "Remove what is in the way, or choose another `directory`.", false],
  EEXIST: ["something that is no folder is in the way", "Remove it, or choose another `directory`.", false],
  ELOOP: ["it is a link", "Replace it by what it leads to, or choose another `directory`.", false],
  ENAMETOOLONG: ["the path is too long", "Choose a `directory` with a shorter path.", false],
  ENOSPC: ["no space is left", "Make room on that disk.", true],
  EDQUOT: ["the user's quota is used up", "Make room on that disk.", true],
  EMFILE: ["this process has too many files open", "Close some, or raise the limit.", true],
  ENFILE: ["the system has too many files open", "Close some, or raise the limit.", true],
};

/** @param {string} option @param {string} accepts */
export function badOption(option, accepts) {
  return new AuthError({ code: "invalid_config", message: `option \`${option}\` must be ${accepts}` });
}

/** @param {string} argument @param {string} accepts */
export function badArgument(argument, accepts) {
  return new AuthError({ code: "invalid_input", message: `\`${argument}\` must be ${accepts}` });
}

/**
 * @param {string} message
 * @param {string} hint
 * @param {{ retryable?: boolean, cause?: unknown }} [more]
 */
export function storage(message, hint, more) {
  return new AuthError({ code: "storage", message, hint, ...more });
}

/**
 * What the system refused to do.
 *
 * @param {string} action with its object, as in "read the file /x"
 * @param {unknown} exception
 */
export function failed(action, exception) {
  if (isAuthError(exception)) return exception;
  const code = codeOf(exception) ?? "unknown reason";
  const [reason, hint, retryable] = CAUSES[code] ?? [code, "Look after that disk, and try again.", true];
  return storage(`cannot ${action}: ${reason}`, hint, { retryable, cause: exception });
}

/** @param {any} exception @returns {string | undefined} */
export function codeOf(exception) {
  return typeof exception?.code === "string" ? exception.code : undefined;
}

/** A path in a message of one line. @param {string} path */
export function shown(path) {
  const text = path.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (sign) => `\\u{${sign.codePointAt(0)?.toString(16)}}`);
  return text.length > 300 ? `...${text.slice(-300)}` : text;
}
