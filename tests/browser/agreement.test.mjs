/** What one tab does to a session in "local", the others see. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { BARE } from "./support/bare.mjs";
import { LAN, stage } from "./support/stage.mjs";
import { start, state, tabs, told } from "./support/tabs.mjs";

/** @typedef {import("playwright-core").Page} Page */

const PROVIDER = "mobile-smarts";

const WORKER = `
import { AuthClient } from "/node_modules/propusk/dist/index.js";
let client;
const acts = {
  open: async (options) => { client = await AuthClient.create(options); },
  refresh: () => client.refresh(),
  session: () => client.session,
  changed: () => new Promise((resolve) => client.subscribe((session, reason) => resolve({ session, reason }))),
};
onmessage = async ({ data: { id, act, given } }) => postMessage({ id, result: await acts[act](given) });
postMessage({ id: 0 });
`;

const set = await stage({ "/bare.html": BARE, "/worker.js": WORKER });
const { box } = set;

/** @param {Page} page @param {"refresh" | "logout" | "getAccessToken"} method */
const call = (page, method) =>
  page.evaluate(
    (method) =>
      /** @type {any} */ (window).client[method]().then(
        (/** @type {unknown} */ value) => ({ value }),
        (/** @type {any} */ { code }) => ({ code }),
      ),
    method,
  );

for (const without of /** @type {("Web Locks")[][]} */ ([[], ["Web Locks"]])) {
  test(`login, renewal and logout are seen in the other tabs${without.length ? ", also without Web Locks" : ""}`, async (t) => {
    const all = await tabs(set, t, { without });
    const [one, two, three] = await all.several(3);
    await all.login(one);
    await told(two, ["sync"]);
    await told(three, ["sync"]);
    assert.deepEqual((await state(two)).session, (await state(one)).session);
    await call(two, "refresh");
    await told(one, ["login", "sync"]);
    assert.deepEqual(await call(one, "getAccessToken"), await call(two, "getAccessToken"));
    await call(three, "logout");
    await told(one, ["login", "sync", "sync"]);
    const states = await Promise.all([one, two, three].map(state));
    assert.deepEqual(states.map(({ session }) => session), [null, null, null]);
    assert.deepEqual(states[0].reasons, ["login", "sync", "sync"]);
    assert.deepEqual(states.flatMap(({ warnings }) => warnings), []);
    assert.equal((await box.families(PROVIDER)).maxSpends, 1);
  });
}

test("a logout in one tab wins over a renewal in another", async (t) => {
  const all = await tabs(set, t);
  const [one, two] = await all.several(2);
  await all.login(one);
  await told(two, ["sync"]);
  await box.fault(PROVIDER, "refresh", { kind: "hold", handled: true });
  const renewal = call(one, "refresh");
  await box.held(PROVIDER);
  await call(two, "logout");
  await box.release(PROVIDER);
  assert.match((await renewal).code, /^(aborted|login_required)$/);
  assert.equal((await state(one)).session, null);
  assert.equal((await state(await all.open())).session, null, "nothing is left in the store");
});

test("nothing but names is told to other tabs: no token, no session", async (t) => {
  const all = await tabs(set, t, { without: ["Web Locks"] });
  const [one, two] = await all.several(2);
  await all.login(one);
  await told(two, ["sync"]);
  await call(two, "refresh");
  await told(one, ["login", "sync"]);
  await call(one, "logout");
  await told(two, ["sync", "refresh", "sync"]);
  const sent = (await Promise.all([one, two].map(state))).flatMap((state) => state.sent);
  assert.ok(sent.length >= 3);
  for (const message of sent) assert.match(String(message), /^(lease:)?propusk:mobile-smarts:default:[\w-]{16}$/);
});

test("a reload keeps the session, and so does a new tab when all others are closed", async (t) => {
  const all = await tabs(set, t);
  const page = await all.open();
  await all.login(page);
  const { session } = await state(page);
  await page.reload();
  await start(page, all.given);
  assert.deepEqual((await state(page)).session, session);
  const next = await all.context.newPage();
  await page.close();
  await next.goto(`${set.site.url}bare.html`);
  await start(next, all.given);
  assert.deepEqual((await state(next)).session, session);
  assert.deepEqual(await box.counts(PROVIDER), { login: 1 });
});

/** @type {[string, () => void][]} */
const WAKES = [
  ["is shown again", () => void document.dispatchEvent(new Event("visibilitychange"))],
  ["is resumed after it was frozen", () => void document.dispatchEvent(new Event("resume"))],
  ["is online again", () => void window.dispatchEvent(new Event("online"))],
];

for (const [what, wake] of WAKES) {
  test(`a page that ${what} sees what it was not told meanwhile`, async (t) => {
    const all = await tabs(set, t, { without: ["a way to hear of others"] });
    const [one, two] = await all.several(2);
    await all.login(one);
    await one.bringToFront();
    assert.deepEqual((await state(two)).reasons, []);
    await two.evaluate(wake);
    await told(two, ["sync"]);
    assert.deepEqual((await state(two)).session, (await state(one)).session);
  });
}

test("a site on a LAN, by http: its tabs renew once and agree, though the browser gives them no locks", async (t) => {
  const all = await tabs(set, t, { host: LAN });
  const pages = await all.several(3);
  assert.deepEqual(await pages[0].evaluate(() => [isSecureContext, typeof navigator.locks]), [false, "undefined"]);
  await all.login(pages[0]);
  for (const page of pages.slice(1)) await told(page, ["sync"]);
  // None is answered before all have asked: whoever asks later would rightly renew once more.
  await box.fault(PROVIDER, "refresh", { kind: "hold" });
  for (const page of pages) await page.evaluate(() => void (/** @type {any} */ (window).renewal = /** @type {any} */ (window).client.refresh()));
  await box.held(PROVIDER);
  await box.release(PROVIDER);
  const sessions = await Promise.all(pages.map((page) => page.evaluate(() => /** @type {any} */ (window).renewal)));
  assert.deepEqual(sessions, pages.map(() => sessions[0]));
  const families = await box.families(PROVIDER);
  assert.deepEqual([families.spent, families.maxSpends], [1, 1]);
  for (const page of pages) assert.deepEqual((await state(page)).warnings, []);
});

test("a page that was left and is come back to goes on with the session as it is now", async (t) => {
  const all = await tabs(set, t);
  const [one, two] = await all.several(2);
  await all.login(one);
  await told(two, ["sync"]);
  await two.goto(`${set.site.url}styles/base.css`);
  await call(one, "logout");
  await two.goBack();
  await start(two, all.given);
  assert.equal((await state(two)).session, null);
});

test("a worker shares the session of the tabs", async (t) => {
  const all = await tabs(set, t);
  const page = await all.open();
  await page.evaluate(async (options) => {
    const here = /** @type {any} */ (window);
    const worker = new Worker("/worker.js", { type: "module" });
    const answer = (/** @type {number} */ id) =>
      new Promise((resolve, reject) => {
        worker.addEventListener("error", ({ message }) => reject(new Error(message)));
        worker.addEventListener("message", ({ data }) => data.id === id && resolve(data.result));
      });
    let last = 0;
    here.ask = (/** @type {string} */ act, /** @type {unknown} */ given) => {
      const id = ++last;
      worker.postMessage({ id, act, given });
      return answer(id);
    };
    await answer(0);
    await here.ask("open", options);
  }, all.given);
  const ask = (/** @type {string} */ act) => page.evaluate((act) => /** @type {any} */ (window).ask(act), act);
  const changed = ask("changed");
  await all.login(page);
  assert.deepEqual(await changed, { session: (await state(page)).session, reason: "sync" });
  await ask("refresh");
  await told(page, ["login", "sync"]);
  assert.deepEqual(await ask("session"), (await state(page)).session);
  assert.equal((await box.families(PROVIDER)).maxSpends, 1);
});
