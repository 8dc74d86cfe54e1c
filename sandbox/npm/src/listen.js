/** Six ports of loopback, or none. */
import { createServer } from "node:http";
import { PORTS } from "./options.js";

const HOST = "127.0.0.1";

/** @typedef {(port: number, request: import("node:http").IncomingMessage, response: import("node:http").ServerResponse) => void} Handler */

/** @param {number} first 0: free ones @param {Handler} handler */
export async function listen(first, handler) {
  // As much as the services' own server takes.
  const servers = Array.from({ length: PORTS }, (_, at) =>
    createServer({ requireHostHeader: false, maxHeaderSize: 1 << 18 }, (request, response) => handler(at, request, response)),
  );
  const started = await Promise.allSettled(servers.map((server, at) => open(server, first && first + at)));
  const failed = started.find(({ status }) => status === "rejected");
  if (failed) {
    await close(servers);
    const cause = /** @type {PromiseRejectedResult} */ (failed).reason;
    throw Object.assign(new Error(`${trouble(cause)}${first ? ` The sandbox needs the ports ${first} to ${first + PORTS - 1}; \`ports: 0\` takes free ones.` : ""}`, { cause }), {
      code: cause.code,
    });
  }
  const origins = servers.map((server) => `http://${HOST}:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}`);
  return { origins, close: () => close(servers) };
}

/** @param {import("node:http").Server} server @param {number} port */
function open(server, port) {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, HOST, () => resolve(undefined));
  });
}

/** @param {any} cause */
function trouble({ code, port, message }) {
  const where = `cannot listen on ${HOST}:${port}`;
  if (code === "EADDRINUSE") return `${where}: the port is taken.`;
  if (code === "EACCES") return `${where}: this user may not take the port.`;
  return `cannot listen on ${HOST}: ${message}.`;
}

/** Ends all connections as well. @param {import("node:http").Server[]} servers */
async function close(servers) {
  const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)));
  servers.forEach((server) => server.closeAllConnections());
  await Promise.all(closed);
}
