/** Of the module a page loads what it needs until its first token; the rest comes behind that, or when something is not as it should be. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FIRST } from "../../pkg-template/src/load/first.js";
import { ACCOUNTS, GOODS } from "../support/sandbox.mjs";
import { BARE } from "./support/bare.mjs";
import { stage } from "./support/stage.mjs";

const KASSA = "bifit-kassa";
const REST = "/node_modules/propusk/dist/rest.js";
const WRONG = { ...ACCOUNTS[KASSA], password: "wrong" };

const { open, box } = await stage({ "/bare.html": BARE });
const { baseUrl } = box.services[KASSA];

/**
 * A page with a client of Kassa, and what it has asked for.
 *
 * @param {import("node:test").TestContext} t
 * @param {object} [options]
 */
async function scene(t, options) {
  const page = await open(t, "bare.html", {}, /ERR_FAILED/);
  await page.waitForFunction("window.AuthClient");
  /** @type {string[]} */
  const asked = [];
  page.on("request", (request) => request.method() !== "OPTIONS" && asked.push(new URL(request.url()).pathname));
  await page.evaluate(
    async (options) => {
      const { AuthClient } = /** @type {any} */ (window);
      /** @type {any} */ (window).client = await AuthClient.create(options);
    },
    { provider: KASSA, baseUrl, ...options },
  );
  /** @param {string} method @param {unknown[]} taken */
  const call = (method, ...taken) =>
    page.evaluate(
      async ({ method, taken }) => {
        try {
          const given = await /** @type {any} */ (window).client[method](...taken);
          return given?.status ?? given?.subject ?? given ?? null;
        } catch (/** @type {any} */ error) {
          return { code: error.code, message: error.message, retryable: error.retryable };
        }
      },
      { method, taken },
    );
  return { page, asked, call };
}

/** @param {import("playwright-core").Page} page */
const cut = (page) => page.route(`**${REST}`, (route) => route.abort());

for (const provider of /** @type {import("../support/sandbox.mjs").Service[]} */ (FIRST)) {
  for (const answerStyle of ["", "strict"]) {
    test(`${provider}: a login needs nothing of the rest${answerStyle && `, its answer in the style "${answerStyle}"`}`, async (t) => {
      t.after(() => box.reset());
      if (answerStyle) await box.options(provider, { answerStyle });
      const { page, call } = await scene(t, { provider, baseUrl: box.services[provider].baseUrl });
      await cut(page);
      assert.equal((await call("login", ACCOUNTS[provider])).code, undefined);
      assert.equal(typeof (await call("getAccessToken")), "string");
      assert.equal(await call("fetch", GOODS[provider]), 200);
      assert.equal(await call("logout"), null);
    });
  }
}

test("what is behind the first token comes by itself", async (t) => {
  const { page, call } = await scene(t);
  const arrived = page.waitForResponse((response) => response.url().endsWith(REST));
  await call("login", ACCOUNTS[KASSA]);
  assert.equal((await arrived).status(), 200);
});

test("a wrong password: what is missing is loaded, and the refusal is told as ever", async (t) => {
  await box.clear();
  const { asked, call } = await scene(t);
  const { code, message } = await call("login", WRONG);
  assert.equal(code, "invalid_credentials");
  assert.match(message, /refused the credentials \(status 400, invalid_grant/);
  assert.equal(asked.filter((path) => path === REST).length, 1);
  assert.equal((await box.counts(KASSA)).login, 1, "nothing is sent twice");
  assert.equal(await call("login", ACCOUNTS[KASSA]), "120041");
});

test("where the rest cannot be had, whoever waits is told, and nothing is lost", async (t) => {
  await box.clear();
  const { page, call } = await scene(t);
  await cut(page);
  assert.equal(await call("login", ACCOUNTS[KASSA]), "120041");
  await box.expire(KASSA);
  assert.deepEqual(await call("fetch", GOODS[KASSA]), { code: "network", message: "the module could not be loaded", retryable: true });
  assert.equal((await call("refresh")).code, "network");
  assert.equal(typeof (await call("getAccessToken")), "string", "the session is there as before");

  await page.unroute(`**${REST}`);
  assert.equal(await call("fetch", GOODS[KASSA]), 200);
  const { login, refresh } = await box.counts(KASSA);
  assert.deepEqual([login, refresh], [1, 1]);
});

test("what was refused for want of the rest is not done later", async (t) => {
  await box.clear();
  const { page, call } = await scene(t);
  await cut(page);
  for (let times = 0; times < 3; times += 1) assert.equal((await call("login", WRONG)).code, "network");
  await page.unroute(`**${REST}`);
  assert.equal(await call("login", ACCOUNTS[KASSA]), "120041");
  assert.equal((await box.counts(KASSA)).login, 2, "the first, whose answer could not be read, and the last");
});

test("somebody signs out also where the rest cannot be had", async (t) => {
  const { page, call } = await scene(t);
  await cut(page);
  await call("login", ACCOUNTS[KASSA]);
  assert.equal(await call("logout"), null);
  assert.equal(await page.evaluate("client.session"), null);
  assert.equal(await call("login", ACCOUNTS[KASSA]), "120041");
});

test("a rest that does not arrive holds nobody for longer than `timeout`", async (t) => {
  const { page, call } = await scene(t, { timeout: 1500 });
  await page.route(`**${REST}`, () => {});
  const { code, retryable } = await call("login", WRONG);
  assert.deepEqual({ code, retryable }, { code: "timeout", retryable: true });
});

test("calls that are made without a wait are done in their order", async (t) => {
  const { page } = await scene(t);
  const status = await page.evaluate(
    async ({ account, path }) => {
      const { client } = /** @type {any} */ (window);
      await client.login(account);
      const accessToken = await client.getAccessToken();
      client.logout();
      client.setSession({ accessToken });
      return (await client.fetch(path)).status;
    },
    { account: ACCOUNTS[KASSA], path: GOODS[KASSA] },
  );
  assert.equal(status, 200);
});

/** What a page tells of calls that it makes at once, in their order. @param {import("playwright-core").Page} page @param {string} calls */
const told = (page, calls) =>
  page.evaluate(
    async ({ calls, account, path, wrong }) => {
      const { client } = /** @type {any} */ (window);
      /** @type {string[]} */
      const events = [];
      client.subscribe((/** @type {any} */ session, /** @type {string} */ reason) => void events.push(`${reason} ${session?.subject}`));
      const made = new Function("client", "account", "path", "wrong", `return [${calls}]`)(client, account, path, wrong);
      const outcomes = await Promise.all(made.map((/** @type {Promise<any>} */ call) => call.then((given) => given?.providerCode ?? given?.subject ?? "done", ({ code, name }) => code ?? name)));
      return { outcomes, events };
    },
    { calls, account: ACCOUNTS[KASSA], path: GOODS[KASSA], wrong: WRONG },
  );

test("a call that takes the rest overtakes a login that goes on, as ever", async (t) => {
  const { page } = await scene(t);
  assert.deepEqual(await told(page, 'client.login(account), client.setSession({ accessToken: "token-of-mine", subject: "me" })'), { outcomes: ["aborted", "me"], events: ["login me"] });
  const other = await scene(t);
  const problem = "client.problem(new Response('{\"error\":\"quota\"}', { status: 400 }))";
  assert.deepEqual(await told(other.page, `client.login(account), ${problem}, client.logout()`), { outcomes: ["aborted", "quota", "done"], events: [] });
  const third = await scene(t);
  assert.deepEqual((await told(third.page, "client.login(account), client.refresh()")).outcomes, ["120041", "login_required"]);
});

test("what is given is taken at once, also where the rest is waited for", async (t) => {
  const { page, call } = await scene(t);
  await call("login", ACCOUNTS[KASSA]);
  const { problem, data, sent } = await page.evaluate(async () => {
    const { client } = /** @type {any} */ (window);
    const response = new Response('{"error":"quota_exceeded"}', { status: 400, headers: { "content-type": "application/json" } });
    const body = new URLSearchParams({ a: "original" });
    const call = [client.problem(response), response.json(), client.fetch("protected/goods", { method: "POST", body })];
    body.set("a", "changed");
    const [problem, data, answer] = await Promise.all(call);
    return { problem: problem.providerCode, data: data.error, sent: await answer.text() };
  });
  assert.deepEqual([problem, data], ["quota_exceeded", "quota_exceeded"]);
  assert.match(sent, /a=original/);
});

test("a wrong init is told before anything is sent, also with a token that is over", async (t) => {
  await box.options(KASSA, { tokenLifetime: 1 });
  t.after(() => box.reset());
  const { page, call } = await scene(t);
  await page.route(`**${REST}`, async (route) => {
    await page.waitForFunction(() => /** @type {any} */ (window).asks);
    await route.continue();
  });
  await call("login", ACCOUNTS[KASSA]);
  await page.waitForFunction(() => /** @type {any} */ (window).client.session.expiresAt < Date.now());
  await box.clear();
  await page.evaluate(() => void Object.assign(window, { asks: true }));
  assert.equal((await call("fetch", GOODS[KASSA], { mode: "nonsense" })).code, "invalid_input");
  const { refresh, api } = await box.counts(KASSA);
  assert.deepEqual([refresh ?? 0, api ?? 0], [0, 0]);
});

test("a rest that does not arrive keeps nobody from signing out or closing, and each waits as long as it says", async (t) => {
  const { page, call } = await scene(t);
  await page.route(`**${REST}`, () => {});
  await call("login", ACCOUNTS[KASSA]);
  await page.evaluate(() => void document.dispatchEvent(new Event("resume")));
  assert.equal((await call("refresh", { timeout: 200 })).code, "timeout");
  assert.equal(await call("fetch", GOODS[KASSA]), 200);
  assert.deepEqual((await told(page, "client.refresh({ timeout: 200 }), client.logout()")).outcomes, ["timeout", "done"]);
  assert.equal(await page.evaluate("client.session"), null);
  assert.deepEqual((await told(page, "client.refresh(), client.login(wrong), client.close()?.then() ?? Promise.resolve()")).outcomes, ["closed", "closed", "done"]);
});

test("who is offline for a moment while the rest is missing is tried again, as ever", async (t) => {
  await box.clear();
  const { page } = await scene(t);
  const routed = `**/oauth/token`;
  await cut(page);
  await page.route(routed, (route) => route.abort());
  const login = page.evaluate((account) => /** @type {any} */ (window).client.login(account).then(() => "done", (/** @type {any} */ { code }) => code), ACCOUNTS[KASSA]);
  await page.waitForEvent("requestfailed", (request) => request.url().endsWith(REST));
  await Promise.all([page.unroute(routed), page.unroute(`**${REST}`)]);
  assert.equal(await login, "done");
});

test("a client that is closed leaves no timer, and asks for no rest", async (t) => {
  const { page, asked } = await scene(t);
  await page.clock.install();
  await page.evaluate(
    async (options) => {
      const { AuthClient } = /** @type {any} */ (window);
      /** @type {any} */ (window).client.close();
      (await AuthClient.create(options)).close();
    },
    /** @type {any} */ ({ provider: KASSA, baseUrl }),
  );
  const before = asked.filter((path) => path === REST).length;
  await page.clock.runFor(60_000);
  assert.equal(asked.filter((path) => path === REST).length, before);
});

test("a rest of another version is refused, and what to do is told", async (t) => {
  const { page, call } = await scene(t);
  await page.route(`**${REST}`, async (route) => {
    const response = await route.fetch();
    const text = await response.text();
    const other = text.replace(/="[0-9a-f]{8}"/, '="00000000"');
    assert.notEqual(other, text);
    await route.fulfill({ response, body: other });
  });
  const { code, message } = await call("login", WRONG);
  assert.equal(code, "unsupported");
  assert.match(message, /two versions of the package/);
});

test("a client that is closed while the rest is missing asks for nothing any more", async (t) => {
  const { page, asked, call } = await scene(t);
  await cut(page);
  await call("login", ACCOUNTS[KASSA]);
  await page.evaluate("client.close()");
  assert.equal((await call("getAccessToken")).code, "closed");
  const before = asked.length;
  await page.evaluate(async (options) => {
    const { AuthClient } = /** @type {any} */ (window);
    /** @type {any} */ (window).client = await AuthClient.create(options);
  }, /** @type {any} */ ({ provider: KASSA, baseUrl }));
  assert.equal(await call("login", ACCOUNTS[KASSA]), "120041", "another one begins anew");
  assert.ok(asked.length > before);
});
