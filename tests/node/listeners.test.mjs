/** subscribe: what listeners hear, when, and what they may do. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ACCOUNTS, GOODS, SECOND_FACTOR } from "../support/sandbox.mjs";
import { changes, clock, consent, failure, suite } from "../support/suite.mjs";

/** @typedef {import("../support/sandbox.mjs").Service} Service */

const KASSA = "bifit-kassa";
const { box, create, rows, signedIn } = await suite();

test("a listener is not called at once, but after every change, with the session and the reason", async () => {
  const client = await create(KASSA);
  /** @type {unknown[]} */
  const heard = [];
  client.subscribe((session, reason) => void heard.push([session, reason, session === client.session]));
  assert.deepEqual(heard, []);
  const first = await client.login(ACCOUNTS[KASSA]);
  const second = await client.refresh();
  await client.logout();
  assert.deepEqual(heard, [[first, "login", true], [second, "refresh", true], [null, "logout", true]]);
});

test("a change is heard before the call that made it resolves", async () => {
  const client = await create(KASSA);
  const reasons = changes(client);
  await client.login(ACCOUNTS[KASSA]).then(() => assert.deepEqual(reasons, ["login"]));
  await client.refresh().then(() => assert.deepEqual(reasons, ["login", "refresh"]));
  await client.logout().then(() => assert.deepEqual(reasons, ["login", "refresh", "logout"]));
});

for (const [provider, act, reason] of /** @type {[Service, (client: any) => Promise<unknown>, string][]} */ ([
  ["invoicebox", (client) => client.login(ACCOUNTS.invoicebox), "login"],
  ["mobile-smarts", (client) => client.refresh(), "refresh"],
  ["mobile-smarts", (client) => client.getAccessToken({ forceRefresh: true }), "refresh"],
  ["smart-satu", (client) => client.login(ACCOUNTS["smart-satu"]), "login"],
  ["bstats", async (client) => client.handleRedirect(await consent(await client.authorizationUrl())), "login"],
])) {
  test(`${provider}: ${reason} is heard as what it is`, async () => {
    const client = await signedIn(provider);
    const reasons = changes(client);
    await act(client);
    assert.deepEqual(reasons, [reason]);
  });
}

test("a second step is a login; a first step that asks for it is none", async () => {
  const client = await create(KASSA);
  const reasons = changes(client);
  await failure(client.login(SECOND_FACTOR));
  assert.deepEqual(reasons, []);
  await client.confirm("123456");
  assert.deepEqual(reasons, ["login"]);
});

test("logging in again with the function `credentials` is a renewal", async () => {
  const client = await signedIn("smart-satu", { credentials: () => ACCOUNTS["smart-satu"] });
  const reasons = changes(client);
  await client.refresh();
  assert.deepEqual(reasons, ["refresh"]);
});

test("a session that is renewed by the way, for a call, is heard once", async () => {
  const time = clock();
  const client = await signedIn(KASSA, { now: time.now });
  const reasons = changes(client);
  time.pass(43_200_000);
  await Promise.all(Array.from({ length: 10 }, () => client.fetch(GOODS[KASSA])));
  assert.deepEqual(reasons, ["refresh"]);
});

test("what fails changes nothing, and is not heard", async () => {
  const client = await signedIn(KASSA, { retries: 0 });
  const reasons = changes(client);
  await failure(client.login({ username: "79990000001", password: "wrong" }));
  await box.fault(KASSA, "refresh", { kind: "status", status: 500 });
  await failure(client.refresh());
  await failure(client.check());
  assert.deepEqual(reasons, []);
});

test("close is no change of the session: listeners are let go without a word", async () => {
  const client = await signedIn(KASSA);
  const reasons = changes(client);
  client.close();
  await new Promise(setImmediate);
  assert.deepEqual(reasons, []);
});

test("listeners are called in the order in which they came", async () => {
  const client = await create(KASSA);
  /** @type {number[]} */
  const order = [];
  for (const n of [1, 2, 3]) client.subscribe(() => void order.push(n));
  await client.login(ACCOUNTS[KASSA]);
  assert.deepEqual(order, [1, 2, 3]);
});

test("what stops a listener stops it alone, and may be called again", async () => {
  const client = await create(KASSA);
  /** @type {string[]} */
  const heard = [];
  const stop = client.subscribe(() => void heard.push("one"));
  client.subscribe(() => void heard.push("two"));
  assert.equal(stop(), undefined);
  stop();
  await client.login(ACCOUNTS[KASSA]);
  assert.deepEqual(heard, ["two"]);
  client.close();
  stop();
});

test("a function that is given twice is called twice, and each stop takes one away", async () => {
  const client = await create(KASSA);
  let called = 0;
  const listener = () => void (called += 1);
  const stop = client.subscribe(listener);
  client.subscribe(listener);
  await client.login(ACCOUNTS[KASSA]);
  assert.equal(called, 2);
  stop();
  stop();
  await client.refresh();
  assert.equal(called, 3);
});

test("a listener that is stopped during a change is not called any more", async () => {
  const client = await create(KASSA);
  const heard = /** @type {string[]} */ ([]);
  client.subscribe(() => stop());
  const stop = client.subscribe(() => void heard.push("stopped"));
  await client.login(ACCOUNTS[KASSA]);
  assert.deepEqual(heard, []);
});

test("a listener that stops itself, and one that adds another", async () => {
  const client = await create(KASSA);
  /** @type {string[]} */
  const heard = [];
  const stop = client.subscribe(() => {
    heard.push("once");
    stop();
  });
  let added = false;
  client.subscribe(() => {
    if (!added) client.subscribe((_, reason) => void heard.push(`late: ${reason}`));
    added = true;
  });
  client.subscribe(() => void heard.push("always"));
  await client.login(ACCOUNTS[KASSA]);
  await client.refresh();
  assert.deepEqual(heard.filter((what) => what === "once"), ["once"]);
  assert.deepEqual(heard.filter((what) => what === "always"), ["always", "always"]);
  assert.ok(heard.includes("late: refresh"));
});

rows("a listener that throws disturbs neither the client nor the others", [new Error("no"), undefined, null, "text", Symbol("x")], async (thing) => {
  const client = await create(KASSA);
  client.subscribe(() => {
    throw thing;
  });
  const reasons = changes(client);
  assert.equal((await client.login(ACCOUNTS[KASSA])).subject, "120041");
  await client.refresh();
  assert.equal((await client.fetch(GOODS[KASSA])).status, 200);
  await client.logout();
  assert.deepEqual(reasons, ["login", "refresh", "logout"]);
});

test("a listener that calls logout: the login resolves, the logout follows", async () => {
  const client = await create(KASSA);
  /** @type {Promise<void>[]} */
  const logouts = [];
  client.subscribe((session) => {
    if (session) logouts.push(client.logout());
  });
  const reasons = changes(client);
  const login = client.login(ACCOUNTS[KASSA]);
  assert.equal((await login).subject, "120041");
  await Promise.all(logouts);
  assert.deepEqual(reasons, ["login", "logout"]);
  assert.equal(client.session, null);
  await client.login(ACCOUNTS[KASSA]);
  await Promise.all(logouts);
  assert.equal(client.session, null);
});

test("a listener that logs in again when the session expires", async () => {
  const client = await signedIn(KASSA);
  /** @type {(session: unknown) => void} */
  let resolve;
  const again = new Promise((given) => (resolve = given));
  const reasons = changes(client);
  client.subscribe((_, reason) => {
    if (reason === "expire") resolve(client.login(ACCOUNTS[KASSA]));
  });
  await box.revoke(KASSA);
  assert.equal((await failure(client.refresh())).code, "login_required");
  await again;
  assert.equal((await client.fetch(GOODS[KASSA])).status, 200);
  assert.deepEqual(reasons, ["expire", "login"]);
});

test("a listener that uses the client at once", async () => {
  const client = await create(KASSA);
  /** @type {Promise<unknown>[]} */
  const calls = [];
  client.subscribe((_, reason) => {
    if (reason === "login") calls.push(client.getAccessToken(), client.fetch(GOODS[KASSA]).then(({ status }) => status), client.refresh());
  });
  await client.login(ACCOUNTS[KASSA]);
  const [token, status, session] = await Promise.all(calls);
  assert.equal(typeof token, "string");
  assert.equal(status, 200);
  assert.equal(client.session, session);
});

for (const act of /** @type {const} */ (["login", "refresh"])) {
  test(`a listener that calls close during a ${act}`, async () => {
    const client = act === "login" ? await create(KASSA) : await signedIn(KASSA);
    const reasons = changes(client);
    client.subscribe(() => client.close());
    const late = changes(client);
    const result = await (act === "login" ? client.login(ACCOUNTS[KASSA]) : client.refresh()).then(({ subject }) => subject, ({ code }) => code);
    assert.ok(["120041", "closed"].includes(result ?? ""), String(result));
    assert.equal(client.session, null);
    assert.equal((await failure(client.refresh())).code, "closed");
    assert.deepEqual(reasons, [act]);
    assert.deepEqual(late, [], "close stops listeners, also those whose turn would have come");
    assert.equal((await (await signedIn(KASSA)).fetch(GOODS[KASSA])).status, 200);
  });
}

test("subscribe after close: nothing is heard, and nothing thrown", async () => {
  const client = await create(KASSA);
  client.close();
  const stop = client.subscribe(() => assert.fail("heard"));
  stop();
});

test("the session is frozen, all the way down, and replaced instead of changed", async () => {
  const client = await signedIn("smart-satu", { credentials: () => ACCOUNTS["smart-satu"] });
  const first = /** @type {any} */ (client.session);
  const copy = structuredClone(first);
  assert.ok(Object.isFrozen(first) && Object.isFrozen(first.scope) && Object.isFrozen(first.details));
  for (const value of Object.values(first.details)) assert.ok(Object.isFrozen(value));
  assert.throws(() => (first.subject = "evil"), TypeError);
  assert.throws(() => first.scope.push("evil"), TypeError);
  assert.throws(() => (first.details.evil = 1), TypeError);
  assert.equal(client.session, first);
  const second = await client.refresh();
  assert.notEqual(second, first);
  assert.equal(client.session, second);
  await client.logout();
  assert.deepEqual(first, copy);
});

test("the session is the same object until it changes: useSyncExternalStore fits", async () => {
  const client = await signedIn(KASSA);
  const { session } = client;
  await client.fetch(GOODS[KASSA]);
  await client.getAccessToken();
  assert.equal(client.session, session);
  const { subscribe } = client;
  assert.equal(typeof subscribe.call(client, () => {}), "function");
});

test("the session holds no token, password or code", async () => {
  for (const provider of /** @type {Service[]} */ ([KASSA, "invoicebox", "mobile-smarts", "bstats", "smart-satu"])) {
    const client = await signedIn(provider);
    const text = JSON.stringify(client.session);
    assert.ok(!text.includes(await client.getAccessToken()), provider);
    assert.ok(!/secret|qwerty|123456/.test(text), text);
  }
});
