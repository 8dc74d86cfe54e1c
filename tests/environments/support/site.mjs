/** The page's own server: a relay of the service at /auth/kassa; all else is a folder, or another server's. */
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, request as ask } from "node:http";
import { connect } from "node:net";
import { extname, join, normalize } from "node:path";

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css", ".json": "application/json", ".wasm": "application/wasm", ".svg": "image/svg+xml" };

/** @param {string} folder @returns {import("node:http").RequestListener} */
const files = (folder) => async (request, response) => {
  const path = normalize(decodeURIComponent(new URL(request.url ?? "/", "http://site").pathname));
  const name = path.endsWith("/") ? `${path}index.html` : path;
  const body = await readFile(join(folder, name)).catch(() => null);
  const type = TYPES[/** @type {".js"} */ (extname(name))] ?? "application/octet-stream";
  response.writeHead(body === null ? 404 : 200, { "content-type": /^text/.test(type) ? `${type}; charset=utf-8` : type }).end(body ?? "");
};

/** @param {URL} target @returns {import("node:http").RequestListener} */
const passing = ({ hostname, port }) => (request, response) => {
  const { method, url: path, headers } = request;
  const passed = ask({ hostname, port, method, path, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  passed.on("error", () => response.headersSent ? response.destroy() : response.writeHead(502).end());
  request.pipe(passed);
};

/**
 * @param {(request: any, response: any, next: () => void) => void} relay
 * @param {string} what a folder, or the address of a server
 */
export async function siteOf(relay, what) {
  const target = /^http:/.test(what) ? new URL(what) : null;
  const rest = target ? passing(target) : files(what);
  const server = createServer((request, response) => relay(request, response, () => rest(request, response)));
  /** @type {Set<import("node:net").Socket>} */
  const tunnels = new Set();
  // What dev servers tell their pages by.
  server.on("upgrade", ({ method, url, rawHeaders }, socket, head) => {
    if (!target) return socket.destroy();
    const other = connect(Number(target.port), target.hostname);
    const lines = rawHeaders.flatMap((text, at) => (at % 2 ? [] : [`${text}: ${rawHeaders[at + 1]}`]));
    other.write(`${[`${method} ${url} HTTP/1.1`, ...lines].join("\r\n")}\r\n\r\n`);
    other.write(head);
    for (const end of [socket, other]) {
      tunnels.add(/** @type {import("node:net").Socket} */ (end));
      end.on("error", () => {});
      end.on("close", () => (socket.destroy(), other.destroy()));
    }
    socket.pipe(other).pipe(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    address: `http://127.0.0.1:${port}/`,
    async stop() {
      server.close();
      server.closeAllConnections();
      for (const tunnel of tunnels) tunnel.destroy();
      await once(server, "close");
    },
  };
}
