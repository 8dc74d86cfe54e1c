/** A page that the browser keeps while the user is elsewhere, and shows again as it was. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { BARE } from "./support/bare.mjs";
import { ENGINE, only } from "./support/engine.mjs";
import { stage } from "./support/stage.mjs";
import { start, state, tabs, told } from "./support/tabs.mjs";

const set = await stage({ "/bare.html": BARE, "/elsewhere.html": "<!doctype html><title>elsewhere</title>" }, { backForwardCache: true });

/** The driver of Firefox waits for a page to be loaded, and of one that was kept it hears nothing. @param {import("playwright-core").Page} page */
const goBack = (page) => (ENGINE === "firefox" ? page.evaluate(() => void history.back()).catch(() => {}) : page.goBack({ waitUntil: "commit" }));

for (const without of /** @type {("Web Locks")[][]} */ ([[], ["Web Locks"]])) {
  test(`back, by the back/forward cache${without.length ? ", also without Web Locks" : ""}: what happened meanwhile is seen, and the next change is told`, async (t) => {
    const all = await tabs(set, t, { without });
    const [one, two] = await all.several(2);
    await all.login(one);
    await told(two, ["sync"]);
    await two.evaluate(() => void Object.assign(window, { stayed: true }));
    await two.goto(`${set.site.url}elsewhere.html`);
    await one.evaluate(() => /** @type {any} */ (window).client.logout());
    await goBack(two);
    await two.waitForFunction(() => location.pathname === "/bare.html");
    assert.ok(await two.evaluate(() => /** @type {any} */ (window).stayed), "the page is the one that was left");
    await told(two, ["sync", "sync"]);
    assert.equal((await state(two)).session, null);
    await all.login(one);
    await told(two, ["sync", "sync", "sync"]);
    assert.deepEqual((await state(two)).session, (await state(one)).session);
    assert.deepEqual((await state(two)).warnings, []);
  });
}

// Firefox decides before the page is told, and keeps none that holds a lock, as a tab does which may have copies.
test("back, by the back/forward cache, in a tab whose session has a copy: both are asked and told again", only(["chromium", "webkit"], "a page with a lock in the back/forward cache"), async (t) => {
  const all = await tabs(set, t, { options: { storage: "session" } });
  const one = await all.open();
  await all.login(one);
  await one.evaluate(() => void Object.assign(window, { stayed: true }));
  await one.goto(`${set.site.url}elsewhere.html`);
  await goBack(one);
  await one.waitForFunction(() => location.pathname === "/bare.html");
  assert.ok(await one.evaluate(() => /** @type {any} */ (window).stayed), "the page is the one that was left");
  const [two] = await Promise.all([all.context.waitForEvent("page"), one.evaluate(() => void window.open(location.href))]);
  await start(two, all.given);
  await two.evaluate(() => /** @type {any} */ (window).client.refresh());
  await told(one, ["login", "sync"]);
  await one.evaluate(() => /** @type {any} */ (window).client.refresh());
  const families = await set.box.families("mobile-smarts");
  assert.deepEqual([families.spent, families.maxSpends], [2, 1]);
});
