/** A server of Bun's with the relay. */
import { createRelay } from "propusk/relay";

const { "bifit-kassa": kassa } = JSON.parse(Bun.env.SANDBOX).services;
const relay = await createRelay({ mount: "/auth/kassa", provider: { provider: "bifit-kassa", baseUrl: kassa.baseUrl }, api: ["protected/"] });
const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  routes: { "/auth/kassa/*": (request) => relay(request) },
  fetch: () => new Response(null, { status: 404 }),
});
console.log(`http://127.0.0.1:${server.port}/`);
