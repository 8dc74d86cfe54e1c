/** What the package exports. */
export { AuthClient } from "./client.js";
export { AuthError, isAuthError } from "./error.js";
export { providers } from "./providers.js";
