import { from, outside } from "./caller.js";

/** The same symbol in every realm and every copy of the package. */
const BRAND = Symbol.for("propusk.AuthError");

/** Whose turn it is, by code; the caller's for all others. @type {Record<string, "user" | "provider" | "network" | "storage">} */
const FAULTS = {
  invalid_credentials: "user",
  second_factor_required: "user",
  invalid_second_factor: "user",
  access_denied: "user",
  login_required: "user",
  state_mismatch: "user",
  redirect_unexpected: "user",
  code_expired: "user",
  issuer_mismatch: "user",
  invalid_token: "user",
  insufficient_scope: "user",
  rate_limited: "provider",
  server_error: "provider",
  invalid_response: "provider",
  network: "network",
  timeout: "network",
  storage: "storage",
};

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
  /**
   * @param {any} fields `Fields`; only the package makes errors
   * @param {any} [at] `Place`: where the call came from that ends with it
   */
  constructor(fields, at) {
    super(fields.message, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.code = /** @type {import("../types/index.js").AuthErrorCode} */ (fields.code);
    this.provider = fields.provider ?? null;
    this.status = fields.status ?? null;
    this.providerCode = fields.providerCode ?? null;
    this.providerMessage = fields.providerMessage ?? null;
    this.fault = FAULTS[fields.code] ?? "caller";
    this.retryable = fields.retryable ?? false;
    this.retryAfter = fields.retryAfter ?? null;
    this.hint = fields.hint ?? null;
    const stack = at ? from(at, this) : outside(this.stack);
    if (stack) Object.defineProperty(this, "stack", { value: stack, configurable: true, writable: true });
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
    const { name, code, message, provider, status, providerCode, providerMessage, fault, retryable, retryAfter, hint } = this;
    return { name, code, message, provider, status, providerCode, providerMessage, fault, retryable, retryAfter, hint };
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
  try {
    return error[BRAND] === true && (code === undefined || error.code === code);
  } catch {
    return false;
  }
}
