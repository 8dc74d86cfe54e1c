/** Clients that share a store, as tabs and processes do: they see each other's logins, renewals and logouts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ACCOUNTS, GOODS } from "../support/sandbox.mjs";
import { changes, failure, memory, spies, suite } from "../support/suite.mjs";
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
  ["gives a promise", async () => () => {}],
])) {
  test(`a watch that ${what} is a warning that names it, and disturbs nothing`, async () => {
    const { warnings, hooks } = spies();
    const client = await signedIn(KASSA, { storage: { ...memory(), watch }, ...hooks });
    await client.refresh();
    client.close();
    assert.deepEqual(warnings.map(({ code }) => code), ["storage"]);
    assert.match(warnings[0].message, /`watch` of the store/);
    assert.ok(warnings[0].hint);
  });
}

test("a watch whose function to stop it throws disturbs nothing", async () => {
  const { warnings, hooks } = spies();
  const watch = () => () => { throw new Error("no"); };
  const client = await signedIn(KASSA, { storage: { ...memory(), watch }, ...hooks });
  await client.refresh();
  client.close();
  assert.deepEqual(warnings, []);
});

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
