/** Calls that cross: the last login wins, logout and close end what waits, signals end only their own wait. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ACCOUNTS, GOODS, SECOND_FACTOR } from "../support/sandbox.mjs";
import { changes, consent, failure, memory, suite } from "../support/suite.mjs";

const KASSA = "bifit-kassa";
const OTHER = { username: "79990000004", password: "пароль" };
const { box, create, signedIn } = await suite();

/** @param {string} purpose @param {object} [more] */
const hold = (purpose, more) => box.fault(KASSA, purpose, { kind: "hold", ...more });

for (const handled of [false, true]) {
  test(`the last login started wins, though the first is answered later (carried out: ${handled})`, async () => {
    const client = await create(KASSA);
    const reasons = changes(client);
    await hold("login", { handled });
    const first = failure(client.login(ACCOUNTS[KASSA]));
    await box.held(KASSA);
    const second = await client.login(OTHER);
    assert.equal(second.subject, "120044");
    await box.release(KASSA);
    assert.equal((await first).code, "aborted");
    assert.equal(client.session, second);
    assert.equal((await (await client.fetch(GOODS[KASSA])).json()).user_id, 120044);
    assert.deepEqual(reasons, ["login"]);
  });
}

test("of many logins at once, the last wins and the others are aborted", async () => {
  const client = await create(KASSA);
  const reasons = changes(client);
  const logins = Array.from({ length: 10 }, (_, n) => client.login(n === 9 ? OTHER : ACCOUNTS[KASSA]));
  const results = await Promise.allSettled(logins);
  assert.equal(results[9].status, "fulfilled");
  for (const result of results.slice(0, 9)) assert.equal(/** @type {any} */ (result).reason?.code, "aborted");
  assert.equal(client.session?.subject, "120044");
  assert.deepEqual(reasons, ["login"]);
});

test("a login that fails after a later one won does not disturb it", async () => {
  const client = await create(KASSA);
  await hold("login");
  const first = failure(client.login({ username: "79990000001", password: "wrong" }));
  await box.held(KASSA);
  await client.login(OTHER);
  await box.release(KASSA);
  assert.equal((await first).code, "aborted");
  assert.equal(client.session?.subject, "120044");
});

test("a wrong login leaves the session that was there", async () => {
  const client = await signedIn(KASSA);
  const { session } = client;
  await failure(client.login({ username: "79990000004", password: "wrong" }));
  assert.equal(client.session, session);
  assert.equal((await client.fetch(GOODS[KASSA])).status, 200);
});

test("logout during a login: the login is aborted and nothing is stored", async () => {
  const storage = memory();
  const client = await create(KASSA, { storage });
  const reasons = changes(client);
  await hold("login", { handled: true });
  const login = failure(client.login(ACCOUNTS[KASSA]));
  await box.held(KASSA);
  await client.logout();
  await box.release(KASSA);
  assert.equal((await login).code, "aborted");
  assert.equal(client.session, null);
  assert.equal(JSON.stringify([...storage.map.values()]).includes("120041"), false);
  assert.ok(!reasons.includes("login"));
  assert.equal((await create(KASSA, { storage })).session, null);
});

test("logout during a renewal: everyone who waits is told, and the new tokens are thrown away", async () => {
  const storage = memory();
  const client = await signedIn(KASSA, { storage });
  const reasons = changes(client);
  await box.expire(KASSA);
  await hold("refresh", { handled: true });
  // A call that was out already gets the answer that it got, when that comes after the logout.
  const called = client.fetch(GOODS[KASSA]).then(({ status }) => ({ code: `status ${status}` }), (error) => error);
  const waiting = [failure(client.refresh()), failure(client.getAccessToken({ forceRefresh: true })), called];
  await box.held(KASSA);
  await client.logout();
  await box.release(KASSA);
  const codes = (await Promise.all(waiting)).map(({ code }) => code);
  assert.equal(codes[0], "aborted");
  for (const code of codes) assert.ok(["aborted", "login_required", "status 401"].includes(code), code);
  assert.equal(client.session, null);
  assert.deepEqual(reasons, ["logout"]);
  assert.equal((await create(KASSA, { storage })).session, null);
  await client.login(ACCOUNTS[KASSA]);
  assert.equal((await client.fetch(GOODS[KASSA])).status, 200);
});

test("a login during a renewal: the login stays, the renewal is aborted", async () => {
  const client = await signedIn(KASSA);
  await hold("refresh", { handled: true });
  const renewal = failure(client.refresh());
  await box.held(KASSA);
  await client.login(OTHER);
  await box.release(KASSA);
  assert.equal((await renewal).code, "aborted");
  assert.equal(client.session?.subject, "120044");
});

test("logout is heard once, resolves when nobody is signed in, and may be called again", async () => {
  const client = await signedIn(KASSA);
  const reasons = changes(client);
  await Promise.all([client.logout(), client.logout()]);
  assert.equal(await client.logout(), undefined);
  assert.equal(await client.logout({ revoke: true }), undefined);
  assert.deepEqual(reasons, ["logout"]);
  assert.equal(client.session, null);
  assert.equal(await box.total(), 0);
});

test("logout wipes the store, also when the network is down", async () => {
  const storage = memory();
  const client = await signedIn(KASSA, { storage });
  assert.ok(storage.map.size > 0);
  await client.logout();
  const left = [...storage.map.values()].join();
  assert.ok(!left.includes("access") && !left.includes("120041"), left);
});

test("close ends everything that waits, and every later call", async () => {
  const client = await signedIn(KASSA);
  for (const purpose of ["login", "refresh", "api"]) await hold(purpose, { times: -1 });
  const waiting = [failure(client.fetch(GOODS[KASSA])), failure(client.refresh()), failure(client.getAccessToken({ forceRefresh: true }))];
  await box.held(KASSA, 2);
  client.close();
  client.close();
  for (const error of await Promise.all(waiting)) assert.equal(error.code, "closed");
  for (const later of [
    () => client.login(ACCOUNTS[KASSA]),
    () => client.confirm("1"),
    () => client.refresh(),
    () => client.getAccessToken(),
    () => client.fetch("x"),
    () => client.logout(),
    () => client.check(),
    () => client.authorizationUrl(),
    () => client.handleRedirect("http://127.0.0.1/"),
    () => client.problem(new Response("", { status: 500 })),
    () => client.loginWithRedirect(),
  ]) {
    assert.equal((await failure(later())).code, "closed", String(later));
  }
  assert.equal(client.provider, KASSA);
  assert.equal(client.session, null);
});

test("close during a login: closed, and nothing is stored", async () => {
  const storage = memory();
  const client = await create(KASSA, { storage });
  await hold("login", { handled: true });
  const login = failure(client.login(ACCOUNTS[KASSA]));
  await box.held(KASSA);
  client.close();
  assert.equal((await login).code, "closed");
  await box.release(KASSA);
  assert.equal((await create(KASSA, { storage })).session, null);
});

test("close during a confirm and an exchange", async () => {
  const kassa = await create(KASSA);
  await failure(kassa.login(SECOND_FACTOR));
  await hold("confirm");
  const confirm = failure(kassa.confirm("123456"));
  await box.held(KASSA);
  kassa.close();
  assert.equal((await confirm).code, "closed");
  const bstats = await create("bstats");
  const back = await consent(await bstats.authorizationUrl());
  await box.fault("bstats", "exchange", { kind: "hold" });
  const exchange = failure(bstats.handleRedirect(back));
  await box.held("bstats");
  bstats.close();
  assert.equal((await exchange).code, "closed");
});

test("close keeps what is stored: another client goes on with it", async () => {
  const storage = memory();
  const client = await signedIn(KASSA, { storage });
  client.close();
  const next = await create(KASSA, { storage });
  assert.equal((await next.fetch(GOODS[KASSA])).status, 200);
});

test("`using` closes", async () => {
  const client = await create(KASSA);
  client[/** @type {any} */ (Symbol).dispose ?? Symbol.for("Symbol.dispose")]?.();
  if (/** @type {any} */ (Symbol).dispose) assert.equal((await failure(client.refresh())).code, "closed");
});

test("closing one client leaves others alone", async () => {
  const [one, two] = [await signedIn(KASSA), await signedIn(KASSA)];
  one.close();
  assert.equal((await two.fetch(GOODS[KASSA])).status, 200);
  assert.equal((await two.refresh()).subject, "120041");
});

const CALLS = {
  login: (client, options) => client.login(ACCOUNTS[KASSA], options),
  refresh: (client, options) => client.refresh(options),
  getAccessToken: (client, options) => client.getAccessToken({ forceRefresh: true, ...options }),
};

for (const [name, call] of Object.entries(CALLS)) {
  test(`a signal that is aborted before ${name}: nothing is sent, and the reason comes back`, async () => {
    const client = await signedIn(KASSA);
    const reason = new Error("too early");
    assert.equal(await failure(call(client, { signal: AbortSignal.abort(reason) })), reason);
    assert.equal((await failure(call(client, { signal: AbortSignal.abort() }))).name, "AbortError");
    assert.equal(await failure(call(client, { signal: AbortSignal.abort(0) })), 0);
    assert.equal(await box.total(), 0);
    assert.ok(client.session);
  });

  test(`a signal that is aborted during ${name} ends it with its reason, and the client goes on`, async () => {
    const client = await signedIn(KASSA);
    await hold(name === "login" ? "login" : "refresh");
    const controller = new AbortController();
    const ended = failure(call(client, { signal: controller.signal }));
    await box.held(KASSA);
    const reason = { why: "user" };
    controller.abort(reason);
    assert.equal(await ended, reason);
    await box.release(KASSA);
    assert.equal((await client.fetch(GOODS[KASSA])).status, 200);
    assert.equal((await client.refresh()).subject, "120041");
  });
}

test("of two who wait for one renewal, the one that is aborted leaves alone", async () => {
  const client = await signedIn(KASSA);
  await hold("refresh");
  const controller = new AbortController();
  const leaving = failure(client.refresh({ signal: controller.signal }));
  const staying = client.refresh();
  await box.held(KASSA);
  controller.abort("bye");
  assert.equal(await leaving, "bye");
  await box.release(KASSA);
  assert.equal((await staying).subject, "120041");
  assert.deepEqual(await box.counts(KASSA), { refresh: 1 });
});

test("an aborted login is not signed in later", async () => {
  const client = await create(KASSA);
  const reasons = changes(client);
  await hold("login", { handled: true });
  const controller = new AbortController();
  const login = failure(client.login(ACCOUNTS[KASSA], { signal: controller.signal }));
  await box.held(KASSA);
  controller.abort("changed my mind");
  await login;
  await box.release(KASSA);
  assert.equal((await failure(client.fetch("x"))).code, "login_required");
  assert.deepEqual([client.session, reasons], [null, []]);
});
