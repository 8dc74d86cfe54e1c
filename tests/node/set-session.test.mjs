/** Tokens that were had elsewhere: in every respect like a login. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ACCOUNTS, GOODS } from "../support/sandbox.mjs";
import { changes, clock, failure, memory, suite } from "../support/suite.mjs";

const KASSA = "bifit-kassa";
const { box, create, signedIn } = await suite();

/** Tokens of a session that somebody else has. @param {any} storage */
async function elsewhere(storage = memory()) {
  await signedIn(KASSA, { storage });
  const { access, refresh } = JSON.parse([...storage.map.values()][0]);
  return { accessToken: access, refreshToken: refresh };
}

test("they serve for calls, for renewals, in the store, and are announced", async () => {
  const tokens = await elsewhere();
  const storage = memory();
  const client = await create(KASSA, { storage });
  const reasons = changes(client);
  const session = await client.setSession({ ...tokens, subject: "7", scope: ["read"], details: { name: "Я", deep: { n: 1 } } });
  assert.deepEqual(
    [session.subject, session.scope, session.renewable, session.expiresAt, session.details],
    ["7", ["read"], true, null, { name: "Я", deep: { n: 1 } }],
  );
  assert.ok(Object.isFrozen(session) && Object.isFrozen(session.details.deep));
  assert.equal(client.session, session);
  assert.deepEqual(reasons, ["login"]);
  assert.equal(await box.total(), 0);
  assert.equal(await client.getAccessToken(), tokens.accessToken);
  assert.equal((await client.fetch(GOODS[KASSA])).status, 200);
  assert.equal((await create(KASSA, { storage })).session?.subject, "7");
  await client.refresh();
  assert.deepEqual(reasons, ["login", "refresh"]);
});

test("expiresAt is a moment: what is over is renewed before it is used", async () => {
  const tokens = await elsewhere();
  const time = clock();
  const client = await create(KASSA, { now: time.now });
  await client.setSession({ ...tokens, expiresAt: time.now() + 600_000 });
  assert.equal((await client.fetch(GOODS[KASSA])).status, 200);
  assert.deepEqual(await box.counts(KASSA), { api: 1 });
  time.pass(600_000);
  assert.equal((await client.fetch(GOODS[KASSA])).status, 200);
  assert.deepEqual(await box.counts(KASSA), { api: 2, refresh: 1 });
});

test("it overtakes a login that is under way", async () => {
  const client = await create(KASSA);
  await box.fault(KASSA, "login", { kind: "hold" });
  const login = failure(client.login(ACCOUNTS[KASSA]));
  await box.held(KASSA);
  await client.setSession({ accessToken: "mine" });
  assert.equal((await login).code, "aborted");
  assert.equal(await client.getAccessToken(), "mine");
  await box.release(KASSA);
});

/** @type {[string, any][]} */
const WRONG = [
  ...[undefined, null, 5, "x", []].map((tokens) => /** @type {[string, any]} */ (["tokens", tokens])),
  ["accessToken", {}],
  ["accessToken", { accessToken: "" }],
  ["accessToken", { accessToken: 5 }],
  ["accessToken", { accessToken: null }],
  ["accessToken", { accessToken: "a b" }],
  ["accessToken", { accessToken: "é" }],
  ["accessToken", { accessToken: "x".repeat(65_537) }],
  ["accessToken", { refreshToken: "r" }],
  ["refreshToken", { accessToken: "a", refreshToken: null }],
  ["expiresAt", { accessToken: "a", expiresAt: "2031" }],
  ["expiresAt", { accessToken: "a", expiresAt: -1 }],
  ["expiresAt", { accessToken: "a", expiresAt: NaN }],
  ["subject", { accessToken: "a", subject: 7 }],
  ["scope", { accessToken: "a", scope: "read" }],
  ["scope", { accessToken: "a", scope: [1] }],
  ["details", { accessToken: "a", details: [] }],
  ["details", { accessToken: "a", details: { f: () => {} } }],
  ["apiBase", { accessToken: "a", apiBase: 5 }],
  ["access_token", { accessToken: "a", access_token: "a" }],
];

for (const [name, tokens] of WRONG) {
  test(`setSession(${JSON.stringify(tokens)?.slice(0, 60)}) is invalid_input that names ${name}`, async () => {
    const client = await create(KASSA);
    const error = await failure(client.setSession(tokens));
    assert.equal(error.code, "invalid_input");
    assert.match(error.message, new RegExp(name));
    assert.equal(client.session, null);
  });
}

test("providers whose calls need more than one credential: unsupported", async () => {
  const client = await create("mobile-smarts", { method: "basic" });
  assert.equal((await failure(client.setSession({ accessToken: "a" }))).code, "unsupported");
});

test("the tokens are read at once", async () => {
  const client = await create(KASSA);
  const tokens = { accessToken: "mine" };
  const taken = client.setSession(tokens);
  tokens.accessToken = "";
  await taken;
  assert.equal(await client.getAccessToken(), "mine");
});
