/** A caller's store that does what no store should: the warning names the method, and the client goes on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ACCOUNTS, GOODS } from "../support/sandbox.mjs";
import { failure, memory, spies, suite } from "../support/suite.mjs";
import { shared } from "../support/stores.mjs";

const KASSA = "bifit-kassa";
const { box, create, rows, signedIn } = await suite();

const broken = () => {
  throw new Error("the disk is full");
};

/** @type {[string, "get" | "set" | "delete", () => unknown][]} */
const METHODS = [
  ["get throws", "get", broken],
  ["get rejects", "get", async () => broken()],
  ["get gives a number", "get", () => 5],
  ["get gives a promise of an object", "get", async () => ({ value: "x" })],
  ["set throws", "set", broken],
  ["set rejects", "set", async () => broken()],
  ["delete throws", "delete", broken],
  ["delete rejects", "delete", async () => broken()],
];

rows("a method of the store that fails: a warning names it, and memory serves", METHODS, async ([, method, does]) => {
  const { warnings, hooks } = spies();
  const client = await create(KASSA, { storage: { ...memory(), [method]: does }, ...hooks });
  await client.login(ACCOUNTS[KASSA]);
  assert.equal((await client.fetch(GOODS[KASSA])).status, 200);
  await client.refresh();
  await client.logout();
  assert.equal(client.session, null);
  assert.ok(warnings.length > 0);
  for (const { code, provider, message } of warnings) {
    assert.deepEqual([code, provider], ["storage", KASSA]);
    assert.match(message, new RegExp(`\`${method}\` of the store`));
  }
});

/** @typedef {(key: string, task: () => Promise<unknown>, options?: { signal?: AbortSignal }) => any} WithLock */

/** @type {[string, WithLock, RegExp][]} */
const LOCKS = [
  ["throws", broken, /`withLock` of the store failed/],
  ["rejects", async () => broken(), /`withLock` of the store failed/],
  ["ends without running its task", async () => {}, /`withLock` of the store ended without running its task/],
  ["gives something at once that is no promise", () => 5, /`withLock` of the store ended without running its task/],
];

for (const [what, withLock, message] of LOCKS) {
  test(`a withLock that ${what}: a warning names it, and the renewal goes on without the lock`, async () => {
    const { warnings, hooks } = spies();
    const client = await signedIn(KASSA, { storage: { ...memory(), withLock }, ...hooks });
    await client.refresh();
    assert.deepEqual(await box.counts(KASSA), { refresh: 1 });
    assert.deepEqual(warnings.map(({ code }) => code), ["storage"]);
    assert.match(warnings[0].message, message);
    assert.ok(warnings[0].hint);
  });
}

/** @type {[string, (task: () => Promise<unknown>) => Promise<unknown>][]} */
const TWICE = [
  ["at once", (task) => Promise.all([task(), task()])],
  ["one after the other", async (task) => (await task(), await task())],
  ["again when the first run is over and the lock is given to others", async (task) => (await task(), void setImmediate(task))],
];

for (const [what, runs] of TWICE) {
  test(`a withLock that runs its task twice, ${what}: one renewal each time, and nothing hangs`, async () => {
    const { warnings, hooks } = spies();
    const storage = shared();
    /** @type {WithLock} */
    const withLock = (key, task, options) => storage.withLock(key, () => runs(task), options);
    const clients = [await signedIn(KASSA, { storage: { ...storage, withLock }, ...hooks })];
    clients.push(await create(KASSA, { storage: { ...storage, withLock }, ...hooks }));
    for (let round = 1; round <= 3; round++) {
      await Promise.all(clients.map((client) => client.refresh()));
      assert.deepEqual(await box.counts(KASSA), { refresh: round });
    }
    assert.equal((await box.families(KASSA)).maxSpends, 1);
    assert.equal(storage.state.most, 1);
    assert.deepEqual(warnings, []);
  });
}

test("a withLock that runs its task when nobody waits for the lock any more: the task ends at once", async () => {
  /** @type {(() => Promise<unknown>)[]} */
  const tasks = [];
  /** @type {AbortSignal[]} */
  const signals = [];
  /** @type {WithLock} */
  const withLock = (_, task, options) => {
    tasks.push(task);
    if (options?.signal) signals.push(options.signal);
    return new Promise(() => {});
  };
  const client = await signedIn(KASSA, { storage: { ...memory(), withLock } });
  const renewal = failure(client.refresh());
  while (tasks.length === 0) await new Promise(setImmediate);
  assert.equal(signals[0].aborted, false);
  client.close();
  assert.equal((await renewal).code, "closed");
  await new Promise(setImmediate);
  assert.equal(signals[0].aborted, true);
  await Promise.all([tasks[0](), tasks[0]()]);
  assert.equal(await box.total(), 0, "no renewal came of it");
});

test("a withLock that rejects after it has run its task, and one that never ends: the session is renewed all the same", { timeout: 30_000 }, async () => {
  for (const end of [broken, () => new Promise(() => {})]) {
    const { warnings, hooks } = spies();
    /** @type {WithLock} */
    const withLock = async (_, task) => (await task(), end());
    const client = await signedIn(KASSA, { storage: { ...memory(), withLock }, ...hooks });
    await client.refresh();
    assert.equal((await client.fetch(GOODS[KASSA])).status, 200);
    assert.deepEqual(warnings, []);
  }
});

test("a store may have a method `swap` of its own: it is not the client's to call", async () => {
  const storage = { ...memory(), swap: () => assert.fail("called") };
  const client = await create("bstats", { storage });
  const address = new URL(await client.authorizationUrl());
  assert.ok(address.searchParams.get("client_id"));
  assert.equal((await failure(client.handleRedirect("http://127.0.0.1:5173/callback?code=0123456789abcdef0123456789abcdef"))).code, "code_expired");
});

test("a store that can exchange a value in one step is asked to do so: a callback is redeemed by one", async () => {
  const storage = memory();
  /** @type {(string | null)[]} */
  const swapped = [];
  const swap = (/** @type {string} */ key, /** @type {string | null} */ expected, /** @type {string | null} */ value) => {
    swapped.push(value);
    if ((storage.map.get(key) ?? null) !== expected) return false;
    if (value === null) storage.map.delete(key);
    else storage.map.set(key, value);
    return true;
  };
  const client = await create("bstats", { storage: { ...storage, [Symbol.for("propusk.swap")]: swap } });
  await client.authorizationUrl();
  const callback = "http://127.0.0.1:5173/callback?code=0123456789abcdef0123456789abcdef";
  assert.equal((await failure(client.handleRedirect(callback))).code, "code_expired");
  assert.deepEqual(swapped.map((value) => value === null), [false, true]);
  assert.equal(storage.map.size, 0);
});
