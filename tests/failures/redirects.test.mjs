/** Rows 12, 13, 19, 20, 21 and 22 of the failure table: where credentials go, and which callbacks are believed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { SECOND_FACTOR } from "../support/sandbox.mjs";
import { CALLBACK, changes, consent, failure, suite } from "../support/suite.mjs";
import { json } from "../support/recorder.mjs";
import { fileStore, scratch } from "../stores/support/scratch.mjs";

const { box, create, make, record } = await suite();

const ISSUER = "https://issuer.example";
const GRANT = { access_token: "planted-access", refresh_token: "planted-refresh", token_type: "bearer", expires_in: 3600 };

/** A provider with everything that binds a callback to its login: `state`, PKCE and `iss`. @param {string} baseUrl @param {object} [present] */
const standard = (baseUrl, present = { headers: { Authorization: "Bearer {access_token}" } }) => ({
  id: "standard",
  baseUrl,
  credentials: [],
  params: { client_id: "app", client_secret: "planted-client-secret" },
  login: {
    kind: /** @type {const} */ ("redirect"),
    authorize: { url: "/authorize", query: { client_id: "{client_id}" }, issuer: ISSUER },
    exchange: { url: "/token", form: { client_id: "{client_id}", client_secret: "{client_secret}" } },
  },
  renew: { url: "/token", form: { grant_type: "refresh_token", refresh_token: "{refresh_token}", client_secret: "{client_secret}" } },
  present,
});

/** A provider with a password. @param {string} baseUrl */
const password = (baseUrl) => ({
  id: "password",
  baseUrl,
  credentials: ["username", "password"],
  login: { kind: /** @type {const} */ ("request"), request: { url: "/token", form: { username: "{username}", password: "{password}" } } },
  renew: { url: "/token", form: { grant_type: "refresh_token", refresh_token: "{refresh_token}" } },
  present: { headers: { Authorization: "Bearer {access_token}" } },
});
const USER = { username: "user", password: "planted-password" };

/** @param {string} address @param {Record<string, string>} [more] */
function callbackOf(address, more = {}) {
  const state = new URL(address).searchParams.get("state") ?? "";
  return `${CALLBACK}?${new URLSearchParams({ code: "planted-code", state, iss: ISSUER, ...more })}`;
}

/** A client of the standard provider whose server answers as told. @param {Parameters<typeof record>[0]} [answer] @param {object} [options] */
async function redirecting(answer = () => json(GRANT), options = {}) {
  const server = await record(answer);
  const client = await make({ provider: standard(server.origin), redirectUri: CALLBACK, retries: 0, ...options });
  return { client, ...server };
}

for (const status of [301, 302, 303, 307, 308]) {
  test(`12. ${status} from token endpoint to another origin: nothing forwarded`, async () => {
    const foreign = await record(() => json(GRANT));
    const state = { redirects: true };
    const server = await record(() => (state.redirects ? { status, headers: { location: `${foreign.origin}/token` } } : json(GRANT)));
    const simple = await make({ provider: password(server.origin), retries: 0 });
    const code = await make({ provider: standard(server.origin), redirectUri: CALLBACK, retries: 0 });
    const calls = { login: () => simple.login(USER), exchange: async () => code.handleRedirect(callbackOf(await code.authorizationUrl())) };
    for (const [purpose, ask] of Object.entries(calls)) {
      const error = await failure(ask());
      assert.deepEqual([error.code, error.status ?? status], ["invalid_response", status], purpose);
    }
    state.redirects = false;
    const session = await simple.login(USER);
    state.redirects = true;
    assert.equal((await failure(simple.refresh())).code, "invalid_response");
    assert.equal(simple.session, session);
    assert.deepEqual(foreign.requests, []);
    const kassa = await create("bifit-kassa", { retries: 0 });
    await failure(kassa.login(SECOND_FACTOR));
    await box.fault("bifit-kassa", "confirm", { kind: "redirect", status, location: `${foreign.origin}/token` });
    assert.equal((await failure(kassa.confirm("123456"))).code, "invalid_response");
    assert.deepEqual(foreign.requests, []);
  });
}

/** How a credential is shown, and what of it must not come to a foreign origin. @type {[string, object][]} */
const SHOWN = [
  ["Authorization", { headers: { Authorization: "Bearer {access_token}" } }],
  ["a header of another name", { headers: { "X-Token": "{access_token}" } }],
  ["Basic", { basic: { username: "{access_token}", password: "" } }],
  ["the query", { query: { access_token: "{access_token}" } }],
];

for (const [how, present] of SHOWN) {
  test(`13. Authenticated fetch to a foreign origin, and redirect from own to foreign: no token (${how})`, async () => {
    const foreign = await record();
    const server = await record(({ url }, n) => (url.startsWith("/token") ? json(GRANT) : { status: [301, 302, 303, 307, 308][n % 5], headers: { location: `${foreign.origin}/away` } }));
    const client = await make({ provider: { ...password(server.origin), present } });
    await client.login(USER);
    for (const address of [foreign.origin, `${foreign.origin}/x`, new URL(foreign.origin), new Request(`${foreign.origin}/x`), `//${new URL(foreign.origin).host}/x`]) {
      const error = await failure(client.fetch(address));
      assert.equal(error.code, "origin_not_allowed", String(address));
    }
    assert.deepEqual(foreign.requests, []);
    for (let n = 0; n < 5; n += 1) {
      for (const method of ["GET", "POST"]) await client.fetch("api", { method, ...(method === "POST" && { body: "x" }) }).catch(() => {});
    }
    const text = JSON.stringify(foreign.requests);
    for (const secret of ["planted-access", btoa("planted-access:"), "planted-refresh"]) assert.ok(!text.includes(secret), text);
    assert.equal(server.requests.length, 11, "the own origin was asked");
  });
}

test("19. Callback handled twice: one code exchange, same result", async () => {
  const { client, requests } = await redirecting();
  const reasons = changes(client);
  const back = callbackOf(await client.authorizationUrl({ returnTo: "/orders" }));
  const first = await Promise.all([client.handleRedirect(back), client.handleRedirect(new URL(back)), client.handleRedirect(back)]);
  const results = [...first, await client.handleRedirect(back)];
  for (const result of results) assert.deepEqual(result, { session: client.session, returnTo: "/orders" });
  assert.deepEqual([requests.length, reasons], [1, ["login"]]);
});

test("19. Callback handled twice: one that failed fails the same way, and its code is not sent again", async () => {
  const { client, requests } = await redirecting(() => json({ error: "invalid_grant" }, 400));
  const back = callbackOf(await client.authorizationUrl());
  for (let n = 0; n < 3; n += 1) assert.equal((await failure(client.handleRedirect(back))).code, "code_expired");
  assert.equal(requests.length, 1);
});

test("19. Callback handled twice, by two contexts on one store: one code exchange", async () => {
  const storage = fileStore({ directory: scratch() });
  const { client, requests, origin } = await redirecting(undefined, { storage });
  const other = await make({ provider: standard(origin), redirectUri: CALLBACK, storage });
  const back = callbackOf(await client.authorizationUrl());
  const results = await Promise.allSettled([client.handleRedirect(back), other.handleRedirect(back)]);
  assert.deepEqual([requests.length, results.filter(({ status }) => status === "fulfilled").length], [1, 1]);
  const [refused] = results.flatMap((result) => (result.status === "rejected" ? [result.reason.code] : []));
  assert.equal(refused, "redirect_unexpected");
});

for (const address of [`${CALLBACK}/deeper?code=x&state=y`, "http://127.0.0.1:5173/?code=x&state=y", "https://shop.example/callback?code=x", `${CALLBACK}?coupon=x`, `${CALLBACK}#code=x`]) {
  test(`20. Foreign ?code= untouched: ${address}`, async () => {
    const { client, requests } = await redirecting();
    const back = callbackOf(await client.authorizationUrl());
    assert.equal(await client.handleRedirect(address), null);
    assert.deepEqual([requests.length, client.session], [0, null]);
    assert.ok(await client.handleRedirect(back), "the pending login is still there");
  });
}

/** What an attacker may make of a callback. @type {[string, (query: URLSearchParams) => void, string][]} */
const FORGED = [
  ["without state", (query) => query.delete("state"), "state_mismatch"],
  ["with an empty state", (query) => query.set("state", ""), "state_mismatch"],
  ["with a wrong state", (query) => query.set("state", "x".repeat(43)), "state_mismatch"],
  ["with a cut state", (query) => query.set("state", (query.get("state") ?? "").slice(0, -1)), "state_mismatch"],
  ["with a duplicated state", (query) => query.append("state", query.get("state") ?? ""), "state_mismatch"],
  ["without iss", (query) => query.delete("iss"), "issuer_mismatch"],
  ["with a wrong iss", (query) => query.set("iss", `${ISSUER}/`), "issuer_mismatch"],
  ["with a duplicated iss", (query) => query.append("iss", ISSUER), "issuer_mismatch"],
  ["with a duplicated code", (query) => query.append("code", "other"), "redirect_unexpected"],
  ["with an error instead, and a wrong state", (query) => (query.delete("code"), query.set("error", "access_denied"), query.set("state", "x")), "state_mismatch"],
  ["with an error instead, and a wrong iss", (query) => (query.delete("code"), query.set("error", "access_denied"), query.set("iss", "x")), "issuer_mismatch"],
  ...["__proto__", "constructor", "toString", "hasOwnProperty", "undefined", "null", "[object Object]"].map(
    (name) => /** @type {[string, (query: URLSearchParams) => void, string]} */ ([`with the state ${name}`, (query) => query.set("state", name), "state_mismatch"]),
  ),
];

for (const [what, forge, code] of FORGED) {
  const row = what.startsWith("with the state") ? "22. Prototype names as state" : "21. Callback without, with wrong, with duplicated state/iss/code";
  test(`${row}: ${what}: nothing is sent, and the true callback is still awaited`, async () => {
    const { client, requests } = await redirecting();
    const back = callbackOf(await client.authorizationUrl());
    const [address, query] = back.split("?");
    const forged = new URLSearchParams(query);
    forge(forged);
    const error = await failure(client.handleRedirect(`${address}?${forged}`));
    assert.equal(error.code, code, error.message);
    assert.deepEqual([requests.length, client.session], [0, null]);
    assert.ok((await client.handleRedirect(back))?.session);
  });
}

test("21. Callback with code and error: it is the error, and nothing is sent", async () => {
  const { client, requests } = await redirecting();
  const back = callbackOf(await client.authorizationUrl());
  const error = await failure(client.handleRedirect(`${back}&error=access_denied`));
  assert.deepEqual([error.code, requests.length, client.session], ["access_denied", 0, null]);
});

test("21. Callback without a code: nothing is sent, and it is no callback", async () => {
  const { client, requests } = await redirecting();
  const back = new URL(callbackOf(await client.authorizationUrl()));
  for (const code of [null, ""]) {
    if (code === null) back.searchParams.delete("code");
    else back.searchParams.set("code", code);
    assert.equal(await client.handleRedirect(back), null);
  }
  assert.equal(requests.length, 0);
});

test("21. Callback of a service without state (bstats): a second one is not believed", async () => {
  const client = await create("bstats");
  const back = await consent(await client.authorizationUrl());
  await client.handleRedirect(back);
  assert.equal((await failure(client.handleRedirect(`${CALLBACK}?code=another`))).code, "redirect_unexpected");
  assert.deepEqual(await box.counts("bstats"), { authorize: 1, exchange: 1 });
});
