/** getAccessToken: how long a token is good for, and when it is renewed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ACCOUNTS, GOODS } from "../support/sandbox.mjs";
import { clock, failure, suite } from "../support/suite.mjs";
import { json } from "../support/recorder.mjs";

const KASSA = "bifit-kassa";
const LIFE = 43_199_000;
const { box, create, make, record, rows, signedIn } = await suite();

/** @param {object} [options] */
async function timed(options) {
  const time = clock();
  return { time, client: await signedIn(KASSA, { now: time.now, ...options }) };
}

test("a token that is good is handed out without a request", async () => {
  const client = await signedIn(KASSA);
  const token = await client.getAccessToken();
  assert.equal(typeof token, "string");
  assert.equal(await client.getAccessToken(), token);
  assert.equal(await client.getAccessToken({}), token);
  assert.equal(await box.total(), 0);
});

test("minValidity: renewed when less is left", async () => {
  const { time, client } = await timed();
  const token = await client.getAccessToken({ minValidity: LIFE - 1000 });
  assert.equal(await box.total(), 0);
  time.pass(2000);
  assert.notEqual(await client.getAccessToken({ minValidity: LIFE - 1000 }), token);
  assert.deepEqual(await box.counts(KASSA), { refresh: 1 });
});

test("minValidity beyond a whole life: the new token is the answer, and each call asks once", async () => {
  const { client } = await timed();
  const token = await client.getAccessToken({ minValidity: LIFE * 2 });
  assert.deepEqual(await box.counts(KASSA), { refresh: 1 });
  assert.equal(await client.getAccessToken(), token);
  await Promise.all(Array.from({ length: 20 }, () => client.getAccessToken({ minValidity: LIFE * 2 })));
  assert.ok((await box.counts(KASSA)).refresh <= 3);
});

test("forceRefresh: another token, whatever is left of the old one", async () => {
  const client = await signedIn(KASSA);
  const first = await client.getAccessToken();
  const second = await client.getAccessToken({ forceRefresh: true });
  assert.notEqual(second, first);
  assert.equal(await client.getAccessToken({ forceRefresh: false }), second);
  assert.deepEqual(await box.counts(KASSA), { refresh: 1 });
});

test("forceRefresh during a renewal shares it", async () => {
  const client = await signedIn(KASSA);
  await Promise.all(Array.from({ length: 10 }, () => client.getAccessToken({ forceRefresh: true })));
  assert.deepEqual(await box.counts(KASSA), { refresh: 1 });
});

rows("refreshBefore says how long before the end a token is renewed", /** @type {[number | undefined, number, boolean][]} */ ([
  [undefined, 61_000, false],
  [undefined, 59_000, true],
  [0, 1, false],
  [0, 0, true],
  [0, -1, true],
  [3_600_000, 3_601_000, false],
  [3_600_000, 3_599_000, true],
  [LIFE, LIFE / 2 + 1000, false],
  [LIFE, LIFE / 2 - 1000, true],
  [8_640_000_000_000_000, LIFE / 2 + 1000, false],
]), async ([refreshBefore, left, renewed]) => {
  const { time, client } = await timed({ ...(refreshBefore !== undefined && { refreshBefore }) });
  time.pass(LIFE - left);
  await client.getAccessToken();
  assert.deepEqual(await box.counts(KASSA), renewed ? { refresh: 1 } : {});
});

test("a token of one second: at most one renewal per call, and a call in its first half asks nothing", async () => {
  await box.options(KASSA, { tokenLifetime: 1 });
  const { time, client } = await timed();
  await client.getAccessToken();
  assert.deepEqual(await box.counts(KASSA), {});
  for (let n = 0; n < 10; n += 1) {
    time.pass(900);
    await client.getAccessToken();
    await client.getAccessToken();
  }
  assert.deepEqual(await box.counts(KASSA), { refresh: 10 });
});

rows("a life is read as services write it", /** @type {const} */ ([
  [3600, 3_600_000],
  ["3600", 3_600_000],
  [1, 1000],
  [2_592_000, 2_592_000_000],
  [undefined, null],
  [null, null],
  ["soon", null],
  ["3600abc", null],
  ["", null],
  [true, null],
]), async ([given, expiresAt]) => {
  const { origin } = await record(() => json({ access_token: "a", token_type: "bearer", refresh_token: "r", expires_in: given }));
  const time = clock(1_700_000_000_000);
  const client = await make({ provider: KASSA, baseUrl: origin, now: time.now });
  const session = await client.login(ACCOUNTS[KASSA]);
  assert.equal(session.expiresAt, expiresAt && 1_700_000_000_000 + expiresAt);
});

rows("lives that are none or have no end: nothing breaks, and the number of requests is bounded", ["0", "-1", "1e20", "3600.5", "-9223372036854775808", "99999999999999999999999999"], async (given) => {
  const { origin, requests } = await record(() => ({
    headers: { "content-type": "application/json" },
    body: `{"access_token":"a","token_type":"bearer","refresh_token":"r","expires_in":${given}}`,
  }));
  const client = await make({ provider: KASSA, baseUrl: origin });
  const { expiresAt } = await client.login(ACCOUNTS[KASSA]);
  assert.ok(expiresAt === null || Number.isSafeInteger(expiresAt), String(expiresAt));
  for (let n = 0; n < 3; n += 1) assert.equal(await client.getAccessToken(), "a");
  assert.ok(requests.length <= 4, String(requests.length));
});

test("an unknown life is not a short one: nothing is renewed until a call is refused", async () => {
  const { origin, requests } = await record(() => json({ access_token: "a", refresh_token: "r" }));
  const time = clock();
  const client = await make({ provider: KASSA, baseUrl: origin, now: time.now });
  await client.login(ACCOUNTS[KASSA]);
  time.pass(10 * 365 * 86_400_000);
  await client.getAccessToken();
  assert.equal(requests.length, 1);
});

test("lifetimes count from the moment of sending, not of the answer", async () => {
  const time = clock(1_700_000_000_000);
  const client = await create(KASSA, { now: time.now });
  await box.fault(KASSA, "login", { kind: "hold", handled: true });
  const login = client.login(ACCOUNTS[KASSA]);
  await box.held(KASSA);
  time.pass(20_000);
  await box.release(KASSA);
  assert.equal((await login).expiresAt, 1_700_000_000_000 + LIFE);
});

test("a clock that jumps back does not make an old token new, nor break anything", async () => {
  const { time, client } = await timed();
  time.pass(-3_600_000);
  assert.equal((await client.fetch(GOODS[KASSA])).status, 200);
  time.pass(3_600_000 + LIFE);
  assert.equal((await client.fetch(GOODS[KASSA])).status, 200);
  assert.deepEqual(await box.counts(KASSA), { api: 2, refresh: 1 });
});

test("without a session: login_required; where there is no token: unsupported", async () => {
  assert.equal((await failure((await create(KASSA)).getAccessToken())).code, "login_required");
  const basic = await signedIn("mobile-smarts", { method: "basic" });
  assert.equal((await failure(basic.getAccessToken())).code, "unsupported");
  const invoicebox = await signedIn("invoicebox");
  assert.equal(await invoicebox.getAccessToken(), ACCOUNTS.invoicebox.token);
  assert.equal((await failure(invoicebox.getAccessToken({ forceRefresh: true }))).code, "login_required");
  assert.equal(await invoicebox.getAccessToken({ minValidity: 1e12 }), ACCOUNTS.invoicebox.token);
});

rows("a minValidity that is none is refused", [-1, NaN, Infinity, "5", null, {}], async (minValidity) => {
  const client = await signedIn(KASSA);
  assert.equal((await failure(client.getAccessToken(/** @type {any} */ ({ minValidity })))).code, "invalid_input");
  assert.equal(await box.total(), 0);
});
