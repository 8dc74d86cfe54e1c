/** One renewal for everybody: many calls, late refusals, failures that are shared, bodies that are sent again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ACCOUNTS, GOODS } from "../support/sandbox.mjs";
import { changes, clock, failure, suite } from "../support/suite.mjs";

const KASSA = "bifit-kassa";
const PATH = GOODS[KASSA];
const { box, create, signedIn } = await suite();

/** @template T @param {number} n @param {(n: number) => T} call */
const times = (n, call) => Array.from({ length: n }, (_, at) => call(at));
const statuses = async (/** @type {Promise<Response>[]} */ calls) => new Set((await Promise.all(calls)).map(({ status }) => status));

/** A client whose token has run out by its own clock. @param {object} [options] */
async function expired(options) {
  const time = clock();
  const client = await signedIn(KASSA, { now: time.now, ...options });
  time.pass(43_199_000);
  return client;
}

test("200 calls with an expired token share one renewal", async () => {
  const client = await expired();
  const reasons = changes(client);
  assert.deepEqual(await statuses(times(200, () => client.fetch(PATH))), new Set([200]));
  assert.deepEqual(await box.counts(KASSA), { api: 200, refresh: 1 });
  assert.deepEqual(reasons, ["refresh"]);
  assert.equal((await box.families(KASSA)).maxSpends, 1);
});

test("calls of every kind share one renewal", async () => {
  const client = await expired();
  await Promise.all(times(30, (n) => [() => client.fetch(PATH), () => client.getAccessToken(), () => client.refresh()][n % 3]()));
  assert.equal((await box.counts(KASSA)).refresh, 1);
});

test("a storm of 401 is one renewal, and each call is repeated once", async () => {
  const client = await signedIn(KASSA);
  await box.expire(KASSA);
  assert.deepEqual(await statuses(times(100, () => client.fetch(PATH))), new Set([200]));
  const { api, refresh } = await box.counts(KASSA);
  assert.equal(refresh, 1);
  assert.ok(api <= 200, String(api));
});

test("a call that is refused twice gives the second 401, and renews no more", async () => {
  const client = await signedIn(KASSA);
  await box.fault(KASSA, "api", { kind: "status", status: 401, times: -1 });
  assert.equal((await client.fetch(PATH)).status, 401);
  assert.deepEqual(await box.counts(KASSA), { api: 2, refresh: 1 });
});

test("403 renews nothing and repeats nothing", async () => {
  const client = await signedIn(KASSA);
  await box.fault(KASSA, "api", { kind: "status", status: 403, body: '{"error":"insufficient_scope"}' });
  assert.equal((await client.fetch(PATH)).status, 403);
  assert.deepEqual(await box.counts(KASSA), { api: 1 });
});

test("a 401 of an older token that comes late repeats the call with the newer, without another renewal", async () => {
  const client = await signedIn(KASSA);
  await box.fault(KASSA, "api", { kind: "hold", times: 3 });
  const late = times(3, () => client.fetch(PATH));
  await box.held(KASSA, 3);
  await box.expire(KASSA);
  assert.equal((await client.fetch(PATH)).status, 200);
  assert.deepEqual(await box.counts(KASSA), { api: 5, refresh: 1 });
  await box.release(KASSA);
  assert.deepEqual(await statuses(late), new Set([200]));
  assert.deepEqual(await box.counts(KASSA), { api: 8, refresh: 1 });
});

test("a failure is shared by those who wait, and the next call tries anew", async () => {
  const client = await expired({ retries: 0 });
  const { session } = client;
  await box.fault(KASSA, "refresh", { kind: "status", status: 503 });
  const errors = await Promise.all(times(20, () => failure(client.fetch(PATH))));
  assert.deepEqual(new Set(errors.map(({ code }) => code)), new Set(["server_error"]));
  assert.deepEqual(await box.counts(KASSA), { refresh: 1 });
  assert.equal(client.session, session);
  assert.equal((await client.fetch(PATH)).status, 200);
  assert.deepEqual(await box.counts(KASSA), { refresh: 2, api: 1 });
});

test("a final refusal ends the session for all who wait, with one event", async () => {
  const client = await expired();
  const reasons = changes(client);
  await box.revoke(KASSA);
  const errors = await Promise.all(times(20, () => failure(client.fetch(PATH))));
  assert.deepEqual(new Set(errors.map(({ code }) => code)), new Set(["login_required"]));
  assert.deepEqual(reasons, ["expire"]);
  assert.deepEqual(await box.counts(KASSA), { refresh: 1 });
});

test("a renewal that fails for the moment after a 401 is that error, and the session stays", async () => {
  const client = await signedIn(KASSA, { retries: 0 });
  await box.expire(KASSA);
  for (const [fault, code] of /** @type {const} */ ([
    [{ kind: "reset" }, "network"],
    [{ kind: "status", status: 502, body: "<html>", contentType: "text/html" }, "server_error"],
    [{ kind: "status", status: 429 }, "rate_limited"],
    [{ kind: "body", body: "<html>", handled: false }, "invalid_response"],
  ])) {
    await box.fault(KASSA, "refresh", fault);
    assert.equal((await failure(client.fetch(PATH))).code, code);
    assert.ok(client.session);
  }
  assert.equal((await client.fetch(PATH)).status, 200);
});

const JSON_BODY = '{"a":"б"}';

/** @type {[string, () => RequestInit, string | RegExp][]} */
const BODIES = [
  ["text", () => ({ body: JSON_BODY }), JSON_BODY],
  ["URLSearchParams", () => ({ body: new URLSearchParams({ a: "б в" }) }), "a=%D0%B1+%D0%B2"],
  ["a Blob", () => ({ body: new Blob([JSON_BODY]) }), JSON_BODY],
  ["an ArrayBuffer", () => ({ body: new TextEncoder().encode(JSON_BODY).buffer }), JSON_BODY],
  ["a view of a buffer", () => ({ body: new TextEncoder().encode(`x${JSON_BODY}`).subarray(1) }), JSON_BODY],
  ["FormData", () => ({ body: form() }), /name="a"\r\n\r\nб\r\n[^]*filename="f.txt"[^]*hello/],
];

function form() {
  const data = new FormData();
  data.set("a", "б");
  data.set("file", new Blob(["hello"]), "f.txt");
  return data;
}

for (const [what, init, expected] of BODIES) {
  test(`a body that is ${what} is sent again whole after a renewal`, async () => {
    const client = await signedIn(KASSA);
    await box.expire(KASSA);
    const { echo } = await (await client.fetch(PATH, { method: "POST", ...init() })).json();
    if (typeof expected === "string") assert.equal(echo, expected);
    else assert.match(echo, expected);
    assert.deepEqual(await box.counts(KASSA), { api: 2, refresh: 1 });
    const sent = (await box.journal(KASSA)).filter(({ purpose }) => purpose === "api");
    const type = (/** @type {number} */ n) => sent[n].headers["content-type"]?.replace(/boundary=.*/, "");
    assert.equal(type(1), type(0));
  });
}

test("a Request is sent again whole after a renewal, headers and all", async () => {
  const client = await signedIn(KASSA);
  await box.expire(KASSA);
  const url = `${box.services[KASSA].baseUrl}/${PATH}`;
  const request = new Request(url, { method: "POST", body: JSON_BODY, headers: { "content-type": "application/json", "x-own": "1" } });
  assert.equal((await (await client.fetch(request)).json()).echo, JSON_BODY);
  const sent = (await box.journal(KASSA)).filter(({ purpose }) => purpose === "api");
  assert.deepEqual(sent.map(({ headers }) => [headers["content-type"], headers["x-own"]]), Array(2).fill(["application/json", "1"]));
});

test("a body that is a stream goes once: the 401 comes back", async () => {
  const client = await signedIn(KASSA);
  await box.expire(KASSA);
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode("once"));
      controller.close();
    },
  });
  const response = await client.fetch(PATH, /** @type {RequestInit} */ ({ method: "POST", body, duplex: "half" }));
  assert.equal(response.status, 401);
  assert.equal((await box.counts(KASSA)).api, 1);
  assert.equal((await client.fetch(PATH)).status, 200);
});

test("text in a query or a body that changes after the call is not what is sent", async () => {
  const client = await signedIn(KASSA);
  await box.expire(KASSA);
  const body = new Uint8Array(new TextEncoder().encode("before"));
  const call = client.fetch(PATH, { method: "POST", body });
  body.fill(33);
  const { echo } = await (await call).json();
  assert.ok(["before", "!!!!!!"].includes(echo));
});

test("whoever leaves does not take the renewal from the others", async () => {
  const client = await expired();
  await box.fault(KASSA, "refresh", { kind: "hold" });
  const leaving = new AbortController();
  const first = failure(client.fetch(PATH, { signal: leaving.signal }));
  const others = times(5, () => client.fetch(PATH));
  await box.held(KASSA);
  leaving.abort(new Error("gone"));
  assert.equal((await first).message, "gone");
  await box.release(KASSA);
  assert.deepEqual(await statuses(others), new Set([200]));
  assert.equal((await box.counts(KASSA)).refresh, 1);
});

test("a refresh token is not spent twice after an answer was lost", async () => {
  const client = await signedIn(KASSA, { retries: 0 });
  await box.fault(KASSA, "refresh", { kind: "truncate" });
  assert.ok(["network", "invalid_response"].includes((await failure(client.refresh())).code));
  assert.ok(client.session);
  const before = await box.families(KASSA);
  assert.equal(before.maxSpends, 1);
});

test("two clients do not share what is not shared", async () => {
  const [one, two] = [await expired(), await create(KASSA)];
  await two.login(ACCOUNTS[KASSA]);
  await Promise.all([one.fetch(PATH), two.fetch(PATH)]);
  assert.equal((await box.counts(KASSA)).refresh, 1);
});
