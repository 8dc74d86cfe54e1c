/** The cases in a page. */
import { after, test } from "node:test";
import { chromium } from "playwright-core";
import { cases } from "./cases.mjs";
import { services } from "./support/setting.mjs";
import { site } from "./support/site.mjs";

const executablePath = process.env.CHROMIUM;
if (!executablePath) throw new Error("CHROMIUM names no browser: run these tests with `cargo xtask test behaviour`");
const [{ given, stop }, { address, stop: close }, browser] = await Promise.all([
  services(),
  site(),
  chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--disable-background-networking"] }),
]);
after(async () => {
  await browser.close();
  await close();
  await stop();
});
const page = await browser.newPage();
page.setDefaultTimeout(120_000);
await page.goto(address);
await page.waitForFunction("window.runCase");

for (const { name } of cases) {
  test(`Chromium: ${name}`, async () => {
    const { error } = await page.evaluate(([name, given]) => /** @type {any} */ (window).runCase(name, given), /** @type {[string, object]} */ ([name, given]));
    if (error) throw new Error(error);
  });
}
