const AGAIN = "Please sign in again.";

/** @param {string | null} wait @param {string} otherwise */
const after = (wait, otherwise) => (wait ? ` in ${wait}` : otherwise);

/** @type {import("./index.js").Sentences} */
const sentences = {
  "": "Something went wrong. Please try again; if that does not help, contact support.",

  invalid_credentials: ({ provider }) =>
    provider === "invoicebox"
      ? "The access key was not accepted. Please copy it from your account at the service once more."
      : `The ${provider === "bifit-kassa" ? "phone number" : "user name"} or password was not accepted. Please check both and try again.`,
  second_factor_required: "To finish signing in, please enter the confirmation code.",
  invalid_second_factor: "The confirmation code was not accepted. Please check it or request a new one.",
  access_denied: ({ status }) =>
    status === null
      ? "Access was not granted, so the sign-in was not completed. To continue, sign in again and allow access."
      : "This account has no access to the service. Please contact your administrator.",
  login_required: `Your session has ended. ${AGAIN}`,

  state_mismatch: `This sign-in was started in another window or earlier. ${AGAIN}`,
  redirect_unexpected: `This sign-in link has already been used or is out of date. ${AGAIN}`,
  code_expired: `The time to finish signing in has run out. ${AGAIN}`,
  issuer_mismatch: `The sign-in was stopped for your safety: the answer came from an unexpected service. ${AGAIN}`,

  invalid_token: ({ provider }) =>
    provider === "invoicebox"
      ? "The access key was not accepted. Please copy it from your account at the service once more."
      : `Access to the service is no longer valid. ${AGAIN}`,
  insufficient_scope: "This account is not allowed to do that. Please contact your administrator or use another account.",

  rate_limited: ({ wait }) => `The service is busy right now. Please try again${after(wait, " a little later")}.`,
  server_error: ({ wait }) => `The service is temporarily unavailable. Please try again${after(wait, " a little later")}.`,
  invalid_response: "The service gave an unexpected answer. Please try again later; if that does not help, contact support.",

  network: ({ isFinal, wait }) =>
    isFinal
      ? "The service cannot be reached. If your internet connection works, please contact support."
      : `The service cannot be reached. Please check your internet connection and try again${after(wait, "")}.`,
  timeout: ({ wait }) =>
    `The service took too long to answer. Please check your internet connection and try again${after(wait, "")}.`,
  storage: "The sign-in could not be saved or read. Please try again; if that does not help, contact support.",
};

/** @param {string} unit @returns {(n: number) => string} */
const count = (unit) => (n) => `${n} ${unit}${n === 1 ? "" : "s"}`;

/** @type {import("./index.js").Language} */
export default { sentences, seconds: count("second"), minutes: count("minute") };
