/** Starts Vite's server against the address in KASSA_URL, or against the sandbox, which ends with this process. */
import { createServer } from "vite";

process.env.KASSA_URL ??= (await (await import("../sandbox.mjs")).startSandbox()).kassa;
const server = await createServer();
await server.listen();
server.printUrls();
