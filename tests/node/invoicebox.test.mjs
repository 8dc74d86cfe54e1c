/** Invoicebox: a token from the cabinet, checked. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ACCOUNTS, GOODS } from "../support/sandbox.mjs";
import { allOk, changes, failure, suite } from "../support/suite.mjs";
import { json } from "../support/recorder.mjs";

const BOX = "invoicebox";
const USER = "01771533-8e75-3234-8e3d-9213ae2d7c52";
const L3 = `29078-API:${ACCOUNTS[BOX].token}`;
const FORBIDDEN = "f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0";
const { box, create, make, record, rows, signedIn } = await suite();

const WELL = { data: { userId: USER, profile: null, accessToken: null }, extendedData: [] };

test("login checks the token, and the session says who it is", async () => {
  const client = await create(BOX);
  const session = await client.login(ACCOUNTS[BOX]);
  assert.deepEqual(session, {
    provider: BOX,
    subject: USER,
    scope: [],
    expiresAt: null,
    renewable: false,
    details: { data: { profile: null }, extendedData: [] },
  });
  assert.equal((await (await client.fetch(GOODS[BOX])).json()).data.userId, USER);
  assert.equal(await client.getAccessToken(), ACCOUNTS[BOX].token);
  allOk(await box.journal(BOX), ["check", "api"]);
  const [{ method, path }] = await box.journal(BOX);
  assert.equal(`${method} ${path}`, "GET /v3/security/api/auth/auth");
});

for (const [token, version, path] of [
  [ACCOUNTS[BOX].token, undefined, "/v3/security/api/auth/auth"],
  [ACCOUNTS[BOX].token, "v3", "/v3/security/api/auth/auth"],
  [L3, undefined, "/l3/security/api/auth/auth"],
  [L3, "l3", "/l3/security/api/auth/auth"],
]) {
  test(`a token ${token.slice(0, 9)}... with the version ${version} is checked at ${path}`, async () => {
    const client = await create(BOX, { ...(version && { version }) });
    assert.equal((await client.login({ token })).subject, USER);
    assert.deepEqual((await box.journal(BOX)).map((entry) => entry.path), [path]);
    assert.equal((await client.check()).subject, USER);
    assert.equal((await box.journal(BOX))[1].path, path);
  });
}

for (const [token, version, path] of [
  [L3, "v3", "/v3/security/api/auth/auth"],
  [ACCOUNTS[BOX].token, "l3", "/l3/security/api/auth/auth"],
]) {
  test(`the option version: ${version} goes before the token's form`, async () => {
    const client = await create(BOX, { version });
    assert.equal((await failure(client.login({ token }))).code, "invalid_token");
    assert.deepEqual((await box.journal(BOX)).map((entry) => entry.path), [path]);
  });
}

test("the token goes after Bearer as it is, colon and all", async () => {
  const { origin, requests } = await record(() => json(WELL));
  const client = await make({ provider: BOX, baseUrl: origin });
  await client.login({ token: L3 });
  await client.fetch("l3/goods");
  assert.deepEqual(requests.map(({ method, url, headers }) => [method, url, headers.authorization]), [
    ["GET", "/l3/security/api/auth/auth", `Bearer ${L3}`],
    ["GET", "/l3/goods", `Bearer ${L3}`],
  ]);
  assert.equal(requests[0].headers.accept, "application/json");
  assert.equal(requests[0].body, "");
});

test("login fails as its check fails: a wrong token is invalid_token", async () => {
  const client = await create(BOX);
  const error = await failure(client.login({ token: "00000000000000000000000000000000" }));
  assert.deepEqual(
    [error.code, error.status, error.providerCode, error.providerMessage],
    ["invalid_token", 401, "unauthorized", "Unauthorized"],
  );
  assert.equal(client.session, null);
});

test("a token without rights is insufficient_scope", async () => {
  const client = await create(BOX);
  const error = await failure(client.login({ token: FORBIDDEN }));
  assert.deepEqual([error.code, error.status, error.providerCode], ["insufficient_scope", 403, "forbidden"]);
  assert.equal(client.session, null);
});

for (const [what, userId, code] of /** @type {const} */ ([
  ["null", null, "invalid_token"],
  ["empty", "", "invalid_token"],
  ["missing", undefined, "invalid_response"],
  ["a number", 5, "invalid_response"],
  ["a list", [], "invalid_response"],
  ["an object", {}, "invalid_response"],
  ["true", true, "invalid_response"],
])) {
  test(`an answer 200 whose userId is ${what} is nobody's: ${code}, and no session`, async () => {
    const { origin } = await record(() => json({ ...WELL, data: { ...WELL.data, userId } }));
    const client = await make({ provider: BOX, baseUrl: origin });
    const error = await failure(client.login(ACCOUNTS[BOX]));
    assert.deepEqual([error.code, error.status, error.retryable], [code, 200, false]);
    // A token that is nobody's is the user's to mend, an answer of another shape is a wrong address.
    assert.match(error.hint, code === "invalid_token" ? /token/ : /baseUrl/);
    assert.equal(client.session, null);
    assert.equal((await failure(client.fetch("v3/goods"))).code, "login_required");
  });
}

test("a failure of the check leaves the earlier session as it was", async () => {
  const client = await signedIn(BOX);
  const reasons = changes(client);
  await failure(client.login({ token: "00000000000000000000000000000000" }));
  await box.fault(BOX, "check", { kind: "status", status: 500, times: 3 });
  assert.equal((await failure(client.login({ token: L3 }))).code, "server_error");
  assert.equal(await client.getAccessToken(), ACCOUNTS[BOX].token);
  assert.equal((await client.fetch(GOODS[BOX])).status, 200);
  assert.deepEqual(reasons, []);
});

rows("a check that is refused for the moment is repeated, and then told; nothing is forgotten", [429, 500, 502, 503], async (status) => {
  const client = await signedIn(BOX, { retries: 1 });
  await box.fault(BOX, "check", { kind: "status", status, headers: { "retry-after": "0" }, times: 2 });
  const error = await failure(client.check());
  assert.deepEqual([error.code, error.status, error.retryable], [status === 429 ? "rate_limited" : "server_error", status, true]);
  assert.deepEqual(await box.counts(BOX), { check: 2 });
  assert.equal((await client.check()).subject, USER);
  assert.equal(client.session?.subject, USER);
});

test("check may be called as often as one likes, and tells the same each time", async () => {
  const client = await signedIn(BOX);
  const reasons = changes(client);
  for (let n = 0; n < 5; n += 1) {
    assert.deepEqual(await client.check(), { subject: USER, details: { data: { profile: null }, extendedData: [] } });
  }
  await Promise.all(Array.from({ length: 5 }, () => client.check()));
  assert.deepEqual(reasons, []);
  assert.equal(client.session?.subject, USER);
});

test("check without a session is login_required, and sends nothing", async () => {
  const client = await create(BOX);
  assert.equal((await failure(client.check())).code, "login_required");
  assert.equal(await box.total(), 0);
});

test("check follows a redirect within the origin, and none to another", async () => {
  const foreign = await record(() => json(WELL));
  const client = await signedIn(BOX);
  await box.fault(BOX, "check", { kind: "redirect", location: "/v3/security/api/auth/auth", status: 302 });
  assert.equal((await client.check()).subject, USER);
  for (const status of [301, 302, 303, 307, 308]) {
    await box.fault(BOX, "check", { kind: "redirect", location: `${foreign.origin}/v3/security/api/auth/auth`, status });
    assert.equal((await failure(client.check())).code, "invalid_response");
  }
  assert.deepEqual(foreign.requests, []);
  assert.equal(client.session?.subject, USER);
});

test("a call that is refused gives its Response: there is nothing to renew", async () => {
  const client = await signedIn(BOX);
  await box.expire(BOX);
  const response = await client.fetch(GOODS[BOX]);
  assert.equal(response.status, 401);
  assert.deepEqual(await box.counts(BOX), { api: 1 });
  assert.equal((await client.problem(response))?.code, "invalid_token");
  assert.equal(client.session?.subject, USER);
});

test("the User-Agent is propusk/<version>, or the caller's", async () => {
  const client = await signedIn(BOX);
  await client.check();
  await client.fetch(GOODS[BOX]);
  const [check, api] = await box.journal(BOX);
  assert.match(check.userAgent ?? "", /^propusk\/\d+\.\d+\.\d+/);
  assert.equal(api.userAgent, check.userAgent);
  const own = await signedIn(BOX, { userAgent: "Shop/2.1 (module pay)" });
  await own.check();
  assert.equal((await box.journal(BOX))[0].userAgent, "Shop/2.1 (module pay)");
});

test("there is nothing to renew, and no second factor or redirect", async () => {
  const client = await signedIn(BOX);
  assert.equal((await failure(client.refresh())).code, "unsupported");
  assert.equal((await failure(client.authorizationUrl())).code, "unsupported");
  assert.equal((await failure(client.handleRedirect("http://127.0.0.1/?code=1"))).code, "unsupported");
  assert.equal((await failure(client.loginWithRedirect())).code, "unsupported");
  assert.equal(await box.total(), 0);
});

rows("a token that fits no header is refused here", ["a\nb", "жетон", "a\u0000", "a\r\nX-Evil: 1"], async (token) => {
  const client = await create(BOX);
  assert.equal((await failure(client.login({ token }))).code, "invalid_input");
  assert.equal(await box.total(), 0);
});
