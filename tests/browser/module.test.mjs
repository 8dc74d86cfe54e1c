/** The package in a page without a bundler: `<script type="module">` and the files as npm has installed them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ACCOUNTS, GOODS } from "../support/sandbox.mjs";
import { BARE } from "./support/bare.mjs";
import { decide } from "./support/desk.mjs";
import { stage } from "./support/stage.mjs";

/** A worker that tries both entries. */
const WORKER = `
import { AuthClient } from "/node_modules/propusk/dist/index.js";
import * as slim from "/node_modules/propusk/dist/slim.js";
self.addEventListener("message", ({ data: { options, account }, source }) => {
  const answer = async () => {
    const { code, hint } = await AuthClient.create(options).catch((error) => error);
    await slim.ready("/node_modules/propusk/dist/module.wasm");
    const client = await slim.AuthClient.create(options);
    const { subject } = await client.login(account);
    return { code, hint, subject };
  };
  answer().catch((error) => ({ hint: String(error) })).then((data) => source.postMessage(data));
});
`;

const { open, box } = await stage({ "/bare.html": BARE, "/worker.js": WORKER });

for (const [provider, credentials] of Object.entries(ACCOUNTS)) {
  test(`${provider} signs in and calls`, async (t) => {
    const page = await open(t, "bare.html");
    await page.waitForFunction("window.AuthClient");
    const { session, status, after } = await page.evaluate(
      async ({ provider, baseUrl, credentials, path }) => {
        const client = await /** @type {any} */ (window).AuthClient.create({ provider, baseUrl });
        const session = await client.login(credentials);
        const { status } = await client.fetch(path);
        await client.logout();
        return { session, status, after: client.session };
      },
      { provider, baseUrl: box.services[provider].baseUrl, credentials, path: GOODS[provider] },
    );
    assert.equal(session.provider, provider);
    assert.equal(status, 200);
    assert.equal(after, null);
  });
}

test("bstats: away to its page and back", async (t) => {
  const page = await open(t, "bare.html");
  await page.waitForFunction("window.AuthClient");
  const options = { provider: "bstats", baseUrl: box.services.bstats.baseUrl, redirectUri: page.url() };
  // Not awaited: the page is gone before it could answer.
  await page.evaluate((options) => {
    /** @type {any} */ (window).AuthClient.create(options).then((client) => client.loginWithRedirect({ returnTo: "/cart" }));
  }, options);
  await decide(page, "Allow");
  await page.waitForURL(/\?code=/);
  await page.waitForFunction("window.AuthClient");
  const { back, again, status } = await page.evaluate(
    async ({ options, path }) => {
      const client = await /** @type {any} */ (window).AuthClient.create(options);
      const back = await client.handleRedirect();
      const again = await client.handleRedirect();
      const { status } = await client.fetch(path);
      return { back, again, status };
    },
    { options, path: GOODS.bstats },
  );
  assert.deepEqual(back.session.scope, ["dossier"]);
  assert.equal(back.returnTo, "/cart");
  assert.equal(again, null, "the address is clean, so it is no callback any more");
  assert.equal(status, 200);
  assert.equal(page.url(), options.redirectUri);
});

test("a service worker: the default entry says what to use there, and that works", async (t) => {
  const page = await open(t, "bare.html");
  await page.waitForFunction("window.AuthClient");
  const { baseUrl } = box.services["bifit-kassa"];
  const answers = await page.evaluate(
    async ({ options, account }) => {
      const registration = await navigator.serviceWorker.register("/worker.js", { type: "module" });
      const worker = registration.installing ?? registration.waiting ?? registration.active;
      const answered = new Promise((resolve) => navigator.serviceWorker.addEventListener("message", ({ data }) => resolve(data)));
      navigator.serviceWorker.startMessages();
      worker?.postMessage({ options, account });
      const data = await answered;
      await registration.unregister();
      return data;
    },
    { options: { provider: "bifit-kassa", baseUrl }, account: ACCOUNTS["bifit-kassa"] },
  );
  assert.equal(answers.code, "unsupported");
  assert.match(answers.hint, /propusk\/slim/);
  assert.equal(answers.subject, "120041");
});
