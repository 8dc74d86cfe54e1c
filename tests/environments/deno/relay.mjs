/** A server of Deno's with the relay. */
import { createRelay } from "propusk/relay";

const { "bifit-kassa": kassa } = JSON.parse(Deno.env.get("SANDBOX")).services;
const relay = await createRelay({ mount: "/auth/kassa", provider: { provider: "bifit-kassa", baseUrl: kassa.baseUrl }, api: ["protected/"] });
Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: ({ port }) => console.log(`http://127.0.0.1:${port}/`) }, (request) => relay(request));
