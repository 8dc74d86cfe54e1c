/** A server that writes down what reaches it: for what the sandbox masks, and for origins where nothing should arrive. */
import { once } from "node:events";
import { createServer } from "node:http";

/**
 * @typedef {{ method: string, url: string, headers: import("node:http").IncomingHttpHeaders, body: string }} Recorded
 * @typedef {{ status?: number, headers?: Record<string, string>, body?: string | Uint8Array }} Answer
 */

/** @param {(request: Recorded, n: number) => Answer | void} [answer] */
export async function record(answer) {
  /** @type {Recorded[]} */
  const requests = [];
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method = "", url = "", headers } = request;
    const recorded = { method, url, headers, body: Buffer.concat(chunks).toString() };
    requests.push(recorded);
    const { status = 200, headers: given = {}, body = "" } = /** @type {Answer} */ (answer?.(recorded, requests.length) ?? {});
    response.writeHead(status, { connection: "close", ...given });
    response.end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    origin: `http://127.0.0.1:${address.port}`,
    requests,
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** An answer in JSON. @param {unknown} value @param {number} [status] @returns {Answer} */
export function json(value, status = 200) {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}
