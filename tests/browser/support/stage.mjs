/** What the tests of one file share: the five services, the demo page, a browser. */
import { after, beforeEach } from "node:test";
import { start } from "../../support/sandbox.mjs";
import { LAN, launch } from "./engine.mjs";
import { given } from "./given.mjs";
import { serve } from "./site.mjs";
import { watch } from "./watch.mjs";

/** @typedef {import("playwright-core").Page} Page */

export { LAN };

/**
 * @param {Record<string, string>} [made] further files of the site, by path; may be changed later
 * @param {{ backForwardCache?: boolean, cors?: boolean }} [how] `cors`: whether the services answer pages of other origins, as
 *   pages that a test makes want it; the demo page does without
 */
export async function stage(made = {}, { backForwardCache = false, cors = Object.keys(made).length > 0 } = {}) {
  const [box, browser] = await Promise.all([start("--cors", cors ? "on" : "off"), launch({ backForwardCache })]);
  after(box.stop);
  after(() => browser.close());
  const site = await serve(given("PROPUSK_DEMO"), box, made, backForwardCache ? "no-cache" : "no-store");
  after(site.stop);
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
