/** How the command ends. */
import { constants } from "node:os";
import { Interrupted } from "./failure.js";

export const DONE = 0;
export const OTHER = 1;
const USAGE = 2;
const SIGN_IN = 3;
export const REFUSED = 4;
export const AGAIN = 5;
const STORE = 6;
/** A shell's way to tell that a signal ended a program. */
const SIGNALLED = 128;

/** What is in none of these is another fault. @type {Record<string, number>} */
const BY_CODE = {
  invalid_config: USAGE,
  invalid_input: USAGE,
  origin_not_allowed: USAGE,
  login_required: SIGN_IN,
  invalid_credentials: REFUSED,
  second_factor_required: REFUSED,
  invalid_second_factor: REFUSED,
  access_denied: REFUSED,
  code_expired: REFUSED,
  invalid_token: REFUSED,
  invalid_client: REFUSED,
  invalid_scope: REFUSED,
  insufficient_scope: REFUSED,
  rate_limited: AGAIN,
  server_error: AGAIN,
  network: AGAIN,
  timeout: AGAIN,
  storage: STORE,
};

/** @param {any} error */
export function exitOf(error) {
  if (error instanceof Interrupted) return SIGNALLED + constants.signals[error.signal];
  return BY_CODE[error?.code] ?? OTHER;
}

/** Of an API's answer. @param {number} status */
export function exitOfStatus(status) {
  if (status < 400) return DONE;
  if (status === 401 || status === 403) return REFUSED;
  return status === 429 || status >= 500 ? AGAIN : OTHER;
}
