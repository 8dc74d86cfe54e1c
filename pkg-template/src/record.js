/** What a stored record says that is no secret. Its form is the module's. */
import { AuthError } from "./error.js";

/**
 * @typedef {import("../types/node.js").StoredSession} StoredSession
 * @typedef {Pick<StoredSession, "provider" | "account" | "baseUrl">} Named
 */

/** What names a session. */
const NAMES = /** @type {const} */ (["provider", "account", "baseUrl"]);

/**
 * Null: it is no record of a session, whatever else.
 *
 * @param {string} text
 * @returns {StoredSession | null}
 */
export function summary(text) {
  const record = parsed(text);
  const bound = record?.get("for");
  if (!record || !Number.isInteger(record.get("v")) || !Array.isArray(bound) || bound.length < 4) return null;
  const [provider, baseUrl, , account] = bound;
  if (![provider, baseUrl, account, record.get("access")].every((member) => typeof member === "string")) return null;
  const [subject, expires, refresh] = [record.get("subject"), record.get("expires"), record.get("refresh")];
  return Object.freeze({
    provider,
    account,
    baseUrl,
    subject: typeof subject === "string" ? subject : null,
    expiresAt: typeof expires === "number" && Number.isFinite(expires) ? expires : null,
    renewable: typeof refresh === "string" && refresh !== "",
  });
}

/** The members of an object, its own ones. @param {string} text @returns {Map<string, any> | null} */
function parsed(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? new Map(Object.entries(value)) : null;
  } catch {
    return null;
  }
}

/**
 * Tells which sessions a caller means.
 *
 * @param {Named} session
 * @returns {(other: Named) => boolean}
 */
export function matches(session) {
  const given = typeof session === "object" && session !== null ? Object.assign(Object.create(null), session) : Object.create(null);
  const missing = NAMES.find((name) => typeof given[name] !== "string");
  if (missing) {
    throw new AuthError({
      code: "invalid_input",
      message: `\`session.${missing}\` must be a text`,
      hint: "Pass one of those that `listSessions` gives.",
    });
  }
  return (other) => NAMES.every((name) => other[name] === given[name]);
}
