/** The files of a folder, for GET and HEAD. */
import { readFile, realpath, stat } from "node:fs/promises";
import { extname, join, sep } from "node:path";

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".md": "text/plain; charset=utf-8",
  ".txt": "text/plain; charset=utf-8",
};

/** The file that a path names, if it is in the folder: no step up, no absolute path, no link that leads out. */
async function fileOf(folder, path) {
  let named;
  try {
    named = decodeURIComponent(path.slice(1));
  } catch {
    return null; // not encoded properly
  }
  const steps = named === "" ? [] : named.split("/");
  const isOdd = ["\\", "\0"].some((character) => named.includes(character));
  if (!path.startsWith("/") || isOdd || steps.some((step) => ["", ".", ".."].includes(step))) return null;
  const place = join(folder, ...steps);
  const entry = await stat(place).catch(() => null);
  const file = await realpath(entry?.isDirectory() ? join(place, "index.html") : place).catch(() => null);
  return file?.startsWith(folder + sep) ? file : null;
}

/** @param {string} folder @param {string} cacheControl @returns {Promise<(request: any, response: any) => Promise<void>>} */
export async function filesOf(folder, cacheControl) {
  const root = await realpath(folder);
  return async ({ method, url }, response) => {
    if (method !== "GET" && method !== "HEAD") return void response.writeHead(405, { allow: "GET, HEAD" }).end();
    const file = await fileOf(root, url.split(/[?#]/, 1)[0]);
    const body = file && (await readFile(file).catch(() => null));
    if (!body) return void response.writeHead(404).end();
    const type = TYPES[extname(file)] ?? "application/octet-stream";
    response.writeHead(200, { "content-type": type, "content-length": body.length, "cache-control": cacheControl }).end(method === "HEAD" ? undefined : body);
  };
}
