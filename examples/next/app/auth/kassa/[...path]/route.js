/** The service behind the page's own origin, since it answers no pages of others: the login, and what is named here. */
import { createRelay } from "propusk/relay";

const relay = createRelay({
  mount: "/auth/kassa",
  provider: { provider: "bifit-kassa", baseUrl: process.env.KASSA_URL ?? "https://kassa.bifit.com/cashdesk-api/v1" },
  api: ["protected/goods"],
  maxBody: 64 * 1024,
});

const handle = async (request) => (await relay)(request);

export { handle as GET, handle as POST };
