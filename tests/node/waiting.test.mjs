/** Callers who wait for the same, each as long as it likes; signals that are made late; what is given, and changed after the call. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "../support/package.mjs";
import { ACCOUNTS } from "../support/sandbox.mjs";
import { clock, failure } from "../support/suite.mjs";

const KASSA = "bifit-kassa";
const LIFE = 3_600_000;
const { AuthClient } = await load();

/**
 * A client that is signed in, of a service in the place of `fetch`: renewals and calls wait when they are held.
 *
 * @param {import("node:test").TestContext} t
 * @param {Record<string, any>} [options]
 */
async function scene(t, options) {
  const { now, pass } = clock();
  let grants = 0;
  /** @type {{ url: string, init: any, answer: (response: Response) => void }[]} */
  const held = [];
  const holds = { tokens: false, calls: false };
  /** @type {any} */
  const service = async (/** @type {string} */ url, /** @type {any} */ init) => {
    const isToken = url.endsWith("/oauth/token");
    if (isToken ? holds.tokens : holds.calls) return new Promise((answer) => held.push({ url, init, answer }));
    return isToken ? grant() : new Response("{}");
  };
  const grant = () => {
    grants += 1;
    return Response.json({ access_token: `access-${grants}`, refresh_token: `refresh-${grants}`, token_type: "bearer", expires_in: LIFE / 1000 });
  };
  const client = await AuthClient.create({ provider: KASSA, fetch: service, now, ...options });
  t.after(() => client.close());
  await client.login(ACCOUNTS[KASSA]);
  return { client, pass, held, holds, grant };
}

/** Lets everything go on that can. */
const settle = () => new Promise(setImmediate);

test("callers who wait for one renewal: each ends with its own signal's reason, and the others go on", async (t) => {
  const { client, pass, held, holds, grant } = await scene(t);
  pass(LIFE);
  holds.tokens = true;
  const [one, other] = [new AbortController(), new AbortController()];
  const reason = new Error("the user has left");
  const calls = [client.fetch("a", { signal: one.signal }), client.fetch("b"), client.getAccessToken(), client.getAccessToken({ signal: other.signal })];
  const left = [calls[0], calls[3]].map(failure);
  await settle();
  one.abort(reason);
  other.abort();
  assert.deepEqual([await left[0], (await left[1]).name], [reason, "AbortError"]);
  assert.equal(held.length, 1, "one renewal for all of them");
  held[0].answer(grant());
  assert.deepEqual([/** @type {Response} */ (await calls[1]).status, await calls[2]], [200, "access-2"]);
});

test("when all who waited for a renewal have left, the next caller gets what it brought", async (t) => {
  const { client, pass, held, holds, grant } = await scene(t);
  pass(LIFE);
  holds.tokens = true;
  const leaving = new AbortController();
  const gone = Array.from({ length: 3 }, () => failure(client.fetch("x", { signal: leaving.signal })));
  await settle();
  leaving.abort();
  for (const error of await Promise.all(gone)) assert.equal(error.name, "AbortError");
  const next = client.getAccessToken();
  await settle();
  assert.equal(held.length, 1, "the renewal goes on");
  held[0].answer(grant());
  assert.equal(await next, "access-2");
});

test("a renewal that fails: each of those who waited has an error of its own, of its own line", async (t) => {
  const { client, pass, held, holds } = await scene(t, { retries: 0 });
  pass(LIFE);
  holds.tokens = true;
  async function first() {
    await client.fetch("a");
  }
  async function second() {
    await client.fetch("b");
  }
  const errors = [first(), second()].map(failure);
  await settle();
  held[0].answer(Response.json({ error: "invalid_grant" }, { status: 400 }));
  const [a, b] = await Promise.all(errors);
  assert.notEqual(a, b);
  assert.deepEqual([a.code, b.code, a.status, a.providerCode], ["login_required", "login_required", 400, "invalid_grant"]);
  assert.match(a.stack, /at (async )?first\b/);
  assert.match(b.stack, /at (async )?second\b/);
});

test("and so has each of a hundred, as long as somebody awaits it", async (t) => {
  const { client, pass, held, holds } = await scene(t, { retries: 0 });
  pass(LIFE);
  holds.tokens = true;
  async function caller() {
    await client.fetch("a");
  }
  const errors = Array.from({ length: 100 }, () => failure(caller()));
  await settle();
  held[0].answer(Response.json({ error: "invalid_grant" }, { status: 400 }));
  const all = await Promise.all(errors);
  assert.equal(new Set(all).size, 100);
  for (const { code, stack, provider } of all) {
    assert.deepEqual([code, provider], ["login_required", KASSA]);
    assert.match(stack, /^AuthError: .*\n\s+at (async )?caller\b/);
  }
});

test("many calls that are refused at once: one renewal, and each is repeated", async (t) => {
  const { client, held, holds, grant } = await scene(t);
  holds.calls = true;
  const calls = Array.from({ length: 10 }, (_, n) => client.fetch(`goods/${n}`));
  await settle();
  holds.tokens = true;
  held.splice(0).forEach(({ answer }) => answer(new Response("", { status: 401 })));
  await settle();
  assert.deepEqual(held.map(({ url }) => new URL(url).pathname), ["/cashdesk-api/v1/oauth/token"]);
  holds.calls = false;
  held[0].answer(grant());
  for (const response of await Promise.all(calls)) assert.equal(response.status, 200);
});

test("the signal that the option `fetch` is given: a member like any other, aborted when the call ends before its answer", async (t) => {
  for (const code of ["timeout", "closed"]) {
    const { client, held, holds } = await scene(t, { timeout: code === "timeout" ? 20 : 60_000 });
    holds.calls = true;
    const ended = failure(client.fetch("x"));
    const [{ init }] = held;
    assert.deepEqual(Object.keys(init), ["headers", "signal"]);
    const wrapped = { ...init, extra: true };
    const { signal } = init;
    assert.ok(signal instanceof AbortSignal && wrapped.signal === signal && !signal.aborted);
    if (code === "closed") client.close();
    assert.equal((await ended).code, code);
    assert.ok(signal.aborted, `aborted at ${code}`);
  }
});

test("the signal of a call that is over is aborted for those who look late, and may be replaced", async (t) => {
  const { client, held, holds } = await scene(t);
  holds.calls = true;
  const ended = failure(client.fetch("x"));
  await settle();
  const [{ init }] = held;
  const own = new AbortController().signal;
  const other = { ...held[0].init };
  client.close();
  await ended;
  assert.ok(init.signal.aborted && other.signal.aborted);
  init.signal = own;
  assert.equal(init.signal, own);
});

test("a call that follows others has its whole time", async (t) => {
  const TIMEOUT = 300;
  const { client, holds } = await scene(t, { timeout: TIMEOUT });
  await client.fetch("x");
  // Most of the time of a timer that was set for the first one.
  await new Promise((resolve) => setTimeout(resolve, TIMEOUT / 2));
  await client.fetch("x");
  holds.calls = true;
  const begin = performance.now();
  assert.equal((await failure(client.fetch("x"))).code, "timeout");
  assert.ok(performance.now() - begin >= TIMEOUT - 1, "it was given up too early");
});

test("a call ends at its deadline also where somebody has cleared every timer since the one before", async (t) => {
  const { setTimeout: own } = globalThis;
  t.after(() => void (globalThis.setTimeout = own));
  /** @type {NodeJS.Timeout[]} */
  const timers = [];
  globalThis.setTimeout = /** @type {any} */ (
    (/** @type {[() => void, number]} */ ...given) => {
      timers.push(own(...given));
      return timers.at(-1);
    }
  );
  const { client, holds } = await scene(t, { timeout: 20 });
  await client.fetch("x");
  timers.forEach((timer) => clearTimeout(timer));
  holds.calls = true;
  assert.equal((await failure(client.fetch("x"))).code, "timeout");
});

test("a call that is made while others are given up has its deadline, and so have those that follow", async (t) => {
  /** @type {string[]} */
  const ends = [];
  /** @type {Promise<void>[]} */
  const later = [];
  const call = (/** @type {string} */ name) => failure(client.fetch(name)).then(({ code }) => void ends.push(`${name} ${code}`));
  const onTrace = (/** @type {any} */ { error }) => {
    if (error === "timeout" && later.length === 0) later.push(call("c"));
  };
  const { client, holds } = await scene(t, { timeout: 30, onTrace });
  holds.calls = true;
  await Promise.all([call("a"), call("b")]);
  await Promise.all([...later, call("d")]);
  assert.deepEqual(ends.sort(), ["a timeout", "b timeout", "c timeout", "d timeout"]);
});

test("timers of a test's own, put in and taken away between calls, leave each call its time", async (t) => {
  const TIMEOUT = 200;
  const { client, holds } = await scene(t, { timeout: TIMEOUT });
  await client.fetch("x");
  holds.calls = true;
  const { setTimeout: own } = globalThis;
  t.after(() => void (globalThis.setTimeout = own));
  /** @type {(() => void)[]} */
  const fake = [];
  globalThis.setTimeout = /** @type {any} */ ((/** @type {() => void} */ callback) => fake.push(callback));
  const faked = failure(client.fetch("faked"));
  globalThis.setTimeout = own;
  await new Promise((resolve) => setTimeout(resolve, TIMEOUT / 2));
  const begin = performance.now();
  assert.equal((await failure(client.fetch("slow"))).code, "timeout");
  assert.ok(performance.now() - begin >= TIMEOUT - 1, "it was given up too early");
  fake.forEach((fire) => fire());
  assert.equal((await faked).code, "timeout");
});

test("a client that was closed is called in every way: the others go on", async (t) => {
  const { client } = await scene(t);
  const closed = await scene(t, { onTrace: () => {} });
  closed.holds.calls = true;
  const waiting = failure(closed.client.fetch("x"));
  await settle();
  closed.client.close();
  assert.equal((await waiting).code, "closed");
  for (const call of [
    () => closed.client.getAccessToken(),
    () => closed.client.getAccessToken({ minValidity: 1 }),
    () => closed.client.fetch("x"),
    () => closed.client.problem(new Response("{}", { status: 400 })),
    () => closed.client.refresh(),
    () => closed.client.logout(),
  ]) {
    assert.equal((await failure(call())).code, "closed");
  }
  assert.equal((await client.fetch("x")).status, 200);
  assert.equal((await client.refresh()).provider, KASSA);
});

test("what is given to `create` and to methods is taken when they are called: changes after that change nothing", async (t) => {
  /** @type {string[]} */
  const sent = [];
  /** @type {any} */
  const service = async (/** @type {string} */ url, /** @type {any} */ init) => {
    sent.push(`${url} ${init.body ?? ""}`);
    return Response.json({ access_token: "a", expires_in: 100 });
  };
  const params = { client_id: "first" };
  const profile = {
    id: "own",
    baseUrl: "https://first.example",
    params: { client_id: "" },
    credentials: ["username", "password"],
    login: { kind: "request", request: { url: "token", form: { id: "{client_id}", username: "{username}", password: "{password}" } } },
    present: { headers: { Authorization: "Bearer {access_token}" } },
  };
  /** @type {any} */
  const options = { provider: profile, params, fetch: service };
  const creating = AuthClient.create(options);
  params.client_id = "second";
  profile.baseUrl = "https://second.example";
  profile.login.request.url = "elsewhere";
  options.fetch = () => assert.fail("not the first function");
  const client = await creating;
  t.after(() => client.close());
  const credentials = { username: "u", password: "p" };
  const signing = client.login(credentials);
  credentials.password = "";
  await signing;
  const scope = ["read"];
  const lazy = AuthClient.lazy(/** @type {any} */ ({ provider: KASSA }));
  t.after(() => lazy.close());
  const taking = lazy.setSession({ accessToken: "b", scope });
  scope.push("write");
  assert.deepEqual([...(await taking).scope], ["read"]);
  assert.deepEqual(sent, ["https://first.example/token id=first&username=u&password=p"]);
});

test("options without an end, or with as many ways as there are: refused by name, and at once", async () => {
  /** @type {any} */
  const ring = {};
  ring.one = ring;
  ring.other = ring;
  const error = await failure(AuthClient.create(/** @type {any} */ ({ provider: KASSA, secondFactor: ring })));
  assert.deepEqual([error.code, /`secondFactor`/.test(error.message)], ["invalid_config", true]);
});

test("an address with escapes and dots is sent as it is given, below the base", async (t) => {
  const { client, held, holds } = await scene(t);
  holds.calls = true;
  const base = "https://kassa.bifit.com/cashdesk-api/v1";
  /** @type {[string, string][]} */
  const table = [
    ["goods", `${base}/goods`],
    ["/goods", `${base}/goods`],
    ["goods/%D0%BA?q=%2e%2E", `${base}/goods/%D0%BA?q=%2e%2E`],
    ["a/%2e%2E/b", `${base}/b`],
    ["a/.%2e/b", `${base}/b`],
    ["a/../b", `${base}/b`],
    [`${base}/goods?x=1`, `${base}/goods?x=1`],
    [`${base}/a/%2E./b`, `${base}/b`],
    ["a b", `${base}/a%20b`],
  ];
  for (const [given, expected] of table) {
    const calling = client.fetch(given);
    await settle();
    const { url, answer } = held.splice(0)[0];
    assert.equal(url, expected, given);
    answer(new Response("{}"));
    await calling;
  }
  for (const other of ["//evil.example/x", "/\\evil.example", "https://evil.example/cashdesk-api/v1/x", "https://kassa.bifit.com.evil.example/x"]) {
    assert.match((await failure(client.fetch(other))).code, /^(origin_not_allowed|invalid_input)$/, other);
  }
});

test("deadlines of many calls: each its own, whatever came before", async (t) => {
  const { client, held, holds } = await scene(t, { timeout: 60_000 });
  t.mock.timers.enable({ apis: ["setTimeout"] });
  await client.fetch("a");
  t.mock.timers.tick(59_999);
  holds.calls = true;
  /** @type {string[]} */
  const ended = [];
  const calls = ["b", "c"].map((path) => failure(client.fetch(path)).then(({ code }) => ended.push(code)));
  await settle();
  t.mock.timers.tick(1);
  await settle();
  assert.deepEqual([ended, held.length], [[], 2]);
  t.mock.timers.tick(60_000);
  // The second may have come a moment later.
  t.mock.timers.tick(60_000);
  await Promise.allSettled(calls);
  assert.deepEqual(ended, ["timeout", "timeout"]);
});

test("a call whose timer was forgotten with those of a test keeps no other from having its deadline", async (t) => {
  const { client, holds } = await scene(t, { timeout: 50 });
  holds.calls = true;
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const forgotten = failure(client.fetch("a"));
  t.mock.timers.reset();
  const ended = await Promise.all([forgotten, failure(client.fetch("b"))]);
  assert.deepEqual(ended.map(({ code }) => code), ["timeout", "timeout"]);
});
