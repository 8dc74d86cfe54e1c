/** Starts Next's server against the address in KASSA_URL, or against the sandbox, which ends with this process. */
import { once } from "node:events";
import { createServer } from "node:http";

process.env.NEXT_TELEMETRY_DISABLED = "1";
process.env.KASSA_URL ??= (await (await import("../sandbox.mjs")).startSandbox()).kassa;
process.env.KASSA_PHONE ??= "79990000001";
process.env.KASSA_PASSWORD ??= "secret";

const { default: next } = await import("next");
const server = createServer();
server.listen(Number(process.env.PORT ?? 3000), "127.0.0.1");
await once(server, "listening");
const { port } = server.address();
const app = next({ dev: true, dir: import.meta.dirname, hostname: "127.0.0.1", port, httpServer: server });
await app.prepare();
server.on("request", app.getRequestHandler());
console.log(`http://127.0.0.1:${port}/`);
