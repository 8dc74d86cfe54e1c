/** Six tabs on one session that is renewed all the time, by a service that forgives no refresh token sent twice. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { BARE } from "./support/bare.mjs";
import { ENGINE } from "./support/engine.mjs";
import { stage } from "./support/stage.mjs";
import { state, tabs } from "./support/tabs.mjs";

/** @typedef {import("playwright-core").Page} Page */

const TABS = 6;
/** What each tab does at least, and how often the session is renewed meanwhile. */
const CALLS = 50;
const RENEWALS = 4;
/** Tabs that are closed or crash, one after the other. */
const LOSSES = 8;

const set = await stage({ "/bare.html": BARE });
const { box, browser } = set;

/** @type {[string, "Web Locks"[], "bifit-kassa" | "mobile-smarts"][]} */
const LOCKS = [
  ["Web Locks", [], "mobile-smarts"],
  ["the package's own lock", ["Web Locks"], "bifit-kassa"],
];

/** Calls the API until it is enough; `done` counts. @param {Page} page @param {string} path */
function work(page, path) {
  return page.evaluate(
    async (path) => {
      const here = /** @type {any} */ (window);
      /** @type {Record<string, number>} */
      const outcomes = {};
      for (here.done = 0; !here.enough; here.done++) {
        const outcome = await here.client.fetch(path).then((/** @type {Response} */ { status }) => status, (/** @type {any} */ error) => error.code);
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      }
      return outcomes;
    },
    path,
  );
}

/** Runs in a page that works. */
const enough = () => void (/** @type {any} */ (window).enough = true);

/** How many processes show pages. */
async function renderers() {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  return processInfo.filter(({ type }) => type === "renderer").length;
}

for (const [lock, without, provider] of LOCKS) {
  test(`six tabs, ${lock}: no refresh token is sent twice, and nobody is signed out`, { timeout: 180_000 }, async (t) => {
    const all = await tabs(set, t, { provider, without });
    await box.options(provider, { tokenLifetime: 2, latency: 25 });
    const pages = await all.several(TABS);
    if (ENGINE === "chromium") assert.ok((await renderers()) >= TABS, "each tab is a process of its own");
    await all.login(pages[0]);
    for (const page of pages.slice(1)) await page.waitForFunction(() => /** @type {any} */ (window).client.session);

    const working = pages.map((page) => work(page, all.path));
    for (const page of pages) await page.waitForFunction((calls) => /** @type {any} */ (window).done >= calls, CALLS);
    while ((await box.families(provider)).spent < RENEWALS) await wait(100);
    for (const page of pages) await page.evaluate(enough);
    for (const outcomes of await Promise.all(working)) assert.deepEqual(Object.keys(outcomes), ["200"]);
    const families = await box.families(provider);
    t.diagnostic(JSON.stringify(families));
    assert.deepEqual([families.reuseDetected, families.revoked, families.maxSpends], [0, 0, 1]);
    for (const page of pages) {
      const { session, reasons, warnings } = await state(page);
      assert.ok(session);
      assert.deepEqual(warnings, []);
      assert.deepEqual(reasons.filter((reason) => !["login", "refresh", "sync"].includes(reason)), []);
    }
  });

  test(`six tabs, ${lock}: closed and crashing tabs take nobody's session along`, { timeout: 240_000 }, async (t) => {
    const all = await tabs(set, t, { provider, without });
    // Six windows of the other engines are more than two processors do in time: a token must not end before it is used.
    await box.options(provider, { tokenLifetime: ENGINE === "chromium" ? 2 : 4, latency: 25, grace: 5 });
    const pages = await all.several(TABS);
    await all.login(pages[0]);
    const random = seeded(Date.now() % 1e6, t);
    /** Ends with the outcomes, or with null where the tab is lost. @type {Promise<Record<string, number> | null>[]} */
    const working = [];
    /** @param {Page} page */
    const run = (page) => working.push(work(page, all.path).catch(() => null));
    for (const page of pages) {
      await page.waitForFunction(() => /** @type {any} */ (window).client.session);
      run(page);
    }
    for (let loss = 0; loss < LOSSES; loss++) {
      const [lost] = pages.splice(Math.floor(random() * pages.length), 1);
      const calls = 1 + Math.floor(random() * 40);
      await lost.waitForFunction((calls) => /** @type {any} */ (window).done >= calls, calls);
      await (loss % 2 || ENGINE !== "chromium" ? lost.close() : crash(lost));
      const page = await all.open();
      assert.ok((await state(page)).session, "a new tab is signed in");
      pages.push(page);
      run(page);
    }
    for (const page of pages) {
      // The last one has done some work, too.
      await page.waitForFunction(() => /** @type {any} */ (window).done >= 20);
      await page.evaluate(enough);
    }
    const outcomes = (await Promise.all(working)).filter((each) => each !== null);
    const families = await box.families(provider);
    t.diagnostic(JSON.stringify({ families, outcomes }));
    assert.equal(outcomes.length, TABS);
    for (const each of outcomes) assert.deepEqual(Object.keys(each), ["200"]);
    assert.deepEqual([families.reuseDetected, families.revoked], [0, 0]);
    for (const page of pages) assert.ok((await state(page)).session);
  });
}

/** As when the system has killed its process. @param {Page} page */
async function crash(page) {
  const crashed = page.waitForEvent("crash");
  const session = await page.context().newCDPSession(page);
  // Never answered.
  session.send("Page.crash").catch(() => {});
  await crashed;
  await page.close();
}

/** Numbers from 0 to 1 that can be had again. @param {number} seed @param {import("node:test").TestContext} t */
function seeded(seed, t) {
  t.diagnostic(`seed ${seed}`);
  let state = seed;
  return () => (state = (state * 16807 + 12345) % 2147483647) / 2147483647;
}
