/** A server of node:http with the relay. */
import { createServer } from "node:http";
import { createRelay, toNodeHandler } from "propusk/relay";

const { "bifit-kassa": kassa } = JSON.parse(process.env.SANDBOX).services;
const handler = toNodeHandler(await createRelay({ mount: "/auth/kassa", provider: { provider: "bifit-kassa", baseUrl: kassa.baseUrl }, api: ["protected/"] }));
const server = createServer((request, response) => handler(request, response, () => response.writeHead(404).end()));
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}/`));
