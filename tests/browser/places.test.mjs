/** A place that fails for one run is not absent: nobody's session comes back, and no logout is lost. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { BARE } from "./support/bare.mjs";
import { stage } from "./support/stage.mjs";
import { start, state, tabs, told } from "./support/tabs.mjs";

/** @typedef {import("playwright-core").Page} Page */

const PROVIDER = "bifit-kassa";
const OTHER = { username: "79990000004", password: "пароль" };
const set = await stage({ "/bare.html": BARE });

/** @param {Page} page @param {string} method @param {unknown} [given] */
const call = (page, method, given) =>
  page.evaluate(
    ({ method, given }) => /** @type {any} */ (window).client[method](given).then(() => "done", (/** @type {any} */ { code }) => code),
    { method, given },
  );

/** How a database fails for one run of a page. @type {[string, () => void][]} */
const FAILURES = [
  ["fails to be opened", () => {
    IDBFactory.prototype.open = /** @type {any} */ (() => {
      const opening = new EventTarget();
      Object.assign(opening, { error: new DOMException("Internal error opening backing store", "UnknownError") });
      setTimeout(() => /** @type {any} */ (opening).onerror?.());
      return opening;
    });
  }],
  ["throws when it is opened", () => {
    IDBFactory.prototype.open = () => {
      throw new DOMException("not now", "InvalidStateError");
    };
  }],
  ["never answers", () => {
    IDBFactory.prototype.open = () => /** @type {any} */ (new EventTarget());
  }],
  ["gives up each transaction", () => {
    const { transaction } = IDBDatabase.prototype;
    IDBDatabase.prototype.transaction = function (...given) {
      const begun = transaction.apply(this, given);
      begun.abort();
      return begun;
    };
  }],
];

/** The next run of the page, in which the database fails. @param {Page} page @param {Awaited<ReturnType<typeof tabs>>} all @param {() => void} fail */
async function failing(page, all, fail) {
  await page.goto("about:blank");
  const script = await page.addInitScript(fail);
  await page.goto(`${set.site.url}bare.html`);
  await start(page, all.given);
  return script;
}

/** The next run of the page as it is, in another tab of the same browser. @param {Awaited<ReturnType<typeof tabs>>} all */
const next = (all) => all.open();

for (const [what, fail] of FAILURES) {
  // Side by side: a database that never answers is waited for several times.
  test(`IndexedDB ${what} for one run: after a logout in it no session comes back, and after another user's login it is theirs, or nobody's`, { timeout: 180_000 }, async (t) => {
    const signsOut = async () => {
      const all = await tabs(set, t, { provider: PROVIDER });
      const page = await all.open();
      await all.login(page);
      await failing(page, all, fail);
      const { warnings } = await state(page);
      assert.equal(warnings.length, 1, "it is told that the storage fails");
      assert.equal(await call(page, "logout"), "done");
      await page.close();
      const after = await next(all);
      assert.equal((await state(after)).session, null);
      assert.equal((await state(await next(all))).session, null);
      assert.deepEqual(await after.evaluate(() => Object.keys(localStorage)), []);
    };
    const isFollowed = async () => {
      const all = await tabs(set, t, { provider: PROVIDER });
      const page = await all.open();
      await all.login(page);
      const first = (await state(page)).session;
      await failing(page, all, fail);
      await call(page, "logout");
      assert.equal(await call(page, "login", OTHER), "done");
      const theirs = (await state(page)).session;
      assert.notEqual(theirs.subject, first.subject);
      await page.close();
      const { session } = await state(await next(all));
      assert.ok(session === null || session.subject === theirs.subject, JSON.stringify(session));
      if (["fails to be opened", "throws when it is opened"].includes(what)) assert.deepEqual(session, theirs);
    };
    await Promise.all([signsOut(), isFollowed()]);
  });
}

test("a logout while IndexedDB fails reaches the tabs in which it works", { timeout: 120_000 }, async (t) => {
  const all = await tabs(set, t, { provider: PROVIDER });
  const [one, two] = await all.several(2);
  await all.login(one);
  await told(two, ["sync"]);
  await failing(one, all, FAILURES[0][1]);
  await call(one, "logout");
  await told(two, ["sync", "sync"]);
  assert.equal((await state(two)).session, null);
});

test("a login that came after a logout which the database was not told of is not undone by it", { timeout: 120_000 }, async (t) => {
  const all = await tabs(set, t, { provider: PROVIDER });
  const [one, two] = await all.several(2);
  await all.login(one);
  await told(two, ["sync"]);
  await failing(one, all, FAILURES[0][1]);
  await call(one, "logout");
  await told(two, ["sync", "sync"]);
  await all.login(two);
  await one.close();
  const after = await next(all);
  assert.deepEqual((await state(after)).session, (await state(two)).session);
});

/** Fills sessionStorage. @param {Page} page */
const fill = (page) =>
  page.evaluate(() => {
    for (let size = 2 ** 22; size >= 1; ) {
      try {
        sessionStorage.setItem(`full-${sessionStorage.length}`, "x".repeat(size));
      } catch {
        size /= 2;
      }
    }
  });

test("sessionStorage that is full still has its session, and a logout takes it out", async (t) => {
  const all = await tabs(set, t, { provider: PROVIDER, options: { storage: "session" } });
  const page = await all.open();
  await all.login(page);
  const { session } = await state(page);
  const token = await page.evaluate(() => /** @type {any} */ (window).client.getAccessToken());
  await fill(page);
  await page.reload();
  await start(page, all.given);
  assert.deepEqual((await state(page)).session, session);
  await call(page, "logout");
  const left = await page.evaluate(() => JSON.stringify({ ...sessionStorage }));
  assert.ok(!left.includes(token));
  await page.reload();
  await start(page, all.given);
  assert.deepEqual([(await state(page)).session, (await state(page)).warnings], [null, []]);
});

test("a renewal that sessionStorage has no room for goes on in memory, with one warning", async (t) => {
  const all = await tabs(set, t, { provider: PROVIDER, options: { storage: "session" } });
  const page = await all.open();
  await fill(page);
  await all.login(page);
  assert.equal(await call(page, "refresh"), "done");
  const { session, warnings } = await state(page);
  assert.ok(session);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0], /^storage: /);
});

for (const storage of /** @type {const} */ (["local", "session"])) {
  test(`"${storage}": a session of a newer version is left alone until somebody signs in, and one warning says so`, async (t) => {
    const all = await tabs(set, t, { provider: PROVIDER, options: { storage } });
    const page = await all.open();
    await all.login(page);
    /** Changes or reads the record behind the package's back. @param {string | null} form */
    const record = (form) =>
      page.evaluate(
        async ({ storage, form }) => {
          const change = (/** @type {string} */ text) => (form === null ? text : text.replace(/"v":\d+/, `"v":${form}`));
          if (storage === "session") {
            const [key] = Object.keys(sessionStorage);
            sessionStorage.setItem(key, change(sessionStorage[key]));
            return sessionStorage[key];
          }
          return new Promise((resolve) => {
            const opening = indexedDB.open("propusk");
            opening.onsuccess = () => {
              const begun = opening.result.transaction("entries", "readwrite");
              const looking = begun.objectStore("entries").openCursor();
              looking.onsuccess = () => {
                const cursor = /** @type {IDBCursorWithValue} */ (looking.result);
                const text = change(cursor.value);
                cursor.update(text);
                begun.oncomplete = () => (opening.result.close(), resolve(text));
              };
            };
          });
        },
        { storage, form },
      );
    const newer = await record("99");
    await page.reload();
    await start(page, all.given);
    assert.equal((await state(page)).session, null);
    assert.equal(await call(page, "refresh"), "login_required");
    assert.equal(await record(null), newer);
    const { warnings } = await state(page);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0], /^storage: .*newer version/);
    await all.login(page);
    assert.notEqual(await record(null), newer);
    await page.reload();
    await start(page, all.given);
    assert.ok((await state(page)).session);
  });
}
