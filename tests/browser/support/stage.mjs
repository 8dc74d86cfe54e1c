/** What the tests of one file share: the five services, the demo page, a browser. */
import { after, beforeEach } from "node:test";
import { chromium } from "playwright-core";
import { start } from "../../support/sandbox.mjs";
import { serve } from "./site.mjs";
import { watch } from "./watch.mjs";

/** @typedef {import("playwright-core").Page} Page */

/** A name of this machine that no browser trusts as it trusts loopback addresses. */
export const LAN = "lan.test";

/**
 * @param {Record<string, string>} [made] further files of the site, by path
 * @param {{ backForwardCache?: boolean }} [how]
 */
export async function stage(made = {}, { backForwardCache = false } = {}) {
  const [folder, executablePath] = [given("PROPUSK_DEMO"), given("CHROMIUM")];
  const box = await start();
  after(box.stop);
  const ready = JSON.stringify({ ready: true, control: box.control, services: box.services });
  const site = await serve(folder, { "/sandbox.json": ready, ...made }, backForwardCache ? "no-cache" : "no-store");
  after(site.stop);
  const browser = await chromium.launch({
    executablePath,
    args: [
      ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--disable-background-networking"],
      `--host-resolver-rules=MAP ${LAN} 127.0.0.1`,
    ],
    ignoreDefaultArgs: backForwardCache ? ["--disable-back-forward-cache"] : [],
  });
  after(() => browser.close());
  beforeEach(box.reset);

  return {
    box,
    site,
    browser,
    /**
     * A page of its own for a test; it is watched until the test ends.
     *
     * @param {import("node:test").TestContext} t
     * @param {string} [path]
     * @param {import("playwright-core").BrowserContextOptions} [options]
     * @param {RegExp} [meant] what the browser may report because the test wants it to
     */
    async open(t, path = "", options = {}, meant) {
      const context = await browser.newContext({ locale: "en-US", ...options });
      context.setDefaultTimeout(60_000);
      const page = await context.newPage();
      const watched = await watch(page, meant);
      t.after(async () => {
        try {
          await watched.check();
        } finally {
          await context.close();
        }
      });
      await page.goto(site.url + path);
      return Object.assign(page, { watched });
    },
  };
}

function given(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run these tests with \`cargo xtask test browser\``);
  return value;
}
