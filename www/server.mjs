/**
 * Serves the demo page on the loopback interface, and the services to it: `cargo xtask demo` starts this, and reads where it is.
 *
 *     PROPUSK_SANDBOX='{"control":…,"services":…}' PORT=4173 node server.mjs
 */
import { once } from "node:events";
import { createServer } from "node:http";
import { siteOf } from "./site.mjs";

const sandbox = JSON.parse(process.env.PROPUSK_SANDBOX ?? "null");
if (!sandbox) throw new Error("PROPUSK_SANDBOX does not say where the services are; `cargo xtask demo` starts them and this program");

const server = createServer();

/** @param {number} port */
async function listen(port) {
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
}

let taken = false;
await listen(Number(process.env.PORT ?? 0)).catch(async (error) => {
  if (error.code !== "EADDRINUSE") throw error;
  taken = true;
  await listen(0);
});
const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
const site = siteOf(sandbox, `http://127.0.0.1:${port}`);
server.on("request", async (request, response) => (await site)(request, response));
await site;
console.log(JSON.stringify({ ready: true, port, taken }));

// Ends with the program that has started it, however that ends.
process.stdin.resume().once("end", () => process.exit());
