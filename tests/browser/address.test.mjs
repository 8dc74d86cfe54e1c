/** The page's address after a callback was handled: clean in every case, and with all that is the page's own. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { consent } from "../support/suite.mjs";
import { BARE } from "./support/bare.mjs";
import { stage } from "./support/stage.mjs";

const { open, box, site } = await stage({ "/bare.html": BARE });
const PAGE = `${site.url}bare.html`;

/** @typedef {import("playwright-core").Page} Page */

/** Makes a client in the page, and handles the page's address. @param {Page} page @param {object} [options] @returns {Promise<any>} */
async function handle(page, options = {}) {
  await page.waitForFunction("window.AuthClient");
  return page.evaluate(async (given) => {
    const { AuthClient } = /** @type {any} */ (window);
    const client = await AuthClient.create(given);
    const tell = (/** @type {any} */ error) => ({ code: error.code });
    const outcome = await client.handleRedirect().then((/** @type {any} */ result) => result && { returnTo: result.returnTo, provider: result.session.provider }, tell);
    client.close();
    return outcome;
  }, { provider: "bstats", baseUrl: box.services.bstats.baseUrl, redirectUri: PAGE, ...options });
}

/** Callbacks that nobody waits for. @type {[string, string, string][]} */
const STALE = [
  ["a forged code", "?code=evil", "redirect_unexpected"],
  ["a forged code and a state", "?code=evil&state=x", "redirect_unexpected"],
  ["an error", "?error=access_denied&error_description=no", "redirect_unexpected"],
  ["an error beside a code", "?error=access_denied&code=evil", "redirect_unexpected"],
  ["a code twice", "?code=a&code=b", "redirect_unexpected"],
];

for (const [what, query, code] of STALE) {
  test(`${what} that nobody waits for: refused once, and gone from the address`, async (t) => {
    const page = await open(t, `bare.html${query}`);
    assert.equal((await handle(page)).code, code);
    assert.equal(page.url(), PAGE);
    // After a reload there is nothing left to refuse.
    await page.reload();
    assert.equal(await handle(page), null);
    assert.equal(await box.total(), 0);
  });
}

test("what else stands in the address stays", async (t) => {
  const page = await open(t, "bare.html?shop=5&code=evil&tab=%D0%BA#part");
  assert.equal((await handle(page)).code, "redirect_unexpected");
  assert.equal(page.url(), `${PAGE}?shop=5&tab=%D0%BA#part`);
});

test("what the page keeps with its history entry stays, and no entry is added", async (t) => {
  const page = await open(t, "bare.html?code=evil");
  const before = await page.evaluate(() => {
    history.replaceState({ scroll: 5 }, "");
    return history.length;
  });
  await handle(page);
  assert.deepEqual(await page.evaluate(() => [location.search, history.state, history.length]), ["", { scroll: 5 }, before]);
});

test("an address that is no callback is left as it is", async (t) => {
  for (const rest of ["", "?shop=5", "?codes=1&errors=2", "#code=evil"]) {
    const page = await open(t, `bare.html${rest}`);
    assert.equal(await handle(page), null);
    assert.equal(page.url(), `${PAGE}${rest}`);
  }
});

test("a callback of another page is left as it is", async (t) => {
  const page = await open(t, "bare.html?code=evil");
  assert.equal(await handle(page, { redirectUri: `${site.url}callback.html` }), null);
  assert.equal(page.url(), `${PAGE}?code=evil`);
});

test("a callback that succeeds, and one that the provider refuses: clean", async (t) => {
  for (const decision of /** @type {const} */ (["allow", "deny"])) {
    const page = await open(t, "bare.html");
    await page.waitForFunction("window.AuthClient");
    const away = await page.evaluate(async (given) => {
      const client = await /** @type {any} */ (window).AuthClient.create(given);
      const url = await client.authorizationUrl({ returnTo: "/goods" });
      client.close();
      return url;
    }, { provider: "bstats", baseUrl: box.services.bstats.baseUrl, redirectUri: PAGE });
    await page.goto(await consent(away, decision));
    assert.deepEqual(await handle(page), decision === "allow" ? { returnTo: "/goods", provider: "bstats" } : { code: "access_denied" });
    assert.equal(page.url(), PAGE);
  }
});

test("an address that is given, and is not the page's, changes nothing here", async (t) => {
  const page = await open(t, "bare.html?code=evil");
  await page.waitForFunction("window.AuthClient");
  const code = await page.evaluate(async ({ given, url }) => {
    const client = await /** @type {any} */ (window).AuthClient.create(given);
    return client.handleRedirect(url).then(() => null, (/** @type {any} */ error) => error.code);
  }, { given: { provider: "bstats", baseUrl: box.services.bstats.baseUrl, redirectUri: PAGE }, url: `${PAGE}?code=other` });
  assert.equal(code, "redirect_unexpected");
  assert.equal(page.url(), `${PAGE}?code=evil`);
});
