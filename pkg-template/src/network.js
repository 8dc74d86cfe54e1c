/** What it means when `fetch` rejects: some failures pass, others do not. */
import { isAuthError } from "./error.js";

/** How many causes of causes are looked at. */
const DEPTH = 8;

const CERTIFICATE = /^(CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|ERR_TLS_CERT|ERR_SSL_(CERT|TLSV1_ALERT_UNKNOWN_CA))|^(ConnectionRefusedByCertificate|UnknownIssuer)$/;
const NAME = /^(ENOTFOUND|EAI_NONAME|EAI_NODATA)$/;
const SCHEME = /^(ERR_INVALID_PROTOCOL|ERR_UNSUPPORTED_PROTOCOL|ERR_INVALID_URL)$|unknown scheme|unsupported protocol|invalid url/i;

/** @typedef {{ code: string, message: string, hint: string, isPermanent: boolean }} Unreachable */

/**
 * The fields of the error that it is.
 *
 * @param {unknown} exception
 * @returns {Unreachable}
 */
export function unreachable(exception) {
  // What we threw ourselves says it already.
  if (isAuthError(exception, "unsupported") || isAuthError(exception, "closed")) {
    const { code, message, hint } = exception;
    return { code, message, hint: hint ?? "", isPermanent: false };
  }
  const permanent = (/** @type {string} */ message, /** @type {string} */ hint) => ({ code: "network", message, hint, isPermanent: true });
  const facts = told(exception);
  if (facts.some((fact) => CERTIFICATE.test(fact))) {
    const trust = isNode() ? " In Node, name the file of the missing root certificate in NODE_EXTRA_CA_CERTS before the program starts (Russian state services use roots that Node does not bring)." : "";
    return permanent("the provider's certificate is not trusted here", `Check the certificate: it may have expired, be self-signed, or be for another name.${trust}`);
  }
  if (facts.some((fact) => NAME.test(fact))) {
    return permanent("the provider's name is not known to the network", "Check the host name in `baseUrl`, and the DNS of this network.");
  }
  if (facts.some((fact) => SCHEME.test(fact))) {
    return permanent("`fetch` refuses the provider's address", "Check the scheme in `baseUrl`.");
  }
  const hint = isPage()
    ? "Check the connection; if the provider sends no CORS headers, go through a server of your own with `baseUrl`."
    : "Check the connection and the address; `cause` says more.";
  return { code: "network", message: "the provider could not be reached", hint, isPermanent: false };
}

const isNode = () => Boolean(/** @type {any} */ (globalThis).process?.versions?.node);
const isPage = () => typeof document !== "undefined" || typeof (/** @type {any} */ (globalThis).importScripts) === "function";

/** Codes and messages of an exception and of its causes. @param {any} exception */
function told(exception) {
  /** @type {string[]} */
  const facts = [];
  try {
    let one = exception;
    for (let depth = 0; depth < DEPTH && typeof one === "object" && one !== null; depth += 1) {
      for (const fact of [one.code, one.message]) if (typeof fact === "string") facts.push(fact);
      // Several addresses were tried: they failed alike.
      one = one.cause ?? one.errors?.[0];
    }
  } catch {
    // A getter that throws has nothing to tell.
  }
  return facts;
}
