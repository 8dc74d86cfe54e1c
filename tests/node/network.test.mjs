/** The way there: repeats, waits that the provider asks for, timeouts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ACCOUNTS, GOODS, SECOND_FACTOR } from "../support/sandbox.mjs";
import { consent, failure, spies, suite } from "../support/suite.mjs";

const KASSA = "bifit-kassa";
const { box, create, make, rows, signedIn } = await suite();

/** The provider asks for no wait, so that the tests do not wait either. */
const now = (status, times = -1) => ({ kind: "status", status, times, headers: { "retry-after": "0" } });
const reset = { kind: "reset", times: -1 };

for (const retries of [0, 1, 2, 4]) {
  for (const [what, fault, code] of /** @type {[string, any, string][]} */ ([
    ["429", now(429), "rate_limited"],
    ["503", now(503), "server_error"],
  ])) {
    test(`retries ${retries}: a login answered ${what} is sent ${retries + 1} times`, async () => {
      const { traces, hooks } = spies();
      const client = await create(KASSA, { retries, ...hooks });
      await box.fault(KASSA, "login", fault);
      const error = await failure(client.login(ACCOUNTS[KASSA]));
      assert.deepEqual([error.code, error.retryable], [code, true]);
      assert.deepEqual(await box.counts(KASSA), { login: retries + 1 });
      assert.deepEqual(traces.map(({ attempt }) => attempt), Array.from({ length: retries + 1 }, (_, n) => traces[0].attempt + n));
    });
  }
}

test("by default a request is repeated twice, and a success in between is a success", async () => {
  const client = await create(KASSA);
  await box.fault(KASSA, "login", { ...reset, times: 2 });
  assert.equal((await client.login(ACCOUNTS[KASSA])).subject, "120041");
  assert.deepEqual(await box.counts(KASSA), { login: 3 });
});

test("a connection that breaks: network, with the cause", async () => {
  const client = await create(KASSA, { retries: 1 });
  await box.fault(KASSA, "login", reset);
  const error = await failure(client.login(ACCOUNTS[KASSA]));
  assert.deepEqual([error.code, error.status, error.retryable], ["network", null, true]);
  assert.ok(error.cause instanceof Error);
  assert.deepEqual(await box.counts(KASSA), { login: 2 });
});

rows("a login answered 5xx is not repeated, a renewal is", [500, 502, 504], async (status) => {
  const client = await signedIn(KASSA);
  await box.fault(KASSA, "login", now(status));
  await box.fault(KASSA, "refresh", now(status));
  assert.equal((await failure(client.login(ACCOUNTS[KASSA]))).code, "server_error");
  assert.deepEqual(await box.counts(KASSA), { login: 1 });
  assert.equal((await failure(client.refresh())).code, "server_error");
  assert.deepEqual(await box.counts(KASSA), { login: 1, refresh: 3 });
  assert.ok(client.session);
});

test("a renewal is repeated when the connection breaks", async () => {
  const client = await signedIn(KASSA);
  await box.fault(KASSA, "refresh", { kind: "reset", times: 2 });
  assert.equal((await client.refresh()).subject, "120041");
  assert.deepEqual(await box.counts(KASSA), { refresh: 3 });
});

test("confirm is repeated for 429 and 503, not when the connection breaks or for 500", async () => {
  for (const [fault, sent] of /** @type {const} */ ([
    [now(429), 3],
    [now(503), 3],
    [now(500), 1],
    [reset, 1],
  ])) {
    const client = await create(KASSA);
    await failure(client.login(SECOND_FACTOR));
    await box.fault(KASSA, "confirm", fault);
    await failure(client.confirm("123456"));
    assert.equal((await box.counts(KASSA)).confirm, sent, JSON.stringify(fault));
    await box.healed();
    assert.equal((await client.confirm("123456")).subject, "120042");
    await box.clear();
  }
});

test("an exchange is repeated for 429 and 503, not when the connection breaks or for 500", async () => {
  for (const [fault, sent] of /** @type {const} */ ([
    [now(429), 3],
    [now(503), 3],
    [now(500), 1],
    [reset, 1],
  ])) {
    const client = await create("bstats");
    const back = await consent(await client.authorizationUrl());
    await box.fault("bstats", "exchange", fault);
    await failure(client.handleRedirect(back));
    assert.equal((await box.counts("bstats")).exchange, sent, JSON.stringify(fault));
    await box.reset();
  }
});

test("a refusal is not repeated", async () => {
  const client = await create(KASSA, { retries: 5 });
  await failure(client.login({ username: "79990000001", password: "wrong" }));
  assert.deepEqual(await box.counts(KASSA), { login: 1 });
});

for (const [what, value] of /** @type {const} */ ([
  ["seconds", () => "31"],
  ["hours", () => "7200"],
  ["a date", () => new Date(Date.now() + 3_600_000).toUTCString()],
])) {
  test(`a Retry-After above 30 s, in ${what}, rejects at once and says how long`, async () => {
    const client = await create(KASSA);
    for (const status of [429, 503]) {
      await box.fault(KASSA, "login", { kind: "status", status, times: -1, headers: { "retry-after": value() } });
      const error = await failure(client.login(ACCOUNTS[KASSA]));
      const expected = { seconds: 31_000, hours: 7_200_000, "a date": 3_600_000 }[what];
      assert.ok(Math.abs(error.retryAfter - expected) <= 2000, String(error.retryAfter));
      assert.equal(error.retryable, true);
      await box.healed();
    }
    assert.deepEqual(await box.counts(KASSA), { login: 2 });
  });
}

rows("a Retry-After that is none breaks nothing", ["soon", "-1", "1e3", "", "99999999999999999999", "Wed, 21 Oct 2015 07:28:00 GMT"], async (value) => {
  const client = await create(KASSA, { retries: 0 });
  await box.fault(KASSA, "login", { kind: "status", status: 429, headers: { "retry-after": value } });
  const error = await failure(client.login(ACCOUNTS[KASSA]));
  assert.equal(error.code, "rate_limited");
  assert.ok(error.retryAfter === null || (Number.isFinite(error.retryAfter) && error.retryAfter >= 0), String(error.retryAfter));
});

test("a Retry-After of a second is waited for inside the call", async () => {
  const client = await create(KASSA);
  await box.fault(KASSA, "login", { kind: "status", status: 503, headers: { "retry-after": "1" } });
  const started = performance.now();
  await client.login(ACCOUNTS[KASSA]);
  assert.ok(performance.now() - started >= 950);
  assert.deepEqual(await box.counts(KASSA), { login: 2 });
});

test("a wait between attempts ends with the signal, with logout and with close", async () => {
  const wait = { kind: "status", status: 503, times: -1, headers: { "retry-after": "20" } };
  for (const [end, code] of /** @type {[(client: any, controller: AbortController) => void, string][]} */ ([
    [(_, controller) => controller.abort(Object.assign(new Error(), { code: "mine" })), "mine"],
    [(client) => void client.logout(), "aborted"],
    [(client) => client.close(), "closed"],
  ])) {
    const { traces, hooks } = spies();
    const answered = new Promise((resolve) => (hooks.onTrace = (record) => resolve(traces.push(record))));
    const client = await create(KASSA, hooks);
    await box.fault(KASSA, "login", wait);
    const controller = new AbortController();
    const login = failure(client.login(ACCOUNTS[KASSA], { signal: controller.signal }));
    await answered;
    end(client, controller);
    assert.equal((await login).code, code);
    await box.healed();
  }
});

for (const kind of ["stall", "hold"]) {
  test(`timeout: a request that hangs (${kind}) is ended, with its body`, async () => {
    const client = await signedIn(KASSA, { timeout: 100, retries: 0 });
    for (const [purpose, call] of /** @type {const} */ ([
      ["login", () => client.login(ACCOUNTS[KASSA])],
      ["refresh", () => client.refresh()],
      ["refresh", () => client.fetch(GOODS[KASSA])],
    ])) {
      if (call.toString().includes("fetch")) await box.expire(KASSA);
      await box.fault(KASSA, purpose, { kind, ...(kind === "stall" && { handled: false }) });
      const error = await failure(call());
      assert.deepEqual([error.code, error.retryable, error.status === null || error.status === 200], ["timeout", true, true], purpose);
      assert.ok(client.session);
    }
    assert.equal((await client.fetch(GOODS[KASSA])).status, 200);
  });
}

test("timeout: the option of a call goes before that of the client", async () => {
  const client = await create(KASSA, { timeout: 60_000, retries: 0 });
  await box.fault(KASSA, "login", { kind: "hold", times: -1 });
  assert.equal((await failure(client.login(ACCOUNTS[KASSA], { timeout: 50 }))).code, "timeout");
  const patient = await create(KASSA, { timeout: 50, retries: 0 });
  const login = patient.login(ACCOUNTS[KASSA], { timeout: 60_000 });
  await box.held(KASSA);
  await box.healed();
  await box.release(KASSA);
  assert.equal((await login).subject, "120041");
});

test("timeout: a slow answer within it is an answer", async () => {
  const client = await create(KASSA, { timeout: 10_000 });
  await box.fault(KASSA, "login", { kind: "slow", delay: 150 });
  assert.equal((await client.login(ACCOUNTS[KASSA])).subject, "120041");
});

test("timeout: whoever waits for another's renewal is bound by their own", async () => {
  const client = await signedIn(KASSA, { timeout: 60_000 });
  await box.fault(KASSA, "refresh", { kind: "hold" });
  const patient = client.refresh();
  await box.held(KASSA);
  const error = await failure(client.refresh({ timeout: 50 }));
  assert.equal(error.code, "timeout");
  await box.release(KASSA);
  assert.equal((await patient).subject, "120041");
});

test("API calls: timeout ends a server that does not answer", { timeout: 5000 }, async () => {
  const client = await signedIn(KASSA, { timeout: 100 });
  await box.fault(KASSA, "api", { kind: "hold", times: -1 });
  assert.equal((await failure(client.fetch(GOODS[KASSA]))).code, "timeout");
  assert.deepEqual(await box.counts(KASSA), { api: 1 });
});

test("nobody at the address: network, and the message names no secret", async () => {
  const client = await make({ provider: KASSA, baseUrl: "http://127.0.0.1:1", retries: 0 });
  const error = await failure(client.login(ACCOUNTS[KASSA]));
  assert.deepEqual([error.code, error.retryable], ["network", true]);
  assert.ok(error.hint === null || typeof error.hint === "string");
});

test("the option fetch replaces the global one, whatever it does", async () => {
  const calls = [];
  const seen = await create(KASSA, { fetch: (input, init) => (calls.push(input), fetch(input, init)) });
  await seen.login(ACCOUNTS[KASSA]);
  await seen.fetch(GOODS[KASSA]);
  assert.equal(calls.length, 2);
  for (const [wrong, codes] of /** @type {[any, string[]][]} */ ([
    [() => { throw new Error("sync"); }, ["network"]],
    [() => Promise.reject(new TypeError("no")), ["network"]],
    [() => Promise.reject(undefined), ["network"]],
    [() => Promise.reject("text"), ["network"]],
    [() => undefined, ["network", "invalid_response", "invalid_config"]],
    [() => Promise.resolve(null), ["network", "invalid_response", "invalid_config"]],
    [() => Promise.resolve({}), ["network", "invalid_response", "invalid_config"]],
  ])) {
    const client = await create(KASSA, { fetch: wrong, retries: 0 });
    const { code } = await failure(client.login(ACCOUNTS[KASSA]));
    assert.ok(codes.includes(code), `${wrong}: ${code}`);
  }
});

test("token requests ask for cookies of one's own origin only, no cache and no redirects", async () => {
  const inits = [];
  const client = await create(KASSA, { fetch: (input, init) => (inits.push(input instanceof Request ? input : init), fetch(input, init)) });
  await client.login(ACCOUNTS[KASSA]);
  await client.refresh();
  for (const { credentials, cache, redirect } of inits) {
    assert.deepEqual([credentials, cache], ["same-origin", "no-store"]);
    assert.ok(["manual", "error"].includes(redirect));
  }
});
