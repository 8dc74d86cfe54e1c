/** Clients whose store has a lock: they renew once for all, and give the lock back whatever happens. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ACCOUNTS, GOODS } from "../support/sandbox.mjs";
import { failure, suite } from "../support/suite.mjs";
import { shared } from "../support/stores.mjs";

/** @typedef {import("propusk").AuthClient<any>} Client */

const KASSA = "bifit-kassa";
const OTHER = { username: "79990000004", password: "пароль" };
const { box, create, signedIn } = await suite();

for (const service of /** @type {const} */ ([KASSA, "mobile-smarts"])) {
  test(`${service}: with withLock, ten clients renew once, and no refresh token is spent twice`, async () => {
    const storage = shared();
    const clients = [await signedIn(service, { storage })];
    for (let n = 1; n < 10; n += 1) clients.push(await create(service, { storage }));
    const renewed = await Promise.all(clients.map((client) => client.refresh()));
    assert.deepEqual(await box.counts(service), { refresh: 1 });
    for (const session of renewed) assert.deepEqual(session, renewed[0]);
    assert.equal(new Set(await Promise.all(clients.map((client) => client.getAccessToken()))).size, 1);
    await box.expire(service);
    await box.clear();
    const answers = await Promise.all(clients.map((client) => client.fetch(GOODS[service])));
    assert.deepEqual(answers.map(({ status }) => status), clients.map(() => 200));
    assert.equal((await box.counts(service)).refresh, 1);
    assert.equal((await box.families(service)).maxSpends, 1);
    assert.equal(storage.state.most, 1);
    assert.equal(storage.state.holders, 0);
  });
}

test("withLock is given the session's key and a signal, and is not asked for when nothing is renewed", async () => {
  const storage = shared();
  const client = await signedIn(KASSA, { storage });
  await client.fetch(GOODS[KASSA]);
  await client.getAccessToken();
  assert.deepEqual(storage.locks, []);
  await client.refresh();
  assert.equal(storage.locks.length, 1);
  const [{ key, signal }] = storage.locks;
  assert.match(key, /^[!-~]+$/);
  assert.ok(signal instanceof AbortSignal);
  await (await create(KASSA, { storage, account: "another" })).login(ACCOUNTS[KASSA]);
  const [, another] = [...storage.map.keys()];
  assert.notEqual(another, key);
});

test("the lock is given back after a renewal that failed, was refused, or was overtaken", async () => {
  const storage = shared();
  const client = await signedIn(KASSA, { storage, retries: 0 });
  await box.fault(KASSA, "refresh", { kind: "status", status: 500 });
  assert.equal((await failure(client.refresh())).code, "server_error");
  await box.fault(KASSA, "refresh", { kind: "hold" });
  const overtaken = failure(client.refresh());
  await box.held(KASSA);
  await client.login(OTHER);
  assert.equal((await overtaken).code, "aborted");
  await client.refresh();
  await box.revoke(KASSA);
  assert.equal((await failure(client.refresh())).code, "login_required");
  await client.login(ACCOUNTS[KASSA]);
  await client.refresh();
  assert.equal(storage.state.holders, 0);
});

test("the lock is given back when its client is closed meanwhile", async () => {
  const storage = shared();
  const [one, two] = [await signedIn(KASSA, { storage }), await create(KASSA, { storage })];
  await box.fault(KASSA, "refresh", { kind: "hold" });
  const ended = failure(one.refresh());
  await box.held(KASSA);
  one.close();
  assert.equal((await ended).code, "closed");
  await box.release(KASSA);
  await box.clear();
  assert.equal((await two.refresh()).subject, "120041");
});

for (const [what, leave] of /** @type {[string, (client: Client) => unknown][]} */ ([
  ["closed", (client) => client.close()],
  ["overtaken by a login", (client) => client.login(OTHER)],
])) {
  test(`a client that is ${what} while it waits for the lock does not keep it when its turn comes`, async () => {
    const storage = shared();
    const first = await signedIn(KASSA, { storage });
    const waiting = await create(KASSA, { storage });
    await box.fault(KASSA, "refresh", { kind: "hold" });
    const renewal = first.refresh().catch((error) => error);
    await box.held(KASSA);
    const left = failure(waiting.refresh());
    while (storage.locks.length < 2) await new Promise(setImmediate);
    await leave(waiting);
    assert.ok(["closed", "aborted"].includes((await left).code));
    await box.release(KASSA);
    await renewal;
    const third = await create(KASSA, { storage });
    const start = performance.now();
    await third.refresh();
    assert.ok(performance.now() - start < 5000, "it waited for a lock that nobody needs");
    assert.equal(storage.state.holders, 0);
  });
}

test("two clients renew again and again, at the same time: each time once, and no token is spent twice", async () => {
  const storage = shared();
  const clients = [await signedIn(KASSA, { storage }), await create(KASSA, { storage })];
  for (let round = 1; round <= 3; round += 1) {
    const sessions = await Promise.all(clients.map((client) => client.refresh()));
    assert.deepEqual(sessions[0], sessions[1]);
    assert.deepEqual(await box.counts(KASSA), { refresh: round });
  }
  assert.equal((await box.families(KASSA)).reuseDetected, 0);
});

test("no function of the caller runs while the lock is held", async () => {
  const storage = shared();
  /** @type {[string, number][]} */
  const held = [];
  const note = (/** @type {string} */ what) => void held.push([what, storage.state.holders]);
  const credentials = async () => {
    // The store's own function ends a moment after the lock is given back.
    await new Promise(setImmediate);
    note("credentials");
    return ACCOUNTS["smart-satu"];
  };
  const satu = await signedIn("smart-satu", { storage, credentials });
  satu.subscribe((_, reason) => note(reason));
  await satu.refresh();
  const kassa = await signedIn(KASSA, { storage, onTrace: ({ purpose }) => note(`trace of ${purpose}`) });
  kassa.subscribe((_, reason) => note(reason));
  await kassa.refresh();
  await box.revoke(KASSA);
  await failure(kassa.refresh());
  assert.deepEqual(held, [
    ["credentials", 0],
    ["refresh", 0],
    ["trace of login", 0],
    ["trace of refresh", 0],
    ["refresh", 0],
    ["trace of refresh", 0],
    ["expire", 0],
  ]);
});
