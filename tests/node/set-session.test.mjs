/** Tokens that were had elsewhere: taken over without a request, and from then on as if signed in here. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ACCOUNTS, GOODS, SECOND_FACTOR } from "../support/sandbox.mjs";
import { changes, clock, failure, memory, suite } from "../support/suite.mjs";

const KASSA = "bifit-kassa";
const { box, create, signedIn, make, record } = await suite();

/** Tokens of the service, as a cabinet or a former client would hand them over. */
async function tokens() {
  const { baseUrl } = box.services[KASSA];
  const { createHash } = await import("node:crypto");
  const { username, password } = ACCOUNTS[KASSA];
  const body = new URLSearchParams({
    grant_type: "password",
    username,
    password: createHash("sha256").update(password).digest("base64"),
    client_id: "cashdesk-rest-client",
    client_secret: "cashdesk-rest-client",
  });
  const response = await fetch(`${baseUrl}/oauth/token`, { method: "POST", body });
  const { access_token: accessToken, refresh_token: refreshToken } = await response.json();
  assert.equal(response.status, 200);
  await box.clear();
  return { accessToken, refreshToken };
}

test("tokens from elsewhere: no request, a session, calls, and a renewal", async () => {
  const given = await tokens();
  const client = await create(KASSA);
  const reasons = changes(client);
  const session = await client.setSession({ ...given, subject: "120041", scope: ["read"], details: { shop: "5" } });
  assert.deepEqual(session, { provider: KASSA, subject: "120041", scope: ["read"], expiresAt: null, renewable: true, details: { shop: "5" } });
  assert.equal(client.session, session);
  assert.equal(await box.total(), 0);
  assert.equal(await client.getAccessToken(), given.accessToken);
  assert.equal((await client.fetch(GOODS[KASSA])).status, 200);
  await client.refresh();
  assert.notEqual(await client.getAccessToken(), given.accessToken);
  assert.deepEqual(reasons, ["login", "refresh"]);
});

test("an access token alone is a session that cannot be renewed", async () => {
  const { accessToken } = await tokens();
  const client = await create(KASSA);
  const { renewable, subject, scope, expiresAt, details } = await client.setSession({ accessToken });
  assert.deepEqual({ renewable, subject, scope, expiresAt, details }, { renewable: false, subject: null, scope: [], expiresAt: null, details: {} });
  assert.equal((await client.fetch(GOODS[KASSA])).status, 200);
  assert.equal((await failure(client.refresh())).code, "login_required");
});

test("what is over by `expiresAt` is renewed before it is used", async () => {
  const given = await tokens();
  const time = clock();
  const client = await create(KASSA, { now: time.now });
  await client.setSession({ ...given, expiresAt: time.now() + 600_000 });
  assert.equal(client.session?.expiresAt, time.now() + 600_000);
  assert.equal(await client.getAccessToken(), given.accessToken);
  time.pass(600_000);
  assert.notEqual(await client.getAccessToken(), given.accessToken);
  assert.deepEqual(await box.counts(KASSA), { refresh: 1 });
});

test("it is stored, and the other contexts of the store learn of it", async () => {
  const storage = memory();
  const client = await create(KASSA, { storage });
  await client.setSession(await tokens());
  const other = await create(KASSA, { storage });
  assert.deepEqual(other.session, client.session);
  assert.equal(await other.getAccessToken(), await client.getAccessToken());
});

test("it overtakes a login, and a later login overtakes it", async () => {
  const given = await tokens();
  const client = await create(KASSA);
  await box.fault(KASSA, "login", { kind: "hold" });
  const login = failure(client.login(ACCOUNTS[KASSA]));
  await box.held(KASSA);
  await client.setSession({ ...given, subject: "own" });
  await box.release(KASSA);
  assert.equal((await login).code, "aborted");
  assert.equal(client.session?.subject, "own");
  await client.login(ACCOUNTS[KASSA]);
  assert.equal(client.session?.subject, "120041");
});

test("it ends a second step", async () => {
  const client = await create(KASSA);
  assert.equal((await failure(client.login(SECOND_FACTOR))).code, "second_factor_required");
  await client.setSession(await tokens());
  assert.equal((await failure(client.confirm("123456"))).code, "invalid_input");
});

test("it replaces a session, and nothing of the former one is left", async () => {
  const client = await signedIn(KASSA);
  const given = await tokens();
  const reasons = changes(client);
  const session = await client.setSession({ accessToken: given.accessToken });
  assert.deepEqual([session.subject, session.scope, session.renewable], [null, [], false]);
  assert.deepEqual(reasons, ["login"]);
  assert.equal((await failure(client.refresh())).code, "login_required");
});

test("no secret of it is in the session or in what is shown of the client", async () => {
  const client = await create(KASSA);
  const secret = "s3cr3t-t0k3n-of-somebody";
  const session = await client.setSession({ accessToken: secret, refreshToken: `${secret}-r`, details: { note: "x", access_token: secret, inner: { apiKey: secret } } });
  assert.ok(!JSON.stringify(session).includes("s3cr3t"), JSON.stringify(session));
  assert.deepEqual(session.details, { note: "x", inner: {} });
});

const PROFILE = {
  id: "own",
  baseUrl: "https://own.example",
  credentials: ["token"],
  login: { kind: "request", request: { url: "/login", json: { token: "{token}" } } },
  renew: { url: "/renew", json: { refresh: "{refresh_token}" } },
  present: { headers: { Authorization: "Bearer {access_token}" } },
};

test("the API's base comes along", async () => {
  const server = await record(() => ({ headers: { "content-type": "application/json" }, body: '{"access_token":"new","refresh_token":"r2","expires_in":60}' }));
  const client = await make({ provider: PROFILE, baseUrl: server.origin });
  await client.setSession({ accessToken: "abc", refreshToken: "r1", apiBase: `${server.origin}/api/v2` });
  await client.fetch("goods");
  await client.refresh();
  const [call, renewal] = server.requests;
  assert.deepEqual([call.url, call.headers.authorization], ["/api/v2/goods", "Bearer abc"]);
  assert.deepEqual(JSON.parse(renewal.body), { refresh: "r1" });
});

/** Tokens that are none. @type {[string, any][]} */
const WRONG = [
  ["nothing", undefined],
  ["null", null],
  ["a text", "abc"],
  ["a list", ["abc"]],
  ["an empty object", {}],
  ["no access token", { refreshToken: "r" }],
  ["an access token that is null", { accessToken: null }],
  ["an empty access token", { accessToken: "" }],
  ["an access token with a blank", { accessToken: "a b" }],
  ["an access token with a line break", { accessToken: "a\r\nX: 1" }],
  ["an access token that is not ASCII", { accessToken: "жетон" }],
  ["an access token that is a number", { accessToken: 5 }],
  ["an access token that is too long", { accessToken: "a".repeat(64 * 1024 + 1) }],
  ["a refresh token that is null", { accessToken: "a", refreshToken: null }],
  ["a refresh token that is a number", { accessToken: "a", refreshToken: 5 }],
  ["an empty refresh token", { accessToken: "a", refreshToken: "" }],
  ["an end that is a text", { accessToken: "a", expiresAt: "2031-01-01" }],
  ["an end that is null", { accessToken: "a", expiresAt: null }],
  ["an end that is no number", { accessToken: "a", expiresAt: NaN }],
  ["an end without end", { accessToken: "a", expiresAt: Infinity }],
  ["an end that is a date", { accessToken: "a", expiresAt: new Date() }],
  ["a subject that is a number", { accessToken: "a", subject: 5 }],
  ["a subject that is null", { accessToken: "a", subject: null }],
  ["a scope that is a text", { accessToken: "a", scope: "read write" }],
  ["a scope with a number in it", { accessToken: "a", scope: [1] }],
  ["a scope that throws when it is read", { accessToken: "a", scope: Object.assign(["x"], { [Symbol.iterator]() { throw new RangeError("stop"); } }) }],
  ["kept values that are a list", { accessToken: "a", kept: ["x"] }],
  ["a kept value that is a number", { accessToken: "a", kept: { device: 5 } }],
  ["an API base that is no address", { accessToken: "a", apiBase: "nowhere" }],
  ["an API base that is not encrypted", { accessToken: "a", apiBase: "http://api.example/" }],
  ["details that are a text", { accessToken: "a", details: "x" }],
  ["an unknown member", { accessToken: "a", expires_in: 60 }],
];

test("tokens that are none: invalid_input, and the session stays", async () => {
  const client = await create(KASSA);
  await client.setSession({ accessToken: "abc" });
  const { session } = client;
  const reasons = changes(client);
  for (const [what, given] of WRONG) {
    const { code } = await failure(client.setSession(given));
    assert.ok(code === "invalid_input" || (/encrypted/.test(what) && code === "insecure_url"), `${what}: ${code}`);
    assert.equal(client.session, session, what);
  }
  assert.equal(await client.getAccessToken(), "abc");
  assert.deepEqual(reasons, []);
});

test("where calls need more than one credential: unsupported", async () => {
  const client = await create("mobile-smarts", { method: "basic" });
  assert.equal((await failure(client.setSession({ accessToken: "abc" }))).code, "unsupported");
});

test("the brake of renewals is released by it", async () => {
  const client = await signedIn(KASSA);
  await box.fault(KASSA, "api", { kind: "status", status: 401, times: 4 });
  for (let n = 0; n < 2; n += 1) assert.equal((await client.fetch(GOODS[KASSA])).status, 401);
  const before = (await box.counts(KASSA)).refresh;
  assert.equal(before, 1, "the second refusal was handed over as it was");
  await client.setSession(await tokens());
  assert.equal((await client.fetch(GOODS[KASSA])).status, 200);
});

test("after `close` it is refused", async () => {
  const client = await create(KASSA);
  client.close();
  assert.equal((await failure(client.setSession({ accessToken: "abc" }))).code, "closed");
});
