/** Two clients of one page on one storage of the browser. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ACCOUNTS, GOODS } from "../support/sandbox.mjs";
import { BARE } from "./support/bare.mjs";
import { stage } from "./support/stage.mjs";
import { WITHOUT } from "./support/tabs.mjs";

const { open, box } = await stage({ "/bare.html": BARE });

/** @type {["bifit-kassa" | "mobile-smarts", "session" | "local", (keyof typeof WITHOUT)[]?][]} */
const CASES = [
  ["bifit-kassa", "session"],
  ["bifit-kassa", "local"],
  ["mobile-smarts", "session"],
  ["mobile-smarts", "local"],
  ["bifit-kassa", "session", ["Web Locks"]],
  ["mobile-smarts", "local", ["Web Locks"]],
  ["mobile-smarts", "local", ["IndexedDB", "Web Locks"]],
];

for (const [provider, storage, without = []] of CASES) {
  test(`${provider} in "${storage}"${without.map((what) => `, without ${what}`).join("")}: an expired token is renewed once for both clients`, async (t) => {
    await box.reset();
    const page = await open(t, "bare.html");
    for (const what of without) await page.addInitScript(WITHOUT[what]);
    await page.reload();
    await page.waitForFunction("window.AuthClient");
    const options = { provider, storage, baseUrl: box.services[provider].baseUrl };
    await page.evaluate(
      async ({ options, credentials }) => {
        const { AuthClient } = /** @type {any} */ (window);
        const one = await AuthClient.create(options);
        await one.login(credentials);
        Object.assign(window, { one, two: await AuthClient.create(options) });
      },
      { options, credentials: ACCOUNTS[provider] },
    );
    for (let round = 0; round < 3; round++) {
      await box.expire(provider);
      const statuses = await page.evaluate(async (path) => {
        const { one, two } = /** @type {any} */ (window);
        const answers = await Promise.all([one.fetch(path), two.fetch(path)]);
        return answers.map(({ status }) => status);
      }, GOODS[provider]);
      assert.deepEqual(statuses, [200, 200]);
    }
    const families = await box.families(provider);
    assert.equal(families.maxSpends, 1, "no refresh token was sent twice");
    assert.equal(families.spent, 3);
    const after = await page.evaluate(async () => {
      const { one, two } = /** @type {any} */ (window);
      const gone = new Promise((resolve) => two.subscribe((/** @type {any} */ _, /** @type {string} */ reason) => resolve(reason)));
      await one.logout();
      return { reason: await gone, session: two.session };
    });
    assert.deepEqual(after, { reason: "sync", session: null });
  });
}
