/** "local" where the browser lacks something, or takes it away. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { BARE } from "./support/bare.mjs";
import { only } from "./support/engine.mjs";
import { stage } from "./support/stage.mjs";
import { start, state, tabs, told } from "./support/tabs.mjs";

/** @typedef {import("playwright-core").Page} Page */

const PROVIDER = "bifit-kassa";
const set = await stage({ "/bare.html": BARE });
const { box } = set;

/** @param {Page} page @param {"refresh" | "logout"} method */
const call = (page, method) =>
  page.evaluate(
    (method) => /** @type {any} */ (window).client[method]().then(() => "done", (/** @type {any} */ { code }) => code),
    method,
  );

/** Names in localStorage. @param {Page} page */
const kept = (page) => page.evaluate(() => Object.keys(localStorage));

test("the session is in IndexedDB, and not in localStorage", async (t) => {
  const all = await tabs(set, t, { provider: PROVIDER });
  const page = await all.open();
  await all.login(page);
  assert.deepEqual(await kept(page), []);
  assert.ok((await page.evaluate(() => indexedDB.databases())).length > 0);
});

for (const missing of /** @type {const} */ (["IndexedDB", "IndexedDB that opens"])) {
  test(`without ${missing}, localStorage serves: tabs agree, and a reload keeps the session`, async (t) => {
    const all = await tabs(set, t, { provider: PROVIDER, without: [missing] });
    const [one, two] = await all.several(2);
    await all.login(one);
    await told(two, ["sync"]);
    assert.equal((await kept(one)).length, 1);
    await two.reload();
    await start(two, all.given);
    assert.deepEqual((await state(two)).session, (await state(one)).session);
    assert.equal(await call(two, "refresh"), "done");
    await told(one, ["login", "sync"]);
    await call(one, "logout");
    await told(two, ["refresh", "sync"]);
    assert.deepEqual(await kept(two), []);
    for (const page of [one, two]) assert.deepEqual((await state(page)).warnings, []);
  });
}

test("with neither, memory serves, and a warning says so", async (t) => {
  const all = await tabs(set, t, { provider: PROVIDER, without: ["IndexedDB", "localStorage"] });
  const page = await all.open();
  await all.login(page);
  const { session, warnings } = await state(page);
  assert.ok(session);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0], /^storage: .*neither IndexedDB nor localStorage/);
});

test("an IndexedDB that never answers holds nobody up for long: memory serves, and a warning names what did not work", { timeout: 120_000 }, async (t) => {
  const all = await tabs(set, t, { provider: PROVIDER, without: ["IndexedDB that answers"] });
  const page = await all.open();
  await all.login(page);
  const { session, warnings } = await state(page);
  assert.ok(session);
  assert.match(warnings.join("\n"), /^storage: `get` of the store/);
  assert.deepEqual(await kept(page), [], "other tabs would not look there");
});

test("a database that was deleted underneath: the tabs are signed out, and can sign in again", async (t) => {
  const all = await tabs(set, t, { provider: PROVIDER });
  const [one, two] = await all.several(2);
  await all.login(one);
  await told(two, ["sync"]);
  await one.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const deleting = indexedDB.deleteDatabase("propusk");
        deleting.onsuccess = resolve;
        deleting.onblocked = deleting.onerror = reject;
      }),
  );
  assert.equal(await call(two, "refresh"), "login_required");
  await all.login(two);
  await told(one, ["login", "sync"]);
  assert.equal(await call(one, "refresh"), "done");
  for (const page of [one, two]) assert.deepEqual((await state(page)).warnings, []);
});

test("a connection that the browser has lost is made anew", async (t) => {
  const all = await tabs(set, t, { provider: PROVIDER });
  const page = await all.open();
  await page.evaluate(() => {
    const { transaction } = IDBDatabase.prototype;
    IDBDatabase.prototype.transaction = function (...given) {
      if (this !== /** @type {any} */ (window).fresh) {
        // As of a connection that is gone: it works never again, another one does.
        /** @type {any} */ (window).fresh = null;
        throw new DOMException("The database connection is closing.", "InvalidStateError");
      }
      return transaction.apply(this, given);
    };
    const { open } = IDBFactory.prototype;
    IDBFactory.prototype.open = function (...given) {
      const opening = open.apply(this, given);
      opening.addEventListener("success", () => void (/** @type {any} */ (window).fresh = opening.result));
      return opening;
    };
  });
  await all.login(page);
  const { session, warnings } = await state(page);
  assert.deepEqual(warnings, []);
  assert.deepEqual((await state(await all.open())).session, session);
});

test("a database of that name that somebody else made, and newer: both get on", async (t) => {
  const all = await tabs(set, t, { provider: PROVIDER });
  const page = await all.context.newPage();
  await page.goto(`${set.site.url}bare.html`);
  await page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const opening = indexedDB.open("propusk", 7);
        opening.onupgradeneeded = () => void opening.result.createObjectStore("theirs");
        opening.onerror = reject;
        opening.onsuccess = () => resolve(opening.result.close());
      }),
  );
  await start(page, all.given);
  await all.login(page);
  assert.deepEqual((await state(await all.open())).session, (await state(page)).session);
  assert.deepEqual((await state(page)).warnings, []);
});

test("a session that was kept in localStorage while IndexedDB was missing does not come back after a logout", async (t) => {
  const all = await tabs(set, t, { provider: PROVIDER });
  const page = await all.open();
  await all.login(page);
  // As an earlier visit has left it.
  const [key] = (await state(page)).sent;
  await page.evaluate((key) => localStorage.setItem(key, "{}"), String(key));
  await call(page, "logout");
  assert.deepEqual(await kept(page), []);
});

for (const [how, without] of /** @type {[string, "Web Locks"[]][]} */ ([["Web Locks", []], ["the package's own lock", ["Web Locks"]]])) {
  test(`${how}: a tab that crashes while it renews is passed over, and what it has spent is not lost within the service's grace`, { timeout: 120_000, ...only(["chromium"], "a tab that crashes") }, async (t) => {
    const all = await tabs(set, t, { provider: PROVIDER, without });
    await box.options(PROVIDER, { grace: 60 });
    const [one, two, three] = await all.several(3);
    await all.login(one);
    await told(two, ["sync"]);
    await told(three, ["sync"]);
    await box.fault(PROVIDER, "refresh", { kind: "hold", handled: true });
    one.evaluate(() => void (/** @type {any} */ (window).client.refresh().catch(() => {}))).catch(() => {});
    await box.held(PROVIDER);
    const crashed = one.waitForEvent("crash");
    const session = await all.context.newCDPSession(one);
    session.send("Page.crash").catch(() => {});
    await crashed;
    await one.close();
    assert.deepEqual(await Promise.all([call(two, "refresh"), call(three, "refresh")]), ["done", "done"]);
    const families = await box.families(PROVIDER);
    assert.deepEqual([families.reuseDetected, families.maxSpends], [0, 2]);
    // The lock was waited for, and given.
    for (const page of [two, three]) assert.deepEqual((await state(page)).warnings, []);
  });
}

test("a lock that was taken before the clock was set back holds nobody up", { timeout: 120_000 }, async (t) => {
  const all = await tabs(set, t, { provider: PROVIDER, without: ["Web Locks"] });
  const [ahead, other] = await all.several(2);
  await all.login(ahead);
  await told(other, ["sync"]);
  await ahead.evaluate(() => {
    const { now } = Date;
    Date.now = () => now() + 3_600_000;
  });
  await box.fault(PROVIDER, "refresh", { kind: "hold" });
  // Its own clock does not matter to its session: the tab may be any that holds the lock.
  ahead.evaluate(() => void (/** @type {any} */ (window).client.refresh().catch(() => {}))).catch(() => {});
  await box.held(PROVIDER);
  await ahead.close();
  assert.equal(await call(other, "refresh"), "done");
  assert.deepEqual((await state(other)).warnings, []);
});

test("a renewal that takes longer than the lock lasts keeps the lock", { timeout: 120_000 }, async (t) => {
  const all = await tabs(set, t, { provider: PROVIDER, without: ["Web Locks"] });
  const [one, two] = await all.several(2);
  await all.login(one);
  await told(two, ["sync"]);
  await box.fault(PROVIDER, "refresh", { kind: "slow", delay: 7_000 });
  assert.deepEqual(await Promise.all([call(one, "refresh"), call(two, "refresh")]), ["done", "done"]);
  const families = await box.families(PROVIDER);
  assert.deepEqual([families.reuseDetected, families.spent, families.maxSpends], [0, 1, 1]);
  for (const page of [one, two]) assert.deepEqual((await state(page)).warnings, []);
});
