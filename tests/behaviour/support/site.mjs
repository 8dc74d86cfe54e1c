/** A site whose page has the package and the cases, for browsers. */
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { project } from "../../support/package.mjs";

const BEHAVIOUR = fileURLToPath(new URL("..", import.meta.url));

export async function site() {
  const folders = { "/node_modules/": project(), "/behaviour/": fileURLToPath(new URL("../..", import.meta.url)) };
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url ?? "/", "http://site").pathname);
    const [start] = Object.keys(folders).filter((name) => path.startsWith(name));
    const file = path === "/" ? join(BEHAVIOUR, "page.html") : start && join(folders[start], path);
    const body = file ? await readFile(file).catch(() => null) : null;
    const type = path === "/" ? "text/html" : "text/javascript";
    response.writeHead(body === null ? 404 : 200, { "content-type": `${type}; charset=utf-8` }).end(body ?? "");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    address: `http://127.0.0.1:${port}/`,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
