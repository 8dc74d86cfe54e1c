/** The package in a module service worker, where a script may not bring in another one at run time. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { ACCOUNTS, GOODS, start } from "../support/sandbox.mjs";
import { consumer } from "./consumer.mjs";

const KASSA = "bifit-kassa";
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };

/** What a worker does with the package when a page asks, and answers what came of it. */
const USE = `
const tell = (error) => ({ code: error.code, message: String(error.message), hint: error.hint, retryable: error.retryable });
async function use({ options, account, path }) {
  try {
    await prepare();
    const client = await AuthClient.create(options);
    const { subject } = await client.login(account);
    const { status } = await client.fetch(path);
    await client.refresh();
    client.close();
    return { subject, status };
  } catch (error) {
    return tell(error);
  }
}
addEventListener("message", ({ data, ports, waitUntil }) => use(data).then((outcome) => ports[0].postMessage(outcome)));
`;

const WORKERS = {
  "default.js": `import { AuthClient } from "/node_modules/propusk/dist/index.js";
    const prepare = () => {};${USE}`,
  "slim.js": `import { AuthClient, ready } from "/node_modules/propusk/dist/slim.js";
    const prepare = () => ready(fetch("/node_modules/propusk/dist/module.wasm"));${USE}`,
};

/** @type {import("playwright-core").Browser} */
let browser;
/** @type {import("../support/sandbox.mjs").Sandbox} */
let box;
let url = "";
/** @type {import("node:http").Server} */
let server;

before(async () => {
  const project = await consumer({ ...WORKERS, "page.html": "<!doctype html><title>page</title>" });
  box = await start();
  server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://site");
    const body = await readFile(join(project.folder, pathname)).catch(() => null);
    response.writeHead(body ? 200 : 404, { "content-type": TYPES[extname(pathname)] ?? "text/plain" }).end(body ?? "");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(null)));
  url = `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}/`;
  const executablePath = process.env.CHROMIUM;
  assert.ok(executablePath, "CHROMIUM names no browser: run these tests with `cargo xtask test package`");
  browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
});

after(async () => {
  await browser?.close();
  server?.closeAllConnections();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(null)));
  await box?.stop();
});

/** What a worker answers. @param {import("node:test").TestContext} t @param {keyof typeof WORKERS} script */
async function worker(t, script) {
  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await context.newPage();
  await page.goto(`${url}page.html`);
  const order = { options: { provider: KASSA, baseUrl: box.services[KASSA].baseUrl, retries: 0 }, account: ACCOUNTS[KASSA], path: GOODS[KASSA] };
  return page.evaluate(
    async ({ script, order }) => {
      await navigator.serviceWorker.register(script, { type: "module" });
      const { active } = await navigator.serviceWorker.ready;
      const { port1, port2 } = new MessageChannel();
      const answer = new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data)));
      active?.postMessage(order, [port2]);
      return answer;
    },
    { script: `/${script}`, order },
  );
}

test("the default entry works, or says at once that propusk/slim is the one for service workers", async (t) => {
  const outcome = /** @type {any} */ (await worker(t, "default.js"));
  if (!outcome.code) return assert.deepEqual(outcome, { subject: "120041", status: 200 });
  assert.equal(outcome.code, "unsupported", outcome.message);
  assert.match(`${outcome.message} ${outcome.hint}`, /service worker/i);
  assert.match(outcome.hint, /propusk\/slim/);
  assert.equal(outcome.retryable, false);
});

test("propusk/slim works: sign-in, call and renewal", async (t) => {
  assert.deepEqual(await worker(t, "slim.js"), { subject: "120041", status: 200 });
});
