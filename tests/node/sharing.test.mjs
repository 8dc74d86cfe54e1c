/** Clients that share a store, as tabs and processes do: they see each other's logins, and renew once for all. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ACCOUNTS, GOODS } from "../support/sandbox.mjs";
import { changes, failure, memory, suite } from "../support/suite.mjs";
import { shared } from "../support/stores.mjs";

/** @typedef {import("propusk").AuthClient<any>} Client */

const KASSA = "bifit-kassa";
const OTHER = { username: "79990000004", password: "пароль" };
const { box, create, signedIn } = await suite();

/** The next change that a client tells of. @param {Client} client @returns {Promise<[import("propusk").Session | null, string]>} */
function next(client) {
  return new Promise((resolve) => {
    const stop = client.subscribe((session, reason) => {
      stop();
      resolve([session, reason]);
    });
  });
}

test("watch: another client's login, renewal and logout are seen, without a request", async () => {
  const storage = shared();
  const [one, two] = [await create(KASSA, { storage }), await create(KASSA, { storage })];
  const [mine, theirs] = [changes(one), changes(two)];
  for (const act of [() => one.login(ACCOUNTS[KASSA]), () => one.refresh(), () => one.login(OTHER)]) {
    const seen = next(two);
    await act();
    const [session, reason] = await seen;
    assert.equal(reason, "sync");
    assert.deepEqual(session, one.session);
    assert.equal(two.session, session);
    assert.equal(await two.getAccessToken(), await one.getAccessToken());
  }
  const seen = next(two);
  await one.logout();
  assert.deepEqual(await seen, [null, "sync"]);
  assert.equal(two.session, null);
  assert.equal((await failure(two.fetch(GOODS[KASSA]))).code, "login_required");
  assert.deepEqual(mine, ["login", "refresh", "login", "logout"]);
  assert.deepEqual(theirs, ["sync", "sync", "sync", "sync"]);
  assert.deepEqual(await box.counts(KASSA), { login: 2, refresh: 1 });
});

test("watch: nothing is told when nothing changed, or when what was written is no session", async () => {
  const storage = shared();
  const client = await signedIn(KASSA, { storage });
  const reasons = changes(client);
  const [[key, record]] = storage.map;
  for (const text of [record, "garbage", record]) {
    storage.map.set(key, text);
    storage.changed(key);
    storage.changed(key);
  }
  assert.equal((await client.fetch(GOODS[KASSA])).status, 200);
  assert.deepEqual(reasons, []);
});

test("watch: only one's own key, and no longer after close", async () => {
  const storage = shared();
  const client = await signedIn(KASSA, { storage });
  const stranger = await create(KASSA, { storage, account: "another" });
  const reasons = changes(stranger);
  assert.equal(storage.watching(), 2);
  await client.refresh();
  assert.deepEqual([stranger.session, reasons], [null, []]);
  client.close();
  stranger.close();
  assert.equal(storage.watching(), 0);
});

test("a change that is told while the client closes, or later, disturbs nothing", async () => {
  const storage = shared();
  /** @type {() => void} */
  let told = () => {};
  const watch = (/** @type {string} */ _, /** @type {() => void} */ listener) => ((told = listener), () => {});
  const client = await signedIn(KASSA, { storage: { ...storage, watch } });
  storage.map.clear();
  told();
  client.close();
  try {
    told();
  } catch {
    // A store that goes on telling after it was stopped may be told off.
  }
  await new Promise(setImmediate);
  assert.equal(client.session, null);
  assert.equal((await create(KASSA)).session, null);
});

for (const [what, watch] of /** @type {[string, () => any][]} */ ([
  ["throws", () => { throw new Error("no"); }],
  ["gives nothing to stop it by", () => undefined],
  ["gives a function that throws", () => () => { throw new Error("no"); }],
])) {
  test(`a watch that ${what} disturbs nothing`, async () => {
    const client = await signedIn(KASSA, { storage: { ...memory(), watch } });
    await client.refresh();
    client.close();
  });
}

test("without watch, the store is looked at before a renewal: a newer session in it is taken instead", async () => {
  const storage = memory();
  const one = await signedIn(KASSA, { storage });
  const two = await create(KASSA, { storage });
  const reasons = changes(two);
  await one.refresh();
  const session = await two.refresh();
  assert.deepEqual(session, one.session);
  assert.equal(await two.getAccessToken(), await one.getAccessToken());
  assert.deepEqual(reasons, ["sync"]);
  assert.deepEqual(await box.counts(KASSA), { refresh: 1 });
  assert.equal((await box.families(KASSA)).maxSpends, 1);
});

test("without watch, a logout elsewhere is found before a renewal: nothing is sent", async () => {
  const storage = memory();
  const one = await signedIn(KASSA, { storage });
  const two = await create(KASSA, { storage });
  const reasons = changes(two);
  await one.logout();
  assert.equal((await failure(two.refresh())).code, "login_required");
  assert.equal(two.session, null);
  assert.deepEqual(reasons, ["sync"]);
  assert.equal(await box.total(), 0);
});

test("a login elsewhere during a renewal wins over it", async () => {
  const storage = memory();
  const one = await signedIn(KASSA, { storage });
  const two = await create(KASSA, { storage });
  await box.fault(KASSA, "refresh", { kind: "hold", handled: true });
  const renewal = one.refresh().catch((error) => error);
  await box.held(KASSA);
  await two.login(OTHER);
  await box.release(KASSA);
  await renewal;
  assert.equal(one.session?.subject, "120044");
  assert.equal((await create(KASSA, { storage })).session?.subject, "120044");
  assert.equal((await (await one.fetch(GOODS[KASSA])).json()).user_id, 120044);
});

test("a logout elsewhere during a renewal wins over it", async () => {
  const storage = memory();
  const one = await signedIn(KASSA, { storage });
  const two = await create(KASSA, { storage });
  await box.fault(KASSA, "refresh", { kind: "hold", handled: true });
  const renewal = failure(one.refresh());
  await box.held(KASSA);
  await two.logout();
  await box.release(KASSA);
  assert.ok(["login_required", "aborted"].includes((await renewal).code));
  assert.equal(one.session, null);
  assert.equal((await create(KASSA, { storage })).session, null);
});

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
  const kassa = await signedIn(KASSA, { storage });
  kassa.subscribe((_, reason) => note(reason));
  await kassa.refresh();
  await box.revoke(KASSA);
  await failure(kassa.refresh());
  assert.deepEqual(held, [["credentials", 0], ["refresh", 0], ["refresh", 0], ["expire", 0]]);
});

test("one client's renewal refused for good, where another was faster: the newer session is taken", async () => {
  const storage = memory();
  const one = await signedIn(KASSA, { storage });
  const two = await create(KASSA, { storage });
  // Held before it is carried out: by then the other has spent the same refresh token.
  await box.fault(KASSA, "refresh", { kind: "hold" });
  const slow = one.refresh();
  await box.held(KASSA);
  await two.login(ACCOUNTS[KASSA]);
  await box.fault(KASSA, "refresh", { kind: "status", status: 400, body: '{"error":"invalid_grant"}' });
  await box.revoke(KASSA);
  await two.login(ACCOUNTS[KASSA]);
  await box.release(KASSA);
  await slow.catch((error) => assert.fail(error));
  assert.equal(await one.getAccessToken(), await two.getAccessToken());
  assert.equal((await one.fetch(GOODS[KASSA])).status, 200);
});
