/** "session" in a tab that is duplicated: the browser copies sessionStorage, and with it the refresh token. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { BARE } from "./support/bare.mjs";
import { LAN, stage } from "./support/stage.mjs";
import { start, state, tabs, told } from "./support/tabs.mjs";

/** @typedef {import("playwright-core").Page} Page */

const set = await stage({ "/bare.html": BARE });
const { box } = set;
const PROVIDER = "mobile-smarts";
const OPTIONS = { options: { storage: "session" } };

/** @type {[string, Parameters<typeof tabs>[2]][]} */
const WAYS = [
  ["Web Locks", OPTIONS],
  ["the package's own lock", { ...OPTIONS, without: ["Web Locks"] }],
  ["a site on a LAN, by http", { ...OPTIONS, host: LAN }],
];

/** @param {Page} page @param {string} method */
const call = (page, method) =>
  page.evaluate(
    (method) => /** @type {any} */ (window).client[method]().then(() => "done", (/** @type {any} */ { code }) => code),
    method,
  );

/** What `window.open` makes of a page, or the command of the browser to duplicate it. @param {Page} page */
async function copyOf(page) {
  const [copy] = await Promise.all([page.context().waitForEvent("page"), page.evaluate(() => void window.open(location.href))]);
  await copy.waitForFunction("window.AuthClient");
  return copy;
}

/** @param {Page} page */
const stored = (page) => page.evaluate(() => JSON.stringify({ ...sessionStorage }));

/** @param {Awaited<ReturnType<typeof tabs>>} all */
async function pair(all) {
  const one = await all.open();
  await all.login(one);
  const two = await copyOf(one);
  await start(two, all.given);
  return [one, two];
}

for (const [what, how] of WAYS) {
  test(`${what}: a tab and its copy renew one at a time, each renewal reaches both, and nobody is signed out`, { timeout: 180_000 }, async (t) => {
    const all = await tabs(set, t, how);
    const [one, two] = await pair(all);
    assert.deepEqual((await state(two)).session, (await state(one)).session);
    for (let round = 0; round < 5; round += 1) {
      await box.expire(PROVIDER);
      const statuses = await Promise.all([one, two].map((page) => page.evaluate(async (path) => (await /** @type {any} */ (window).client.fetch(path)).status, all.path)));
      assert.deepEqual(statuses, [200, 200]);
      assert.deepEqual(await Promise.all([call(one, "refresh"), call(two, "refresh")]), ["done", "done"]);
    }
    const families = await box.families(PROVIDER);
    assert.deepEqual([families.reuseDetected, families.revoked, families.maxSpends], [0, 0, 1]);
    const tokens = await Promise.all([one, two].map((page) => page.evaluate(() => /** @type {any} */ (window).client.getAccessToken())));
    assert.equal(tokens[0], tokens[1]);
    for (const page of [one, two]) {
      const { session, reasons, warnings } = await state(page);
      assert.ok(session);
      assert.deepEqual(warnings, []);
      assert.deepEqual(reasons.filter((reason) => !["login", "refresh", "sync"].includes(reason)), []);
    }
  });

  // What is left is the same lock on either site.
  if (how.host) continue;

  test(`${what}: a logout in a copy reaches the tab, and a login after that is that tab's alone`, async (t) => {
    const all = await tabs(set, t, how);
    const [one, two] = await pair(all);
    await call(two, "logout");
    await told(one, ["login", "sync"]);
    assert.equal((await state(one)).session, null);
    assert.equal(await one.evaluate(() => sessionStorage.length), 0);
    await all.login(two);
    await one.reload();
    await start(one, all.given);
    assert.equal((await state(one)).session, null);
    assert.equal(await call(two, "refresh"), "done");
  });

  test(`${what}: copies of copies, of which the first is closed and one goes while it renews, go on with one session`, { timeout: 180_000 }, async (t) => {
    const all = await tabs(set, t, how);
    await box.options(PROVIDER, { grace: 60 });
    const [one, two] = await pair(all);
    const three = await copyOf(two);
    await start(three, all.given);
    assert.deepEqual(await Promise.all([one, two, three].map((page) => call(page, "refresh"))), ["done", "done", "done"]);
    assert.equal((await box.families(PROVIDER)).maxSpends, 1);
    await one.close();
    assert.equal(await call(three, "refresh"), "done");
    await box.fault(PROVIDER, "refresh", { kind: "hold", handled: true });
    // In front, as is a tab that a user closes: a lock of a hidden one lasts longer.
    await two.bringToFront();
    two.evaluate(() => void (/** @type {any} */ (window).client.refresh().catch(() => {}))).catch(() => {});
    await box.held(PROVIDER);
    await two.close();
    assert.equal(await call(three, "refresh"), "done");
    assert.equal((await box.families(PROVIDER)).reuseDetected, 0);
    assert.deepEqual((await state(three)).warnings, []);
  });
}

test("a copy that does not answer holds the tab up for a moment only, and has the new tokens when it does", { timeout: 120_000 }, async (t) => {
  const all = await tabs(set, t, OPTIONS);
  const [one, two] = await pair(all);
  const busy = two.evaluate(() => {
    for (const end = performance.now() + 4_000; performance.now() < end; );
  });
  assert.equal(await call(one, "refresh"), "done");
  await busy;
  assert.equal(await call(two, "refresh"), "done");
  const families = await box.families(PROVIDER);
  assert.deepEqual([families.reuseDetected, families.maxSpends], [0, 1]);
  for (const page of [one, two]) assert.deepEqual((await state(page)).warnings, []);
});

test("a copy whose page is reloaded, and one that is come back to, have the newest", async (t) => {
  const all = await tabs(set, t, OPTIONS);
  const [one, two] = await pair(all);
  await two.goto(`${set.site.url}styles/base.css`);
  await call(one, "refresh");
  await two.goBack();
  await start(two, all.given);
  assert.equal(await call(two, "refresh"), "done");
  await one.reload();
  await start(one, all.given);
  assert.equal(await call(one, "refresh"), "done");
  const families = await box.families(PROVIDER);
  assert.deepEqual([families.spent, families.maxSpends], [3, 1]);
});

test("the session stays in sessionStorage; a tab that has no copy tells nobody anything", async (t) => {
  const all = await tabs(set, t, OPTIONS);
  const one = await all.open();
  await all.login(one);
  await call(one, "refresh");
  const token = await one.evaluate(() => /** @type {any} */ (window).client.getAccessToken());
  assert.ok((await stored(one)).includes(token));
  assert.deepEqual((await state(one)).sent, []);
  assert.deepEqual(await one.evaluate(async () => [localStorage.length, (await indexedDB.databases()).length]), [0, 0]);
  await call(one, "logout");
  assert.deepEqual(await one.evaluate(() => sessionStorage.length), 0);
});

test("another tab, which is no copy, has a session of its own", async (t) => {
  const all = await tabs(set, t, OPTIONS);
  const [one, two] = await all.several(2);
  await all.login(one);
  assert.equal((await state(two)).session, null);
  await all.login(two);
  await call(one, "logout");
  assert.ok((await state(two)).session);
  assert.equal(await call(two, "refresh"), "done");
});

test("a session that an earlier version of the package has left is gone on with, and shared with copies", async (t) => {
  const all = await tabs(set, t, OPTIONS);
  const one = await all.open();
  await all.login(one);
  // As it was written before entries had a mark.
  await one.evaluate(() => {
    for (const [key, text] of Object.entries(sessionStorage)) sessionStorage.setItem(key, text.replace(/"tab":\[[^\]]*\],/, ""));
  });
  await one.reload();
  await start(one, all.given);
  const two = await copyOf(one);
  await start(two, all.given);
  assert.deepEqual(await Promise.all([call(one, "refresh"), call(two, "refresh")]), ["done", "done"]);
  assert.equal((await box.families(PROVIDER)).maxSpends, 1);
});

test("a callback that is open in a tab and its copy is redeemed once", async (t) => {
  const all = await tabs(set, t, OPTIONS);
  const options = { ...all.given, provider: "bstats", baseUrl: box.services.bstats.baseUrl, redirectUri: `${set.site.url}bare.html` };
  const one = await all.context.newPage();
  await one.goto(`${set.site.url}bare.html`);
  await start(one, options);
  const address = await one.evaluate(() => /** @type {any} */ (window).client.authorizationUrl());
  assert.match(address, /^http/);
  const two = await copyOf(one);
  await start(two, options);
  const callback = `${options.redirectUri}?code=none`;
  const codes = await Promise.all([one, two].map((page) => page.evaluate((callback) => /** @type {any} */ (window).client.handleRedirect(callback).then(() => "done", (/** @type {any} */ { code }) => code), callback)));
  // One sends the code, which the service does not know; for the other there is no pending login any more.
  assert.deepEqual((await box.counts("bstats")).exchange, 1, codes.join());
  assert.ok(codes.includes("redirect_unexpected"), codes.join());
});
