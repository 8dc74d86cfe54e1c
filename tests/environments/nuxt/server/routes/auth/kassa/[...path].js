import { createRelay, toNodeHandler } from "propusk/relay";

let relay;

export default defineEventHandler(async (event) => {
  relay ??= createRelay({ mount: "/auth/kassa", provider: { provider: "bifit-kassa", baseUrl: process.env.KASSA_URL }, api: ["protected/"] }).then((made) => fromNodeMiddleware(toNodeHandler(made)));
  return (await relay)(event);
});
