/** The package in a real browser: straight from the folder it was installed to. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { consumer } from "./consumer.mjs";

const MAIN = `
import { AuthClient } from "propusk";
window.create = () =>
  AuthClient.create({ provider: "invoicebox" }).then(
    (client) => client.provider,
    (error) => [error.code, error.hint].join(": "),
  );
window.loaded = true;
`;

/** @type {import("playwright-core").Browser} */
let browser;
/** @type {Awaited<ReturnType<typeof consumer>>} */
let project;

before(async () => {
  project = await consumer({
    "main.js": MAIN,
    "index.html": `<!doctype html><script type="module" src="./main.js"></script>`,
    "direct.html": `<!doctype html>
      <script type="importmap">{ "imports": { "propusk": "./node_modules/propusk/dist/index.js" } }</script>
      <script type="module">${MAIN}</script>`,
  });
  const executablePath = process.env.CHROMIUM;
  assert.ok(executablePath, "CHROMIUM names no browser: run these tests with `cargo xtask test package`");
  browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
});

after(() => browser?.close());

const TYPES = { ".html": "text/html", ".js": "text/javascript" };

/**
 * Serves a folder for the time of a test; the address of its root.
 *
 * @param {import("node:test").TestContext} t
 * @param {string} folder
 * @param {Record<string, string>} [headers]
 */
async function served(t, folder, headers = {}) {
  const server = createServer(async (request, response) => {
    const path = join(folder, new URL(request.url, "http://localhost").pathname);
    try {
      const body = await readFile(path);
      response.writeHead(200, { "content-type": TYPES[extname(path)] ?? "application/octet-stream", ...headers }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(null)));
  t.after(() => new Promise((resolve) => server.close(resolve)));
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  return `http://127.0.0.1:${address.port}/`;
}

/**
 * Opens a page that has loaded `MAIN`.
 *
 * @param {import("node:test").TestContext} t
 * @param {string} address
 */
async function opened(t, address) {
  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await context.newPage();
  await page.goto(address);
  await page.waitForFunction("window.loaded");
  return page;
}

/** @param {import("playwright-core").Page} page */
const create = (page) => page.evaluate("create()");

test("a script element straight from the installed folder", async (t) => {
  const page = await opened(t, `${await served(t, project.folder)}direct.html`);
  assert.equal(await create(page), "invoicebox");
});

test("further scripts are fetched by the first client, and once", async (t) => {
  const page = await opened(t, `${await served(t, project.folder)}direct.html`);
  const fetched = [];
  page.on("request", (request) => fetched.push(new URL(request.url()).pathname));
  const rest = page.waitForResponse("**/rest.js");
  await create(page);
  await rest;
  await create(page);
  assert.deepEqual(
    fetched,
    ["core", "rest"].map((name) => `/node_modules/propusk/dist/${name}.js`),
  );
});

test("a policy that allows WebAssembly and nothing else", async (t) => {
  const policy = "default-src 'none'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'";
  const page = await opened(t, `${await served(t, project.folder, { "content-security-policy": policy })}direct.html`);
  assert.equal(await create(page), "invoicebox");
});

test("a policy that forbids WebAssembly: the error says what to allow", async (t) => {
  const policy = "default-src 'none'; script-src 'self' 'unsafe-inline'";
  const page = await opened(t, `${await served(t, project.folder, { "content-security-policy": policy })}direct.html`);
  assert.match(await create(page), /^unsupported: .*'wasm-unsafe-eval'/);
});

test("a second script that fails to arrive is asked for again by the next client", async (t) => {
  const page = await opened(t, `${await served(t, project.folder)}direct.html`);
  await page.route("**/core.js", (route) => route.abort());
  assert.match(await create(page), /^network: /);
  await page.unroute("**/core.js");
  assert.equal(await create(page), "invoicebox");
});
