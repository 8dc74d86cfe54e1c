/** Pages in a browser, whose server has the relay: the services themselves let no page in. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { chromium } from "playwright-core";
import { BARE } from "../browser/support/bare.mjs";
import { project } from "../support/package.mjs";
import { ACCOUNTS, start } from "../support/sandbox.mjs";
import { mounting } from "./support/mounted.mjs";

const [box, { createRelay, toNodeHandler, serve }] = await Promise.all([start("--cors", "off"), mounting()]);
const ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--disable-background-networking"];
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ARGS });
after(async () => {
  await browser.close();
  await box.stop();
});

/**
 * A site of pages with the package, and with relays of Kassa, bstats and Smart Satu.
 *
 * @param {{ origins?: string[] }} [more]
 */
async function site(more = {}) {
  /** @type {any[]} */
  const relays = [];
  const made = await serve(async (request, response) => {
    let at = 0;
    const next = async () => {
      const relay = relays[at++];
      if (relay) return relay(request, response, next);
      const path = new URL(request.url ?? "/", "http://site").pathname;
      const file = path.startsWith("/node_modules/") ? await readFile(join(project(), path)).catch(() => null) : BARE;
      response.writeHead(file === null ? 404 : 200, { "content-type": path.endsWith(".js") ? "text/javascript" : "text/html" }).end(file ?? "");
    };
    await next();
  });
  const of = async (/** @type {any} */ provider, /** @type {string[]} */ api, own = {}) =>
    relays.push(toNodeHandler(await createRelay({ mount: `/auth/${provider}`, provider: { provider, baseUrl: box.services[/** @type {"bstats"} */ (provider)].baseUrl, ...(provider === "bstats" && { redirectUri: `${made.origin}/back` }) }, api, ...own, ...more })));
  await of("bifit-kassa", ["protected/"]);
  await of("bstats", ["api.php"]);
  await of("smart-satu", ["goods"], { apiBase: box.services["smart-satu"].api });
  return made.origin;
}

/** A page of an address. @param {import("node:test").TestContext} t @param {string} address @param {import("playwright-core").Browser} [inside] */
async function open(t, address, inside = browser) {
  const context = await inside.newContext({ locale: "en-US" });
  context.setDefaultTimeout(60_000);
  t.after(() => context.close());
  const page = await context.newPage();
  await page.goto(address);
  await page.waitForFunction("window.AuthClient");
  return page;
}

/** Signs in to Kassa by a relay and calls: the status, or what failed. @param {[string, object]} given */
async function signIn([baseUrl, account]) {
  try {
    const client = await /** @type {any} */ (window).AuthClient.create({ provider: "bifit-kassa", baseUrl, retries: 0 });
    await client.login(account);
    await client.refresh();
    const answer = await client.fetch("protected/goods", { headers: { "If-None-Match": '"0"' } });
    return `${client.session.subject} ${answer.status} ${answer.headers.get("date") !== null}`;
  } catch (error) {
    return error.code;
  }
}

test("a page signs in, renews and calls through the relay of its own site", async (t) => {
  const origin = await site();
  const page = await open(t, `${origin}/`);
  assert.equal(await page.evaluate(signIn, /** @type {[string, object]} */ (["/auth/bifit-kassa", ACCOUNTS["bifit-kassa"]])), "120041 200 true");
  const direct = await page.evaluate(signIn, /** @type {[string, object]} */ ([box.services["bifit-kassa"].baseUrl, ACCOUNTS["bifit-kassa"]]));
  assert.equal(direct, "network", "the service itself lets no page in");
});

test("a page of another origin is let in where it is listed, and only there", async (t) => {
  const other = await site();
  const page = await open(t, `${other}/`);
  for (const [origins, outcome] of [[undefined, "network"], [[other], "120041 200 true"], [["https://elsewhere.test"], "network"]]) {
    const origin = await site({ origins: /** @type {any} */ (origins) });
    await box.clear();
    assert.equal(await page.evaluate(signIn, /** @type {[string, object]} */ ([`${origin}/auth/bifit-kassa`, ACCOUNTS["bifit-kassa"]])), outcome);
    assert.equal((await box.journal("bifit-kassa")).length > 0, outcome !== "network");
  }
});

test("a redirect login goes from the page by the relay to the provider's page, and back", async (t) => {
  const origin = await site();
  const page = await open(t, `${origin}/`);
  const options = { provider: "bstats", baseUrl: "/auth/bstats", redirectUri: `${origin}/back` };
  await page.evaluate(async (options) => {
    const client = await /** @type {any} */ (window).AuthClient.create(options);
    client.loginWithRedirect();
  }, options);
  await page.waitForURL(/\/api\.php\/auth/);
  await page.getByLabel("Login").fill("demo");
  await page.getByLabel("Password").fill("demo");
  await page.getByRole("button", { name: "Allow" }).click();
  await page.waitForURL(`${origin}/back**`);
  await page.waitForFunction("window.AuthClient");
  const status = await page.evaluate(async (options) => {
    const client = await /** @type {any} */ (window).AuthClient.create(options);
    await client.handleRedirect();
    return (await client.fetch("?app=dossier&method=customer.getuuid")).status;
  }, options);
  assert.equal(status, 200);
});

test("no browser asks its user for a password where a service names Basic, and the page learns of Bearer", { timeout: 120_000 }, async (t) => {
  // The one without windows gives up by itself where one of users asks, and holds the request back meanwhile.
  const desktop = await chromium.launch({ executablePath: process.env.CHROMIUM_DESKTOP || process.env.CHROMIUM, args: [...ARGS, "--headless=new"] });
  t.after(() => desktop.close());
  const page = await open(t, `${await site()}/`, desktop);
  const seen = await page.evaluate(async (account) => {
    const client = await /** @type {any} */ (window).AuthClient.create({ provider: "smart-satu", baseUrl: "/auth/smart-satu", country: "kz", retries: 0 });
    const refused = await client.login({ ...account, password: "wrong" }).catch((/** @type {any} */ error) => error.code);
    const challenges = [];
    for (const path of ["smart-satu/goods", "bifit-kassa/protected/goods"]) {
      const answer = await fetch(`/auth/${path}`);
      challenges.push([answer.status, answer.headers.get("www-authenticate")?.split(" ")[0] ?? null]);
    }
    await client.login(account);
    return { refused, challenges, status: (await client.fetch("goods")).status };
  }, ACCOUNTS["smart-satu"]);
  assert.deepEqual(seen, { refused: "invalid_credentials", challenges: [[401, null], [401, "Bearer"]], status: 200 });
  const [asked] = (await box.journal("smart-satu")).filter(({ purpose }) => purpose === "api");
  assert.equal(asked.status, 401, "it is the service that has refused");
});
