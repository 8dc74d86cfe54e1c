/** The same symbol in every realm and every copy of the package. */
const BRAND = Symbol.for("propusk.AuthError");

/**
 * @typedef {object} Fields
 * @property {string} code
 * @property {string} message
 * @property {string | null} [provider]
 * @property {number | null} [status]
 * @property {string | null} [providerCode]
 * @property {string | null} [providerMessage]
 * @property {boolean} [retryable]
 * @property {number | null} [retryAfter]
 * @property {string | null} [hint]
 * @property {unknown} [cause]
 */

export class AuthError extends Error {
  /** @param {any} fields `Fields`; only the package makes errors */
  constructor(fields) {
    super(fields.message, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.code = /** @type {import("../types/index.js").AuthErrorCode} */ (fields.code);
    this.provider = fields.provider ?? null;
    this.status = fields.status ?? null;
    this.providerCode = fields.providerCode ?? null;
    this.providerMessage = fields.providerMessage ?? null;
    this.retryable = fields.retryable ?? false;
    this.retryAfter = fields.retryAfter ?? null;
    this.hint = fields.hint ?? null;
  }

  /** @returns {"AuthError"} */
  get name() {
    return "AuthError";
  }

  get [BRAND]() {
    return true;
  }

  /** Everything but the cause: an exception of the host has no JSON worth having. */
  toJSON() {
    const { name, code, message, provider, status, providerCode, providerMessage, retryable, retryAfter, hint } = this;
    return { name, code, message, provider, status, providerCode, providerMessage, retryable, retryAfter, hint };
  }
}

/**
 * @param {unknown} value
 * @param {string} [code]
 * @returns {value is AuthError}
 */
export function isAuthError(value, code) {
  if (typeof value !== "object" || value === null) return false;
  const error = /** @type {any} */ (value);
  return error[BRAND] === true && (code === undefined || error.code === code);
}
