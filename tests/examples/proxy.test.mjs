/** The proxy of the example plain-page: what it lets through to the service, and what comes back. */
import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";
import { json, record } from "../support/recorder.mjs";
import { example } from "./support/example.mjs";

/** @type {import("../support/recorder.mjs").Answer} */
let answer = {};
const service = await record(() => answer);
after(service.stop);
beforeEach(() => {
  answer = json({ ok: true });
  service.requests.length = 0;
});
const { serve } = await example("plain-page");
const site = await serve({ KASSA_URL: `${service.origin}/base/`, PORT: "0" });

/** @param {string} target @param {RequestInit} [init] */
const ask = (target, init) => fetch(`${site}auth/kassa/${target}`, { redirect: "manual", ...init });
const login = (/** @type {string} */ body) =>
  ask("oauth/token?a=%20b", { method: "POST", body, headers: { "content-type": "application/x-www-form-urlencoded" } });

test("method, query, body, Authorization and Content-Type reach the service, and no cookies", async () => {
  assert.deepEqual(await (await login("username=%D0%B8&password=x")).json(), { ok: true });
  await ask("protected/goods?limit=5", { headers: { authorization: "Bearer t", cookie: "user=1", "x-own": "1" } });
  const shown = service.requests.map(({ method, url, body, headers }) => [method, url, body, headers["content-type"], headers.authorization]);
  assert.deepEqual(shown, [
    ["POST", "/base/oauth/token?a=%20b", "username=%D0%B8&password=x", "application/x-www-form-urlencoded", undefined],
    ["GET", "/base/protected/goods?limit=5", "", undefined, "Bearer t"],
  ]);
  for (const { headers } of service.requests) assert.ok(!("cookie" in headers || "x-own" in headers));
});

test("nothing but the login and the calls of the page is reached", async () => {
  const others = ["GET oauth/token", "POST protected/goods", "GET protected/", "GET protected/goods/1", "GET protected/goods/%2e%2e/x", "GET protected%2Fgoods", "GET /protected/goods"];
  for (const other of others) {
    const [method, target] = other.split(" ");
    assert.equal((await ask(target, { method })).status, 404, other);
  }
  assert.deepEqual(service.requests, []);
});

test("a redirect is handed back, not followed", async () => {
  answer = { status: 307, headers: { location: `${service.origin}/elsewhere` } };
  const response = await login("password=x");
  assert.deepEqual([response.status, response.headers.get("location")], [307, `${service.origin}/elsewhere`]);
  assert.equal(service.requests.length, 1);
});

test("an error comes back with what the client reads of it, and without cookies", async () => {
  answer = { status: 429, headers: { "retry-after": "7", "content-type": "application/json", "set-cookie": "a=b" }, body: '{"error":"slow_down"}' };
  const response = await login("password=x");
  assert.deepEqual([response.status, response.headers.get("retry-after"), response.headers.get("set-cookie")], [429, "7", null]);
  assert.deepEqual(await response.json(), { error: "slow_down" });
});

test("a body that is too long is refused, and the longest that is not goes through", async () => {
  assert.equal((await login("a".repeat(64 * 1024 + 1))).status, 413);
  assert.equal((await login("a".repeat(4 * 1024 * 1024))).status, 413);
  assert.deepEqual(service.requests, []);
  assert.equal((await login("a".repeat(64 * 1024))).status, 200);
  assert.equal(service.requests[0].body.length, 64 * 1024);
});

test("a service that cannot be reached is a 502, and the page is served all the same", async () => {
  const gone = await record();
  await gone.stop();
  const page = await serve({ KASSA_URL: gone.origin, PORT: "0" });
  assert.equal((await fetch(`${page}auth/kassa/protected/goods`)).status, 502);
  assert.equal((await fetch(page)).status, 200);
});
