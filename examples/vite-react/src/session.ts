import { AuthClient } from "propusk";

/** One for the page. The module loads, and a stored session is restored, while the page already shows itself. */
export const client = AuthClient.lazy({ provider: "bifit-kassa", baseUrl: "/auth/kassa", storage: "session" });
