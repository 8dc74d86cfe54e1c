/** Rows 8, 28 and 29 of the failure table: many calls at once, and calls that are refused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ACCOUNTS, GOODS } from "../support/sandbox.mjs";
import { changes, clock, failure, suite } from "../support/suite.mjs";
import { json } from "../support/recorder.mjs";

const KASSA = "bifit-kassa";
const PATH = GOODS[KASSA];
const { box, make, record, signedIn } = await suite();

/** @template T @param {number} n @param {(n: number) => T} call */
const times = (n, call) => Array.from({ length: n }, (_, at) => call(at));

/** A client whose token has run out by its own clock. @param {object} [options] */
async function expired(options) {
  const time = clock();
  const client = await signedIn(KASSA, { now: time.now, ...options });
  time.pass(43_199_000);
  return client;
}

test("8. N callers, one request; failure shared; later call retries", async () => {
  const client = await expired({ retries: 0 });
  const calls = [() => client.fetch(PATH), () => client.getAccessToken(), () => client.refresh()];
  await box.fault(KASSA, "refresh", { kind: "hold" });
  const first = times(150, (n) => calls[n % 3]());
  await box.held(KASSA);
  await box.release(KASSA);
  await Promise.all(first);
  assert.deepEqual(await box.counts(KASSA), { refresh: 1, api: 50 });
  await box.expire(KASSA);
  await box.fault(KASSA, "refresh", { kind: "status", status: 500 });
  const failed = await Promise.all(times(50, () => failure(client.refresh())));
  assert.equal(new Set(failed.map(({ code, message }) => `${code} ${message}`)).size, 1);
  assert.equal(failed[0].code, "server_error");
  assert.equal((await box.counts(KASSA)).refresh, 2);
  assert.equal((await client.fetch(PATH)).status, 200);
  assert.equal((await box.counts(KASSA)).refresh, 3);
});

test("28. 401 storm: at most one refresh per token generation", async () => {
  const client = await signedIn(KASSA);
  const reasons = changes(client);
  for (let generation = 1; generation <= 4; generation += 1) {
    await box.expire(KASSA);
    const statuses = await Promise.all(times(100, () => client.fetch(PATH).then(({ status }) => status)));
    assert.deepEqual(new Set(statuses), new Set([200]));
    assert.equal((await box.counts(KASSA)).refresh, generation);
  }
  assert.deepEqual(reasons, Array(4).fill("refresh"));
  assert.equal((await box.families(KASSA)).maxSpends, 1);
});

test("28. 401 storm: an API that refuses every token is asked twice per call, one refresh serves them all, and then no call costs a refresh", async () => {
  const client = await signedIn(KASSA);
  await box.fault(KASSA, "api", { kind: "status", status: 401, times: -1 });
  for (let wave = 1; wave <= 3; wave += 1) {
    const statuses = await Promise.all(times(50, () => client.fetch(PATH).then(({ status }) => status)));
    assert.deepEqual(new Set(statuses), new Set([401]));
    const { api, refresh } = await box.counts(KASSA);
    assert.deepEqual([api, refresh], [50 + wave * 50, 1]);
  }
});

/** @type {[string, () => RequestInit][]} */
const STREAMS = [
  ["a ReadableStream", () => ({ body: new Blob(["one ", "two"]).stream() })],
  ["an async generator", () => ({ body: /** @type {any} */ ((async function* () { yield* [Buffer.from("one "), Buffer.from("two")]; })()) })],
];

for (const [what, init] of STREAMS) {
  test(`29. Request body stream cannot be replayed on retry: clear error, no half request (${what})`, async () => {
    const { origin, requests } = await record(({ url }, n) => (url.endsWith("/token") ? json({ access_token: `a${n}`, refresh_token: "r" }) : json({ error: "invalid_token" }, 401)));
    const client = await make({ provider: KASSA, baseUrl: origin });
    await client.login(ACCOUNTS[KASSA]);
    const response = await client.fetch("x", /** @type {RequestInit} */ ({ method: "POST", duplex: "half", ...init() }));
    assert.equal(response.status, 401);
    assert.equal((await client.problem(response))?.code, "invalid_token");
    // One request, whole; and no renewal, which would help nobody.
    assert.deepEqual(requests.map(({ url, body }) => [url, body]).slice(1), [["/x", "one two"]]);
  });

  test(`29. Request body stream: a token that is known to be over is renewed before anything of it is sent (${what})`, async () => {
    const client = await expired();
    const response = await client.fetch(PATH, /** @type {RequestInit} */ ({ method: "POST", duplex: "half", ...init() }));
    assert.equal((await response.json()).echo, "one two");
    assert.deepEqual(await box.counts(KASSA), { refresh: 1, api: 1 });
  });
}
