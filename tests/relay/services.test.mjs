/** The five services through relays: each as the sandbox plays it, which lets no page of another origin in. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { load } from "../support/package.mjs";
import { ACCOUNTS, SECOND_FACTOR, start } from "../support/sandbox.mjs";
import { allOk, CALLBACK, consent } from "../support/suite.mjs";
import { mounting } from "./support/mounted.mjs";

const [{ AuthClient, isAuthError }, box, { createRelay, toNodeHandler, serve, later }] = await Promise.all([load(), start("--cors", "off"), mounting()]);
after(box.stop);

/** @typedef {import("../support/sandbox.mjs").Service} Service */

/**
 * A client of a service whose base is a relay's.
 *
 * @param {Service} provider
 * @param {{ relay?: object, options?: object, client?: object }} [more]
 */
async function through(provider, { relay = {}, options = {}, client = {} } = {}) {
  await box.reset();
  const own = { provider, baseUrl: box.services[provider].baseUrl, ...(provider === "bstats" && { redirectUri: CALLBACK }) };
  const made = await createRelay({ mount: `/auth/${provider}`, provider: /** @type {any} */ ({ ...own, ...options }), ...relay });
  const { origin } = await serve(toNodeHandler(made));
  /** @type {import("propusk").AuthClient<any>} */
  const asked = await AuthClient.create({ ...own, ...client, baseUrl: `${origin}/auth/${provider}` });
  later(() => asked.close());
  return { client: asked, base: `${origin}/auth/${provider}` };
}

test("BIFIT Kassa: login, call, renewal, second factor", async () => {
  // The page does not know the secret.
  const { client } = await through("bifit-kassa", { relay: { api: ["protected/"] }, client: { clientSecret: "unknown-to-the-page" } });
  assert.equal((await client.login(ACCOUNTS["bifit-kassa"])).subject, "120041");
  assert.equal((await client.fetch("protected/goods")).status, 200);
  await client.refresh();
  await box.expire("bifit-kassa");
  assert.equal((await client.fetch("protected/goods")).status, 200);
  allOk((await box.journal("bifit-kassa")).filter(({ status }) => status !== 401), ["login", "api", "refresh", "refresh", "api"]);
  await assert.rejects(client.login(SECOND_FACTOR), (error) => isAuthError(error, "second_factor_required"));
  assert.equal((await client.confirm("123456")).subject, "120042");
  await assert.rejects(client.login({ username: "79990000001", password: "wrong" }), (error) => isAuthError(error, "invalid_credentials"));
  assert.equal((await client.fetch("other/goods")).status, 404);
});

test("Invoicebox: the check at either path, and calls", async () => {
  const { client } = await through("invoicebox", { relay: { api: ["v3/"] } });
  await client.login(ACCOUNTS.invoicebox);
  assert.ok((await client.check()).subject);
  assert.equal((await client.fetch("v3/goods")).status, 200);
  const journal = await box.journal("invoicebox");
  allOk(journal, ["check", "check", "api"]);
  assert.ok(journal.every(({ userAgent }) => userAgent?.startsWith("propusk/")), JSON.stringify(journal.map(({ userAgent }) => userAgent)));
});

for (const method of ["session-post", "session-get", "basic"]) {
  test(`Mobile SMARTS by ${method}`, async () => {
    const { client } = await through("mobile-smarts", { relay: { api: ["api/v1"] }, options: { method }, client: { method } });
    await client.login(ACCOUNTS["mobile-smarts"]);
    assert.equal((await client.fetch("api/v1/goods")).status, 200);
    if (method !== "basic") await client.refresh();
    const purposes = { "session-post": ["login", "api", "refresh"], "session-get": ["login", "api", "refresh"], basic: ["api"] }[method];
    allOk(await box.journal("mobile-smarts"), purposes ?? []);
  });
}

test("bstats: the browser is sent on, the code is exchanged, calls have their token in the query", async () => {
  const { client, base } = await through("bstats", { relay: { api: ["api.php"] } });
  const address = await client.authorizationUrl();
  assert.ok(address.startsWith(`${base}/api.php/auth?`), address);
  const sent = await fetch(address, { redirect: "manual" });
  const page = sent.headers.get("location") ?? "";
  assert.ok(page.startsWith(`${box.services.bstats.baseUrl}/api.php/auth?`), page);
  const result = await client.handleRedirect(await consent(page));
  assert.ok(result?.session);
  const answer = await client.fetch("?app=dossier&method=customer.getuuid");
  assert.equal(answer.status, 200);
  assert.equal(await client.problem(answer), null);
  const journal = await box.journal("bstats");
  allOk(journal.filter(({ purpose }) => purpose !== "authorize"), ["exchange", "api"]);
});

test("Smart Satu: login by JSON, calls at another address", async () => {
  const { api } = box.services["smart-satu"];
  const { client } = await through("smart-satu", { relay: { api: ["goods"], apiBase: api }, client: { country: "kz" } });
  assert.equal((await client.login(ACCOUNTS["smart-satu"])).details.currency !== undefined, true);
  assert.equal((await client.fetch("goods")).status, 200);
  const journal = await box.journal("smart-satu");
  allOk(journal, ["login", "api"]);
});

test("a provider that asks to wait, and one that fails, are told to the page as they are", async () => {
  const { client } = await through("bifit-kassa", { client: { retries: 0 } });
  await box.fault("bifit-kassa", "login", { kind: "status", status: 429, headers: { "retry-after": "40" } });
  await assert.rejects(client.login(ACCOUNTS["bifit-kassa"]), (/** @type {any} */ error) => error.code === "rate_limited" && error.retryAfter === 40_000);
  await box.fault("bifit-kassa", "login", { kind: "status", status: 503 });
  await assert.rejects(client.login(ACCOUNTS["bifit-kassa"]), (error) => isAuthError(error, "server_error"));
});

test("a server of RFC 6749 whose client has a secret: Basic by the relay, and the code's exchange with PKCE", async () => {
  /** @type {{ url: string, authorization: string | undefined, form: Record<string, string> }[]} */
  const arrived = [];
  const { origin } = await serve(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    arrived.push({ url: request.url ?? "", authorization: request.headers.authorization, form: Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString())) });
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ access_token: "t", token_type: "bearer", expires_in: 60 }));
  });
  const profile = (/** @type {object} */ more) => ({
    id: "own",
    baseUrl: origin,
    credentials: [],
    params: { client_id: "the client" },
    login: { kind: "redirect", authorize: { url: "/authorize", query: { client_id: "{client_id}" } }, exchange: { url: "/token", form: {}, ...more } },
    revoke: { url: "/revoke", form: { token: "{access_token}" }, ...more },
    present: { headers: { Authorization: "Bearer {access_token}" } },
  });
  const basic = { basic: { username: "{client_id}", password: "{client_secret}", encode: "form" } };
  const relay = await createRelay({ mount: "/r", provider: /** @type {any} */ ({ provider: { ...profile(basic), optionalParams: ["client_secret"] }, params: { client_secret: "top" }, redirectUri: CALLBACK }) });
  const front = await serve(toNodeHandler(relay));
  const client = await AuthClient.create(/** @type {any} */ ({ provider: profile({}), baseUrl: `${front.origin}/r`, redirectUri: CALLBACK }));
  later(() => client.close());
  const address = new URL(await client.authorizationUrl());
  const sent = await fetch(address, { redirect: "manual" });
  const page = new URL(sent.headers.get("location") ?? "");
  assert.deepEqual([page.origin, page.pathname, page.search], [origin, "/authorize", address.search]);
  assert.ok(page.searchParams.get("code_challenge"));
  await client.handleRedirect(`${CALLBACK}?code=c&state=${page.searchParams.get("state")}`);
  await client.logout();
  assert.deepEqual(arrived.map(({ url, authorization }) => [url, authorization]), [["/token", `Basic ${btoa("the+client:top")}`], ["/revoke", `Basic ${btoa("the+client:top")}`]]);
  assert.equal(arrived[0].form.grant_type, "authorization_code");
  assert.ok(arrived[0].form.code_verifier && !arrived[0].form.client_secret);
});
