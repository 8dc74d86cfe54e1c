/**
 * The service behind the page's own origin, since it answers no pages of others: the login, and what is named here.
 *
 * A server that is open to the world also limits how often somebody may try a password, since the service sees one address for all
 * users, and names its own `origins`.
 */
import { createRelay, toNodeHandler } from "propusk/relay";

const baseUrl = process.env.KASSA_URL ?? "https://kassa.bifit.com/cashdesk-api/v1";

export const relay = toNodeHandler(
  await createRelay({
    mount: "/auth/kassa",
    provider: { provider: "bifit-kassa", baseUrl },
    api: ["protected/goods"],
    maxBody: 64 * 1024,
    onTrace: ({ method, path, status, refused }) => refused && console.error(`${method} ${path}: ${status} ${refused}`),
  }),
);
