/** Rows 9, 20, 26 and 27 of the failure table, where they need a browser: tabs, the page's address, its storage, its policy. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { BARE } from "../browser/support/bare.mjs";
import { stage } from "../browser/support/stage.mjs";
import { start, state, tabs } from "../browser/support/tabs.mjs";
import { ACCOUNTS, GOODS } from "../support/sandbox.mjs";

const KASSA = "bifit-kassa";
const HEAD = `<!doctype html><meta charset="utf-8"><title>strict</title><link rel="icon" href="data:,">`;
/** The strictest policy that lets the module in; `connect` so that the services on loopback can be called. */
const STRICT = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' http://127.0.0.1:*; img-src data:; require-trusted-types-for 'script'; trusted-types 'none'";
const policy = (/** @type {string} */ text) => `${HEAD}<meta http-equiv="Content-Security-Policy" content="${text}"><script type="module" src="/strict.js"></script>`;
const SCRIPT = `
import { AuthClient } from "/node_modules/propusk/dist/index.js";
window.violations = [];
document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => violations.push(violatedDirective + " " + blockedURI));
window.AuthClient = AuthClient;
`;

const set = await stage({
  "/bare.html": BARE,
  "/strict.js": SCRIPT,
  "/strict.html": policy(STRICT),
  "/forbidden.html": policy(STRICT.replace(" 'wasm-unsafe-eval'", "")),
});
const { box, browser, site } = set;

for (const [what, without] of /** @type {[string, ("Web Locks")[]][]} */ ([["Web Locks", []], ["without Web Locks", ["Web Locks"]]])) {
  test(`9. N contexts on one store: each refresh token value sent once (six tabs, ${what})`, { timeout: 120_000 }, async (t) => {
    const all = await tabs(set, t, { provider: KASSA, without });
    await box.options(KASSA, { tokenLifetime: 1, latency: 10 });
    const pages = await all.several(6);
    await all.login(pages[0]);
    for (const page of pages) await page.waitForFunction(() => /** @type {any} */ (window).client.session);
    const calls = pages.map((page) =>
      page.evaluate(async (path) => {
        /** @type {unknown[]} */
        const bad = [];
        for (let n = 0; n < 60; n += 1) {
          const outcome = await /** @type {any} */ (window).client.fetch(path).then((/** @type {Response} */ { status }) => status, (/** @type {any} */ { code }) => code);
          if (outcome !== 200) bad.push(outcome);
        }
        return bad;
      }, all.path),
    );
    assert.deepEqual(await Promise.all(calls), pages.map(() => []));
    const { maxSpends, reuseDetected, spent } = await box.families(KASSA);
    assert.deepEqual([maxSpends, reuseDetected], [1, 0]);
    assert.ok(spent >= 2, "the session was renewed again and again");
    for (const page of pages) assert.deepEqual((await state(page)).warnings, []);
  });
}

/** A page of its own, on which no client is yet. @param {import("node:test").TestContext} t @param {string} path */
async function opened(t, path) {
  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await context.newPage();
  await page.goto(site.url + path);
  await page.waitForFunction("window.AuthClient");
  return page;
}

test("20. Foreign ?code= untouched: the page's address stays, and the pending login is still there", async (t) => {
  const page = await opened(t, "bare.html?code=coupon&state=open#part");
  const options = { provider: "bstats", baseUrl: box.services.bstats.baseUrl, redirectUri: `${site.url}callback` };
  await start(page, options);
  const { result, address, again } = await page.evaluate(async () => {
    const { client } = /** @type {any} */ (window);
    await client.authorizationUrl();
    const result = await client.handleRedirect();
    return { result, address: location.href, again: Object.keys(sessionStorage).length };
  });
  assert.deepEqual([result, address, again], [null, `${site.url}bare.html?code=coupon&state=open#part`, 1]);
  assert.equal((await box.counts("bstats")).exchange, undefined);
});

/** Fills the page's storage, so that nothing more fits. @param {import("playwright-core").Page} page @param {"local" | "session"} storage */
async function fill(page, storage) {
  if (storage === "local") {
    const session = await page.context().newCDPSession(page);
    await session.send("Storage.overrideQuotaForOrigin", { origin: new URL(site.url).origin, quotaSize: 1 });
  } else {
    await page.evaluate(() => {
      for (let size = 2 ** 22; size >= 1; ) {
        try {
          sessionStorage.setItem(`full-${sessionStorage.length}`, "x".repeat(size));
        } catch {
          size /= 2;
        }
      }
    });
  }
}

/** A page takes its storage away, or the browser does. @type {[string, "local" | "session", (page: import("playwright-core").Page) => Promise<void>][]} */
const TROUBLES = [
  ["Storage disabled", "session", forbid],
  ["Storage disabled", "local", forbid],
  ["Quota full", "session", (page) => fill(page, "session")],
  ["Quota full", "local", (page) => fill(page, "local")],
];

/** As browsers do where the user has switched storage off. @param {import("playwright-core").Page} page */
async function forbid(page) {
  await page.evaluate(() => {
    for (const name of ["localStorage", "sessionStorage", "indexedDB"]) {
      Object.defineProperty(globalThis, name, { get: () => { throw new DOMException("denied", "SecurityError"); } });
    }
  });
}

for (const [what, storage, spoil] of TROUBLES) {
  test(`26. ${what}: memory fallback and a warning event ("${storage}", in a page)`, async (t) => {
    const page = await opened(t, "bare.html");
    await spoil(page);
    await start(page, { provider: KASSA, baseUrl: box.services[KASSA].baseUrl, storage });
    const statuses = await page.evaluate(
      async ({ account, path }) => {
        const { client } = /** @type {any} */ (window);
        await client.login(account);
        const first = (await client.fetch(path)).status;
        await client.refresh();
        await client.refresh();
        return [first, (await client.fetch(path)).status];
      },
      { account: ACCOUNTS[KASSA], path: GOODS[KASSA] },
    );
    assert.deepEqual(statuses, [200, 200]);
    const { warnings, session } = await state(page);
    assert.ok(session);
    assert.equal(warnings.length, 1, warnings.join("\n"));
    assert.match(warnings[0], /^storage: /);
    assert.equal((await box.families(KASSA)).maxSpends, 1);
  });
}

test("27. Import under strict CSP: everything works, and nothing is reported", async (t) => {
  const page = await opened(t, "strict.html");
  await start(page, { provider: KASSA, baseUrl: box.services[KASSA].baseUrl, storage: "local", autoRefresh: true });
  const given = await page.evaluate(
    async ({ account, path }) => {
      const here = /** @type {any} */ (window);
      await here.client.login(account);
      await here.client.refresh();
      return { status: (await here.client.fetch(path)).status, violations: here.violations };
    },
    { account: ACCOUNTS[KASSA], path: GOODS[KASSA] },
  );
  assert.deepEqual(given, { status: 200, violations: [] });
});

test("27. Import under a CSP that forbids WebAssembly: importing works, and create says what to allow", async (t) => {
  const page = await opened(t, "forbidden.html");
  const error = await page.evaluate(() =>
    /** @type {any} */ (window).AuthClient.create({ provider: "invoicebox" }).catch((/** @type {any} */ { code, hint }) => ({ code, hint })),
  );
  assert.equal(error.code, "unsupported");
  assert.match(error.hint, /'wasm-unsafe-eval'/);
});
