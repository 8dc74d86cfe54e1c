/**
 * All that a page loads until its first token, with this package and with others: built as for production, loaded in a browser, and what
 * it asked for by then weighed as a server sends it. KB are 1000 bytes.
 */
import assert from "node:assert/strict";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { ACCOUNTS, start } from "../tests/support/sandbox.mjs";
import { launch, serve } from "./browser.mjs";
import { built } from "./built.mjs";
import { table } from "./table.mjs";

const KASSA = "bifit-kassa";
/** Who signs in to the sandbox itself; the others are taken as far as they go without their own server. */
const PAGES = ["propusk", "by-hand", "oidc-client-ts", "auth0-spa-js", "msal-browser"];
const SIGNS_IN = ["propusk", "by-hand", "oidc-client-ts"];

const brotli = (/** @type {Buffer} */ bytes) =>
  brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }).length;

/** What files weigh, each by itself: nobody serves two as one stream. @param {Buffer[]} files */
function weigh(files) {
  const sum = (/** @type {(bytes: Buffer) => number} */ of) => files.reduce((all, bytes) => all + of(bytes), 0);
  return { files: files.length, raw: sum(({ length }) => length), gzip: sum((bytes) => gzipSync(bytes, { level: 9 }).length), brotli: sum(brotli) };
}

const [browser, box] = await Promise.all([launch(), start()]);

/** @param {string} name */
async function page(name) {
  const site = await serve(await built(name));
  const context = await browser.newContext();
  const opened = await context.newPage();
  /** By address: the scripts and modules of the page, and not what it asks the service for. @type {Map<string, Promise<Buffer>>} */
  const bodies = new Map();
  opened.on("response", (response) => {
    const { pathname, href } = new URL(response.url());
    if (!href.startsWith(site.url) || !/\.(m?js|wasm)$/.test(pathname)) return;
    const body = response.body();
    // What comes behind the token may never arrive.
    body.catch(() => {});
    bodies.set(href, body);
  });
  /** What the page itself says that it has loaded. @param {string[]} addresses */
  const loaded = async (addresses) => weigh(await Promise.all(addresses.flatMap((address) => bodies.get(address) ?? [])));
  await opened.goto(site.url);
  await opened.waitForFunction("window.signIn");
  const before = await loaded([...bodies.keys()]);
  const { token, addresses } = await opened.evaluate(
    async ([baseUrl, account]) => {
      const token = await /** @type {any} */ (window).signIn(baseUrl, account);
      return { token, addresses: performance.getEntriesByType("resource").map(({ name }) => name) };
    },
    /** @type {const} */ ([box.services[KASSA].baseUrl, ACCOUNTS[KASSA]]),
  );
  assert.ok(token, `${name} got no token`);
  const all = await loaded(addresses);
  await context.close();
  await site.stop();
  return { before, all };
}

try {
  const rows = [];
  for (const name of PAGES) {
    await box.clear();
    const { before, all } = await page(name);
    const { login = 0 } = await box.counts(KASSA);
    assert.equal(login, SIGNS_IN.includes(name) ? 1 : 0, `${name}: ${login} sign-ins reached the service`);
    const kilobytes = (/** @type {number} */ bytes) => (bytes / 1000).toFixed(1);
    rows.push([`${name}${SIGNS_IN.includes(name) ? "" : " *"}`, all.files, kilobytes(all.raw), kilobytes(all.gzip), kilobytes(all.brotli), kilobytes(before.brotli)]);
  }
  table(
    "All that a page loads until the first token (Vite, production; seen in Chromium; KB = 1000 bytes; brotli 11)",
    ["", "scripts", "raw", "gzip", "brotli", "of it before create"],
    rows,
  );
  console.log("\n* up to the start of a sign-in: it needs a server of its own kind");
} finally {
  await browser.close();
  await box.stop();
}
