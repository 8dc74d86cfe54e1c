/** What the command itself finds wrong: it has the members of an AuthError, so that `--json` tells both alike. */

/** @type {Record<string, "storage" | "network" | "user">} */
const FAULTS = { storage: "storage", timeout: "network", network: "network", login_required: "user" };

export class Failure extends Error {
  /**
   * @param {import("../../types/index.js").AuthErrorCode} code
   * @param {string} message in the language of the user
   * @param {{ hint?: string | null, provider?: string | null, retryable?: boolean, cause?: unknown }} [more]
   */
  constructor(code, message, { hint = null, provider = null, retryable = false, cause } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.hint = hint;
    this.provider = provider;
    this.retryable = retryable;
  }

  toJSON() {
    const { code, message, provider, retryable, hint } = this;
    const nothing = { status: null, providerCode: null, providerMessage: null };
    return { name: "AuthError", code, message, provider, ...nothing, fault: FAULTS[code] ?? "caller", retryable, retryAfter: null, hint };
  }
}

/** A command line that cannot be understood. No value is repeated: it may be a secret. */
export class UsageFault extends Failure {
  /** @param {string} message @param {string | null} [hint] */
  constructor(message, hint = null) {
    super("invalid_input", message, { hint });
  }
}

/** Ctrl-C, or a signal that ends the process. */
export class Interrupted extends Failure {
  /** @param {NodeJS.Signals} signal @param {string} message */
  constructor(signal, message) {
    super("aborted", message);
    this.signal = signal;
  }
}

/** Nobody reads the output any more. */
export class BrokenPipe extends Error {}
