/** Serves the page, the package's scripts as they are, and the service behind the page's own origin. */
import { createReadStream } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { relay } from "./relay.mjs";

const pages = fileURLToPath(new URL("public", import.meta.url));
const scripts = join(dirname(createRequire(import.meta.url).resolve("propusk/package.json")), "dist");
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8" };

/** The file that a path names, or null. @param {string} path */
function fileOf(path) {
  if (path === "/") return join(pages, "index.html");
  const [, folder, name] = /^\/(propusk\/)?([\w-]+\.js)$/.exec(path) ?? [];
  return name ? join(folder ? scripts : pages, name) : null;
}

function serve(request, response) {
  const file = fileOf(request.url.split("?")[0]);
  const absent = () => response.writeHead(404).end();
  if (!file) return absent();
  const source = createReadStream(file);
  source.once("error", absent);
  source.once("open", () => {
    response.writeHead(200, {
      "content-type": TYPES[extname(file)],
      "content-security-policy": "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; base-uri 'none'; frame-ancestors 'none'",
      "x-content-type-options": "nosniff",
    });
    source.pipe(response);
  });
}

const server = createServer((request, response) => relay(request, response, () => serve(request, response)));
server.listen(Number(process.env.PORT ?? 3000), "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}/`));
