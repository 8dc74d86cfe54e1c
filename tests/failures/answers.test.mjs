/** Rows 15, 17, 24 and 25 of the failure table: tokens, types and headers of answers, and answers that come too slowly. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";
import { ACCOUNTS, GOODS } from "../support/sandbox.mjs";
import { CALLBACK, failure, memory, suite } from "../support/suite.mjs";
import { json } from "../support/recorder.mjs";

const KASSA = "bifit-kassa";
const { box, create, later, make, record, signedIn } = await suite();

/** Tokens that only the service understands, and some that a client might think it understands. */
const OPAQUE = [
  "a",
  "0",
  "null",
  "__proto__",
  "b37c4c689295904ed21eee5d9a48d42e",
  "AZaz09-._~+/==",
  "a:b;c,d\"e'f\\g{h}i<j>k%20&l=m?n#o",
  "x".repeat(8000),
  "a.b.c",
  // What looks like a JWT that ended in 2001, and one that is no JSON.
  `${btoa('{"alg":"none"}')}.${btoa('{"exp":1000000000}')}.`.replaceAll("=", ""),
  "eyJhbGciOi.eyJleHAi.x",
];

for (const token of OPAQUE) {
  test(`15. Opaque access and refresh tokens work: ${token.length > 60 ? `${token.length} characters` : token}`, async () => {
    const { origin, requests } = await record((_, n) => json({ access_token: token, refresh_token: `${token}~r${n}`, token_type: "bearer", expires_in: 3600 }));
    const storage = memory();
    const client = await make({ provider: KASSA, baseUrl: origin, storage });
    await client.login(ACCOUNTS[KASSA]);
    assert.equal(await client.getAccessToken(), token);
    await client.fetch("x");
    assert.deepEqual([requests.length, requests[1].headers.authorization], [2, `Bearer ${token}`]);
    await client.refresh();
    assert.equal(new URLSearchParams(requests[2].body).get("refresh_token"), `${token}~r1`);
    const next = await make({ provider: KASSA, baseUrl: origin, storage });
    assert.equal(await next.getAccessToken(), token);
    await next.refresh();
    assert.equal(new URLSearchParams(requests[3].body).get("refresh_token"), `${token}~r3`);
    assert.equal(requests.length, 4);
  });
}

/** @type {[string, unknown, boolean][]} */
const TYPES = [
  ["bearer", "bearer", true],
  ["BEARER", "BEARER", true],
  ["Bearer", "Bearer", true],
  ["missing", undefined, true],
  ["null", null, true],
  ["empty", "", true],
  ["unknown: mac", "mac", false],
  ["unknown: DPoP", "DPoP", false],
  ["unknown: N_A", "N_A", false],
  ["a number", 5, false],
  ["a list", ["bearer"], false],
];

for (const [what, tokenType, isGood] of TYPES) {
  test(`24. token_type ${what}: ${isGood ? "a bearer token" : "refused, and not used as bearer"}`, async () => {
    const answer = json({ access_token: "abc", refresh_token: "r", expires_in: 3600, token_type: tokenType });
    const { origin, requests } = await record((_, n) => (n === 2 ? json({ access_token: "good", refresh_token: "r", expires_in: 3600 }) : answer));
    const storage = memory();
    const client = await make({ provider: KASSA, baseUrl: origin, storage });
    if (isGood) {
      await client.login(ACCOUNTS[KASSA]);
      assert.equal(await client.getAccessToken(), "abc");
      return;
    }
    assert.equal((await failure(client.login(ACCOUNTS[KASSA]))).code, "invalid_response");
    assert.deepEqual([client.session, storage.map.size], [null, 0]);
    await client.login(ACCOUNTS[KASSA]);
    assert.equal((await failure(client.refresh())).code, "invalid_response");
    assert.equal(await client.getAccessToken(), "good");
    await client.fetch("x");
    assert.equal(requests.at(-1)?.headers.authorization, "Bearer good");
  });
}

/** An error, and a header that belongs to another. @type {[string, number, string, string][]} */
const UNRELATED = [
  ["invalid_scope", 400, '{"error":"invalid_scope"}', "invalid_scope"],
  ["invalid_client", 401, '{"error":"invalid_client"}', "invalid_client"],
  ["invalid_grant", 400, '{"error":"invalid_grant"}', "invalid_credentials"],
  ["a failing server", 500, "<h1>500</h1>", "server_error"],
  // Of an extension that the client does not have: told as it is.
  ["use_dpop_nonce", 400, '{"error":"use_dpop_nonce"}', "invalid_request"],
];

for (const [what, status, body, code] of UNRELATED) {
  test(`17. Nonce header with an unrelated error: true error reported (${what} at a login)`, async () => {
    const headers = { "dpop-nonce": "eyJ7S_zG.eyJH0-Z.HX4w-7v", "www-authenticate": 'DPoP algs="ES256", Bearer realm="x"' };
    const client = await create(KASSA, { retries: 0 });
    await box.fault(KASSA, "login", { kind: "status", status, body, headers, contentType: "application/json", times: -1 });
    const error = await failure(client.login(ACCOUNTS[KASSA]));
    assert.deepEqual([error.code, error.status], [code, status]);
    if (body.startsWith("{")) assert.equal(error.providerCode, JSON.parse(body).error);
    assert.deepEqual(await box.counts(KASSA), { login: 1 });
  });
}

test("17. Nonce header with an unrelated error: true error reported (403 of the API)", async () => {
  const client = await signedIn(KASSA);
  const headers = { "dpop-nonce": "x", "www-authenticate": 'Bearer error="insufficient_scope", error_description="no, not that"' };
  await box.fault(KASSA, "api", { kind: "status", status: 403, headers });
  const response = await client.fetch(GOODS[KASSA]);
  const error = await client.problem(response);
  assert.deepEqual([error?.code, error?.providerCode, error?.providerMessage], ["insufficient_scope", "insufficient_scope", "no, not that"]);
  assert.deepEqual(await box.counts(KASSA), { api: 1 });
});

/** A server that sends the head of its answer at once and then, for as long as anybody listens, a blank every few milliseconds. */
async function dripping() {
  const state = { answers: 0, ended: 0 };
  const server = createServer((request, response) => {
    request.resume();
    state.answers += 1;
    response.writeHead(200, { "content-type": "application/json" }).write("{");
    const drip = setInterval(() => response.write(" "), 20);
    response.on("close", () => {
      clearInterval(drip);
      state.ended += 1;
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  later(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return { state, origin: `http://127.0.0.1:${port}` };
}

/** @type {[string, object, (client: any) => Promise<unknown>][]} */
const READERS = [
  ["login", { provider: KASSA }, (client) => client.login(ACCOUNTS[KASSA])],
  ["check", { provider: "invoicebox" }, (client) => client.login(ACCOUNTS.invoicebox)],
  ["exchange", { provider: "bstats", redirectUri: CALLBACK }, async (client) => (await client.authorizationUrl(), client.handleRedirect(`${CALLBACK}?code=1`))],
];

for (const [what, options, ask] of READERS) {
  test(`25. Body slow after headers: time-out covers body (${what})`, { timeout: 60_000 }, async () => {
    const { state, origin } = await dripping();
    const client = await make({ ...options, baseUrl: origin, timeout: 300, retries: 0 });
    const error = await failure(ask(client));
    assert.deepEqual([error.code, error.retryable, client.session], ["timeout", true, null]);
    while (state.ended < state.answers) await new Promise(setImmediate);
  });
}

test("25. Body slow after headers: time-out covers body (refresh: the session stays, and the next call renews)", { timeout: 60_000 }, async () => {
  const client = await signedIn(KASSA, { timeout: 3_000, retries: 0 });
  await box.expire(KASSA);
  await box.fault(KASSA, "refresh", { kind: "stall", handled: false });
  assert.equal((await failure(client.fetch(GOODS[KASSA]))).code, "timeout");
  assert.equal((await client.fetch(GOODS[KASSA])).status, 200);
  assert.equal((await box.counts(KASSA)).refresh, 2);
});
