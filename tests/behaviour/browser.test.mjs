/** The cases in a page, in Chromium or in the engine that is named. */
import { after, test } from "node:test";
import { launch } from "../browser/support/engine.mjs";
import { cases } from "./cases.mjs";
import { services } from "./support/setting.mjs";
import { site } from "./support/site.mjs";

const [{ given, stop }, { address, stop: close }, browser] = await Promise.all([services(), site(), launch()]);
after(async () => {
  await browser.close();
  await close();
  await stop();
});
const context = await browser.newContext();
context.setDefaultTimeout(120_000);
const page = await context.newPage();
await page.goto(address);
await page.waitForFunction("window.runCase");

for (const { name } of cases) {
  test(`in a page: ${name}`, async () => {
    const { error } = await page.evaluate(([name, given]) => /** @type {any} */ (window).runCase(name, given), /** @type {[string, object]} */ ([name, given]));
    if (error) throw new Error(error);
  });
}
