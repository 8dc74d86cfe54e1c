/** No network, slow answers, and a browser whose user lets no site keep anything. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { BARE } from "./support/bare.mjs";
import { ENGINE, launch } from "./support/engine.mjs";
import { stage } from "./support/stage.mjs";
import { start, state, tabs, told } from "./support/tabs.mjs";

/** @typedef {import("playwright-core").Page} Page */

const PROVIDER = "mobile-smarts";
const set = await stage({ "/bare.html": BARE });
const { box } = set;

/** @param {Page} page @param {string} method @param {unknown} [given] */
const call = (page, method, given) =>
  page.evaluate(
    ({ method, given }) =>
      /** @type {any} */ (window).client[method](given).then((/** @type {any} */ answer) => answer?.status ?? "done", (/** @type {any} */ { code }) => code),
    { method, given },
  );

test("offline: calls and renewals say so, nobody is signed out, and online again all goes on", async (t) => {
  const all = await tabs(set, t);
  const [one, two] = await all.several(2);
  await all.login(one);
  await told(two, ["sync"]);
  const { session } = await state(one);
  await all.context.setOffline(true);
  assert.equal(await call(one, "fetch", all.path), "network");
  assert.deepEqual(await Promise.all([one, two].map((page) => call(page, "refresh"))), ["network", "network"]);
  assert.deepEqual((await state(one)).session, session);
  assert.deepEqual((await state(two)).session, session);
  await all.context.setOffline(false);
  assert.equal(await call(two, "fetch", all.path), 200);
  assert.equal(await call(one, "refresh"), "done");
  await told(two, ["sync", "sync"]);
  const families = await box.families(PROVIDER);
  assert.deepEqual([families.reuseDetected, families.maxSpends], [0, 1]);
});

test("a page that is loaded anew while its service cannot be reached has its session", async (t) => {
  const all = await tabs(set, t);
  const page = await all.open();
  await all.login(page);
  const { session } = await state(page);
  for (const purpose of ["api", "refresh"]) await box.fault(PROVIDER, purpose, { kind: "reset", times: -1 });
  await page.reload();
  await start(page, all.given);
  assert.deepEqual((await state(page)).session, session);
  assert.equal(await call(page, "fetch", all.path), "network");
  assert.deepEqual((await state(page)).session, session);
  await box.healed();
  assert.equal(await call(page, "fetch", all.path), 200);
});

test("an answer that does not come is given up when its caller says, and what follows is not", async (t) => {
  const all = await tabs(set, t);
  const page = await all.open();
  await all.login(page);
  await box.fault(PROVIDER, "api", { kind: "hold" });
  const given = page.evaluate(
    (path) => {
      const here = /** @type {any} */ (window);
      here.controller = new AbortController();
      return here.client.fetch(path, { signal: here.controller.signal }).then(() => "done", (/** @type {any} */ { name }) => name);
    },
    all.path,
  );
  await box.held(PROVIDER);
  await page.evaluate(() => /** @type {any} */ (window).controller.abort());
  assert.equal(await given, "AbortError", "the reason of the caller's signal");
  await box.release(PROVIDER);
  assert.equal(await call(page, "fetch", all.path), 200);
});

test("a slow renewal in one tab is waited for in the other, and made once", async (t) => {
  const all = await tabs(set, t);
  const [one, two] = await all.several(2);
  await all.login(one);
  await told(two, ["sync"]);
  await box.expire(PROVIDER);
  await box.fault(PROVIDER, "refresh", { kind: "hold", handled: true });
  const first = call(one, "fetch", all.path);
  await box.held(PROVIDER);
  const second = call(two, "fetch", all.path);
  await box.release(PROVIDER);
  assert.deepEqual(await Promise.all([first, second]), [200, 200]);
  const families = await box.families(PROVIDER);
  assert.deepEqual([families.spent, families.maxSpends], [1, 1]);
});

test("\"memory\": a reload has no session, another tab has none, and nothing is written anywhere", async (t) => {
  const all = await tabs(set, t, { options: { storage: "memory" } });
  const [one, two] = await all.several(2);
  await all.login(one);
  assert.equal(await call(one, "fetch", all.path), 200);
  assert.equal((await state(two)).session, null);
  assert.deepEqual(await one.evaluate(async () => [localStorage.length, sessionStorage.length, (await indexedDB.databases()).length]), [0, 0, 0]);
  await one.reload();
  await start(one, all.given);
  assert.equal((await state(one)).session, null);
});

// Firefox has a setting for it; elsewhere what a page would meet there is put into the page.
const refusing = ENGINE === "firefox" ? await launch({ refuses: true }) : set.browser;
if (refusing !== set.browser) after(() => refusing.close());

for (const storage of /** @type {const} */ (["local", "session"])) {
  test(`"${storage}" in a browser that lets no site keep anything: memory serves, and one warning says so`, async (t) => {
    const without = /** @type {const} */ (["IndexedDB that opens", "localStorage", "sessionStorage"]);
    const all = await tabs({ ...set, browser: refusing }, t, { without: refusing === set.browser ? [...without] : [], options: { storage } });
    const page = await all.open();
    await all.login(page);
    assert.equal(await call(page, "fetch", all.path), 200);
    assert.equal(await call(page, "refresh"), "done");
    const { session, warnings } = await state(page);
    assert.ok(session);
    assert.equal(warnings.length, 1, warnings.join("\n"));
    assert.match(warnings[0], /^storage: /);
    await call(page, "logout");
    assert.equal((await state(page)).session, null);
  });
}
