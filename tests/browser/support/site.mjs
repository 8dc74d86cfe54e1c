/** The demo's own server for one test file, with further files. */
import { once } from "node:events";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { pathToFileURL } from "node:url";

const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8" };

/**
 * @param {string} folder of the demo, with the package installed in it
 * @param {Pick<import("../../support/sandbox.mjs").Sandbox, "control" | "services">} sandbox
 * @param {Record<string, string>} made files that are not in the folder, by path
 * @param {string} [cacheControl] `no-store` keeps pages out of the back/forward cache
 */
export async function serve(folder, sandbox, made, cacheControl = "no-store") {
  const { siteOf } = await import(pathToFileURL(join(folder, "site.mjs")).href);
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const origin = `http://127.0.0.1:${port}`;
  const site = await siteOf(sandbox, origin, cacheControl);
  server.on("request", (request, response) => {
    const { pathname } = new URL(request.url ?? "/", origin);
    if (!Object.hasOwn(made, pathname)) return site(request, response);
    response.writeHead(200, { "content-type": TYPES[extname(pathname)] ?? "application/octet-stream", "cache-control": cacheControl }).end(made[pathname]);
  });
  return {
    url: `${origin}/`,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
