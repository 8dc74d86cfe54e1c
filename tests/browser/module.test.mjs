/** The package in a page without a bundler: `<script type="module">` and the files as npm has installed them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ACCOUNTS, GOODS } from "../support/sandbox.mjs";
import { BARE } from "./support/bare.mjs";
import { decide } from "./support/desk.mjs";
import { stage } from "./support/stage.mjs";

const { open, box } = await stage({ "/bare.html": BARE });

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
  await decide(page, "Разрешить");
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
