import { createRelay } from "propusk/relay";

let relay;

export async function ALL({ request }) {
  relay ??= createRelay({ mount: "/auth/kassa", provider: { provider: "bifit-kassa", baseUrl: process.env.KASSA_URL }, api: ["protected/"] });
  return (await relay)(request);
}
