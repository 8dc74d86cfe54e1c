/** How the demo page looks and can be used: no fault that axe knows, at no width anything sticking out, no motion where none is wanted. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { desk } from "./support/desk.mjs";
import { stage } from "./support/stage.mjs";

const { open } = await stage();
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What Lighthouse and others look for. @param {import("playwright-core").Page} page */
async function faults(page) {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { violations } = await /** @type {any} */ (window).axe.run(document, { resultTypes: ["violations"] });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" ")}`);
  });
}

for (const [colorScheme, locale, width] of /** @type {const} */ ([["light", "en-US", 1280], ["dark", "ru-RU", 390]])) {
  test(`accessible to the last rule: ${colorScheme}, ${locale}, ${width} pixels; before, after, with an error, with all five`, async (t) => {
    const page = await open(t, "", { colorScheme, locale, viewport: { width, height: 800 }, bypassCSP: true, reducedMotion: "reduce" });
    const name = (english, russian) => page.getByRole("button", { name: locale === "en-US" ? english : russian, exact: true });
    await desk(page).ready();
    assert.deepEqual(await faults(page), [], "before");
    await name("Mistype it", "Ошибиться нарочно").click();
    await name("Sign in", "Войти").click();
    await page.locator('#result[data-kind="bad"] summary').click();
    assert.deepEqual(await faults(page), [], "an error");
    await name("Sign in to all five", "Войти во все пять").click();
    await page.waitForFunction(() => document.querySelectorAll('.state[data-kind="in"]').length === 5);
    for (const line of await page.locator("#ledger summary").all()) await line.click();
    for (const service of ["bifit-kassa", "invoicebox", "bstats"]) {
      await page.locator(`input[value="${service}"]`).check();
      assert.deepEqual(await faults(page), [], service);
    }
  });
}

test("nothing sticks out, from 320 pixels on, before and after sign-in, in both languages", async (t) => {
  const page = await open(t);
  const at = desk(page);
  const check = async (state) => {
    for (const language of ["RU", "EN"]) {
      await page.getByRole("button", { name: language, exact: true }).click();
      for (const width of [320, 360, 390, 480, 561, 721, 768, 901, 1024, 1280]) {
        await page.setViewportSize({ width, height: 740 });
        const [scroll, out] = await page.evaluate(() => {
          const { clientWidth, scrollWidth } = document.documentElement;
          const wide = [...document.querySelectorAll("body *")].filter((element) => element.getBoundingClientRect().right > clientWidth + 0.5);
          return [scrollWidth, wide.slice(0, 3).map(({ outerHTML }) => outerHTML.slice(0, 80))];
        });
        assert.equal(scroll, width, `${state}, ${language}: ${out}`);
      }
    }
  };
  await at.ready();
  await check("before");
  await at.press("Sign in to all five", /5 of 5/);
  await at.press("Call the API", /Status 200/);
  for (const line of await at.lines.locator("summary").all()) await line.click();
  await check("after");
});

test("nothing moves for those who want no motion", async (t) => {
  const page = await open(t, "", { reducedMotion: "reduce" });
  const at = desk(page);
  await at.signIn();
  await at.signedIn();
  assert.deepEqual(await page.evaluate(() => document.getAnimations().length), 0);
  assert.equal(await page.locator(".stamp").evaluate((stamp) => getComputedStyle(stamp).animationName), "none");
});
