import { AuthClient } from "propusk";

/** One for the page. On the server nothing is started by it, and a path is no mistake there. */
export const client = AuthClient.lazy({ provider: "bifit-kassa", baseUrl: "/auth/kassa", storage: "session" });
