/** What the module needs of JavaScript objects: `Bridge` in the glue's declarations. */
import { cause } from "./cause.js";
import { AuthError } from "./error.js";
import { freeze } from "./freeze.js";

// Workers throw at members of RequestInit that they do not know, and have neither cookies nor a cache here.
const knowsAll = globalThis.navigator?.userAgent !== "Cloudflare-Workers";

export const bridge = {
  /** @param {import("./error.js").Fields} fields */
  error: (fields) => new AuthError(fields),
  freeze,
  cause,
  requestInit: knowsAll ? { credentials: "omit", cache: "no-store" } : {},
};
