/** A client at once: for a module's top level, for frameworks, for code that a server renders. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ACCOUNTS, GOODS } from "../support/sandbox.mjs";
import { changes, failure, memory, suite } from "../support/suite.mjs";

const KASSA = "bifit-kassa";
const { box, later, propusk, signedIn } = await suite();
const { AuthClient } = propusk;

/** @param {object} [options] @returns {any} */
function lazy(options) {
  const client = AuthClient.lazy(/** @type {any} */ ({ provider: KASSA, baseUrl: box.services[KASSA].baseUrl, ...options }));
  later(() => client.close());
  return client;
}

test("nothing is asked and nothing is read until something is called; then it works like any other", async () => {
  let reads = 0;
  const store = memory();
  const storage = { ...store, get: (/** @type {string} */ key) => ((reads += 1), store.get(key)) };
  const client = lazy({ storage });
  assert.deepEqual([client.session, client.provider, reads], [null, KASSA, 0]);
  assert.ok(client instanceof AuthClient);
  await new Promise(setImmediate);
  assert.equal(reads, 0);
  assert.equal((await client.login(ACCOUNTS[KASSA])).subject, "120041");
  assert.equal((await client.fetch(GOODS[KASSA])).status, 200);
  assert.ok(reads > 0);
});

test("a stored session is restored by the first call, and listeners hear of it", async () => {
  const storage = memory();
  await signedIn(KASSA, { storage });
  const client = lazy({ storage });
  const reasons = changes(client);
  const [response, token] = await Promise.all([client.fetch(GOODS[KASSA]), client.getAccessToken()]);
  assert.deepEqual([response.status, typeof token, reasons], [200, "string", ["restore"]]);
  assert.equal(client.session.subject, "120041");
});

test("ready settles when a stored session is restored; of a client that create made, at once", async () => {
  const storage = memory();
  const made = await signedIn(KASSA, { storage });
  assert.equal(await made.ready, undefined);
  const client = lazy({ storage });
  assert.equal(await client.ready, undefined);
  assert.equal(client.session.subject, "120041");
});

test("what create would reject with, ready and each call reject with; it needs no listener", async () => {
  const client = lazy({ timeout: -1 });
  client.ready;
  await new Promise(setImmediate);
  for (const call of [() => client.ready, () => client.login(ACCOUNTS[KASSA]), () => client.fetch("x"), () => client.getAccessToken()]) {
    const error = await failure(call());
    assert.deepEqual([error.code, /timeout/.test(error.message)], ["invalid_config", true]);
  }
  const wrong = lazy({ storage: 5 });
  assert.equal((await failure(wrong.refresh())).code, "invalid_config");
});

test("what is no object of options is thrown", () => {
  for (const options of [undefined, null, 5, "bifit-kassa", []]) {
    assert.throws(() => AuthClient.lazy(/** @type {any} */ (options)), { code: "invalid_config" });
  }
});

test("on a server a relative base URL is no mistake as long as nothing is called", async () => {
  const client = lazy({ baseUrl: "/auth/kassa" });
  assert.equal(client.session, null);
  const stop = client.subscribe(() => {});
  stop();
  assert.equal((await failure(client.login(ACCOUNTS[KASSA]))).code, "invalid_config");
});

test("credentials are read at once, also where they wait for the module", async () => {
  const client = lazy();
  const account = { ...ACCOUNTS[KASSA] };
  const login = client.login(account);
  account.password = "";
  assert.equal((await login).subject, "120041");
});

test("closed before it was open: everything rejects, and nothing is opened any more", async () => {
  const client = lazy();
  const waiting = [failure(client.refresh()), failure(client.ready)];
  client.close();
  for (const error of await Promise.all(waiting)) assert.equal(error.code, "closed");
  for (const call of [() => client.login(ACCOUNTS[KASSA]), () => client.fetch("x"), () => client.ready]) assert.equal((await failure(call())).code, "closed");
  assert.equal(client.session, null);
});

test("a signal ends the wait for a client that is being opened", async () => {
  const client = lazy({ storage: { ...memory(), get: () => new Promise(() => {}) } });
  const controller = new AbortController();
  const call = failure(client.getAccessToken({ signal: controller.signal }));
  controller.abort("enough");
  assert.equal(await call, "enough");
});
