import { createRelay } from "propusk/relay";

/** Made by the first request: while building there is no service to name. */
let relay;

async function handle(request) {
  relay ??= createRelay({ mount: "/auth/kassa", provider: { provider: "bifit-kassa", baseUrl: process.env.KASSA_URL }, api: ["protected/"] });
  return (await relay)(request);
}

export { handle as GET, handle as HEAD, handle as POST, handle as PUT, handle as PATCH, handle as DELETE, handle as OPTIONS };
